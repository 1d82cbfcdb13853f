/**
 * The words of the fleet: what an instance is, and what stands around it.
 * Times are milliseconds since the epoch, always given, never read.
 */
import type { HealthSpec, PortRule } from "./spec.ts";

/** Where an instance is in its life. The moves between them are in `transition.ts`. */
export type Phase =
  | "planned"
  | "starting"
  | "configuring"
  | "warming"
  | "ready"
  | "draining"
  | "deleting"
  | "gone"
  | "lost";

/** What its media server last said. */
export type Occupancy = "idle" | "busy" | "unknown";

/** Why an instance drains. The fleet itself takes back only `surplus`. */
export type DrainReason = "surplus" | "replace" | "operator" | "fleet";

/** The call that an instance waits for; null where it waits for none. */
export type Step = "create" | "address" | "ports" | "health" | "drain" | "delete";

/** One row of the ledger. A row is replaced, never changed in place. */
export interface Instance {
  readonly name: string;
  readonly phase: Phase;
  readonly phaseSince: number;
  /** Raised by every write; a reading taken before the last write is ignored. */
  readonly revision: number;
  readonly changedAt: number;

  /** Its create call is in this ledger. */
  readonly createdByUs: boolean;
  /** It was found by its tags, without a live row. It never takes the short way to deletion. */
  readonly adopted: boolean;
  /** Its media server has answered at least once. */
  readonly everRead: boolean;

  readonly step: Step | null;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly lastError: string | null;
  /** Since when AWS has refused its call or not answered it, and not for want of tokens; null where it has not. */
  readonly refusedSince: number | null;
  /** The number of the command that is under way for it, or null. */
  readonly command: number | null;
  /** A create for it may have happened: it is looked up by name before the next attempt. */
  readonly mayExist: boolean;

  readonly zone: string;
  readonly arn: string | null;
  /** AWS's id of the operation that makes it; null before its create was accepted, or where AWS gave none. */
  readonly operation: string | null;
  readonly publicIp: string | null;
  readonly privateIp: string | null;
  readonly ipv6: string | null;
  /** The tick whose look first showed its address in the place of another; null once a later one has shown it again. */
  readonly movedTick: number | null;
  /** Hash of image, bundle, userData and keyPair at its creation. */
  readonly template: string | null;
  /** Hash of the check that it was built for, where it is not asked as the spec says; see `checks.ts`. */
  readonly health: string | null;
  /** Hash of the port rules that were last put on it; null where they must be put (again). */
  readonly portsHash: string | null;
  /** Hash of the tags that were last put on it; null where they must be put (again). */
  readonly tagsHash: string | null;
  /** What it is billed as. */
  readonly bundle: string | null;

  readonly occupancy: Occupancy;
  readonly sessions: number;
  /** Its own word: it takes no more sessions. */
  readonly saysDraining: boolean;
  /** We called on it to drain, and have not yet heard that it takes sessions again. */
  readonly drainTold: boolean;

  /** Who protected it through the API; no path of the fleet's deletes it. */
  readonly protectedBy: string | null;
  /** It carries the tag `lightfleet:protect`. */
  readonly protectedByTag: boolean;
  readonly protectedSince: number | null;

  readonly plannedAt: number;
  /** Its billed hours count from here: AWS's own creation time, or until AWS tells it when the create was decided. */
  readonly createdAt: number | null;
  readonly readyAt: number | null;
  readonly idleSince: number | null;
  readonly busySince: number | null;
  /** Since when AWS lists it as not running, though it should be: nobody can have a session on it. */
  readonly stoppedSince: number | null;
  readonly cordonedAt: number | null;
  readonly drainReason: DrainReason | null;
  /** An operator's drain that does not end in deletion. */
  readonly drainHold: boolean;
  /** When the decision to delete it was committed. */
  readonly deletingAt: number | null;
  /** That decision rests on what its media server replied, and on nothing else. */
  readonly restsOnReply: boolean;
  readonly goneAt: number | null;
}

