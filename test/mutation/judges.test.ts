import { describe, expect, test } from "vitest";
import { boundsOf, planOf, reaching } from "./judges.ts";
import type { SurveyedFile } from "./protocol.ts";

const MUTANT = { id: "7", path: "a.ts", line: 1, mutator: "", before: "", after: "" };

function surveyed(
  file: string,
  times: Readonly<Record<string, number>>,
  of: { readonly hits?: number; readonly outside?: number } = {},
): SurveyedFile {
  const { hits = 1, outside = 0 } = of;
  const tests = Object.entries(times).map(([id, ms]) => ({ id, ms, hits: { "7": hits } }));
  return { file, failures: [], tests, outside: { "7": outside } };
}

describe("the tests that judge a mutant", () => {
  test("are those that reach it, of the nearest file first, and files that nobody named last", () => {
    const files = [
      surveyed("far", { f: 1 }),
      surveyed("elsewhere", { e: 1 }),
      surveyed("near", { n: 1 }),
      surveyed("blind", { b: 1 }, { hits: 0 }),
    ];

    const found = reaching("7", files, ["near", "blind", "far"]);

    expect(found.map(({ file }) => file)).toEqual(["near", "far", "elsewhere"]);
  });

  test("are all of a file that passes it on import, though none passes it itself", () => {
    const [found] = reaching("7", [surveyed("near", { a: 1, b: 2 }, { hits: 0, outside: 1 })], []);

    expect(found?.isOutside).toBe(true);
    expect(found?.tests.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test("are none that take too long alone, and no more than take ten seconds together", () => {
    const near = surveyed("near", { a: 3_000, b: 3_500, c: 3_600, d: 4_001 });
    const found = reaching("7", [near, surveyed("far", { e: 3_000, f: 20 })], ["near", "far"]);

    expect(found.map(({ tests }) => tests.map(({ id }) => id))).toEqual([
      ["a", "b"],
      ["f", "e"],
    ]);
  });

  test("may take several times as long with it, and pass it many times as often", () => {
    const found = reaching("7", [surveyed("near", { a: 100, b: 300 }, { hits: 50 })], []);

    expect(boundsOf(found)).toEqual({ ms: 400, testLimitMs: 4_900, hitsMax: 11_000 });
  });

  test("try several mutants together, but none that takes effect only on import", () => {
    const [found] = reaching("7", [surveyed("near", { a: 1 })], []);
    const [onImport] = reaching("7", [surveyed("near", { b: 1 }, { hits: 0, outside: 1 })], []);
    if (found === undefined || onImport === undefined) throw new Error("no tests");

    expect(
      planOf([
        { mutant: MUTANT, found },
        { mutant: MUTANT, found: onImport },
      ]),
    ).toEqual({
      a: ["7"],
    });
  });
});
