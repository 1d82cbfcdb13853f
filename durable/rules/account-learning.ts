/**
 * The lessons of a fleet's report for its account.
 *
 *   - Reports may come twice: calls of a tick that was heard already count for nothing.
 *   - Reports come one fleet after the other, so their calls come out of order. While several fleets want
 *     calls, each counts as made when it is reported: the tokens for it left the bucket long before.
 *   - A refusal that a fleet met before it could hear of another fleet's teaches no rate.
 *   - The clocks of two objects differ: times go by their distance from the moment of the report.
 */
import type { Account, Refusal, Report } from "./account.ts";
import {
  type Apart,
  bucketOf,
  type BucketName,
  type Budget,
  LANES,
  learn,
  namesOf,
} from "./budget.ts";
import { levelAt, type TokenBucket } from "./token-bucket.ts";
import type { CallReport, Lane } from "./world.ts";

/** Fewer calls of several fleets measure no flow. */
const MEASURED_MIN = 20;
/** The rate after a refusal that came too soon to measure it, and after one that came at once. */
const GIVE_WAY = 0.9;
const GIVE_WAY_AT_ONCE = 0.7;
/** A run of fewer calls was refused at once. */
const RUN_MIN = 4;
const RATE_MIN = 0.05;
/** Refusals within this time are one refusal. */
const ONE_REFUSAL_MS = 1_000;
/** The capacity after a refusal by which a bucket that was full was emptied too soon. */
const HOLDS_LESS = 0.8;
/** The first guess of a rate takes the calls of this time before the refusal. */
const GUESS_OVER_MS = 10_000;

/** Calls of ticks that were not heard before. */
export function madeSince({ calls }: Report, heard: number): CallReport[] {
  return calls.filter(({ tick }) => tick > heard).flatMap((each) => each.calls);
}

export function learnFrom(account: Account, report: Report, now: number): Account {
  const { fleet, sentAt } = report;
  const asker = account.askers.get(fleet);
  const news = madeSince(report, asker?.heard ?? 0);
  const inOrder = news.toSorted((one, other) => one.startedAt - other.startedAt);
  const isOneOfSeveral = [...account.askers].some(
    ([name, { wants }]) => name !== fleet && Object.keys(wants).length > 0,
  );
  const caller = { fleet, askedAt: asker?.askedAt ?? 0, isOneOfSeveral };
  let next: Account = { ...account, learnedTo: Math.min(now, account.learnedTo) };
  const refusedAt = new Map<Lane, number>();
  for (const call of inOrder) {
    const startedAt = Math.min(now, call.startedAt + now - sentAt);
    const at = isOneOfSeveral ? now : Math.max(startedAt, next.learnedTo);
    const apart = apartBy(next.budget, { ...call, startedAt }, refusedAt);
    const { budget } = next;
    next = learnOne(next, { ...call, startedAt: at }, caller);
    const isOld = isOneOfSeveral && !call.throttled;
    const learned = isOld ? learnOld(next, budget, { ...call, startedAt }) : next.budget;
    next = { ...next, budget: { ...learned, apart } };
    if (call.throttled) refusedAt.set(call.lane, startedAt);
  }
  return next;
}

/** Only the order of one fleet's own calls is known well enough to tell whether lanes share a bucket. */
function apartBy(budget: Budget, call: CallReport, refusedAt: ReadonlyMap<Lane, number>): Apart {
  const buckets = { ...budget.buckets };
  for (const lane of LANES)
    buckets[lane] = { ...buckets[lane], refusedAt: refusedAt.get(lane) ?? null };
  return learn({ ...budget, buckets }, [call]).apart;
}

interface Caller {
  readonly fleet: string;
  /** When it last heard of the account. */
  readonly askedAt: number;
  /** Others have wanted calls lately. */
  readonly isOneOfSeveral: boolean;
}

