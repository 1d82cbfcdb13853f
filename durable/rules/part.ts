/**
 * A fleet's side of the account's budget: the calls that it wants, and its token buckets after a reply, or
 * while there is none.
 */
import type { Known, Part, Reply, Wants } from "./account.ts";
import { BUCKETS, type BucketName, type Budget } from "./budget.ts";
import { LISTING_PAGE_SIZE } from "./limits.ts";
import { looksOf } from "./looks.ts";
import type { State } from "./state.ts";
import { paceOf, type TokenBucket } from "./token-bucket.ts";
import { wantedCalls } from "./wanted-calls.ts";
import type { Lane } from "./world.ts";

/** A fleet's token buckets: the account's, its part of them, or half of those that it last knew. */
export type Standing = "whole" | "part" | "half";

/** While the account cannot be reached, a fleet goes on at this share of its last known rate. */
const UNREACHED_SHARE = 0.5;
/** A pace that is a share of another rises slowly: as if so many calls had measured it. */
const MEASURED_BY = 30;
/** Refusals within this time are one refusal. */
const ONE_REFUSAL_MS = 1_000;

/** Calls that the fleet would make now, if there were tokens for all. */
export function wantsOf(state: State): Wants {
  const wants: Partial<Record<Lane, number>> = {};
  const want = (lane: Lane, calls: number): void => {
    if (calls > 0) wants[lane] = (wants[lane] ?? 0) + calls;
  };
  const { names, pages } = looksOf(state, Number.MAX_SAFE_INTEGER);
  const pagesMax = Math.ceil((state.instances.size + 1) / LISTING_PAGE_SIZE);
  want("list", names.length + Math.min(pages, pagesMax));
  if (state.spec.mode === "observe") return wants;
  for (const { lane } of wantedCalls(state)) if (lane !== null) want(lane, 1);
  return wants;
}

/** The fleet's own knowledge, for an account that has none yet. */
export function knownOf({ buckets, apart }: Budget): Known {
  const records = BUCKETS.flatMap((name) => {
    const { ratePerSecond, capacity, refusedAt } = buckets[name];
    if (ratePerSecond === null || refusedAt === null) return [];
    return [{ name, ratePerSecond, capacity, refusedAt }];
  });
  return { records, apart };
}

/**
 * The budget after a reply. A fleet that shares with nobody keeps its own buckets, for it has learned the
 * same from the same calls, unless the account knows of a later refusal.
 */
export function afterReply(
  budget: Budget,
  standing: Standing,
  reply: Reply,
  now: number,
): { readonly budget: Budget; readonly standing: Standing } {
  const byMs = now - reply.answeredAt;
  const buckets = { ...budget.buckets };
  const parts = Object.entries(reply.parts) as [BucketName, Part][];
  for (const [name, part] of parts) {
    const own = buckets[name];
    const isOwn = standing === "whole" && part.share === 1 && !isNews(own, part, byMs);
    if (!isOwn) buckets[name] = partOf(part, byMs, now);
  }
  const isWhole = parts.every(([, { share }]) => share === 1);
  const next = isWhole ? "whole" : "part";
  const apart = standing === "whole" && isWhole ? budget.apart : reply.apart;
  return { budget: { ...budget, buckets, apart }, standing: next };
}

function isNews(own: TokenBucket, { bucket }: Part, byMs: number): boolean {
  if (own.refusedAt === null || bucket.refusedAt === null) return own.refusedAt === null;
  return bucket.refusedAt + byMs > own.refusedAt + ONE_REFUSAL_MS;
}

function partOf({ bucket, share, granted }: Part, byMs: number, now: number): TokenBucket {
  const here = inTimeOf(bucket, byMs);
  if (share === 1) return here;
  return { ...shareOf(here, share), level: granted, levelAt: now };
}

/** The budget of a fleet that cannot reach its account: others may spend the rest. */
export function withoutReply(budget: Budget): Budget {
  const buckets = { ...budget.buckets };
  for (const name of BUCKETS) buckets[name] = shareOf(buckets[name], UNREACHED_SHARE);
  return { ...budget, buckets };
}

/** A share of a bucket; of one that has never refused a call nothing is known. */
function shareOf(bucket: TokenBucket, share: number): TokenBucket {
  const pace = paceOf(bucket);
  if (pace === null) return bucket;
  return {
    ...bucket,
    ratePerSecond: pace * share,
    measuredBy: Math.max(MEASURED_BY, bucket.measuredBy),
    capacity: Math.max(1, bucket.capacity * share),
    level: bucket.level > 0 ? bucket.level * share : bucket.level,
    admitted: 0,
    refusals: 0,
    pressed: 0,
    since: "short",
    recent: [],
  };
}

/** The bucket with its times by another clock. */
function inTimeOf(bucket: TokenBucket, byMs: number): TokenBucket {
  return {
    ...bucket,
    levelAt: bucket.levelAt + byMs,
    refusedAt: bucket.refusedAt === null ? null : bucket.refusedAt + byMs,
    recent: bucket.recent.map(({ at, calls }) => ({ at: at + byMs, calls })),
  };
}
