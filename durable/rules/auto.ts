/**
 * `auto`: how many spares keep the promise "at most SHARE of new sessions find no free server", and no more.
 *
 * The rule expects starts for the time until a launch would help, and keeps so many spares that more starts
 * come with the probability `p` at most. What was refused moves `p`: a refusal divides it, and starts
 * without one raise it. So the refused share tends to what was asked for, whatever the demand is like. One
 * `p` holds for all hours, because then a spare saves about as many refusals an hour wherever it stands.
 *
 * Every constant comes from a study of nine series of real demand; none is tuned to one of them.
 */
import { SPARES_MAX } from "./expression.ts";

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
const MINUTE_SECONDS = 60;
const MINUTES = 60;
/** Memory of the usual rate, ... */
const RECENT_SECONDS = 3_600;
/** ... and so many starts that draw it to the long-run mean. */
const PRIOR_STARTS = 2;
/** The mean before anything was seen: two starts in this time. */
const PRIOR_SECONDS = 1_440;
/** Memory of a burst, ... */
const BURST_SECONDS = 60;
/** ... and the standard deviations that are taken off it. */
const DOUBT = 0.7;
/** Shape of the negative binomial, and what each recent start adds to it. */
const SPREAD = 3;
const SPREAD_RECENT = 0.1;
/** What one refusal takes off ln p. */
const STEP = 0.4;
/** The share that is aimed at, as a part of the share that is allowed. */
const AIM = 0.9;
/** `p` at the beginning, as a part of the share; and its bounds. */
const FIRST = 0.25;
const MOST = 0.5;
const LEAST = 6e-10;
/** Memory of one minute of the hour, in seconds of its own visits; and the starts that draw it to the mean. */
const MINUTE_MEMORY_SECONDS = 14 * DAY_SECONDS;
const MINUTE_PRIOR = 20;
const MEAN_MEMORY_SECONDS = 14 * DAY_SECONDS;
/** The part of the time from launch to ready for which a spare must reach. */
const LEAD_PART = 0.5;

/** What one fleet has learned of its demand. Times are in milliseconds, all sums decay. */
export interface Auto {
  /** Until when it has seen; null before the first look. */
  readonly at: number | null;
  /** ln p. */
  readonly level: number;
  readonly starts: number;
  readonly seconds: number;
  /** Starts that the long-run mean made expect within the memory of the usual rate, and those that came. */
  readonly expected: number;
  readonly recent: number;
  readonly burst: number;
  /** For each minute of the hour: starts that came, and starts that the mean made expect. */
  readonly came: readonly number[];
  readonly due: readonly number[];
}

/** What was seen since the last look. */
export interface Demand {
  /** New sessions, with those that were refused. Each counts once. */
  readonly starts: number;
  /** Those that found no free slot. */
  readonly refused: number;
  /** The fleet could not have what it wanted, so its refusals say nothing about the target. */
  readonly isHeld: boolean;
}

/** What the rule wants, and why. */
export interface AutoTarget {
  readonly spares: number;
  /** Starts that are expected within the lead. */
  readonly expected: number;
  /** Probability that more starts come than there are spares. */
  readonly risk: number;
  /** For how long the spares must reach. */
  readonly reachMs: number;
}

/** A fleet that has seen nothing. @param share of new sessions that may be refused, between 0 and 1 */
export function beginAuto(share: number): Auto {
  return {
    at: null,
    level: boundedLevel(Math.log(FIRST * share)),
    starts: 0,
    seconds: 0,
    expected: 0,
    recent: 0,
    burst: 0,
    came: Array.from({ length: MINUTES }, () => 0),
    due: Array.from({ length: MINUTES }, () => 0),
  };
}

