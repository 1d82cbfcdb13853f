/** Chooses the tests that judge a mutant, from what a survey saw each of them reach. */
import type { Mutant } from "./mutants.ts";
import type { Bounds, Judges, Plan, SurveyedFile, SurveyedTest } from "./protocol.ts";

/** A slower test judges nothing: its time limit with a mutant would be too near. */
const TEST_MS_MAX = 4_000;
/** All the tests of one mutant take no longer together, but for the first of them. */
const TOGETHER_MS_MAX = 10_000;
/** A mutant that is passed so many times as often as without it loops. */
const HITS = { factor: 20, spare: 10_000 };
const TEST_LIMIT = { factor: 8, spareMs: 2_500 };

/** The tests of one file that reach a mutant. */
export interface Reaching {
  readonly file: string;
  readonly tests: readonly SurveyedTest[];
  /** The mutant is passed on import, or in a hook: it takes effect only where the file is loaded with it. */
  readonly isOutside: boolean;
  readonly hits: number;
}

/**
 * Finds the tests that reach a mutant, those of the nearest file first.
 *
 * @param nearest the test files by distance from the mutated file; others come after them.
 */
export function reaching(
  mutant: string,
  surveyed: readonly SurveyedFile[],
  nearest: readonly string[],
): Reaching[] {
  const rankOf = (file: string) => {
    const rank = nearest.indexOf(file);
    return rank === -1 ? nearest.length : rank;
  };
  const found: Reaching[] = [];
  let together = 0;
  for (const { file, tests, outside } of surveyed.toSorted(
    (a, b) => rankOf(a.file) - rankOf(b.file),
  )) {
    const isOutside = (outside[mutant] ?? 0) > 0;
    const chosen: SurveyedTest[] = [];
    for (const test of tests.toSorted((a, b) => a.ms - b.ms)) {
      const reaches = isOutside || (test.hits[mutant] ?? 0) > 0;
      if (!reaches || test.ms > TEST_MS_MAX) continue;
      if (together > 0 && together + test.ms > TOGETHER_MS_MAX) break;
      chosen.push(test);
      together += test.ms;
    }
    const hits = Math.max(outside[mutant] ?? 0, ...chosen.map((test) => test.hits[mutant] ?? 0));
    if (chosen.length > 0) found.push({ file, tests: chosen, isOutside, hits });
  }
  return found;
}

/** How far these tests may go with a mutant, and how long all of them take without one. */
export function boundsOf(found: readonly Reaching[]): Bounds & { readonly ms: number } {
  const times = found.flatMap(({ tests }) => tests.map(({ ms }) => ms));
  return {
    hitsMax: Math.max(0, ...found.map(({ hits }) => hits)) * HITS.factor + HITS.spare,
    testLimitMs: Math.max(0, ...times) * TEST_LIMIT.factor + TEST_LIMIT.spareMs,
    ms: times.reduce((sum, ms) => sum + ms, 0),
  };
}

export function judgesOf(found: readonly Reaching[]): Judges[] {
  return found.map(({ file, tests }) => ({ file, ids: tests.map(({ id }) => id) }));
}

/** The mutants that are tried together on one file, by the test. */
export function planOf(
  tried: readonly { readonly mutant: Mutant; readonly found: Reaching }[],
): Plan {
  const plan: Record<string, string[]> = {};
  for (const { mutant, found } of tried) {
    for (const { id, hits } of found.tests) {
      if ((hits[mutant.id] ?? 0) > 0) (plan[id] ??= []).push(mutant.id);
    }
  }
  return plan;
}
