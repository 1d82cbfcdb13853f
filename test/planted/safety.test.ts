/** What docs/safety.md names is there, and each test that it names has a planted bug by which it fails. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PLANTED } from "../sim/planted/bugs.ts";
import { HELD } from "./bugs.ts";
import { filesNamed, type Promised, promisesOf, testFilesOf } from "./safety.ts";

const ROOT = join(import.meta.dirname, "../..");
const WITHOUT_BUG: ReadonlySet<string> = new Set([
  // It starts the program as it is built, into which nothing can be planted.
  "test/process/kill-resume.test.ts",
  // docs/safety.md says that these have none yet.
  "test/worker/secrets.workerd.test.ts",
]);

const promises = promisesOf(ROOT);
const files = testFilesOf(ROOT);
const holding = new Set(HELD.flatMap(({ heldBy }) => heldBy));
const named = promises.map((promise) => [`${promise.number}. ${promise.words}`, promise] as const);

function hasSimulatedBug({ isSimulated, invariants }: Promised): boolean {
  return (
    isSimulated &&
    PLANTED.some((bug) => bug.invariants.some((invariant) => invariants.includes(invariant)))
  );
}

describe("docs/safety.md", () => {
  test("has its promises in order, and says of each what holds it", () => {
    expect(promises.map(({ number }) => number)).toEqual(promises.map((_, index) => index + 1));
    expect(promises.length).toBeGreaterThanOrEqual(25);
    for (const { words, named: tests, isSimulated } of promises)
      expect(tests.length > 0 || isSimulated, words).toBe(true);
  });

  test.each(named)("names for %s tests that there are, and each of them clearly", (_, promise) => {
    for (const name of promise.named) {
      const found = filesNamed(name, files);
      const isOne = name.includes("*") || !name.endsWith(".test.ts");
      expect(found.length, name).toBeGreaterThan(0);
      if (!isOne) expect(found, name).toHaveLength(1);
    }
  });

  test.each(named)("names for %s tests of which each fails by a planted bug", (_, promise) => {
    const tests = promise.named.flatMap((name) => filesNamed(name, files));

    for (const file of tests.filter((each) => !WITHOUT_BUG.has(each)))
      expect([...holding], file).toContain(file);
    if (tests.length === 0) expect(hasSimulatedBug(promise)).toBe(true);
  });
});
