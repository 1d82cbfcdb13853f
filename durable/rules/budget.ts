/**
 * How many calls may be made now. AWS publishes no rate for Lightsail, nor whether its operations share a
 * token bucket. So the budget keeps a bucket for each way in which they could share, all of them learn
 * from each call, and it counts from one of them:
 *
 *   all      one bucket for every operation of Lightsail: taken for true until AWS shows another
 *   reads | writes   reads have a bucket of their own
 *   a lane   each kind of call has one
 *
 * A call that AWS admits right after it refused one of another kind drank from another bucket. One that
 * it refuses as well drank from the same. EC2 is another service, with buckets of its own.
 */
import {
  admitted,
  freshBucket,
  paceOf,
  refused,
  rememberedBucket,
  tokenAt as tokenOf,
  type TokenBucket,
  tokens as tokensIn,
} from "./token-bucket.ts";
import type { CallReport, Lane } from "./world.ts";

export const LANES: readonly Lane[] = ["list", "create", "ports", "tags", "delete", "ec2"];

/** A lane's own bucket has its name. */
export type BucketName = Lane | "all" | "reads" | "writes";

export const BUCKETS: readonly BucketName[] = [...LANES, "all", "reads", "writes"];

/** Which operations drink from one bucket: how often AWS has shown that they do not. */
export interface Apart {
  readonly reads: number;
  readonly writes: number;
}

export interface Budget {
  readonly buckets: Readonly<Record<BucketName, TokenBucket>>;
  readonly apart: Apart;
  /** Calls of the eyes that the hands have earned: looking takes its share, and no more. */
  readonly looks: number;
}

/** What is kept of a bucket. */
export interface BucketRecord {
  readonly name: BucketName;
  readonly ratePerSecond: number;
  readonly capacity: number;
  readonly refusedAt: number;
}

/** So often it must have been seen that lanes do not share. */
export const APART_AFTER = 3;
const APART_MAX = 6;
/** Right after a refusal is while this share of a token flows in. */
const RIGHT_AFTER_TOKENS = 0.2;
/** While calls of the hands wait for tokens, the eyes get one for so many of theirs. */
const CALLS_PER_LOOK = 16;
/** The eyes save up no more than this. */
const LOOKS_MAX = 8;
/** A call takes about so long; more at once than the pace needs only makes more refusals. */
const CALL_SECONDS = 0.5;
/** A refusal meets those that are under way: one for so many calls that are wanted. */
const CALLS_PER_REFUSAL = 20;
const AT_ONCE_MAX = 6;

/** A budget of which nothing is known yet. */
export function freshBudget(now: number): Budget {
  const bucket = freshBucket(now);
  const buckets = Object.fromEntries(BUCKETS.map((name) => [name, bucket])) as Record<
    BucketName,
    TokenBucket
  >;
  return { buckets, apart: { reads: 0, writes: 0 }, looks: 1 };
}

/** A budget after a cold start, from what the ledger kept. */
export function rememberedBudget(
  records: readonly BucketRecord[],
  apart: Apart,
  now: number,
): Budget {
  const fresh = freshBudget(now);
  const buckets = { ...fresh.buckets };
  for (const record of records) buckets[record.name] = rememberedBucket(record, now);
  return { ...fresh, buckets, apart };
}

/** The bucket from which a lane's calls are counted at present. */
export function bucketOf({ apart }: Pick<Budget, "apart">, lane: Lane): BucketName {
  if (lane === "ec2" || apart.writes >= APART_AFTER) return lane;
  if (apart.reads >= APART_AFTER) return lane === "list" ? "reads" : "writes";
  return "all";
}

/** Whole calls of a lane that may be made now. */
export function tokens(budget: Budget, lane: Lane, now: number): number {
  return tokensIn(budget.buckets[bucketOf(budget, lane)], now);
}

/** When a lane has a token; `now` where it has one. */
export function tokenAt(budget: Budget, lane: Lane, now: number): number {
  return tokenOf(budget.buckets[bucketOf(budget, lane)], now);
}

/** Calls per second at which a lane is paced; null while nothing limits it. */
export function pace(budget: Budget, lane: Lane): number | null {
  return paceOf(budget.buckets[bucketOf(budget, lane)]);
}

/**
 * How many calls of a lane go out at once, of so many that are wanted: as many as its pace needs. While no
 * refusal has taught a pace, all that are under way at the first one are refused with it.
 */
export function atOnce(budget: Budget, lane: Lane, wanted: number): number {
  const known = pace(budget, lane);
  const useful = known === null ? wanted / CALLS_PER_REFUSAL : known * CALL_SECONDS;
  return Math.min(AT_ONCE_MAX, Math.max(1, Math.ceil(useful)));
}

/**
 * Calls that the eyes may make now, while the hands want so many. Looking never starves doing: where there
 * are not enough for both the eyes get their share.
 */
export function looksNow(budget: Budget, wanted: number, now: number): number {
  const inHand = tokens(budget, "list", now);
  const isShared = bucketOf(budget, "list") === bucketOf(budget, "ports");
  if (!isShared || wanted === 0) return inHand;
  return Math.min(inHand, Math.max(inHand - wanted, Math.floor(budget.looks)));
}

/** The budget after these calls. */
export function learn(budget: Budget, calls: readonly CallReport[]): Budget {
  let next = budget;
  const inOrder = calls.toSorted((one, other) => one.startedAt - other.startedAt);
  for (const call of inOrder) next = learnOne(next, call);
  return next;
}

function learnOne(budget: Budget, call: CallReport): Budget {
  const { lane, throttled, startedAt } = call;
  const change = throttled ? refused : admitted;
  const buckets = { ...budget.buckets };
  for (const name of namesOf(lane)) buckets[name] = change(buckets[name], startedAt);
  return { buckets, apart: apartAfter(budget, call), looks: looksAfter(budget.looks, call) };
}

/** Every bucket from which the lane may drink. */
export function namesOf(lane: Lane): readonly BucketName[] {
  if (lane === "ec2") return ["ec2"];
  return [lane, lane === "list" ? "reads" : "writes", "all"];
}

/** A refused call of the hands took its turn too: hands that are refused for ever must not blind the eyes. */
function looksAfter(looks: number, { lane, throttled }: CallReport): number {
  if (lane === "ec2") return looks;
  if (lane === "list") return throttled ? looks : Math.max(0, looks - 1);
  return Math.min(LOOKS_MAX, looks + 1 / CALLS_PER_LOOK);
}

/** A call right after the refusal of another lane shows whether the two share. */
function apartAfter({ buckets, apart }: Budget, call: CallReport): Apart {
  const others = LANES.filter(
    (lane) => lane !== "ec2" && lane !== call.lane && isRightAfter(buckets[lane], call.startedAt),
  );
  if (call.lane === "ec2" || others.length === 0) return apart;
  const isOfOtherKind = (lane: Lane): boolean => (lane === "list") !== (call.lane === "list");
  const key = others.some(isOfOtherKind) ? "reads" : "writes";
  // Both refused may be two empty buckets, but one for all is the safe side.
  const seen = call.throttled ? 0 : Math.min(APART_MAX, apart[key] + 1);
  return { ...apart, [key]: seen };
}

function isRightAfter({ refusedAt, ratePerSecond }: TokenBucket, at: number): boolean {
  if (refusedAt === null || ratePerSecond === null || at <= refusedAt) return false;
  return at - refusedAt < (RIGHT_AFTER_TOKENS * 1000) / ratePerSecond;
}
