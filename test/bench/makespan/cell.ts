/** One cell of the table of makespans: the size of the fleet, and the rate limits that AWS imposes. */

import { createRandom } from "../../aws/demand/random.ts";
import type { Bucket, RateLimits } from "../virtual/buckets.ts";

export interface Cell extends RateLimits {
  readonly servers: number;
  /** As many names as one create call takes; absent where AWS sets no bound. */
  readonly namesPerCreate?: number;
}

/** The time that an AWS call takes, there and back. */
export const LATENCY_MS = 250;
/** The moment at which runs begin. */
export const START_MS = Date.UTC(2026, 10, 22, 0, 0, 0);
/** The time that a probe takes. */
export const PROBE_MS = 20;

/** The buckets of the table. */
export const BUCKETS: readonly Bucket[] = [
  { burst: 5, perSecond: 0.5 },
  { burst: 10, perSecond: 2 },
  { burst: 20, perSecond: 5 },
  { burst: 100, perSecond: 20 },
];

/** What else decides a run. */
export interface Seeding {
  readonly seed: number;
  /** Latencies are drawn from the mean by this share more or less. */
  readonly latencySpread: number;
  /** A run is given up after so many times the bound. */
  readonly limit: number;
}

/** The time that each call takes, in milliseconds: the same for the same seed. */
export function latencies({ seed, latencySpread }: Seeding): () => number {
  const random = createRandom(seed, "latency");
  return () => Math.round(LATENCY_MS * (1 + latencySpread * (2 * random() - 1)));
}

/** The clients that Lightfleet is compared with. */
export const BASELINES = ["retry-1s", "full-jitter", "aws-adaptive"] as const;
export type Baseline = (typeof BASELINES)[number];
export const CLIENTS = ["lightfleet", ...BASELINES] as const;
export type Client = (typeof CLIENTS)[number];
