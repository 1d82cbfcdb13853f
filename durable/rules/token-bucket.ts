/**
 * A token bucket of AWS's, as far as it shows from outside: how many calls it holds when it is full, and
 * how many flow in per second. AWS publishes neither, and a refusal may cost a token too.
 *
 *   unlimited   before the first refusal: calls are made as they are wanted
 *   searching   the first refusal gives a guess; the pace rises with each admitted call
 *   measured    between two refusals the bucket was empty twice, so that what it admitted in between is
 *               what flowed in. The pace begins there and rises slowly, then faster, until the next refusal
 *
 * A run in which the bucket may have been full does not measure the flow: what came in then was lost.
 * The shape of the rise is that of CUBIC (RFC 9438): flat near what was measured, steep far from it.
 */

/** Calls that were admitted within one second of the clock. */
export interface Second {
  readonly at: number;
  readonly calls: number;
}

export interface TokenBucket {
  /** Calls that flow in per second, as far as known; null before the first refusal. */
  readonly ratePerSecond: number | null;
  /** Calls between the two refusals that measured it; zero while it is a guess. */
  readonly measuredBy: number;
  /** Calls that it holds when it is full; it means nothing while the rate is null. */
  readonly capacity: number;
  /** Calls in hand at `levelAt`. Below zero, refusals are being paid for. */
  readonly level: number;
  readonly levelAt: number;
  /** When the last refusal was, and of its kind: those within a second tell the same thing. */
  readonly refusedAt: number | null;
  /** Admitted since the last refusal. */
  readonly admitted: number;
  /** Further refusals that came with the last one. Nobody knows whether they cost a token each. */
  readonly refusals: number;
  /** Of those, admitted while there were few in hand: these let the pace rise. */
  readonly pressed: number;
  /** Whether it can have been full since the last refusal, and has been spent since. */
  readonly since: "short" | "full" | "spent";
  /** Admitted in the last minute, the oldest first. */
  readonly recent: readonly Second[];
}

const RATE_MIN = 0.05;
const RATE_MAX = 100;
/** The first guess takes what was admitted in this time before the refusal. */
const GUESS_OVER_MS = 10_000;
/** The pace of a guess rises by this with each call. */
const SEARCH_STEP = 1.15;
const SEARCH_GAIN = 2;
/** A measured pace has doubled after five times the calls that measured it, within these bounds. */
const DOUBLED_AFTER_RUNS = 5;
const DOUBLED_AFTER_MIN = 20;
const DOUBLED_AFTER_MAX = 150;
/** Fewer calls between two refusals measure nothing. */
const RUN_MIN = 4;
/** The capacity grows by this where all of it was there. */
const HOLDS_MORE = 1.25;
/** Whether refusals cost a token is not known: half of them are taken to. */
const SHARE_PAID = 0.5;
/** The rate after a run that was too short to measure it. */
const GIVE_WAY = 0.7;
/** Refusals within this time are one refusal. */
const ONE_REFUSAL_MS = 1_000;
/** Where refusals cost, one leaves the bucket so far below empty at the most. */
const COST_OF_REFUSAL = 1;
const CLOCK_TOLERANCE_MS = 10_000;
const RECENT_MS = 60_000;
const SECOND_MS = 1_000;

const COUNTS = { admitted: 0, refusals: 0, pressed: 0, since: "short" } as const;

/** A bucket of which nothing is known yet. */
export function freshBucket(now: number): TokenBucket {
  return {
    ...COUNTS,
    ratePerSecond: null,
    measuredBy: 0,
    capacity: 1,
    level: 0,
    levelAt: now,
    refusedAt: null,
    recent: [],
  };
}

/**
 * A bucket after a cold start. Others of its kind may have emptied it just before, or nobody for an hour:
 * it holds half of what it can, or what has flowed in since the last refusal where that is less.
 */
export function rememberedBucket(
  known: { readonly ratePerSecond: number; readonly capacity: number; readonly refusedAt: number },
  now: number,
): TokenBucket {
  const { ratePerSecond, capacity, refusedAt } = known;
  const gained = (Math.max(0, now - refusedAt) * ratePerSecond) / SECOND_MS;
  return {
    ...freshBucket(now),
    ratePerSecond,
    capacity,
    measuredBy: DOUBLED_AFTER_MAX / DOUBLED_AFTER_RUNS,
    level: Math.min(gained, Math.max(1, capacity / 2)),
    refusedAt,
    since: "full",
  };
}

