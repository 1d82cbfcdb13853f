/** Calls of one lane in one region share a bucket. `ec2` is DescribeTags, `ec2-write` CreateTags and DeleteTags. */
export type Lane = "list" | "create" | "ports" | "delete" | "tags" | "other" | "ec2" | "ec2-write";

/** A token bucket: what it holds at most, what flows in per second, and what a refused call takes (0 or 1). */
export interface BucketOptions {
  readonly capacity: number;
  readonly refillPerSecond: number;
  readonly refusedCost: 0 | 1;
}

/** How the calls are throttled. */
export interface ThrottleOptions {
  readonly lanes?: Partial<Record<Lane, BucketOptions>>;
  /** If set, all calls of Lightsail's in a region draw from this one bucket instead of their lanes'. */
  readonly shared?: BucketOptions | null;
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

const LIGHTSAIL_LANES: readonly Lane[] = ["list", "create", "ports", "delete", "tags", "other"];

interface Level {
  tokens: number;
  at: number;
}

/** The buckets of all lanes and regions. They fill with the clock that each call brings. */
export class Throttle {
  #buckets: Record<Lane, BucketOptions>;
  #shared: BucketOptions | null;
  readonly #levels = new Map<string, Level>();

  constructor(options: ThrottleOptions = {}) {
    this.#buckets = { ...DEFAULT_BUCKETS, ...options.lanes };
    this.#shared = options.shared ?? null;
  }

  /** Sets a lane's bucket, full. */
  setLane(lane: Lane, bucket: BucketOptions): void {
    this.#buckets = { ...this.#buckets, [lane]: bucket };
    this.#forget((key) => key.endsWith(`/${lane}`));
  }

  /** Puts all of Lightsail's calls on one bucket, full; null takes it away again. */
  setShared(bucket: BucketOptions | null): void {
    this.#shared = bucket;
    this.#forget((key) => key.endsWith("/shared"));
  }

  /** Whether a call is let through at `now` (milliseconds), paid for from its bucket. */
  admit(region: string, lane: Lane, now: number): boolean {
    const isShared = this.#shared !== null && LIGHTSAIL_LANES.includes(lane);
    const bucket = isShared && this.#shared !== null ? this.#shared : this.#buckets[lane];
    const key = `${region}/${isShared ? "shared" : lane}`;
    const level = this.#levels.get(key) ?? { tokens: bucket.capacity, at: now };
    const flownIn = (Math.max(0, now - level.at) / 1000) * bucket.refillPerSecond;
    const tokens = Math.min(bucket.capacity, level.tokens + flownIn);
    const isAdmitted = tokens >= 1;
    // A caller that hammers can be made to sink below empty, but no deeper than one bucket.
    const left = isAdmitted ? tokens - 1 : Math.max(-bucket.capacity, tokens - bucket.refusedCost);
    this.#levels.set(key, { tokens: left, at: now });
    return isAdmitted;
  }

  #forget(isMeant: (key: string) => boolean): void {
    for (const key of this.#levels.keys()) if (isMeant(key)) this.#levels.delete(key);
  }
}
