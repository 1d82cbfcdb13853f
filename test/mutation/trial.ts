/** Tries mutants on the tests that reach them, until a test notices or the time is over. */
import { boundsOf, judgesOf, planOf, type Reaching, reaching } from "./judges.ts";
import type { Mutant } from "./mutants.ts";
import type { SurveyedFile } from "./protocol.ts";
import type { Judged, Verdict } from "./report.ts";
import type { Runner } from "./runner.ts";

/** At most this share of the time goes into finding out which test reaches what. */
const SURVEY_SHARE = 0.4;
/** A test file that takes longer judges nothing. */
const FILE_LIMIT_MS = 60_000;
/** What tests may take beyond their time without a mutant, with which they take longer. */
const REPLY = { spareMs: 60_000, factor: 8 };
/** So many mutants of one file are tried together at most, so that the end of the time is seen. */
const TOGETHER_MAX = 40;
/**
 * So many are judged to the end before others, so that what there was time for is a fair sample. Few at
 * first, so that a slow machine has judged some; each portion is twice as large as the one before.
 */
const PORTION = { first: 40, max: 320 };
/** A mutant that many together survived is tried alone on so many of the nearest files. */
const CONFIRMING_FILES = 2;

export interface Survey {
  readonly surveyed: readonly SurveyedFile[];
  readonly slow: readonly string[];
  readonly unasked: readonly string[];
}

/** The nearest tests of each mutated file. */
export type NearestTests = ReadonlyMap<string, readonly string[]>;

/** Runs each test file once without a mutant, the nearest ones of all files first. */
export async function survey(
  runners: readonly Runner[],
  nearest: NearestTests,
  deadline: number,
): Promise<Survey> {
  const ranks = new Map<string, number>();
  for (const tests of nearest.values()) {
    for (const [rank, test] of tests.entries()) {
      ranks.set(test, Math.min(rank, ranks.get(test) ?? rank));
    }
  }
  const tests = [...ranks].toSorted(([, a], [, b]) => a - b).map(([test]) => test);
  const surveyed: SurveyedFile[] = [];
  const slow: string[] = [];
  const end = Date.now() + (deadline - Date.now()) * SURVEY_SHARE;
  await share(runners, tests, end, async (runner, file) => {
    const reply = await runner.ask({ kind: "survey", file }, FILE_LIMIT_MS);
    if (reply?.kind === "survey") surveyed.push(reply.surveyed);
    else slow.push(file);
  });
  const asked = new Set([...surveyed.map(({ file }) => file), ...slow]);
  return { surveyed, slow, unasked: tests.filter((test) => !asked.has(test)) };
}

interface Case {
  readonly mutant: Mutant;
  readonly found: readonly Reaching[];
}

export class Trial {
  readonly #runners: readonly Runner[];
  readonly #deadline: number;
  readonly #verdicts = new Map<string, Verdict>();

  constructor(runners: readonly Runner[], deadline: number) {
    this.#runners = runners;
    this.#deadline = deadline;
  }

