import * as fc from "fast-check";
import { expect, it } from "vitest";
import { utf8Length } from "../../../durable/rules/utf8.ts";

it("is as many bytes as TextEncoder makes of any text, halves of surrogate pairs too", () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      }),
      (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      },
    ),
    { seed: 20261201, numRuns: 500 },
  );
});

it.each([
  ["", 0],
  ["a", 1],
  ["é", 2],
  ["여", 3],
  ["😀", 4],
])("of %j is %i", (text, bytes) => {
  expect(utf8Length(text)).toBe(bytes);
});
