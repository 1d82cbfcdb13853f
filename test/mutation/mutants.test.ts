import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inFairOrder, instrument, type Mutant } from "./mutants.ts";

const SOURCE = `export function isFull(taken: number, slots: number): boolean {
  return taken >= slots;
}

export const NAME = "full";
`;

let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "mutants-"));
  writeFileSync(join(root, "a.ts"), SOURCE);
  writeFileSync(join(root, "types.ts"), "export type Name = string;\n");
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the mutants of a file", () => {
  test("each say where they are, what stands there and what it becomes", async () => {
    const { mutants } = await instrument([{ path: "a.ts", lines: null }], root);

    const changes = mutants.map(
      ({ path, line, before, after }) => `${path}:${line} ${before} => ${after}`,
    );
    expect(changes).toContain("a.ts:2 taken >= slots => taken > slots");
    expect(changes).toContain("a.ts:1 { return taken >= slots; } => {}");
    expect(changes).toContain('a.ts:5 "full" => ""');
  });

  test("are only those that begin on the lines which are asked for", async () => {
    const lines = [{ first: 2, last: 3 }];
    const { mutants } = await instrument([{ path: "a.ts", lines }], root);

    expect(mutants.length).toBeGreaterThan(0);
    expect(new Set(mutants.map(({ line }) => line))).toEqual(new Set([2]));
  });

  test("stand in one text of the file, and a file without any has no text", async () => {
    const { texts } = await instrument(
      ["a.ts", "types.ts"].map((path) => ({ path, lines: null })),
      root,
    );

    expect(Object.keys(texts)).toEqual(["a.ts"]);
    expect(texts["a.ts"]).toContain("taken > slots");
  });
});

describe("the order of mutants", () => {
  const mutants = Object.entries({ "a.ts": 80, "b.ts": 20 }).flatMap(([path, count]) =>
    Array.from({ length: count }, (_, number): Mutant => {
      return { id: `${path}${number}`, path, line: number, mutator: "", before: "", after: "" };
    }),
  );

  test("is the same for a seed, another for another seed, and loses none", () => {
    const ids = (seed: number) => inFairOrder(mutants, seed).map(({ id }) => id);

    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
    expect(ids(1).toSorted()).toEqual(mutants.map(({ id }) => id).toSorted());
  });

  test("begins with as large a part of each file as the whole has, however early it ends", () => {
    for (const size of [10, 25, 50]) {
      const ofSmall = inFairOrder(mutants, size)
        .slice(0, size)
        .filter(({ path }) => path === "b.ts");
      expect(Math.abs(ofSmall.length - size / 5)).toBeLessThanOrEqual(1);
    }
  });
});
