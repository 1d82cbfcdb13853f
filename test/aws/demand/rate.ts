/**
 * How many sessions arrive: the rate as a function of time, and the built-in day.
 *
 * The built-in day has a quiet night, a peak in the evening, starts on the clock (three times as
 * many in minute :00 as mid-hour, as live broadcasts on YouTube were measured to have) and three
 * bursts at times that differ from day to day.
 */
import { createRandom } from "./random.ts";

/** An arrival rate over model time, with the bound that thinning needs. */
export interface Rate {
  /** No `perHour` is ever above this. */
  readonly maxPerHour: number;
  /** Sessions per hour at this moment of model time (ms); a pure function of its argument. */
  perHour(atMs: number): number;
}

export interface DayRateOptions {
  /** The mean of every single day, midnight to midnight. */
  readonly sessionsPerHour: number;
  /** Draws the times of the bursts. */
  readonly seed: number;
  /** Added to model time to get the local time of day; 0 means the model's day is UTC's. */
  readonly localOffsetMs?: number;
}

const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 1_440;
const DAY_MS = MINUTES_PER_DAY * MINUTE_MS;

/** Relative demand at each full hour of the local day; straight lines in between. */
const HOURS = [
  0.9, 0.6, 0.4, 0.3, 0.25, 0.25, 0.3, 0.45, 0.7, 0.9, 1, 1.05, 1.1, 1.05, 1, 1, 1.05, 1.15, 1.35,
  1.65, 2, 2.1, 1.8, 1.3,
] as const;

/** Starts on the clock: relative demand by minute of the hour; 1 in every minute not named. */
const ON_THE_CLOCK: Readonly<Record<number, number>> = { 0: 3, 1: 1.75, 30: 1.8 };

/** A burst adds `height` times the mean rate at once, and declines to nothing over `minutes`. */
const BURSTS = [
  { height: 4, minutes: 12 },
  { height: 2.5, minutes: 25 },
  { height: 1.5, minutes: 45 },
] as const;

/** Bursts start within these minutes of the day, so that each one ends on the day it began. */
const BURST_FIRST_MINUTE = 8 * 60;
const BURST_LAST_MINUTE = 23 * 60;

/**
 * The built-in day curve.
 *
 * Constant within each minute. The mean of each local day is `sessionsPerHour` exactly, bursts
 * included, as every day has the same bursts at other times.
 */
export function dayRate(options: DayRateOptions): Rate {
  const { sessionsPerHour, seed, localOffsetMs = 0 } = options;
  requireSessionsPerHour(sessionsPerHour);
  const calm = calmDay();
  const heights = BURSTS.reduce((sum, burst) => sum + burst.height, 0);
  let cached = { day: Number.NaN, weights: calm };

  function weightsOf(day: number): readonly number[] {
    if (cached.day !== day) cached = { day, weights: withBursts(calm, seed, day) };
    return cached.weights;
  }

  return {
    maxPerHour: sessionsPerHour * (Math.max(...calm) + heights),
    perHour(atMs) {
      const localMs = atMs + localOffsetMs;
      const day = Math.floor(localMs / DAY_MS);
      const minute = Math.floor((localMs - day * DAY_MS) / MINUTE_MS);
      return sessionsPerHour * (weightsOf(day)[minute] ?? 0);
    },
  };
}

/** Refuses a mean that no demand can have; zero is a fleet without any visitors. */
export function requireSessionsPerHour(sessionsPerHour: number): void {
  if (!Number.isFinite(sessionsPerHour) || sessionsPerHour < 0) {
    throw new RangeError(
      `sessions per hour must be a number from 0 up, but is ${sessionsPerHour}.`,
    );
  }
}

/** The day without bursts, by minute, scaled so that together with them its mean is 1. */
function calmDay(): readonly number[] {
  const raw = Array.from({ length: MINUTES_PER_DAY }, (_, minute) => {
    const hour = Math.floor(minute / 60);
    const from = HOURS[hour] ?? 0;
    const to = HOURS[(hour + 1) % HOURS.length] ?? 0;
    const curve = from + (to - from) * ((minute % 60) / 60);
    return curve * (ON_THE_CLOCK[minute % 60] ?? 1);
  });
  const rawSum = raw.reduce((sum, weight) => sum + weight, 0);
  const burstSum = BURSTS.reduce(
    (sum, { height, minutes }) => sum + height * (minutes + 1) * 0.5,
    0,
  );
  return raw.map((weight) => weight * ((MINUTES_PER_DAY - burstSum) / rawSum));
}

function withBursts(calm: readonly number[], seed: number, day: number): readonly number[] {
  const random = createRandom(seed, `bursts of day ${day}`);
  const weights = [...calm];
  for (const { height, minutes } of BURSTS) {
    const span = BURST_LAST_MINUTE - BURST_FIRST_MINUTE;
    const start = BURST_FIRST_MINUTE + Math.floor(random() * span);
    for (let minute = 0; minute < minutes; minute += 1) {
      weights[start + minute] = (weights[start + minute] ?? 0) + height * (1 - minute / minutes);
    }
  }
  return weights;
}