/** Whole calls that may be made now. */
export function tokens(bucket: TokenBucket, now: number): number {
  if (bucket.ratePerSecond === null) return Number.POSITIVE_INFINITY;
  // The clock was set back: one call shows where the bucket stands.
  if (now < bucket.levelAt - CLOCK_TOLERANCE_MS) return 1;
  return Math.max(0, Math.floor(levelAt(bucket, now)));
}

/** When there will be a token; `now` where there is one. */
export function tokenAt(bucket: TokenBucket, now: number): number {
  const pace = paceOf(bucket);
  if (pace === null || tokens(bucket, now) >= 1) return now;
  return now + Math.ceil(((1 - levelAt(bucket, now)) * SECOND_MS) / pace);
}

/** Calls per second that are made now while more are wanted; null while nothing limits them. */
export function paceOf(bucket: TokenBucket): number | null {
  const { ratePerSecond, measuredBy, pressed } = bucket;
  if (ratePerSecond === null) return null;
  if (measuredBy === 0)
    return bounded(Math.min(ratePerSecond * SEARCH_STEP ** pressed, searchMax(bucket)));
  const doubledAfter = Math.min(
    DOUBLED_AFTER_MAX,
    Math.max(DOUBLED_AFTER_MIN, DOUBLED_AFTER_RUNS * measuredBy),
  );
  return bounded(ratePerSecond * (1 + (pressed / doubledAfter) ** 2));
}

/** A search goes no faster than some times what was admitted: what the bucket has saved is not what flows in. */
function searchMax({
  ratePerSecond,
  admitted: calls,
  refusedAt,
  levelAt: at,
}: TokenBucket): number {
  const admittedRate = refusedAt === null ? 0 : calls / secondsBetween(refusedAt, at);
  return SEARCH_GAIN * Math.max(ratePerSecond ?? 0, admittedRate);
}

/** The bucket after a call that AWS admitted. */
export function admitted(bucket: TokenBucket, at: number): TokenBucket {
  const recent = counting(bucket.recent, at);
  if (isReportedLate(bucket, at)) return { ...bucket, recent };
  const counted = { ...bucket, admitted: bucket.admitted + 1, recent };
  if (bucket.ratePerSecond === null) return counted;
  const before = levelAt(bucket, at);
  const level = Math.max(Math.min(0, before), before - 1);
  const since = before >= holdsOf(bucket) ? "full" : bucket.since;
  // All that it was thought to hold was there: it may hold more.
  const holdsMore = since === "full" && level < 1;
  return {
    ...counted,
    level,
    levelAt: at,
    pressed: bucket.pressed + (before < Math.max(2, bucket.capacity / 2) ? 1 : 0),
    since: holdsMore ? "spent" : since,
    capacity: holdsMore ? bucket.capacity * HOLDS_MORE : bucket.capacity,
  };
}

/** The bucket after a call that AWS refused. */
export function refused(bucket: TokenBucket, at: number): TokenBucket {
  const { refusedAt } = bucket;
  const isOfAnEarlierRun = refusedAt !== null && at <= refusedAt - ONE_REFUSAL_MS;
  if (isOfAnEarlierRun && isReportedLate(bucket, at)) return bucket;
  if (refusedAt !== null && Math.abs(at - refusedAt) < ONE_REFUSAL_MS) {
    const level = Math.min(0, levelAt(bucket, at)) - COST_OF_REFUSAL;
    const refusals = bucket.refusals + 1;
    return { ...bucket, refusals, level: Math.max(-bucket.capacity, level), levelAt: at };
  }
  const emptied = { ...COUNTS, level: -COST_OF_REFUSAL, levelAt: at, refusedAt: at };
  return { ...bucket, ...emptied, ...learned(bucket, at) };
}

/**
 * Eyes and hands report apart from each other, so a call may be heard of after a refusal that came later. The
 * refusal found the bucket empty: such a call has not flowed in since. One that lies further back is of a
 * clock that was set back.
 */
function isReportedLate({ refusedAt }: TokenBucket, at: number): boolean {
  return refusedAt !== null && at < refusedAt && refusedAt - at <= CLOCK_TOLERANCE_MS;
}

type Learned = Pick<TokenBucket, "ratePerSecond" | "capacity" | "measuredBy">;

