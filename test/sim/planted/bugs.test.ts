import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { INCIDENTS, patched, patchesOf } from "./bug.ts";
import { PLANTED } from "./bugs.ts";
import { SHORT } from "./short.ts";

const ROOT = join(import.meta.dirname, "../../..");
const BUGS_MIN = 40;
const INVARIANT = /^(?:I(?:[1-9]|1\d|2[0-4])|crash)$/u;

describe("planted bugs", () => {
  test.each(PLANTED.map((bug) => [bug.name, bug] as const))("%s fits the source", (_, bug) => {
    const sources = new Map<string, string>();

    for (const patch of patchesOf(bug)) {
      const source = sources.get(patch.file) ?? readFileSync(join(ROOT, patch.file), "utf8");
      sources.set(patch.file, patched(source, patch));
    }

    for (const source of sources.values()) expect(() => stripTypeScriptTypes(source)).not.toThrow();
  });

  test("do not fit where the text stands twice, or not at all", () => {
    const patch = { file: "a.ts", find: "one", replace: "two" };

    expect(patched("one", patch)).toBe("two");
    expect(() => patched("one one", patch)).toThrow("exactly once");
    expect(() => patched("none of it", { ...patch, find: "three" })).toThrow("exactly once");
  });

  test("are many, and each has a name of its own", () => {
    expect(PLANTED.length).toBeGreaterThanOrEqual(BUGS_MIN);
    expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length);
  });

  test("name invariants that there are", () => {
    for (const { invariants } of PLANTED) {
      expect(invariants.length).toBeGreaterThan(0);
      for (const id of invariants) expect(id).toMatch(INVARIANT);
    }
  });

  test.each(INCIDENTS)("repeat what happened elsewhere: %s", (incident) => {
    expect(PLANTED.some((bug) => bug.incident === incident)).toBe(true);
  });

  test("of the quick check are among them", () => {
    const names = new Set(PLANTED.map(({ name }) => name));

    for (const name of SHORT) expect(names).toContain(name);
  });

  test.each([
    ["young-rows-are-missed", 0],
    ["", 120_000],
  ])("are planted as the modules are loaded: %s", (name, minAgeMs) => {
    const register = join(ROOT, "test/sim/planted/register.ts");
    const program = `
      import { ABSENT_MIN_AGE_MS } from ${JSON.stringify(join(ROOT, "durable/rules/limits.ts"))};
      console.log(ABSENT_MIN_AGE_MS);`;
    const args = ["--import", register, "--input-type=module", "--eval", program];
    const env = { ...process.env, LIGHTFLEET_PLANTED: name };

    const said = execFileSync(process.execPath, args, { env, encoding: "utf8" });

    expect(Number(said)).toBe(minAgeMs);
  });

  test("that throw where nobody waits for it are told by their hunt, while the console is the simulated one", () => {
    const runtime = join(ROOT, "test/sim/runtime/register.ts");
    const bug = `
      const real = console.log;
      const watch = setInterval(() => {
        if (console.log === real) return;
        clearInterval(watch);
        throw new Error("nobody waits");
      }, 1);`;
    const planted = `data:text/javascript,${encodeURIComponent(bug)}`;
    const hunt = join(ROOT, "test/sim/planted/hunt.ts");
    const ground = JSON.stringify({ seed: 1, seeds: 1, hours: 1 });
    const args = ["--import", runtime, "--import", planted, hunt, ground];

    const said = execFileSync(process.execPath, args, { encoding: "utf8" });

    const caught = { seed: 1, invariant: "crash", detail: "nobody waits" };
    expect(JSON.parse(said)).toEqual({ seedsRun: 1, caught });
  });
});
