/**
 * What passes between the fleet and the outside world. The fleet hands its eyes a watch and gets an
 * observation; it hands its hands commands and gets outcomes. All of it is plain data: it crosses RPC.
 */
import type { Bundle } from "./model.ts";
import type { HealthSpec, Image, PortRule, TagAddress } from "./spec.ts";

/** A call budget of its own; AWS throttles operations apart. */
export type Lane = "list" | "create" | "ports" | "tags" | "delete" | "ec2";

/** One server to be asked for its sessions. */
export interface ProbeRequest {
  readonly name: string;
  readonly revision: number;
  readonly address: string;
  /** The hash of the check by which it is asked, one of `checks` of the watch; absent for `health` itself. */
  readonly check?: string;
  /** It was silent when last asked, or was not given its whole time: at most half of the sockets serve such servers. */
  readonly doubtful?: boolean;
  /** How long its last answer took, in milliseconds; absent where nobody measured it. */
  readonly usualMs?: number;
  /** Its own time limit in milliseconds; absent for the whole `health.timeoutSeconds`. */
  readonly limitMs?: number;
}

/** How long probes have taken of late, in milliseconds; null where nothing was measured. */
export interface Pace {
  readonly answerMs: number | null;
  readonly silenceMs: number | null;
}

/** What the fleet asks its eyes to look at in one tick. */
export interface Watch {
  readonly tick: number;
  readonly region: string;
  /** `{DEPLOYMENT}/{fleet}`: the value of the tag by which its instances are known. */
  readonly owner: string;
  /** Instances whose names look like this fleet's, and that nobody owns, are strangers: they are reported. */
  readonly fleet: string;
  /** Pages of GetInstances to be read; null for none. */
  readonly listing: {
    readonly pagesMax: number;
    /** A page token; null for the first page. */ readonly from: string | null;
  } | null;
  /** Names to be read one by one: a create may or may not have happened, or a boot may be over. */
  readonly lookUps: readonly string[];
  /** Operations that make servers which no listing shows; absent where there are none. */
  readonly operations?: readonly { readonly name: string; readonly id: string }[];
  /** In the order in which they are asked: a look may end before the last of them. */
  readonly probes: readonly ProbeRequest[];
  /** By it the eyes know how much help they need; absent where nothing was measured. */
  readonly pace?: Pace;
  /** Names of shards that failed lately, and are not called; absent where there are none. */
  readonly restingShards?: readonly string[];
  /** Many calls of the hands wait for this look to end. */
  readonly isAwaited?: boolean;
  readonly health: HealthSpec;
  /** Checks by their hashes, for servers that are asked in another way; absent where there are none. */
  readonly checks?: Readonly<Record<string, HealthSpec>>;
  readonly tag: TagAddress | null;
  /** What AWS asks for its bundles. */
  readonly bundles: boolean;
}

/** One instance as AWS tells it, reduced to what the fleet needs. */
export interface CloudInstance {
  readonly name: string;
  readonly arn: string;
  /** AWS's word: pending, running, stopping, stopped, shutting-down, terminated, or one we do not know. */
  readonly state: string;
  readonly zone: string;
  readonly publicIp: string | null;
  readonly privateIp: string | null;
  readonly ipv6: string | null;
  readonly createdAt: number;
  readonly bundle: string;
  /** The value of `lightfleet:owner`, or null. */
  readonly owner: string | null;
  /** The value of `lightfleet:spec`, or null. */
  readonly template: string | null;
  /** Every tag; one without a value has an empty one. */
  readonly tags: Readonly<Record<string, string>>;
  /** The firewall as AWS tells it; null where it does not. */
  readonly ports: readonly PortRule[] | null;
}

/** An instance that looks like ours by its name and is nobody's, or claimed for another fleet of this deployment. Nobody touches it. */
export interface Stranger {
  readonly name: string;
  readonly arn: string;
  readonly owner: string | null;
}

/** Why something was not seen. `rejection` is there where AWS answered and refused. */
export interface Hole {
  readonly why: "unsent" | "unknown" | "throttled" | "rejected" | "malformed";
  readonly rejection: Rejection | null;
  readonly detail: string;
}

