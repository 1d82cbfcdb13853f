/** One cell of the table of makespans: the size of the fleet, and the rate limits that AWS imposes. */

/** Which operations draw on the same bucket. */
export const KINDS = ["shared", "separate", "reads-writes"] as const;
export type Kind = (typeof KINDS)[number];

/** A token bucket: its capacity, and its refill in tokens per second. It begins full. */
export interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Cell {
  readonly servers: number;
  readonly bucket: Bucket;
  readonly kind: Kind;
  /** Whether a refused call takes a token too. */
  readonly costly: boolean;
}

/** From the create call to an address, in milliseconds: the default of the embedded AWS. */
export const ADDRESS_MS = 47_000;
/** From the create call to the first answer of the media server. */
export const FIRST_ANSWER_MS = 57_000;
/** The time that an AWS call takes, there and back. */
export const LATENCY_MS = 250;
/** The time that a probe takes. */
export const PROBE_MS = 20;

/** The buckets of the table. */
export const BUCKETS: readonly Bucket[] = [
  { burst: 5, perSecond: 0.5 },
  { burst: 10, perSecond: 2 },
  { burst: 20, perSecond: 5 },
  { burst: 100, perSecond: 20 },
];
