/** The token buckets of an account in one region. Everything that is measured draws on the same ones. */
/** Which operations draw on the same bucket. */
export const KINDS = ["shared", "separate", "reads-writes"] as const;
export type Kind = (typeof KINDS)[number];

/** A token bucket: its capacity, and its refill in tokens per second. It begins full. */
export interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
}

export interface RateLimits {
  readonly bucket: Bucket;
  readonly kind: Kind;
  /** Whether a refused call takes a token too. */
  readonly costly: boolean;
}

/** What a call is for: calls of one lane never draw on different buckets. */
export type Lane = "list" | "create" | "ports" | "delete" | "tags";

/** Tokens are compared with this slack, for their sums are not exact. */
const EPSILON = 1e-9;

export class TokenBucket {
  readonly #bucket: Bucket;
  readonly #costly: boolean;
  #tokens: number;
  #at: number;

  /** A full bucket. `costly`: a refused call takes a token too. Times are in milliseconds. */
  constructor(bucket: Bucket, costly: boolean, now: number) {
    this.#bucket = bucket;
    this.#costly = costly;
    this.#tokens = bucket.burst;
    this.#at = now;
  }

  /** The tokens that the bucket holds now, as a share of its capacity. */
  fill(now: number): number {
    return this.#level(now) / this.#bucket.burst;
  }

  /** The first moment, not before `fromMs`, at which the bucket holds a whole token. */
  holdsOneAt(fromMs: number): number {
    const missing = 1 - this.#level(fromMs);
    return missing <= EPSILON ? fromMs : fromMs + (missing * 1_000) / this.#bucket.perSecond;
  }

  /** Whether the bucket lets a call through now. */
  admit(now: number): boolean {
    const level = this.#level(now);
    const isAdmitted = level >= 1 - EPSILON;
    // Refused calls can empty the bucket further, but no deeper than one bucket.
    const taken = isAdmitted || this.#costly ? 1 : 0;
    this.#tokens = Math.max(-this.#bucket.burst, level - taken);
    this.#at = now;
    return isAdmitted;
  }

  #level(now: number): number {
    const { burst, perSecond } = this.#bucket;
    const gained = (Math.max(0, now - this.#at) * perSecond) / 1_000;
    return Math.min(burst, this.#tokens + gained);
  }
}

/** The bucket of each lane. */
export class Buckets {
  readonly #make: () => TokenBucket;
  readonly #kind: Kind;
  readonly #made = new Map<string, TokenBucket>();

  constructor({ bucket, costly, kind }: RateLimits, now: number) {
    this.#make = () => new TokenBucket(bucket, costly, now);
    this.#kind = kind;
  }

  of(lane: Lane): TokenBucket {
    const key = this.#keyOf(lane);
    const bucket = this.#made.get(key) ?? this.#make();
    this.#made.set(key, bucket);
    return bucket;
  }

  #keyOf(lane: Lane): string {
    switch (this.#kind) {
      case "shared":
        return "all";
      case "separate":
        return lane;
      case "reads-writes":
        return lane === "list" ? "reads" : "writes";
    }
  }
}
