/**
 * How the fleets of one account and region share a token bucket. Each gets as much as the others, unless
 * it wants less: then the others get the rest (max-min fairness). Tokens are granted whole, for a part of
 * one makes no call: what cannot be divided goes to the fleet that had the fewest of late.
 */
import { levelAt, paceOf, tokens, type TokenBucket } from "./token-bucket.ts";

/** The part of a bucket that one fleet got last. */
export interface Grant {
  /** Calls that it may still make without having asked again. They are not in the account's bucket. */
  readonly tokens: number;
  /** Its share of what flows in, from 0 to 1. */
  readonly share: number;
  readonly at: number;
  /** When it was last granted a whole token; zero before the first. */
  readonly servedAt: number;
  /** Calls that it made of late: an old one counts for less. */
  readonly taken: number;
}

/** A fleet as one bucket sees it: the calls that it wants, and what it was granted last. */
export interface Claim {
  readonly wants: number;
  /** Calls that it has just reported. */
  readonly made: number;
  readonly grant: Grant | null;
}

/** A fleet that has not been heard of for so long holds nothing, and wants nothing. */
export const CLAIM_LIFE_MS = 15_000;
/** Shares are made of what is in hand and of what flows in during this time, about a tick. */
const AHEAD_SECONDS = 5;
/** A look may find servers that want a call at once: so much of what nobody wants is granted for them. */
const UNFORESEEN = 0.5;
/** A call is forgotten in about this time. */
const TAKEN_FADES_MS = 60_000;
/** A bucket that lacks no more than this is as good as full. */
const NEARLY = 2;
/** A bucket that was full while calls were wanted may hold more: by so much at a time. */
const HOLDS_MORE = 1.1;
/** Others may go first for so many times as long as it takes until each has got one. */
const PATIENCE_ROUNDS = 2;

/** The asker's part of a bucket whose rate is known. The tokens that it held before are back in the bucket. */
export function grantOf(
  bucket: TokenBucket,
  asker: Claim,
  others: readonly Claim[],
  now: number,
): Grant {
  const free = tokens(bucket, now);
  const held = others.reduce((sum, claim) => sum + heldBy(claim), 0);
  const rivals = others.filter(({ wants }) => wants > 0);
  const entitled = entitlementOf(asker, rivals, { free, inHand: free + held, bucket, now });
  const wanted = asker.wants === 0 ? 1 : wantedOf(asker.wants, entitled);
  const granted = Math.max(0, Math.min(free, entitled, wanted));
  const supply = free + held + (paceOf(bucket) ?? 0) * AHEAD_SECONDS;
  const share = levelOf(supply, rivals) / supply;
  const servedAt = granted >= 1 ? now : servedAtOf(asker);
  return { tokens: granted, share, at: now, servedAt, taken: takenBy(asker, now) };
}

/** The bucket with so many tokens less, or more. It is as full as it can be at the most. */
export function withTokens(bucket: TokenBucket, more: number, now: number): TokenBucket {
  const gained = (Math.max(0, now - bucket.levelAt) * (paceOf(bucket) ?? 0)) / 1000;
  return { ...bucket, level: levelAt(bucket, now) - gained + more };
}

/**
 * The bucket of several fleets that want so many calls together. They come one after the other, and each
 * leaves something for the others: the bucket is never emptied, and so never shows that it holds more.
 */
export function roomier(bucket: TokenBucket, wants: number, now: number): TokenBucket {
  const level = levelAt(bucket, now);
  return level >= bucket.capacity && wants > level
    ? { ...bucket, capacity: bucket.capacity * HOLDS_MORE }
    : bucket;
}

function heldBy({ grant }: Claim): number {
  return grant?.tokens ?? 0;
}

/** Calls of late, in tokens. */
function takenBy({ grant, made }: Claim, now: number): number {
  if (grant === null) return made;
  return made + grant.taken * Math.exp(-Math.max(0, now - grant.at) / TAKEN_FADES_MS);
}

function servedAtOf({ grant }: Claim): number {
  return grant?.servedAt ?? 0;
}

function wantedOf(wants: number, entitled: number): number {
  return wants + Math.floor(Math.max(0, entitled - wants) * UNFORESEEN);
}

interface Tokens {
  readonly bucket: TokenBucket;
  /** Held by none of the others. */
  readonly free: number;
  /** These, and those that the others hold. */
  readonly inHand: number;
  readonly now: number;
}

/** Whole tokens that the asker may take, should it want all of them: those that had fewer come first. */
function entitlementOf(
  asker: Claim,
  rivals: readonly Claim[],
  { bucket, inHand, free, now }: Tokens,
): number {
  if (rivals.length === 0) return inHand;
  const level = Math.floor(levelOf(inHand, rivals));
  const taken = rivals.reduce((sum, { wants }) => sum + Math.min(wants, level), 0);
  let undivided = inHand - level - taken;
  let owed = 0;
  let before = 0;
  const own = takenBy(asker, now);
  const had = (claim: Claim): number => takenBy(claim, now) + heldBy(claim);
  for (const rival of rivals.toSorted((one, other) => had(one) - had(other))) {
    if (had(rival) >= own) break;
    before++;
    const extra = undivided > 0 && rival.wants > level ? 1 : 0;
    undivided -= extra;
    owed += Math.max(0, Math.min(rival.wants, level + extra) - heldBy(rival));
  }
  const entitled = Math.min(level + Math.min(1, undivided), free - owed);
  // A full bucket gathers nothing more: it waits for nobody, unless somebody has waited for two rounds.
  const isFull = levelAt(bucket, now) + NEARLY > bucket.capacity;
  const roundMs = ((rivals.length + 1) * 1000) / (paceOf(bucket) ?? 1);
  const longest = Math.min(...rivals.map(servedAtOf));
  const isPatient = before === 0 || now - longest < PATIENCE_ROUNDS * roundMs;
  return isFull && isPatient ? Math.max(1, entitled) : entitled;
}

/** The part of each fleet that wants more than its part, the asker among them: max-min fairness. */
function levelOf(supply: number, rivals: readonly Claim[]): number {
  let left = supply;
  let count = rivals.length + 1;
  for (const { wants } of rivals.toSorted((one, other) => one.wants - other.wants)) {
    if (wants >= left / count) break;
    left -= wants;
    count -= 1;
  }
  return left / count;
}