/** An instance in a form that cannot be read, and that may be ours. Others' are left out, whatever their form. */
export interface UnreadInstance {
  readonly name: string | null;
  readonly arn: string | null;
  /** It carries our owner tag. */
  readonly isClaimed: boolean;
  /** Which of its members cannot be read, and why. */
  readonly what: string;
}

/** Pages of a listing. Instances of others are left out, but for the strangers. */
interface Pages {
  readonly startedAt: number;
  /** How many pages were read. */
  readonly pages: number;
  readonly instances: readonly CloudInstance[];
  readonly strangers: readonly Stranger[];
  readonly unread: readonly UnreadInstance[];
}

/** A partial listing says what was seen, and never what is absent. */
export type Listing =
  | { readonly kind: "none" }
  | (Pages & { readonly kind: "complete" })
  | (Pages & {
      readonly kind: "partial";
      /** Why it stopped; null where its share of pages was read. */
      readonly hole: Hole | null;
      /** The page at which the next look goes on; null where it begins anew. */
      readonly next: string | null;
    });

export type LookUp =
  | { readonly kind: "found"; readonly name: string; readonly instance: CloudInstance }
  /** Somebody else's, or nobody's, in a form that cannot be read: its tags can. */
  | {
      readonly kind: "foreign";
      readonly name: string;
      readonly arn: string | null;
      readonly owner: string | null;
    }
  | { readonly kind: "absent"; readonly name: string; readonly startedAt: number }
  | { readonly kind: "hole"; readonly name: string; readonly hole: Hole };

/** What AWS says of the operation that makes a server: it fails for good, or not (yet). */
export type OperationReading =
  | {
      readonly kind: "failed";
      readonly name: string;
      readonly id: string;
      readonly rejection: Rejection;
      readonly code: string;
      readonly message: string;
    }
  | { readonly kind: "open"; readonly name: string; readonly id: string }
  | { readonly kind: "hole"; readonly name: string; readonly id: string; readonly hole: Hole };

/**
 * One answer of a media server, or why there is none. Never a guess. A server that a look did not ask, or
 * could not give its whole time, has no reading. `tookMs` is how long the probe took, where it was measured;
 * `check` repeats that of the request. A server that was asked by two checks has a reading of each.
 */
export type Reading =
  | {
      readonly kind: "answer";
      readonly name: string;
      readonly revision: number;
      readonly startedAt: number;
      readonly check?: string;
      readonly tookMs?: number;
      readonly sessions: number;
      readonly draining: boolean;
      /** The reply repeats the server's name; absent where it says none. Another's name is a hole. */
      readonly named?: boolean;
    }
  | {
      readonly kind: "hole";
      readonly name: string;
      readonly revision: number;
      readonly startedAt: number;
      readonly check?: string;
      readonly tookMs?: number;
      readonly detail: string;
    };

export type TagReading =
  | { readonly kind: "none" }
  | { readonly kind: "value"; readonly value: string; readonly at: number }
  | { readonly kind: "missing"; readonly at: number }
  | { readonly kind: "hole"; readonly hole: Hole };

export type BundlesReading =
  | { readonly kind: "none" }
  | { readonly kind: "read"; readonly at: number; readonly bundles: readonly Bundle[] }
  | { readonly kind: "hole"; readonly hole: Hole };

/** One AWS call that was made (or refused by a time limit before it was), for the lanes to learn from. */
export interface CallReport {
  readonly lane: Lane;
  readonly startedAt: number;
  readonly throttled: boolean;
}

/** How the asking went. */
export interface Probing {
  /** Servers that were asked and could not be given their whole time: that says nothing of them. */
  readonly cutShort: readonly string[];
  /** How many shards shared the asking. */
  readonly shards: number;
  /** Names of shards that failed. */
  readonly failedShards: readonly string[];
}

export interface Observation {
  readonly tick: number;
  readonly listing: Listing;
  readonly lookUps: readonly LookUp[];
  /** Absent where none was asked for. */
  readonly operations?: readonly OperationReading[];
  readonly readings: readonly Reading[];
  /** Absent where no eyes have looked. */
  readonly probing?: Probing;
  readonly tag: TagReading;
  readonly bundles: BundlesReading;
  readonly calls: readonly CallReport[];
}