/** What the object knows of an instance only while it lives: after a cold start, nothing. */
export interface Freshness {
  /** Of the row's phase in which the run of idle readings began: a cordon begins a new one. */
  readonly phaseSince: number;
  /** When the last reading began, good or not. */
  readonly askedAt: number;
  /** When the last good reading began; null before the first. */
  readonly readAt: number | null;
  /** When each of the last readings began, if they were all good and all said idle. */
  readonly idleReadings: readonly number[];
  /** Good readings in a row. */
  readonly goodInRow: number;
  /** How often in a row it was asked and did not answer; absent where it answered last. */
  readonly silences?: number;
  /** How long its last answer took, in milliseconds; absent where nobody measured it. */
  readonly tookMs?: number;
  /** Its last answer did not say its name; absent where it did. */
  readonly nameless?: boolean;
}

/** What an earlier spec said of the servers that were built for it. */
export interface Check {
  readonly health: HealthSpec;
  /** Servers that take no part in draining need it: it is as long as those who place sessions need. */
  readonly drainSeconds: number;
  /** The rules of that spec by which its health port was reached. */
  readonly ports: readonly PortRule[];
}

/** By its hash. Only those that rows name. */
export type Checks = ReadonlyMap<string, Check>;

/** How often the spec's check was tried on a server that is asked in another way. */
export interface Trial {
  /** The hash of the check that was tried. */
  readonly check: string;
  readonly silences: number;
  readonly at: number;
}

/** How a server is asked: as the spec says, as it was built, or as it was built with the spec's check besides. */
export type AskedBy = "spec" | "built" | "both";

/** How the turns of servers to be asked have come and gone, as long as the object lives. */
export interface Turns {
  /** Servers whose turn is owed: since when. */
  readonly missedSince: ReadonlyMap<string, number>;
  /** Of those, the ones that were asked and could not be given their whole time. */
  readonly owed: ReadonlySet<string>;
  /** How long it takes to ask every server once, in milliseconds; null before the first look. */
  readonly roundMs: number | null;
  /** Mean time of a probe that is answered, in milliseconds; null before the first. */
  readonly answerMs: number | null;
  /** Mean time of a probe that is not. */
  readonly silenceMs: number | null;
  /** Servers that were expected to answer in the last look that asked such, and those of them that were silent. */
  readonly expected: { readonly asked: number; readonly silent: number };
  /** How many shards helped in the last look. */
  readonly shards: number;
  /** Shards that failed, by name: in which tick. */
  readonly failedShards: ReadonlyMap<string, number>;
}

/** A value of the target, set by a person through the API; it always ends. */
export interface Override {
  readonly id: string;
  readonly expression: string;
  readonly from: number;
  readonly until: number;
  readonly reason: string;
  readonly actor: string;
}

export type Pausable = "launch" | "retire" | "schedule" | "rollout";

export interface Pause {
  readonly what: Pausable;
  readonly since: number;
  readonly until: number | null;
  readonly reason: string;
  readonly actor: string;
}

/** What the ledger keeps of the tag: the last good value, and the last that was not. */
export interface TagMemory {
  readonly value: string | null;
  readonly garbled: string | null;
}

/** A value of the tag that is far above what ruled: it does not rule yet. */
export interface TagJump {
  readonly value: string;
  readonly since: number;
  /** Who refused it: then it does not rule as long as the tag says it. */
  readonly refusedBy: string | null;
}

/** A moment at which another value of the schedule begins to hold. */
export interface Boundary {
  readonly at: number;
  /** An expression; null where the schedule says nothing more, and the next source rules. */
  readonly value: string | null;
  readonly source: "schedule" | "specialDay";
  /** A special day rules from here on, and the ordinary schedule is mute. */
  readonly special: boolean;
  /** Of the special day or the entry; the cron expression of an entry without a name. */
  readonly name: string;
  readonly timezone: string;
  readonly edge: "begins" | "ends";
  /** Whether the local time was skipped by the clock, or is the first of two. */
  readonly dst: "skipped" | "repeated" | null;
}

/** The boundaries around now, as the spec's schedule has them. */
export interface Agenda {
  /** The newest one until now. */
  readonly last: Boundary | null;
  /** Those after now, in order, as far as launches look ahead. */
  readonly coming: readonly Boundary[];
}