/** Learns from the time since the last look. The first look only starts the clock, and so does one after a step back of it. */
export function learn(auto: Auto, share: number, now: number, demand: Demand): Auto {
  if (auto.at === null || now <= auto.at) return { ...auto, at: now };
  const dt = (now - auto.at) / 1000;
  const mid = (now + auto.at) / 2;
  const mean = meanOf(auto);
  const minute = minuteOf(mid);
  const kept = (memory: number): number => Math.exp(-dt / memory);
  const { starts } = demand;
  const refused = demand.isHeld ? 0 : demand.refused;
  const perMinute = kept(MINUTE_MEMORY_SECONDS);
  const put = (sums: readonly number[], more: number): number[] =>
    sums.with(minute, (sums[minute] ?? 0) * perMinute + more);
  return {
    at: now,
    level: boundedLevel(auto.level + STEP * (AIM * share * starts - refused)),
    starts: auto.starts * kept(MEAN_MEMORY_SECONDS) + starts,
    seconds: auto.seconds * kept(MEAN_MEMORY_SECONDS) + dt,
    expected: auto.expected * kept(RECENT_SECONDS) + mean * weightOf(auto, minute) * dt,
    recent: auto.recent * kept(RECENT_SECONDS) + starts,
    burst: auto.burst * kept(BURST_SECONDS) + starts,
    came: put(auto.came, starts),
    due: put(auto.due, mean * dt),
  };
}

/** Goes on after a time in which nothing was seen: the hole teaches nothing. */
export function skip(auto: Auto, now: number): Auto {
  return { ...auto, at: now };
}

/** For how long a spare must reach: half of the time that nearly all launches took. @param leadMs from launch to ready */
export function reachOf(leadMs: number): number {
  return LEAD_PART * leadMs;
}

/** The spares that the promise needs now. @param reachMs for how long they must reach */
export function autoTarget(auto: Auto, now: number, reachMs: number): AutoTarget {
  const lead = reachMs / 1000;
  const usual =
    ((meanOf(auto) * weightAhead(auto, now, reachMs)) / (auto.expected + PRIOR_STARTS)) *
    (auto.recent + PRIOR_STARTS);
  const fast = Math.max(0, Math.sqrt(auto.burst) - DOUBT) ** 2 / BURST_SECONDS;
  const expected = Math.max(usual, fast) * lead;
  const shape = SPREAD + SPREAD_RECENT * auto.recent;
  const { spares, risk } = smallest(expected, shape, Math.exp(auto.level));
  return { spares, expected, risk, reachMs };
}

/** Starts a second in the long run. */
function meanOf({ starts, seconds }: Auto): number {
  return (starts + PRIOR_STARTS) / (seconds + PRIOR_SECONDS);
}

/** How much more often than on the mean sessions start in a minute of the hour. */
function weightOf({ came, due }: Auto, minute: number): number {
  return ((came[minute] ?? 0) + MINUTE_PRIOR) / ((due[minute] ?? 0) + MINUTE_PRIOR);
}

/** The same on the average of the time ahead. */
function weightAhead(auto: Auto, now: number, reachMs: number): number {
  if (reachMs <= 0) return weightOf(auto, minuteOf(now));
  const minuteMs = MINUTE_SECONDS * 1000;
  let sum = 0;
  for (let from = now; from < now + reachMs;) {
    const to = Math.min(now + reachMs, (Math.floor(from / minuteMs) + 1) * minuteMs);
    sum += weightOf(auto, minuteOf(from)) * (to - from);
    from = to;
  }
  return sum / reachMs;
}

function minuteOf(at: number): number {
  return Math.floor((at / 1000 / MINUTE_SECONDS) % (HOUR_SECONDS / MINUTE_SECONDS));
}

function boundedLevel(level: number): number {
  return Math.min(Math.log(MOST), Math.max(Math.log(LEAST), level));
}

/** The smallest n that a negative binomial exceeds with the probability `p` at most. Logarithms, so that large means do not vanish. */
function smallest(
  mean: number,
  shape: number,
  p: number,
): { readonly spares: number; readonly risk: number } {
  let term = shape * Math.log(shape / (shape + mean));
  let below = Math.exp(term);
  let spares = 0;
  const ratio = mean / (mean + shape);
  while (1 - below > p && spares < SPARES_MAX) {
    term += Math.log(((spares + shape) / (spares + 1)) * ratio);
    spares++;
    below += Math.exp(term);
  }
  return { spares, risk: Math.max(0, 1 - below) };
}
