/** An invariant of the design, as the simulator checks it: after every event, against the truth. */
import type { Sql } from "../../../durable/ledger/sql.ts";
import type { Spec } from "../../../durable/rules/spec.ts";
import type { Held, SimEvent } from "../event.ts";

/** The world as it truly is at this moment. All times are milliseconds since the epoch, true time. */
export interface Truth {
  readonly now: number;
  /** What the object's own clock says: `now`, but for a fault of the clock. */
  readonly objectNow: number;
  readonly tickMs: number;
  /** `{DEPLOYMENT}/{fleet}`. */
  readonly owner: string;
  /** The ledger, for reading. */
  readonly sql: Sql;
  /** The fleet's spec as it is committed; null where there is no fleet (any more). */
  readonly spec: Spec | null;
  /** Every instance of the region that is billed now, ours or not. */
  held(): readonly Held[];
  /** Sessions that are really on this server now. */
  sessionsOn(name: string): number;
  /** Names that an operator asked to be deleted whatever is on them, or a fleet removed by force. */
  isForced(name: string): boolean;
  /** An operator asked for this instance of nobody's to be taken over. */
  isToBeAdopted(name: string): boolean;
  /**
   * US dollars of the month, should all of ours that runs now run to its end: of those that are billed
   * now, and of those that were deleted since `since`.
   */
  committed(billing: "hour" | "none", since: number): number;
  /** What of ours has other tags or ports than its spec says; null where nothing has. */
  unlikeItsSpec(): string | null;
  /** The alarm that is armed, in the object's time, or null. */
  readonly alarmAt: number | null;
  /** Whether alarms and the cron work at this moment: false while a fault holds them. */
  readonly clockworkWorks: boolean;
  /** What must not be read anywhere. */
  readonly secrets: readonly string[];
  /** The texts that the target may have come from: default, tag values and overrides there ever were. */
  readonly targetTexts: ReadonlySet<string>;
  /** What EC2 says now of the tag that the target comes from; null where there is none. */
  tag(): string | null;
  /** The same without any lag: as it was written last. */
  tagWritten(): string | null;
  /** The machine of that name as it really is; null if there is none that runs. */
  machine(name: string): Machine | null;
  /** The mean time of a probe that is answered, in milliseconds. */
  readonly probeMs: number;
  /** When a fleet must be there with which nothing goes wrong; null for any other. */
  readonly arrival: Arrival | null;
  /** What the fleet should be when all has settled; null where that is not determined. */
  readonly goal: Goal | null;
}

/** A machine that runs. */
export interface Machine {
  /** Since when it has had an address that AWS shows. */
  readonly addressAt: number;
  readonly address: string;
  /** From when on its media server answers, if its port is open. */
  readonly answersFrom: number;
  /** Its port is open, and its media server answers as it should. */
  readonly isWell: boolean;
}

/** So many servers are ready at once, by a moment. */
export interface Arrival {
  readonly servers: number;
  readonly from: number;
  /** The shortest time that is possible. */
  readonly shortestMs: number;
  readonly by: number;
}

/** How a run must end. */
export interface Goal {
  /** Spares wanted at the end. */
  readonly spares: number;
  /** Instances at the end, or null where paid hours keep more of them. */
  readonly instances: number | null;
  /** What the tag must say at the end; null where nothing is asked of it. */
  readonly tag: string | null;
  /** The goal stands from this moment on. */
  readonly from: number;
  /** How long after the faults it may take. */
  readonly withinMs: number;
}

/** What is wrong, in words, or null. */
export type Check = (event: SimEvent, truth: Truth) => string | null;

export interface Invariant {
  readonly id: string;
  /** The promise, in one sentence. */
  readonly says: string;
  /** A fresh check for one run; it may remember what it saw. */
  readonly start: () => Check;
}
