/** What a month has cost, as people are told it; it crosses RPC, as the other views do. */

/** Null where a price is not known. */
type Usd = number | null;

export interface ServerCost {
  readonly name: string;
  readonly bundle: string;
  /** Its whole life, also outside the month; `until` is null while it runs. */
  readonly from: string;
  readonly until: string | null;
  /** Hours of the month in which it was billed, as they passed. */
  readonly hours: number;
  /** Hours that are paid for: begun ones where the spec bills by the hour. */
  readonly billedHours: number;
  readonly usd: Usd;
}

export interface CostView {
  readonly fleet: string;
  /** A calendar month in UTC, as AWS bills: `2026-10`. */
  readonly month: string;
  /** Of the month, what is told of: until now, where it is not over. */
  readonly from: string;
  readonly until: string;
  /** Servers that were gone before it are not known, and not counted; null where that is before the month. */
  readonly knownSince: string | null;
  readonly hours: number;
  readonly billedHours: number;
  readonly usd: Usd;
  /** Should all that runs now run to the month's end; null where the month is over. */
  readonly projectedUsd: Usd;
  /** The hours that passed, at the price per hour that was asked with; null where none was. */
  readonly ec2: { readonly hourlyUsd: number; readonly usd: number } | null;
  /** As many servers as there were at once at the most, for all of the time from `from` to `until`. */
  readonly fixedFleet: {
    readonly servers: number;
    /** When there were so many for the first time. */
    readonly at: string;
    readonly usd: Usd;
  } | null;
  /** The dearest first; at most so many as one reply carries. */
  readonly instances: readonly ServerCost[];
  /** The sums of those that are not listed; null where all are. */
  readonly omitted: {
    readonly count: number;
    readonly hours: number;
    readonly billedHours: number;
    readonly usd: Usd;
  } | null;
}