/** One wanted call on the outside world. */
export type Action =
  | {
      readonly kind: "create";
      /** Several names go in one call; AWS takes all of them or none. */
      readonly names: readonly string[];
      readonly zone: string;
      readonly image: Image;
      readonly bundle: string;
      readonly userData: string;
      readonly keyPair: string | null;
      readonly tags: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "ports";
      readonly name: string;
      readonly ports: readonly PortRule[];
      readonly portsHash: string;
    }
  | {
      readonly kind: "tags";
      readonly name: string;
      readonly arn: string;
      readonly put: Readonly<Record<string, string>>;
      readonly remove: readonly string[];
      readonly tagsHash: string;
    }
  /** The media server itself is told to take no more sessions, or to take them again. */
  | {
      readonly kind: "drain";
      readonly verb: "drain" | "undrain";
      readonly name: string;
      readonly address: string;
      readonly health: HealthSpec;
    }
  /** A boundary's value goes into the tag that says the target. */
  | { readonly kind: "targetTag"; readonly tag: TagAddress; readonly value: string }
  | { readonly kind: "delete"; readonly name: string; readonly arn: string };

/** The instances that an action is about; none for the tag that says the target. */
export function namesOf(action: Action): readonly string[] {
  if (action.kind === "create") return action.names;
  return action.kind === "targetTag" ? [] : [action.name];
}

/** How the hands make calls of one token bucket: after a refusal they make no more of them. */
export interface CallPace {
  readonly bucket: string;
  readonly atOnce: number;
}

export interface Command {
  /** Never repeated, never going back. */
  readonly number: number;
  readonly tick: number;
  readonly region: string;
  /** The hands do not begin the call after this moment. */
  readonly notAfter: number;
  /** Null for a call that AWS does not see. */
  readonly pace: CallPace | null;
  readonly action: Action;
}

/** Why AWS refused, in the few words on which the fleet decides. */
export type Rejection =
  | "nameInUse"
  | "notFound"
  | "quota"
  | "zoneCapacity"
  | "credentials"
  | "notNow"
  | "invalid"
  | "other";

export type Outcome = { readonly number: number; readonly calls: readonly CallReport[] } & (
  | {
      readonly kind: "done";
      readonly requestId: string | null;
      /** Of a create: AWS's ids of the operations that make the servers, by their names. */
      readonly operations?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "rejected";
      readonly rejection: Rejection;
      readonly code: string;
      readonly message: string;
      readonly requestId: string | null;
    }
  | { readonly kind: "throttled"; readonly code: string; readonly message: string }
  | { readonly kind: "unsent"; readonly message: string }
  | { readonly kind: "unknown"; readonly message: string }
);

/** The reads. An error thrown by it is a programming error; the tick then plans on a blind observation. */
export interface Eyes {
  observe(watch: Watch): Promise<Observation>;
}

/** The writes, on so many connections at once (all that an invocation has, if it is not said). Gives one outcome for each command, in the order of the commands. */
export interface Hands {
  act(commands: readonly Command[], connections?: number): Promise<Outcome[]>;
}

/** An observation full of holes, for a look that failed as a whole. */
export function blindObservation(watch: Watch, at: number, detail: string): Observation {
  const hole: Hole = { why: "unknown", rejection: null, detail };
  return {
    tick: watch.tick,
    listing:
      watch.listing === null ? { kind: "none" } : unreadListing(watch.listing.from, at, hole),
    lookUps: watch.lookUps.map((name) => ({ kind: "hole", name, hole })),
    readings: watch.probes.map(({ name, revision, check }) => ({
      kind: "hole",
      name,
      revision,
      startedAt: at,
      ...(check === undefined ? {} : { check }),
      detail,
    })),
    tag: watch.tag === null ? { kind: "none" } : { kind: "hole", hole },
    bundles: watch.bundles ? { kind: "hole", hole } : { kind: "none" },
    calls: [],
  };
}

/** A listing of which this look has read nothing; the next one begins at the same page. */
export function unreadListing(from: string | null, startedAt: number, hole: Hole): Listing {
  return {
    kind: "partial",
    startedAt,
    pages: 0,
    instances: [],
    strangers: [],
    unread: [],
    hole,
    next: from,
  };
}