/** The boundary that was applied last. */
export interface Ruling {
  /** Of the schedule that it belongs to: with another one it is decided anew. */
  readonly scheduleHash: string;
  /** Null while the schedule has had none. */
  readonly boundary: Boundary | null;
  readonly appliedAt: number;
  /** Its value on the way into the tag; null where there is no tag, or it has been read back. */
  readonly write: TagWrite | null;
}

/** A value that is written to the tag, until it has been read back and nothing older can be read any more. */
export interface TagWrite {
  readonly value: string;
  /** What the tag may still say from before; null for no tag. Whatever else it says is a person's. */
  readonly before: readonly (string | null)[];
  readonly attempts: number;
  readonly nextAttemptAt: number;
  /** When it was last tried; before another attempt the tag is read. */
  readonly triedAt: number | null;
  /** The number of the command that is under way, or null. */
  readonly command: number | null;
  readonly lastError: string | null;
  /** When AWS accepted it; of a person's word that came after it, when that was first read. */
  readonly writtenAt: number | null;
  /** When it was read back, or a person's word instead of it. */
  readonly readBackAt: number | null;
}

/** A dispatcher's claim on one slot of a server. It holds until it is released, or is over and a reading shows what became of it. */
export interface Lease {
  readonly id: string;
  /** The dispatcher's own name for its request; null where it gave none. */
  readonly key: string | null;
  /** The name of the server. */
  readonly instance: string;
  /** Who took it, and whose it is. */
  readonly actor: string;
  readonly givenAt: number;
  /** How long it was asked for; a renewal that names no time takes the same again. */
  readonly ttlMs: number;
  readonly expiresAt: number;
  /** When its holder said that its session is on the server; null before that. */
  readonly usedAt: number | null;
  /** When the audit trail last had a row of its giving or renewal. */
  readonly auditedAt: number;
}

/** An instance without our tags that an operator wants taken over. */
export interface Adoption {
  readonly name: string;
  readonly since: number;
  readonly actor: string;
}

/** What AWS asks for a bundle. */
export interface Bundle {
  readonly id: string;
  readonly usdPerMonth: number;
  readonly vcpus: number;
}

/** A limit that holds the fleet back; the names are shown to people. */
export type GuardName =
  | "maxInstances"
  | "maxMonthlyUsd"
  | "maxLaunchesPerTick"
  | "maxLaunchesPerHour"
  | "maxDeletesPerTick"
  | "maxDeletesPerHour"
  | "failedBoots"
  | "blindEyes"
  | "noListing"
  | "quota"
  | "zoneCapacity"
  | "credentials"
  | "awsRequestRate"
  | "paused"
  | "protected"
  | "rollout"
  | "silentServers"
  | "rejected"
  | "createFailing"
  | "portsFailing"
  | "tagsFailing"
  | "deleteFailing"
  | "drainFailing"
  | "targetTagFailing"
  | "tagUnread"
  | "leasesPerToken"
  | "leaseMaxSeconds";

export interface Blocker {
  readonly guard: GuardName;
  readonly value: number | null;
  readonly limit: number | null;
  readonly retryAt: number | null;
  readonly fix: string;
  /** Since when it binds, where that is known better than by the first tick that showed it. */
  readonly since?: number;
}

/** The kinds of calls that change something. */
export type CallKind = "create" | "ports" | "tags" | "drain" | "targetTag" | "delete";

/** A kind of call none of which got through since it began to fail. */
export interface Failing {
  readonly call: CallKind;
  readonly since: number;
  /** How many have failed since then. */
  readonly count: number;
  /** `unknown`: it may have been carried out, and nobody has heard. */
  readonly why: "rejected" | "unknown" | "throttled";
  /** The words of the last failure, with what to do. */
  readonly words: string;
}

/** Something that the fleet leaves alone until a moment, because of what AWS answered. */
export interface Hold {
  readonly guard: "quota" | "zoneCapacity" | "credentials" | "failedBoots" | "rollout" | "rejected";
  /** The zone for `zoneCapacity`; the kind of call for `credentials`, or empty for all of them; empty otherwise. */
  readonly subject: string;
  readonly since: number;
  readonly until: number;
  readonly detail: string;
}