function learnOne(account: Account, call: CallReport, caller: Caller): Account {
  const { budget } = account;
  const { startedAt: at, lane } = call;
  if (!call.throttled) return { ...account, learnedTo: at, budget: learn(budget, [call]) };
  const name = bucketOf(budget, lane);
  const last = account.refusals.get(name);
  const isKnown = last !== undefined && last.fleet !== caller.fleet && caller.askedAt < last.at;
  const learned = isKnown ? budget : learn(budget, [call]);
  const buckets = { ...learned.buckets };
  const refusals = new Map(account.refusals);
  for (const each of namesOf(lane)) {
    const before = budget.buckets[each];
    if (!isKnown) {
      const run = measured(before, buckets[each], refusals.get(each), at);
      if (caller.isOneOfSeveral) buckets[each] = run.bucket;
      refusals.set(each, { ...run.refusal, fleet: caller.fleet });
    }
    buckets[each] = emptied(buckets[each], before, heldOf(account, each), at);
  }
  return { ...account, learnedTo: at, refusals, budget: { ...learned, buckets } };
}

/**
 * The flow of a bucket by several fleets' reports. These lag, so a refusal does not divide the calls
 * exactly into those before and after it: only many calls between two refusals measure anything.
 */
function measured(
  before: TokenBucket,
  learned: TokenBucket,
  last: Refusal | undefined,
  at: number,
): { bucket: TokenBucket; refusal: Omit<Refusal, "fleet"> } {
  const anew = { at, anchorAt: at, calls: 0, isFirst: before.ratePerSecond === null };
  if (before.ratePerSecond === null || last === undefined)
    return { bucket: learned, refusal: anew };
  if (Math.abs(at - last.at) < ONE_REFUSAL_MS) return { bucket: learned, refusal: last };
  // A full bucket loses the flow, so this run measures none; and it holds less than was thought.
  if (before.since !== "short") {
    const capacity = Math.max(1, Math.min(learned.capacity, before.capacity * HOLDS_LESS));
    return { bucket: { ...learned, capacity }, refusal: anew };
  }
  if (before.measuredBy === 0) return { bucket: learned, refusal: anew };
  const calls = last.calls + before.admitted;
  if (calls < MEASURED_MIN) {
    const giveWay = before.admitted < RUN_MIN ? GIVE_WAY_AT_ONCE : GIVE_WAY;
    const ratePerSecond = Math.max(RATE_MIN, before.ratePerSecond * giveWay);
    const bucket = { ...learned, ratePerSecond, measuredBy: before.measuredBy };
    return { bucket, refusal: { ...anew, anchorAt: last.anchorAt, calls } };
  }
  const ratePerSecond = Math.max(RATE_MIN, (calls * 1000) / Math.max(1, at - last.anchorAt));
  return { bucket: { ...learned, ratePerSecond, measuredBy: calls }, refusal: anew };
}

/**
 * A bucket after a refusal is empty, and each refusal may have cost a token. The flow belongs first to the
 * fleets that still hold tokens of it.
 */
function emptied(bucket: TokenBucket, before: TokenBucket, held: number, at: number): TokenBucket {
  if (bucket.ratePerSecond === null) return bucket;
  const level = before.ratePerSecond === null ? 0 : Math.min(0, levelAt(before, at) + held);
  return { ...bucket, level: Math.max(-bucket.capacity, level - 1) - held, levelAt: at };
}

/** Tokens that the fleets hold, and have not spent as far as is known. */
function heldOf({ askers }: Account, name: BucketName): number {
  return [...askers.values()].reduce((sum, { grants }) => sum + (grants[name]?.tokens ?? 0), 0);
}

/**
 * A call that was made before the last refusal says nothing of the time after it. If that was the first one it
 * makes the guess of the rate better, for the guess counts the calls of the last seconds.
 */
function learnOld(account: Account, before: Budget, { lane, startedAt }: CallReport): Budget {
  const buckets = { ...account.budget.buckets };
  for (const name of namesOf(lane)) {
    const bucket = before.buckets[name];
    const { refusedAt, ratePerSecond, capacity } = bucket;
    if (refusedAt === null || ratePerSecond === null || startedAt > refusedAt) continue;
    const isGuess = account.refusals.get(name)?.isFirst === true;
    const isOfGuess = isGuess && startedAt > refusedAt - GUESS_OVER_MS;
    const rate = ratePerSecond + 1000 / GUESS_OVER_MS;
    buckets[name] = isOfGuess ? { ...bucket, ratePerSecond: rate, capacity: capacity + 1 } : bucket;
  }
  return { ...account.budget, buckets };
}
