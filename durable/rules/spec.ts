/**
 * The spec of a fleet, as the ledger keeps it: parsed, complete, every default filled in.
 * The edge (`worker/api`) turns what a person writes into this; inside, the types are trusted.
 * Durations are in seconds, as people write them; money is in US dollars.
 */

export type Mode = "active" | "observe";

export type Image = { readonly blueprint: string } | { readonly snapshot: string };

export type Protocol = "tcp" | "udp" | "icmp" | "icmpv6" | "all";

export interface PortRule {
  readonly protocol: Protocol;
  readonly from: number;
  readonly to: number;
  readonly cidrs?: readonly string[];
  readonly ipv6Cidrs?: readonly string[];
  readonly cidrListAliases?: readonly string[];
}

/** Where an EC2 tag says the target: the resource that carries it, and the key (any Unicode). */
export interface TagAddress {
  readonly resource: string;
  readonly key: string;
}

export interface SparesSpec {
  /** An expression: see `target.ts`. */
  readonly default: string;
  readonly min: number;
  readonly max: number;
  readonly tag: TagAddress | null;
  readonly schedule: readonly ScheduleEntry[];
  readonly specialDays: readonly SpecialDay[];
}

/** From each moment of the cron expression on, this value; until the next boundary of any entry. */
export interface ScheduleEntry {
  readonly name: string | null;
  /** Five fields, as `crontab` has them. */
  readonly cron: string;
  readonly timezone: string;
  readonly spares: string;
  /** The last local date of the entry, `2026-12-31`; null for one that does not end. */
  readonly until: string | null;
}

/** A range in which this value holds and the schedule is mute. Local times, `2026-12-31T18:00`. */
export interface SpecialDay {
  readonly name: string;
  readonly from: string;
  readonly until: string;
  readonly timezone: string;
  readonly spares: string;
}

/** How a media server is asked for its sessions. */
export interface HealthSpec {
  readonly kind: "http";
  readonly port: number;
  readonly path: string;
  /** RFC 6901 pointer to the number of sessions in the reply. */
  readonly sessionsPointer: string;
  /** Sessions that one server can hold. */
  readonly capacity: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** A header whose value is the Worker secret of that name, so that not everybody can ask. */
  readonly header: { readonly name: string; readonly secretRef: string } | null;
  /** A host template such as `{ip-dashed}.example.org` selects plain `fetch`; null is a TCP connection to the address. */
  readonly host: string | null;
  /** How a server is told to take no more sessions, where it takes part in draining. */
  readonly drain: DrainSpec | null;
  /** Only replies that repeat the server's name, in `instance`, lead to its deletion. */
  readonly nameRequired: boolean;
}

/** A signed call on the media server itself: see `worker/health/drain.ts` for what is signed. */
export interface DrainSpec {
  readonly method: "POST" | "PUT";
  /** `{verb}` in it becomes `drain` or `undrain`. */
  readonly path: string;
  /** The Worker secret of that name is the key of the signature. */
  readonly secretRef: string;
}

export interface RetireSpec {
  readonly idleForSeconds: number;
  readonly confirmations: number;
  readonly drainSeconds: number;
  readonly billing: "hour" | "none";
}

/** How servers of an old template or of too great an age are replaced. */
export interface RolloutSpec {
  /** So many new servers must be ready before an old one goes. */
  readonly canary: number;
  /** So many servers more than wanted may stand while old ones are replaced. */
  readonly maxSurge: number;
  readonly maxAgeDays: number | null;
}

/** `page` wakes somebody, `tell` is read in the morning, `off` is not sent. */
export type Severity = "page" | "tell";

/** What people are told of, and how loudly. */
export interface AlertsSpec {
  /** Only the kinds that differ from the defaults of `rules/alerts.ts`. */
  readonly kinds: Readonly<Partial<Record<AlertKind, Severity | "off">>>;
  readonly busyForHours: number;
  readonly unknownForMinutes: number;
  readonly drainingForHours: number;
  readonly protectedForHours: number;
  readonly pausedForHours: number;
}

export type AlertKind =
  | "noSpares"
  | "noTick"
  | "blindEyes"
  | "credentials"
  | "failedBoots"
  | "guard"
  | "spend"
  | "lost"
  | "stranger"
  | "unread"
  | "rival"
  | "adopted"
  | "busyForLong"
  | "unknownForLong"
  | "drainingForLong"
  | "protectedForLong"
  | "pausedForLong"
  | "rollout"
  | "forced"
  | "tag";

export interface LimitsSpec {
  /** A value of the tag that is more than so many times what ruled, and at least ten more, is held. */
  readonly jumpMax: number;
  readonly maxInstances: number;
  /** US dollars that the month may cost, at bundle prices; null for no cap. */
  readonly maxMonthlyUsd: number | null;
  /** The account's quota of vCPUs in the region, as far as it is this fleet's; null where only AWS knows. */
  readonly maxVcpus: number | null;
  readonly maxLaunchesPerTick: number;
  readonly maxDeletesPerTick: number;
  readonly maxLaunchesPerHour: number;
  readonly maxDeletesPerHour: number;
  readonly unknownShareMax: number;
  readonly failedBoots: { readonly count: number; readonly openSeconds: number };
  /** Leases that one token may hold at once; null for no limit. */
  readonly leasesPerToken: number | null;
  /** How long a lease may last, with its renewals. */
  readonly leaseMaxSeconds: number;
}

export interface Spec {
  readonly mode: Mode;
  readonly timezone: string;
  readonly region: string;
  readonly availabilityZones: readonly string[];
  readonly image: Image;
  readonly bundle: string;
  readonly userData: string;
  readonly keyPair: string | null;
  readonly ports: readonly PortRule[];
  readonly tags: Readonly<Record<string, string>>;
  readonly spares: SparesSpec;
  readonly adopt: { readonly ports: boolean };
  readonly health: HealthSpec;
  readonly retire: RetireSpec;
  readonly rollout: RolloutSpec;
  readonly alerts: AlertsSpec;
  readonly limits: LimitsSpec;
  readonly timeouts: { readonly startSeconds: number; readonly readySeconds: number };
}
