/** Makes a failing scenario small: the fewest incidents, then the fewest hours, that still break the same invariant. */
import type { Result } from "./result.ts";
import type { Incident, Scenario } from "./scenario.ts";

export interface Limits {
  /** Runs at the same time. */
  readonly width: number;
  readonly runs: number;
  readonly ms: number;
  readonly now: () => number;
  readonly stopped: () => boolean;
}

export interface Shrunk {
  readonly scenario: Scenario;
  /** Of the last failing run, which is the run of `scenario`. */
  readonly result: Result;
  readonly runs: number;
  readonly ms: number;
  /**
   * `minimal`: each incident that is left is needed. `limit`: the search ran out of runs or time.
   * `notAgain`: the scenario did not fail when it was run again.
   */
  readonly end: "minimal" | "limit" | "notAgain";
}

/** Null when the run was stopped. */
export type Run = (scenario: Scenario) => Promise<Result | null>;

/** Hours are shortened in steps of three minutes. */
const STEPS_PER_HOUR = 20;
const HOUR_MS = 3_600_000;

export async function shrink(
  scenario: Scenario,
  failing: Result,
  run: Run,
  limits: Limits,
): Promise<Shrunk> {
  const search = new Search(failing, run, limits);
  if (!(await search.fails(scenario)))
    return search.outcome(scenario, search.ended ? "limit" : "notAgain");
  await cutAfterViolation(search);
  await fewerIncidents(search);
  await fewerHours(search);
  return search.outcome(scenario, search.ended ? "limit" : "minimal");
}

/** What has been tried, and the smallest scenario so far that fails. */
class Search {
  readonly #invariant: string | undefined;
  readonly #run: Run;
  readonly #limits: Limits;
  readonly #startedAt: number;
  #runs = 0;
  #best: { scenario: Scenario; result: Result } | null = null;
  readonly #first: Result;
  #ended = false;

  constructor(failing: Result, run: Run, limits: Limits) {
    this.#first = failing;
    this.#invariant = failing.violations[0]?.invariant;
    this.#run = run;
    this.#limits = limits;
    this.#startedAt = limits.now();
  }

  /** No more may be tried. */
  get ended(): boolean {
    return this.#ended;
  }

  get best(): { scenario: Scenario; result: Result } {
    if (this.#best === null) throw new Error("The search has no failing run yet.");
    return this.#best;
  }

  async fails(scenario: Scenario): Promise<boolean> {
    return (await this.firstFailing([scenario])) !== null;
  }

  /** The place of the first that fails, or null. Several run at once; which is first does not depend on it. */
  async firstFailing(scenarios: readonly Scenario[]): Promise<number | null> {
    const { width } = this.#limits;
    for (let from = 0; from < scenarios.length; from += width) {
      const batch = scenarios.slice(from, from + width);
      const results = await Promise.all(
        batch.map(async (scenario) => await this.#attempt(scenario)),
      );
      for (const [index, scenario] of batch.entries()) {
        const result = results[index] ?? null;
        if (result === null) continue;
        this.#best = { scenario, result };
        return from + index;
      }
    }
    return null;
  }

  /** The result if it fails in the same way; null if not, or if no more may be tried. */
  async #attempt(scenario: Scenario): Promise<Result | null> {
    const { runs, ms, now, stopped } = this.#limits;
    this.#ended ||= this.#runs >= runs || now() - this.#startedAt >= ms || stopped();
    if (this.#ended) return null;
    this.#runs += 1;
    const result = await this.#run(scenario);
    if (result === null) this.#ended = true;
    return result?.violations[0]?.invariant === this.#invariant ? result : null;
  }

  outcome(whole: Scenario, end: Shrunk["end"]): Shrunk {
    const best = this.#best ?? { scenario: whole, result: this.#first };
    return { ...best, runs: this.#runs, ms: this.#limits.now() - this.#startedAt, end };
  }
}

/** Delta debugging: leaves out half, then quarters, and so on, as long as it still fails. */
async function fewerIncidents(search: Search): Promise<void> {
  const { scenario } = search.best;
  const keeping = (incidents: readonly Incident[]) => ({ ...scenario, incidents });
  if (scenario.incidents.length > 0 && (await search.fails(keeping([])))) return;
  let kept = scenario.incidents;
  let parts = 2;
  while (kept.length > 1 && !search.ended) {
    const among = candidates(kept, parts);
    const place = await search.firstFailing(among.map(({ incidents }) => keeping(incidents)));
    const smaller = place === null ? undefined : among[place];
    if (smaller !== undefined) {
      parts = smaller.isPart ? 2 : Math.max(parts - 1, 2);
      kept = smaller.incidents;
    } else if (parts >= kept.length) return;
    else parts = Math.min(parts * 2, kept.length);
  }
}

interface Candidate {
  readonly incidents: readonly Incident[];
  /** One part alone; else all but one part. */
  readonly isPart: boolean;
}

function candidates(kept: readonly Incident[], parts: number): readonly Candidate[] {
  const bounds = Array.from({ length: parts }, (_, part) => ({
    from: Math.floor((part * kept.length) / parts),
    to: Math.floor(((part + 1) * kept.length) / parts),
  }));
  const alone = bounds.map(({ from, to }) => ({ incidents: kept.slice(from, to), isPart: true }));
  if (parts === 2) return alone;
  const without = bounds.map(({ from, to }) => ({
    incidents: kept.filter((_, index) => index < from || index >= to),
    isPart: false,
  }));
  return [...alone, ...without];
}

/** First of all, since it makes every further run shorter: nothing after the violation matters to it. */
async function cutAfterViolation(search: Search): Promise<void> {
  const { scenario, result } = search.best;
  const violatedAt = result.violations[0]?.at ?? 0;
  const steps = Math.max(1, Math.ceil((violatedAt / HOUR_MS) * STEPS_PER_HOUR));
  const hours = steps / STEPS_PER_HOUR;
  if (hours < scenario.hours) await search.fails({ ...scenario, hours });
}

/** Halves the span between what fails and what does not. */
async function fewerHours(search: Search): Promise<void> {
  let failsAt = Math.ceil(search.best.scenario.hours * STEPS_PER_HOUR);
  let passesAt = 0;
  while (failsAt - passesAt > 1 && !search.ended) {
    const steps = Math.floor((passesAt + failsAt) / 2);
    const hours = steps / STEPS_PER_HOUR;
    if (await search.fails({ ...search.best.scenario, hours })) failsAt = steps;
    else passesAt = steps;
  }
}
