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
}

export interface RetireSpec {
  readonly idleForSeconds: number;
  readonly confirmations: number;
  readonly drainSeconds: number;
  readonly billing: "hour" | "none";
}

export interface LimitsSpec {
  readonly maxInstances: number;
  readonly maxLaunchesPerTick: number;
  readonly maxDeletesPerTick: number;
  readonly maxLaunchesPerHour: number;
  readonly maxDeletesPerHour: number;
  readonly unknownShareMax: number;
  readonly failedBoots: { readonly count: number; readonly openSeconds: number };
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
  readonly limits: LimitsSpec;
  readonly timeouts: { readonly startSeconds: number; readonly readySeconds: number };
}
