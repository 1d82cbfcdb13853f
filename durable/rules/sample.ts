/**
 * What the fleet was at a moment, in a few numbers: the history that people look at. A sample stands
 * until the next one, so that a fleet in which nothing happens needs few of them.
 */
import { HOUR_MS } from "./limits.ts";
import { tally } from "./occupancy.ts";
import { runningHourlyUsdOf } from "./spend.ts";
import type { State } from "./state.ts";

/** A minute, at five seconds a tick. */
const SAMPLE_EVERY_TICKS = 12;
/** Where two samples are further apart than this, the fleet did not tick. */
const SAMPLE_AT_LEAST_MS = HOUR_MS;

export interface Sample {
  readonly at: number;
  readonly spares: number;
  readonly target: number;
  /** Servers, as in the counts of the status. */
  readonly busy: number;
  readonly unknown: number;
  readonly launching: number;
  readonly draining: number;
  readonly sessions: number;
  /** Of all that is billed; null where a price is not known. */
  readonly usdPerHour: number | null;
}

export function sampleOf(state: State, target: number): Sample {
  const { spares, busy, unknown, waiting, draining, sessions, ...counts } = tally(state);
  const usdPerHour = runningHourlyUsdOf(state);
  return {
    at: state.now,
    spares,
    target,
    busy,
    unknown,
    launching: counts.launching - waiting,
    draining,
    sessions,
    usdPerHour,
  };
}

/** Not more than one in a minute, and only one that tells something new; but one in an hour. */
export function isDue(last: Sample | null, next: Sample, tickMs: number): boolean {
  // A clock that was set back must not end the history until it has caught up.
  if (last === null || next.at < last.at) return true;
  const age = next.at - last.at;
  if (age < SAMPLE_EVERY_TICKS * tickMs) return false;
  return age >= SAMPLE_AT_LEAST_MS || differs(last, next);
}

function differs({ at: _one, ...last }: Sample, { at: _other, ...next }: Sample): boolean {
  return JSON.stringify(last) !== JSON.stringify(next);
}

/**
 * US dollars between two moments, by samples in their order, of which the first may be from before.
 * Null where no price is known of any of it.
 */
export function usdBetween(samples: readonly Sample[], from: number, until: number): number | null {
  let sum: number | null = null;
  for (const [index, { at, usdPerHour }] of samples.entries()) {
    const end = Math.min(samples[index + 1]?.at ?? until, until);
    const hours = (end - Math.max(at, from)) / HOUR_MS;
    if (usdPerHour !== null && hours > 0) sum = (sum ?? 0) + hours * usdPerHour;
  }
  return sum;
}
