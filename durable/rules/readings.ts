/**
 * What a fleet tells besides its status, for those who draw curves of it: plain data that crosses RPC.
 * The counters begin at zero with each life of the object; who reads them expects that.
 */
import type { BucketName } from "./budget.ts";
import type { DrainReason, GuardName, Hold, Occupancy, Phase } from "./model.ts";
import type { EventKind } from "./state.ts";
import type { Action, Lane, Listing, Outcome, Reading } from "./world.ts";

export type TickPart = "begin" | "observe" | "plan" | "act" | "settle";

/** Why a server was launched: fewer spares than the target, a value that rules soon, or a rollout. */
export type LaunchReason = "spares" | "schedule" | "rollout";

/** Why the delete of a server was decided: the reason of its drain, or why there was none. */
export type DeleteReason = DrainReason | "bootFailed" | "forced";

export interface Spell {
  readonly count: number;
  readonly seconds: number;
}

export interface Histogram extends Spell {
  /** How many were at most so long, the shortest first. */
  readonly atMost: readonly Spell[];
}

export type Counts<Key extends string> = Readonly<Partial<Record<Key, number>>>;

/** What is not there was never counted. Keys of two words are two labels. */
export interface Counters {
  readonly failedTicks: number;
  /** Of all ticks, failed ones too. */
  readonly ticks: Histogram;
  readonly parts: Readonly<Record<TickPart, Spell>>;
  /** AWS calls that were sent. */
  readonly calls: Counts<`${Lane} ${"admitted" | "throttled"}`>;
  readonly commands: Counts<`${Action["kind"]} ${Outcome["kind"]}`>;
  readonly listings: Counts<Listing["kind"]>;
  readonly probes: Counts<Reading["kind"]>;
  readonly launches: Counts<LaunchReason>;
  readonly deletes: Counts<DeleteReason>;
  /** How often each guard began to bind. */
  readonly guards: Counts<GuardName>;
  readonly events: Counts<EventKind>;
}

export interface LaneReading {
  /** The token bucket from which its calls are counted: lanes that share one show the same figures. */
  readonly bucket: BucketName;
  /** Calls per second that AWS is believed to admit. */
  readonly ratePerSecond: number;
  /** Calls in hand. */
  readonly tokens: number;
}

/** How the fleet shares the calls of its AWS account and region. */
export interface AccountReading {
  /** False while the account's object does not answer: the fleet then goes on at half its last known rate. */
  readonly isReached: boolean;
  /** Fleets that share, this one among them. */
  readonly fleets: number;
  readonly exchanges: Counts<"answered" | "failed">;
}

export interface Readings {
  readonly instances: Counts<`${Phase} ${Occupancy}`>;
  readonly instancesMax: number;
  /** Only those that AWS has throttled once: of the others nothing was learned. */
  readonly lanes: Readonly<Partial<Record<Lane, LaneReading>>>;
  readonly account: AccountReading;
  readonly holds: readonly Pick<Hold, "guard" | "subject" | "until">[];
  readonly failedBoots: { readonly inRow: number; readonly limit: number };
  /** So long takes a launch until its server is ready. */
  readonly leadSeconds: number;
  readonly counters: Counters;
}