function learned(bucket: TokenBucket, at: number): Learned {
  const { ratePerSecond, measuredBy, capacity, refusedAt, recent } = bucket;
  if (ratePerSecond === null || refusedAt === null) {
    const rate = bounded(countSince(recent, at - GUESS_OVER_MS) / (GUESS_OVER_MS / SECOND_MS));
    return { ratePerSecond: rate, capacity: depth(recent, rate, at), measuredBy: 0 };
  }
  // A clock that was set back measures nothing.
  if (at < refusedAt)
    return { ratePerSecond: bounded(ratePerSecond * GIVE_WAY), measuredBy, capacity };
  // It began empty: at least what it admitted has flowed in, whatever was lost while it was full.
  const flowedMin = bucket.admitted / secondsBetween(refusedAt, at);
  if (bucket.since !== "short") {
    const rate = bounded(Math.max(ratePerSecond, flowedMin));
    const holds = bucket.since === "spent" ? capacity : depth(recent, rate, at);
    return { ratePerSecond: rate, measuredBy, capacity: Math.min(capacity, holds) };
  }
  if (bucket.admitted < RUN_MIN)
    return { ratePerSecond: bounded(ratePerSecond * GIVE_WAY), measuredBy, capacity };
  const flowed = bucket.admitted + (1 + bucket.refusals) * SHARE_PAID;
  const sinceRefusal = flowed / secondsBetween(refusedAt, at);
  // A search begins too slowly: what flowed in at first was lost, and only its end tells.
  const rate = bounded(
    measuredBy > 0 ? sinceRefusal : Math.max(sinceRefusal, leastFlow(bucket, at)),
  );
  return { ratePerSecond: rate, measuredBy: bucket.admitted, capacity };
}

/** Calls per second that have flowed in at least, for any time before a refusal began with a full bucket at best. */
function leastFlow({ recent, capacity }: TokenBucket, at: number): number {
  let calls = 0;
  let most = 0;
  for (const second of recent.toReversed()) {
    calls += second.calls;
    most = Math.max(most, (calls - capacity) / secondsBetween(second.at, at));
  }
  return most;
}

function secondsBetween(from: number, to: number): number {
  return Math.max(1, to - from) / SECOND_MS;
}

function bounded(ratePerSecond: number): number {
  return Math.min(RATE_MAX, Math.max(RATE_MIN, ratePerSecond));
}

/** Calls in hand, parts of them too; below zero while refusals are being paid for. */
export function levelAt(bucket: TokenBucket, now: number): number {
  const gained = (Math.max(0, now - bucket.levelAt) * (paceOf(bucket) ?? 0)) / SECOND_MS;
  return Math.min(holdsOf(bucket), bucket.level + gained);
}

/** Ticks are a second apart or more: a bucket that held less could not be used. */
function holdsOf({ capacity, ratePerSecond }: TokenBucket): number {
  return Math.max(1, capacity, ratePerSecond ?? 0);
}

/** How far below full a bucket of this rate is after the last minute's calls: at a refusal, what it holds. */
function depth(recent: readonly Second[], ratePerSecond: number, at: number): number {
  let below = 0;
  let from = recent[0]?.at ?? at;
  for (const second of recent) {
    below = Math.max(0, below - ((second.at - from) * ratePerSecond) / SECOND_MS) + second.calls;
    from = second.at;
  }
  return Math.max(1, below - ((at - from) * ratePerSecond) / SECOND_MS);
}

function counting(recent: readonly Second[], at: number): readonly Second[] {
  const second = Math.floor(at / SECOND_MS) * SECOND_MS;
  const last = recent.at(-1);
  if (last !== undefined && last.at === second)
    return [...recent.slice(0, -1), { at: second, calls: last.calls + 1 }];
  const kept = recent.filter(
    (each) => each.at > second - RECENT_MS && each.at <= second + CLOCK_TOLERANCE_MS,
  );
  const calls = 1 + countOf(kept, second);
  const others = kept.filter((each) => each.at !== second);
  return [...others, { at: second, calls }].toSorted((one, other) => one.at - other.at);
}

function countOf(recent: readonly Second[], second: number): number {
  return recent.find((each) => each.at === second)?.calls ?? 0;
}

function countSince(recent: readonly Second[], since: number): number {
  return recent.reduce((sum, { at, calls }) => (at > since ? sum + calls : sum), 0);
}
