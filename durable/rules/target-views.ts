/** What people are shown of the target: its sources, what is booked, and what the schedule will do. Times are ISO 8601 in UTC. */
import type { Boundary } from "./model.ts";
import type { SparesSpec } from "./spec.ts";

export type TargetSource = "override" | "specialDay" | "tag" | "schedule" | "default";

/** One source of the target, whether it won or not. */
export interface TargetLink {
  readonly source: TargetSource;
  readonly expression: string | null;
  readonly spares: number | null;
  readonly won: boolean;
  readonly ageSeconds: number | null;
  readonly until: string | null;
  /** In plain words: why it won, or why it did not. */
  readonly note: string;
}

export interface TargetView {
  readonly spares: number;
  readonly source: TargetSource;
  readonly expression: string;
  readonly reason: string | null;
  readonly until: string | null;
  readonly chain: readonly TargetLink[];
  /** Null where none is held. */
  readonly heldTag: HeldTag | null;
  /** The next moment at which another value begins to rule, as far as it is known; null where none is. */
  readonly next: NextTarget | null;
}

/** What will rule from a moment on. */
export interface NextTarget {
  readonly at: string;
  readonly source: TargetSource;
  readonly name: string;
  readonly expression: string;
  /** With the sessions that are held now. */
  readonly spares: number;
  /** When launches towards it begin, for it to be met at that moment; null where none are needed. */
  readonly launchFrom: string | null;
}

/** A booked value of the target. */
export interface OverrideView {
  readonly id: string;
  readonly expression: string;
  readonly from: string;
  readonly until: string;
  readonly reason: string;
  readonly actor: string;
  /** It is the one that rules now. */
  readonly rules: boolean;
}

/** What a person wants booked: it begins now where `fromMs` is null; exactly one of the two ends is given. */
export interface Booking {
  readonly expression: string;
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  /** Counted from its beginning. */
  readonly expiresInSeconds: number | null;
  readonly reason: string;
}

/** What a person says of a value of the tag that is held. */
export interface TagVerdict {
  readonly verdict: "confirm" | "refuse";
  readonly expression: string;
  readonly reason: string;
}

/** A value of the tag that is far above what ruled: it rules from a moment on, unless a person refuses it. */
export interface HeldTag {
  readonly expression: string;
  readonly since: string;
  readonly rulesAt: string;
}

/** A moment at which a value of the schedule begins or ends. */
export interface BoundaryView {
  readonly at: string;
  /** The same moment as the clock of the zone shows it, with its offset. */
  readonly local: string;
  readonly weekday: string;
  readonly timezone: string;
  readonly source: "schedule" | "specialDay";
  readonly name: string;
  readonly edge: "begins" | "ends";
  /** Null where the schedule says nothing more, and the next source rules. */
  readonly expression: string | null;
  /** Within the bounds of the spec, with the sessions that are held now. */
  readonly spares: number;
  /** When launches towards it begin, as long as a launch takes before it; null where it wants no more than before. */
  readonly launchFrom: string | null;
  /** Of its spares, and of the servers that are busy now, at bundle prices; null where these are not known. */
  readonly usdPerDay: number | null;
  /** Its local time was skipped by the clock, or is the first of two. */
  readonly dst: "skipped" | "repeated" | null;
  /** The clock of the zone is set on its local day. */
  readonly clockChanges: boolean;
}

/** What a fleet gives for a preview of its schedule, which is made of this and of the calendar alone. */
export interface ScheduleBasis {
  readonly now: number;
  readonly spares: Pick<SparesSpec, "schedule" | "specialDays" | "default" | "min" | "max">;
  /** Sessions that are held now, with those that leases expect. */
  readonly sessions: number;
  readonly sparesNow: number;
  /** Sessions of one server. */
  readonly capacity: number;
  /** US dollars for an hour of one server; null where its price is not known. */
  readonly hourlyUsd: number | null;
  readonly leadMs: number;
  readonly leadMeasuredOn: number;
  readonly ruling: Boundary | null;
  readonly tagWritePending: boolean;
  readonly overrides: readonly OverrideView[];
}

export interface ScheduleView {
  /** How long a launch takes until its server is ready: 95 of 100 took no longer. */
  readonly leadSeconds: number;
  /** So many launches it was measured on; with none, it is a guess. */
  readonly leadMeasuredOn: number;
  /** The boundary that rules, or that ruled until a person changed the tag; null where none was yet. */
  readonly ruling: BoundaryView | null;
  /** The value of the ruling boundary is not read back from the tag yet. */
  readonly tagWritePending: boolean;
  readonly boundaries: readonly BoundaryView[];
  /** There are more boundaries in these days than are listed. */
  readonly more: boolean;
  readonly overrides: readonly OverrideView[];
}