  /** @param say hears how far it is. */
  async judge(
    drawn: readonly Mutant[],
    { surveyed }: Survey,
    nearest: NearestTests,
    say: (line: string) => void,
  ): Promise<Judged[]> {
    const rest = [...drawn];
    let size = PORTION.first;
    while (rest.length > 0 && Date.now() < this.#deadline) {
      const cases = rest.splice(0, size).map((mutant) => ({
        mutant,
        found: reaching(mutant.id, surveyed, nearest.get(mutant.path) ?? []),
      }));
      for (const { mutant } of cases.filter(({ found }) => found.length === 0)) {
        this.#verdicts.set(mutant.id, { kind: "unreached" });
      }
      const suspects = await this.#together(cases);
      if (Date.now() >= this.#deadline) {
        // Only mutants that were noticed have a verdict by now: these alone would be a wrong sample.
        for (const { mutant } of cases) this.#verdicts.delete(mutant.id);
        break;
      }
      await this.#alone(cases, suspects);
      const seconds = Math.round((this.#deadline - Date.now()) / 1_000);
      say(`${this.#verdicts.size} of ${drawn.length} judged; ${seconds} s are left.`);
      size = Math.min(size * 2, PORTION.max);
    }
    return drawn.flatMap((mutant) => {
      const verdict = this.#verdicts.get(mutant.id);
      return verdict === undefined ? [] : [{ mutant, verdict }];
    });
  }

  /** Tries all cases on their nearest files, those that are left on the next ones, and so on. */
  async #together(cases: readonly Case[]): Promise<ReadonlySet<string>> {
    const suspects = new Set<string>();
    const rounds = Math.max(0, ...cases.map(({ found }) => found.length));
    for (let round = 0; round < rounds; round++) {
      const tried = cases.flatMap(({ mutant, found }) => {
        const file = found[round];
        const isOpen = !this.#verdicts.has(mutant.id) && !suspects.has(mutant.id);
        const isInTests = file?.tests.some(({ hits }) => (hits[mutant.id] ?? 0) > 0) ?? false;
        return file === undefined || !isOpen || !isInTests ? [] : [{ mutant, found: file }];
      });
      const byFile = Map.groupBy(tried, ({ found }) => found.file);
      const portions = [...byFile].flatMap(([file, all]) =>
        portionsOf(all, TOGETHER_MAX).map((portion) => ({ file, portion })),
      );
      await share(this.#runners, portions, this.#deadline, async (runner, { file, portion }) => {
        for (const mutant of await this.#tryTogether(runner, file, portion)) suspects.add(mutant);
      });
    }
    return suspects;
  }

  /** @returns the mutants that are to be tried alone. */
  async #tryTogether(
    runner: Runner,
    file: string,
    portion: readonly { readonly mutant: Mutant; readonly found: Reaching }[],
  ): Promise<readonly string[]> {
    const { ms: _, ...bounds } = boundsOf(portion.map(({ found }) => found));
    const plan = planOf(portion);
    const limitMs = REPLY.spareMs + portion.length * bounds.testLimitMs;
    const request = { kind: "together", file, plan, ...bounds } as const;
    const reply = await runner.ask(request, this.#within(limitMs));
    if (reply?.kind !== "together") return portion.map(({ mutant }) => mutant.id);
    for (const [mutant, test] of Object.entries(reply.killed)) {
      this.#verdicts.set(mutant, { kind: "killed", killer: `${file}: ${test}` });
    }
    return reply.suspects;
  }

  /** No longer than there is time. */
  #within(limitMs: number): number {
    return Math.max(1, Math.min(limitMs, this.#deadline - Date.now()));
  }

  /** Tries what nothing noticed, each with files that are loaded with it. */
  async #alone(cases: readonly Case[], suspects: ReadonlySet<string>): Promise<void> {
    const open = cases.filter(({ mutant }) => !this.#verdicts.has(mutant.id));
    const hasSurvived = ({ mutant, found }: Case) =>
      !suspects.has(mutant.id) && found.every(({ isOutside }) => !isOutside);
    await share(this.#runners, open, this.#deadline, async (runner, tried) => {
      const { mutant, found } = tried;
      const asked = hasSurvived(tried) ? found.slice(0, CONFIRMING_FILES) : found;
      const { ms, ...bounds } = boundsOf(asked);
      const reply = await runner.ask(
        { kind: "alone", mutant: mutant.id, judges: judgesOf(asked), ...bounds },
        this.#within(REPLY.spareMs + REPLY.factor * ms + bounds.testLimitMs),
      );
      if (reply === null && Date.now() >= this.#deadline) return;
      this.#verdicts.set(mutant.id, verdictOf(reply?.kind === "alone" ? reply : null, found));
    });
    for (const { mutant, found } of open.filter(hasSurvived)) {
      if (!this.#verdicts.has(mutant.id)) {
        this.#verdicts.set(mutant.id, verdictOf({ killer: null }, found));
      }
    }
  }
}

function verdictOf(
  reply: { readonly killer: string | null } | null,
  found: readonly Reaching[],
): Verdict {
  if (reply === null) return { kind: "hung" };
  if (reply.killer !== null) return { kind: "killed", killer: reply.killer };
  return { kind: "survived", tests: found.reduce((sum, { tests }) => sum + tests.length, 0) };
}

function portionsOf<Item>(items: readonly Item[], size: number): Item[][] {
  const portions: Item[][] = [];
  for (let from = 0; from < items.length; from += size)
    portions.push(items.slice(from, from + size));
  return portions;
}

/** Hands out items to each runner that is free, until the time is over. */
async function share<Item>(
  runners: readonly Runner[],
  items: readonly Item[],
  end: number,
  work: (runner: Runner, item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const lanes = runners.map(async (runner) => {
    while (Date.now() < end) {
      const next = rest.next();
      if (next.done === true) return;
      await work(runner, next.value);
    }
  });
  await Promise.all(lanes);
}
