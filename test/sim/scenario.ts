/** What one run is made of: plain data, so that it can be told, kept, shrunk and run again. */

import type { BucketOptions } from "../aws/wire/throttle.ts";

/** When runs begin that do not say otherwise. */
export const START = Date.UTC(2026, 10, 22, 0, 0, 0);

/** Effect points of one kind: most of all are probes, and the others matter more. */
export type Family = "call" | "commit" | "sync" | "alarm" | "tagWrite";

/**
 * When something happens: at a moment (milliseconds after the start), or at the n-th effect point, of
 * all or of one family.
 */
export type When = { readonly at: number } | { readonly point: number; readonly of?: Family };

/** One thing that goes wrong or that somebody does. `forMs` and `n` mean what the fault makes of them. */
export interface Incident {
  /** Its number in the scenario, kept when others are left out. */
  readonly id: number;
  readonly when: When;
  readonly fault: FaultKind;
  /** How long it lasts, for those that last. */
  readonly forMs: number;
  /** A number from 0 up, drawn from the seed: which server, how many, which variant. */
  readonly n: number;
}

/** What befalls every fleet. */
export const COMMON_KINDS = [
  // Calls on AWS. `n` chooses the operation where the incident is not at an effect point.
  "throttle",
  "throttleStorm",
  "errorBefore",
  "errorAfter",
  "lostBefore",
  "lostAfter",
  "hangBefore",
  "hangAfter",
  "html",
  "truncated",
  "staleListing",
  "flipFlopListing",
  "partialListing",
  "emptyListing",
  "quota",
  "zoneFull",
  "zoneFails",
  "nameClash",
  "credentialsExpired",
  "deleteDenied",
  "tagLag",
  // Servers.
  "pendingForever",
  "neverReady",
  "bootFails",
  "vanishesBooting",
  "vanish",
  "stopped",
  "rebooted",
  "deletedByPerson",
  "tagsRemoved",
  "tagsGarbled",
  "strangerWithPrefix",
  "deleteLingers",
  // Health.
  "silent",
  "reset",
  "garbage",
  "wrongName",
  "slow",
  "notReady",
  "flap",
  "allSilent",
  "slackDown",
  // The object and its clockwork.
  "crash",
  "crashAll",
  "crashAgain",
  "storageError",
  "alarmLate",
  "alarmLost",
  "alarmTwice",
  "cronTwice",
  "stateLost",
  "redeploy",
  "newerSchema",
  "clockJump",
  // Demand.
  "sessionOnVictim",
  "demandSpike",
  "demandStops",
  // People.
  "override",
  "endOverrides",
  "tagChanged",
  "tagGarbage",
  "tagMissing",
  "specChanged",
  "pause",
  "resume",
  "reconcile",
  "remove",
  "protect",
  "unprotect",
  "protectTag",
  "drainOne",
  "undrainOne",
  "deleteOne",
  "adopt",
  "firewallChanged",
  "tagsChanged",
  "intruder",
] as const;

/** What befalls fleets with a schedule besides. */
export const SCHEDULE_KINDS = [
  // Calls that write a boundary's value to the tag.
  "tagWriteDenied",
  "tagWriteThrottled",
  "tagWriteLost",
  "tagWriteLate",
  // People.
  "tagToOld",
  "overrideBooked",
  "overrideTotal",
  "overrideEnded",
  "scheduleChanged",
  "schedulePaused",
  // The object misses boundaries.
  "outage",
] as const;

/** What befalls fleets besides whose servers take part in draining. */
export const DRAIN_KINDS = ["drainIgnored", "drainRefused"] as const;

/** What befalls some fleets besides: AWS answers one kind of call in one way, for long. `n` chooses both. */
export const ANSWER_KINDS = ["answered"] as const;

/** What befalls some fleets besides: another image together with another health check. */
export const HEALTH_KINDS = ["healthChanged"] as const;

/** What befalls some fleets besides: an address becomes somebody else's. */
export const ADDRESS_KINDS = ["addressMoved"] as const;

export const FAULT_KINDS = [
  ...COMMON_KINDS,
  ...SCHEDULE_KINDS,
  ...DRAIN_KINDS,
  ...HEALTH_KINDS,
  ...ADDRESS_KINDS,
  ...ANSWER_KINDS,
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** How media servers and dispatcher keep the promise that I1 rests on. */
export type Promise1 =
  /** The dispatcher stops placing on a server within `drainSeconds` of its cordon. */
  | "dispatcher"
  /** The dispatcher leases a slot for each session, and places it under a living lease alone. */
  | "lease"
  /** Servers take part in draining: each refuses sessions once it was told to. */
  | "server";

/** How AWS bounds Lightsail's calls. */
export interface Throttling extends BucketOptions {
  /** Which calls share a bucket: all of them, those of one lane, or the reads and the writes. */
  readonly kind: "shared" | "separate" | "apart";
}

/** A network on which everything takes its time. */
export interface Network {
  /** To AWS and to the servers, and back; each packet takes up to a quarter more or less. */
  readonly roundTripMs: number;
  /** Of the packets to and from servers, those that must be sent again, after a second and longer. */
  readonly lossShare: number;
}

/** What the fleet meets at AWS and on the way there, as long as nothing goes wrong. */
export interface Site {
  /** Null for the embedded AWS's own, generous buckets. */
  readonly throttling: Throttling | null;
  /** Null where nearly all is quick and some is slow. */
  readonly network: Network | null;
  /** At the start, and after a fault of the quota. */
  readonly vcpuQuota: number;
}

export const ORDINARY_SITE: Site = { throttling: null, network: null, vcpuQuota: 400 };

export interface Scenario {
  readonly seed: number;
  readonly startsAt: number;
  readonly hours: number;
  /** The spec as an operator writes it. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly sessionsPerHour: number;
  readonly meanLengthMs: number;
  readonly promise: Promise1;
  readonly bootMs: number;
  readonly softwareBootMs: number;
  readonly site: Site;
  /** Calls are signed, and the signatures verified. */
  readonly signed: boolean;
  readonly incidents: readonly Incident[];
}
