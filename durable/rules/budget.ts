/**
 * How many calls a lane may make now. AWS publishes no rate for Lightsail, so each lane learns its
 * own: it spends freely until the first refusal, takes what was admitted until then as the rate,
 * paces at it, gives way by a third at each further refusal, and probes slowly upward.
 */
import type { Purse } from "./model.ts";
import type { CallReport, Lane } from "./world.ts";

export const LANES: readonly Lane[] = ["list", "create", "ports", "tags", "delete", "ec2"];

/** The estimate looks back at least so far, or one burst would pass for the rate. */
const ESTIMATE_OVER_MS = 10_000;
const RATE_MIN = 0.1;
const RATE_MAX = 20;
/** What is left of the rate after a refusal. */
const GIVE_WAY = 0.7;
const PROBE_UPWARD = 1.02;
/** A slow lane makes few calls: by a share of so little it would stay slow for hours. */
const PROBE_UPWARD_LEAST = 0.05;
/** A purse fills up to what its rate brings in this time. */
const PURSE_HOLDS_MS = 10_000;
/** Refusals within this time are one refusal: they tell the same thing. */
const ONE_REFUSAL_MS = 1_000;

const EMPTY = { level: 0, admitted: 0, countedFrom: 0, admittedAt: 0 } as const;

/** A lane of which nothing is known yet. */
export function freshPurse(now: number): Purse {
  return { ...EMPTY, ratePerSecond: null, levelAt: now, refusedAt: null };
}

/** A lane after a cold start: it holds only what it can have regained since its last refusal. */
export function rememberedPurse(ratePerSecond: number, refusedAt: number): Purse {
  return { ...EMPTY, ratePerSecond, levelAt: refusedAt, refusedAt };
}

/** Whole calls that the lane may make now. */
export function tokens(purse: Purse, now: number): number {
  return purse.ratePerSecond === null ? Number.POSITIVE_INFINITY : Math.floor(level(purse, now));
}

/** Whole calls that the lane can save up for. */
export function tokensMax(purse: Purse): number {
  return purse.ratePerSecond === null
    ? Number.POSITIVE_INFINITY
    : Math.floor(capacityAt(purse.ratePerSecond));
}

/** When the lane will have a token; `now` where it has one. */
export function tokenAt(purse: Purse, now: number): number {
  if (purse.ratePerSecond === null || tokens(purse, now) >= 1) return now;
  return now + Math.ceil(((1 - level(purse, now)) * 1000) / purse.ratePerSecond);
}

/** The purses after these calls, in the order in which they were made. */
export function learn(
  purses: Readonly<Record<Lane, Purse>>,
  calls: readonly CallReport[],
): Readonly<Record<Lane, Purse>> {
  const next: Record<Lane, Purse> = { ...purses };
  for (const { lane, throttled, startedAt } of calls)
    next[lane] = throttled ? refused(next[lane], startedAt) : admitted(next[lane], startedAt);
  return next;
}

function capacityAt(ratePerSecond: number): number {
  return Math.max(1, (ratePerSecond * PURSE_HOLDS_MS) / 1000);
}

function level(purse: Purse, now: number): number {
  if (purse.ratePerSecond === null) return purse.level;
  const gained = (Math.max(0, now - purse.levelAt) * purse.ratePerSecond) / 1000;
  return Math.min(capacityAt(purse.ratePerSecond), purse.level + gained);
}

function admitted(purse: Purse, at: number): Purse {
  const paused = at - purse.admittedAt > ESTIMATE_OVER_MS;
  const counted = {
    ...purse,
    admitted: paused ? 1 : purse.admitted + 1,
    countedFrom: paused ? at : purse.countedFrom,
    admittedAt: at,
  };
  if (purse.ratePerSecond === null) return counted;
  return {
    ...counted,
    level: Math.max(0, level(purse, at) - 1),
    levelAt: Math.max(purse.levelAt, at),
    ratePerSecond: Math.min(RATE_MAX, upward(purse.ratePerSecond)),
  };
}

function upward(ratePerSecond: number): number {
  return Math.max(ratePerSecond * PROBE_UPWARD, ratePerSecond + PROBE_UPWARD_LEAST);
}

function refused(purse: Purse, at: number): Purse {
  const again = purse.refusedAt !== null && at - purse.refusedAt < ONE_REFUSAL_MS;
  const empty = { ...EMPTY, levelAt: at, refusedAt: at };
  if (again) return { ...purse, ...empty, refusedAt: purse.refusedAt };
  const ratePerSecond =
    purse.ratePerSecond === null
      ? purse.admitted / (Math.max(ESTIMATE_OVER_MS, at - purse.countedFrom) / 1000)
      : purse.ratePerSecond * GIVE_WAY;
  return {
    ...purse,
    ...empty,
    ratePerSecond: Math.min(RATE_MAX, Math.max(RATE_MIN, ratePerSecond)),
  };
}
