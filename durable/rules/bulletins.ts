/**
 * What people are told, as plain data: it waits in the ledger and crosses RPC. How it looks in Slack
 * is `worker/notify`'s business.
 */
import type { AlertKind, Severity } from "./spec.ts";

/** Something to tell: what happened, what Lightfleet does about it, and what a person can do. */
export interface News {
  readonly kind: AlertKind;
  /** The guard or the instance that it is about; empty for the fleet as a whole. */
  readonly subject: string;
  readonly what: string;
  readonly doing: string;
  readonly canDo: string;
}

/** Something that is wrong now, and lasts. */
export interface Trouble extends News {
  readonly since: number;
  /** It is told when it has lasted for so long. */
  readonly toldAfterMs: number;
}

/** A trouble that was seen. The ledger keeps those that were told, the object's memory all of them. */
export interface OpenAlert {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly since: number;
  /** How loudly it was told; null while it has not lasted long enough. */
  readonly severity: Severity | "off" | null;
  readonly what: string;
  readonly canDo: string;
  /** Since when it has not been seen; in memory only. */
  readonly awaySince: number | null;
}

export interface Bulletin extends News {
  readonly fleet: string;
  readonly at: number;
  readonly severity: Severity;
  /** `again`: it still lasts. `merged`: it stands for older ones that could not be kept. */
  readonly stage: "begins" | "again" | "ends" | "news" | "merged";
}

/** What became of a message. */
export type Delivery =
  | { readonly kind: "sent" }
  /** Nobody wants any: no webhook is set. What waits is dropped. */
  | { readonly kind: "off" }
  /** It may work later, and not before `afterMs` from now. */
  | { readonly kind: "later"; readonly afterMs: number; readonly detail: string }
  /** It will not work until a person does something. */
  | { readonly kind: "refused"; readonly detail: string };

/** How loudly a kind is told, unless the spec says otherwise. */
export const SEVERITIES: Readonly<Record<AlertKind, Severity>> = {
  noSpares: "page",
  noTick: "page",
  blindEyes: "page",
  credentials: "page",
  failedBoots: "page",
  guard: "tell",
  spend: "tell",
  lost: "tell",
  stranger: "tell",
  unread: "tell",
  rival: "tell",
  adopted: "tell",
  busyForLong: "tell",
  unknownForLong: "tell",
  drainingForLong: "tell",
  protectedForLong: "tell",
  pausedForLong: "tell",
  rollout: "tell",
  forced: "tell",
  tag: "tell",
};

export function severityOf(
  kinds: Readonly<Partial<Record<AlertKind, Severity | "off">>>,
  kind: AlertKind,
): Severity | "off" {
  return kinds[kind] ?? SEVERITIES[kind];
}
