import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { patched, patchesOf } from "../sim/planted/bug.ts";
import { KINDS } from "./bug.ts";
import { HELD } from "./bugs.ts";
import { filesNamed, promisesOf, testFilesOf } from "./safety.ts";
import { SHORT } from "./short.ts";

const ROOT = join(import.meta.dirname, "../..");
const OUTSIDE_MIN = 30;

const promises = promisesOf(ROOT);
const files = testFilesOf(ROOT);
const namedFiles = new Set(
  promises.flatMap(({ named }) => named.flatMap((name) => filesNamed(name, files))),
);

describe("bugs that are planted outside the simulator's reach", () => {
  test.each(HELD.map((bug) => [bug.name, bug] as const))("%s fits the source", (_, bug) => {
    const sources = new Map<string, string>();

    for (const patch of patchesOf(bug)) {
      const source = sources.get(patch.file) ?? readFileSync(join(ROOT, patch.file), "utf8");
      sources.set(patch.file, patched(source, patch));
    }

    for (const source of sources.values()) expect(() => stripTypeScriptTypes(source)).not.toThrow();
  });

  test("are many, most of them outside the rules, and each has a name of its own", () => {
    const outside = HELD.filter(({ file }) => !file.startsWith("durable/rules/"));

    expect(outside.length).toBeGreaterThanOrEqual(OUTSIDE_MIN);
    expect(new Set(HELD.map(({ name }) => name)).size).toBe(HELD.length);
  });

  test.each(KINDS)("are of every kind: %s", (kind) => {
    expect(HELD.some((bug) => bug.kind === kind)).toBe(true);
  });

  test("are held by tests that docs/safety.md names, each by one at the least", () => {
    for (const { name, heldBy } of HELD) {
      expect(heldBy.length, name).toBeGreaterThan(0);
      for (const file of heldBy) expect([...namedFiles], name).toContain(file);
    }
  });

  test("of the quick check are among them", () => {
    const names = new Set(HELD.map(({ name }) => name));

    for (const name of SHORT) expect(names).toContain(name);
  });
});
