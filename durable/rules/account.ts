/**
 * The common knowledge of the fleets of one AWS account and region, and the words in which they ask and are
 * answered: a fleet reports the calls that it made and those that it wants; the reply has its part of each
 * token bucket.
 */
import type { Apart, BucketName, BucketRecord, Budget } from "./budget.ts";
import type { Grant } from "./shares.ts";
import type { TokenBucket } from "./token-bucket.ts";
import type { CallReport, Lane } from "./world.ts";

/** Calls that a fleet wants to make now, by lane. */
export type Wants = Readonly<Partial<Record<Lane, number>>>;

/** The calls of one tick. */
export interface TickCalls {
  readonly tick: number;
  readonly calls: readonly CallReport[];
}

/** The contents of a fleet's own ledger. */
export interface Known {
  readonly records: readonly BucketRecord[];
  readonly apart: Apart;
}

export interface Report {
  /** `{fleet}-{incarnation}`: its ticks are never numbered anew. */
  readonly fleet: string;
  /** By the fleet's own clock, as every time in the report. */
  readonly sentAt: number;
  /** The calls that no reply has confirmed. */
  readonly calls: readonly TickCalls[];
  readonly wants: Wants;
  /** With the first report of a life; the account takes from it what it does not know. */
  readonly known: Known | null;
}

/** A fleet's part of one token bucket. */
export interface Part {
  /** The account's bucket, without what other fleets hold. */
  readonly bucket: TokenBucket;
  /** Calls that the fleet may make; it counts while others share. */
  readonly granted: number;
  /** Its share of what flows in; 1 while no other fleet wants calls. */
  readonly share: number;
}

export interface Reply {
  /** The last tick whose calls were heard. */
  readonly heard: number;
  /** By the account's clock, as every time in the reply. */
  readonly answeredAt: number;
  readonly apart: Apart;
  /** Other fleets of the account and region that were heard of in the last minutes. */
  readonly others: number;
  /** Of the buckets that have refused a call once. */
  readonly parts: Readonly<Partial<Record<BucketName, Part>>>;
}

/** The account's object, as a fleet calls it. */
export interface AccountApi {
  exchange(report: Report): Promise<Reply>;
}

/** A fleet, as it last reported. */
export interface Asker {
  readonly heard: number;
  readonly askedAt: number;
  readonly wants: Wants;
  readonly grants: Readonly<Partial<Record<BucketName, Grant>>>;
}

export interface Account {
  readonly budget: Budget;
  readonly askers: ReadonlyMap<string, Asker>;
  /** No call was learned of that began later. */
  readonly learnedTo: number;
  /** The last refusal of each bucket. */
  readonly refusals: ReadonlyMap<BucketName, Refusal>;
}

export interface Refusal {
  /** Who met it, and when. */
  readonly fleet: string;
  readonly at: number;
  /** An earlier one from which the flow is measured, and the calls that were admitted between the two. */
  readonly anchorAt: number;
  readonly calls: number;
  /** The first that the bucket ever met: its rate is a guess. */
  readonly isFirst: boolean;
}

export function newAccount(
  budget: Budget,
  askers: ReadonlyMap<string, Asker> = new Map(),
): Account {
  return { budget, askers, learnedTo: 0, refusals: new Map() };
}
