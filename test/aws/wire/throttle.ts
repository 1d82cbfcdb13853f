/**
 * How many calls are let through: token buckets per region, filled by the clock that each call brings.
 *
 * AWS does not say which of Lightsail's operations share a bucket, so there are three kinds: one bucket for
 * each lane, one for all of Lightsail's calls (`shared`), or one for its reads and one for its writes (`apart`).
 * EC2's calls have their own in each kind.
 */

/** Calls of one lane in one region share a bucket. `ec2` is DescribeTags, `ec2-write` CreateTags and DeleteTags. */
export type Lane = "list" | "create" | "ports" | "delete" | "tags" | "other" | "ec2" | "ec2-write";

/** A token bucket: what it holds at most, what flows in per second, and what a refused call takes (0 or 1). */
export interface BucketOptions {
  readonly capacity: number;
  readonly refillPerSecond: number;
  readonly refusedCost: 0 | 1;
  /**
   * Calls per second, evenly spaced, that another client of the account makes on this bucket. They meet what ours
   * meet: each takes a token if there is one, and is refused if there is none. None if not given.
   */
  readonly othersPerSecond?: number;
}

/** One bucket for Lightsail's reads (lane `list`), and one for all its other lanes. */
export interface BucketsApart {
  readonly reads: BucketOptions;
  readonly writes: BucketOptions;
}

/** How the calls are throttled; of `shared` and `apart` at most one is set. */
export interface ThrottleOptions {
  readonly lanes?: Partial<Record<Lane, BucketOptions>>;
  /** All calls of Lightsail's in a region draw from this one bucket instead of their lanes'. */
  readonly shared?: BucketOptions | null;
  /** Lightsail's reads draw from one bucket and its writes from another instead of their lanes'. */
  readonly apart?: BucketsApart | null;
}

/** Lightsail publishes no rates: these are our choice, and generous. EC2's are AWS's own. */
export const DEFAULT_BUCKETS: Readonly<Record<Lane, BucketOptions>> = {
  list: { capacity: 100, refillPerSecond: 20, refusedCost: 0 },
  create: { capacity: 50, refillPerSecond: 5, refusedCost: 0 },
  ports: { capacity: 50, refillPerSecond: 5, refusedCost: 0 },
  delete: { capacity: 50, refillPerSecond: 5, refusedCost: 0 },
  tags: { capacity: 50, refillPerSecond: 5, refusedCost: 0 },
  other: { capacity: 50, refillPerSecond: 5, refusedCost: 0 },
  ec2: { capacity: 100, refillPerSecond: 20, refusedCost: 0 },
  "ec2-write": { capacity: 100, refillPerSecond: 10, refusedCost: 0 },
};

/** The lanes of Lightsail's calls: what `shared` and `apart` replace. */
export const LIGHTSAIL_LANES: readonly Lane[] = [
  "list",
  "create",
  "ports",
  "delete",
  "tags",
  "other",
];
const COMMON_BUCKETS = ["shared", "reads", "writes"] as const;

interface Level {
  tokens: number;
  at: number;
}

interface Drawn {
  readonly name: Lane | (typeof COMMON_BUCKETS)[number];
  readonly bucket: BucketOptions;
}

/** The buckets of all lanes and regions. They fill with the clock that each call brings. */
export class Throttle {
  #buckets: Record<Lane, BucketOptions>;
  #shared: BucketOptions | null;
  #apart: BucketsApart | null;
  readonly #levels = new Map<string, Level>();

  constructor(options: ThrottleOptions = {}) {
    this.#buckets = { ...DEFAULT_BUCKETS, ...options.lanes };
    this.#shared = options.shared ?? null;
    this.#apart = options.apart ?? null;
    if (this.#shared !== null && this.#apart !== null)
      throw new Error("Lightsail's calls share one bucket, or have two apart: not both.");
  }

  /** Sets a lane's bucket, full. */
  setLane(lane: Lane, bucket: BucketOptions): void {
    this.#buckets = { ...this.#buckets, [lane]: bucket };
    this.#forget([lane]);
  }

  /** Puts all of Lightsail's calls on one bucket, full; null gives each lane its own again. */
  setShared(bucket: BucketOptions | null): void {
    this.#shared = bucket;
    this.#apart = null;
    this.#forget(COMMON_BUCKETS);
  }

  /** Puts Lightsail's reads on one bucket and its writes on another, both full; null gives each lane its own again. */
  setApart(buckets: BucketsApart | null): void {
    this.#apart = buckets;
    this.#shared = null;
    this.#forget(COMMON_BUCKETS);
  }

  /** Whether a call is let through at `now` (milliseconds), paid for from its bucket. */
  admit(region: string, lane: Lane, now: number): boolean {
    const { name, bucket } = this.#drawnBy(lane);
    const key = `${region}/${name}`;
    const level = this.#levels.get(key) ?? { tokens: bucket.capacity, at: now };
    this.#levels.set(key, level);
    letOthersDraw(level, bucket, now);
    return draw(level, bucket, now);
  }

  #drawnBy(lane: Lane): Drawn {
    if (LIGHTSAIL_LANES.includes(lane)) {
      if (this.#shared !== null) return { name: "shared", bucket: this.#shared };
      const name = lane === "list" ? "reads" : "writes";
      if (this.#apart !== null) return { name, bucket: this.#apart[name] };
    }
    return { name: lane, bucket: this.#buckets[lane] };
  }

  #forget(names: readonly string[]): void {
    for (const key of this.#levels.keys())
      if (names.some((name) => key.endsWith(`/${name}`))) this.#levels.delete(key);
  }
}

/** Makes the calls of the other client that fall between the level's time and now, each at its own moment. */
function letOthersDraw(level: Level, bucket: BucketOptions, now: number): void {
  const { othersPerSecond = 0 } = bucket;
  if (othersPerSecond <= 0) return;
  const everyMs = 1_000 / othersPerSecond;
  for (let nth = Math.floor(level.at / everyMs) + 1; nth * everyMs <= now; nth++)
    draw(level, bucket, nth * everyMs);
}

/** Fills the bucket up to `now`, and takes a token; false, for what a refusal costs, where there is none. */
function draw(level: Level, bucket: BucketOptions, now: number): boolean {
  const { capacity, refillPerSecond, refusedCost } = bucket;
  const flownIn = (Math.max(0, now - level.at) / 1_000) * refillPerSecond;
  const tokens = Math.min(capacity, level.tokens + flownIn);
  const isAdmitted = tokens >= 1;
  // A caller that hammers can be made to sink below empty, but no deeper than one bucket.
  level.tokens = isAdmitted ? tokens - 1 : Math.max(-capacity, tokens - refusedCost);
  level.at = now;
  return isAdmitted;
}
