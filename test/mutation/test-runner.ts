/**
 * Runs the tests of one file for what the parent asked: to count which mutants each test reaches, with
 * one mutant from the first import on, or each test once for every mutant that is to be tried on it.
 *
 * The last way loads the file only once, which is what takes the time. What one mutant leaves behind
 * could spoil the next run, so each test runs once more without any at its end: if that run fails,
 * nobody knows which mutants the test noticed, and they are tried alone.
 */
import { inject, type RunnerTask, type RunnerTestCase, TestRunner } from "vitest";
import type { Batch, Counted } from "./protocol.ts";

/** The names are those that Stryker's instrumenter writes into the mutated files. */
const NAMESPACE = "__stryker__";

interface Namespace {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: Counted;
  /** A mutant that was passed more often than the limit throws: it loops. */
  hitCount?: number;
  hitLimit?: number;
}

type Suite = Parameters<TestRunner["onAfterRunSuite"]>[0];
type Try = Parameters<TestRunner["onBeforeTryTask"]>[1];

export default class MutationRunner extends TestRunner {
  readonly #mode = inject("mutation");
  readonly #counted: Counted = { static: {}, perTest: {} };
  readonly #namespace: Namespace = {};
  readonly #killed = new Map<string, string>();
  readonly #suspects = new Set<string>();
  /** The mutants of the test that runs, in the order of its runs. */
  #mutants: readonly string[] = [];
  #isSpoiled = false;

  constructor(config: ConstructorParameters<typeof TestRunner>[0]) {
    super(config);
    const mode = this.#mode;
    if (mode.kind === "survey") this.#namespace.mutantCoverage = this.#counted;
    else this.#namespace.hitLimit = mode.hitsMax;
    if (mode.kind === "alone") this.#namespace.activeMutant = mode.mutant;
    this.#namespace.hitCount = 0;
    Object.assign(globalThis, { [NAMESPACE]: this.#namespace });
  }

  override async onBeforeRunTask(test: RunnerTask): Promise<void> {
    await super.onBeforeRunTask(test);
    if (this.#mode.kind !== "together" || test.type !== "test") return;
    const planned = this.#isSpoiled ? [] : (this.#mode.plan[test.id] ?? []);
    this.#mutants = planned.filter((mutant) => !this.#killed.has(mutant));
    if (this.#mutants.length === 0) test.mode = "skip";
    test.repeats = this.#mutants.length;
  }

  override onBeforeTryTask(test: RunnerTask, which: Try): void {
    super.onBeforeTryTask(test, which);
    this.#namespace.hitCount = 0;
    if (this.#mode.kind === "survey") this.#namespace.currentTestId = test.id;
    if (this.#mode.kind === "together") {
      this.#namespace.activeMutant = this.#mutants[which.repeats];
    }
  }

  override async onAfterRetryTask(test: RunnerTestCase, which: Try): Promise<void> {
    await super.onAfterRetryTask(test, which);
    this.#namespace.currentTestId = undefined;
    if (this.#mode.kind !== "together") return;
    this.#namespace.activeMutant = undefined;
    if (test.result?.state !== "fail") return;
    const mutant = this.#mutants[which.repeats];
    if (mutant === undefined) this.#spoil(test);
    else this.#killed.set(mutant, test.fullTestName);
  }

  override async onAfterRunSuite(suite: Suite): Promise<void> {
    await super.onAfterRunSuite(suite);
    if (!("filepath" in suite)) return;
    suite.meta.counted = this.#counted;
    suite.meta.batch = {
      killed: Object.fromEntries(this.#killed),
      suspects: [...this.#suspects],
    } satisfies Batch;
  }

  #spoil(test: RunnerTestCase): void {
    this.#isSpoiled = true;
    for (const [mutant, killer] of this.#killed) {
      if (killer === test.fullTestName) this.#suspects.add(mutant);
    }
    for (const mutant of this.#suspects) this.#killed.delete(mutant);
  }
}
