/**
 * A process of its own that runs tests on mutated files. The parent gives it the instrumented texts,
 * then one request after the other. A mutant that hangs takes the process with it, not the parent.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestCase, TestModule } from "vitest/node";
import { createVitest } from "vitest/node";
import { NODE } from "../../vitest.config.ts";
import type { Judges, Mode, Reply, Request, SurveyedFile } from "./protocol.ts";

/** A test that takes longer without a mutant is too slow to judge. */
const TEST_LIMIT_MS = 20_000;

const [root = "", textsPath = ""] = process.argv.slice(2);
const texts = JSON.parse(readFileSync(textsPath, "utf8")) as Record<string, string>;
const mutated = new Map(Object.entries(texts).map(([path, text]) => [join(root, path), text]));

const vitest = await createVitest(
  "test",
  {
    ...NODE.test,
    config: false,
    root,
    watch: false,
    // It would give the text of an earlier run, and keep mutated ones for others.
    fsModuleCache: false,
    pool: "threads",
    maxWorkers: 1,
    runner: join(import.meta.dirname, "test-runner.ts"),
    reporters: [{}],
    onConsoleLog: () => false,
  },
  {
    resolve: NODE.resolve,
    plugins: [{ name: "mutated", enforce: "pre", load: (id: string) => mutated.get(id) ?? null }],
  },
);
await vitest.standalone();

process.on("message", (request: Request) => {
  void answer(request).then(send);
});
process.on("disconnect", () => process.exit());
send({ kind: "ready" });

function send(reply: Reply): void {
  process.send?.(reply);
}

async function answer(request: Request): Promise<Reply> {
  switch (request.kind) {
    case "survey": {
      const module = await run(request.file, null, {
        mode: { kind: "survey" },
        bail: 0,
        testLimitMs: TEST_LIMIT_MS,
      });
      return { kind: "survey", surveyed: surveyed(module, request.file) };
    }
    case "together": {
      const { file, plan, hitsMax, testLimitMs } = request;
      const mode: Mode = { kind: "together", plan, hitsMax };
      const module = await run(file, Object.keys(plan), { mode, bail: 0, testLimitMs });
      const all = new Set(Object.values(plan).flat());
      const { killed, suspects } = module?.meta().batch ?? { killed: {}, suspects: [...all] };
      // An error outside of all tests may be any mutant's, so each of them is tried alone.
      return isClean()
        ? { kind: "together", killed, suspects }
        : { kind: "together", killed: {}, suspects: [...all] };
    }
    case "alone": {
      const { mutant, hitsMax, judges, testLimitMs } = request;
      const mode: Mode = { kind: "alone", mutant, hitsMax };
      return { kind: "alone", killer: await killerAmong(judges, { mode, bail: 1, testLimitMs }) };
    }
  }
}

function surveyed(module: TestModule | undefined, file: string): SurveyedFile {
  if (module === undefined) return { file, failures: ["it does not run"], tests: [], outside: {} };
  const counted = module.meta().counted ?? { static: {}, perTest: {} };
  const tests = [...module.children.allTests()];
  return {
    file,
    failures: [
      ...module.errors().map(({ message }) => message),
      ...tests.filter((test) => isFailed(test) && !isLate(test)).map(({ fullName }) => fullName),
    ],
    tests: tests
      .filter((test) => test.result().state === "passed")
      .map((test) => ({
        id: test.id,
        ms: test.diagnostic()?.duration ?? 0,
        hits: counted.perTest[test.id] ?? {},
      })),
    outside: counted.static,
  };
}

function isFailed(test: TestCase): boolean {
  return test.result().state === "failed";
}

function isLate(test: TestCase): boolean {
  return (test.diagnostic()?.duration ?? 0) >= TEST_LIMIT_MS;
}

function isClean(): boolean {
  return vitest.state.getUnhandledErrors().length === 0;
}

interface Settings {
  readonly mode: Mode;
  readonly bail: number;
  readonly testLimitMs: number;
}

/** Asks one file after the other, so that none is loaded after the first that noticed. */
async function killerAmong(judges: readonly Judges[], settings: Settings): Promise<string | null> {
  for (const { file, ids } of judges) {
    const module = await run(file, ids, settings);
    const failed = [...(module?.children.allTests() ?? [])].find(isFailed);
    if (failed !== undefined) return `${file}: ${failed.fullName}`;
    if (module?.state() === "failed") return `${file}: it does not load`;
    if (!isClean()) return `${file}: an error outside of its tests`;
  }
  return null;
}

async function run(
  file: string,
  ids: readonly string[] | null,
  { mode, bail, testLimitMs }: Settings,
): Promise<TestModule | undefined> {
  vitest.state.filesMap.clear();
  vitest.state.clearErrors();
  vitest.provide("mutation", mode);
  for (const { config } of [vitest, ...vitest.projects]) {
    Object.assign(config, { bail, testTimeout: testLimitMs, hookTimeout: testLimitMs });
  }
  const project = vitest.projects[0];
  const chosen = ids === null ? undefined : { testIds: [...ids] };
  const specification = project?.createSpecification(join(root, file), chosen);
  if (specification === undefined) throw new Error("vitest has no project");
  const { testModules } = await vitest.runTestSpecifications([specification]);
  return testModules[0];
}
