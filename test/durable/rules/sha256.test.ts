/** SHA-256 against that of Node. */
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { sha256 } from "../../../durable/rules/sha256.ts";

function byNode(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

it("gives the digest that the standard gives as its example", () => {
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

it("agrees with Node around the edges of a block", () => {
  for (let length = 0; length <= 130; length++) {
    const text = "x".repeat(length);

    expect(sha256(text), `${length} characters`).toBe(byNode(text));
  }
});

it("agrees with Node on any text, also with halves of characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.string(), (text, tail) => {
      const halved = `${text}\ud83d${tail}\ude00`;

      expect(sha256(text)).toBe(byNode(text));
      expect(sha256(halved)).toBe(byNode(halved));
    }),
  );
});
