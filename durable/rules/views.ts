/**
 * What people are shown: the bodies of the HTTP API (times are ISO 8601 in UTC), and the calls of
 * the Fleet and Directory objects that give them. All of it is plain data: it crosses RPC.
 */
import type { Verdict } from "./verdict-views.ts";
import type { AuditPage } from "./audit.ts";
import type { Checkup } from "./checkup-views.ts";
import type { SpecCondition } from "./conditions.ts";
import type { DryRunBasis, AskedView } from "./dry-run-views.ts";
import type { CostView } from "./cost-views.ts";
import type { HistoryView } from "./history-views.ts";
import type { DrainReason, GuardName, Occupancy, Pausable, Phase, Step } from "./model.ts";
import type { PageWish } from "./pages.ts";
import type { Readings } from "./readings.ts";
import type { Removal, RemovalWish } from "./removal-views.ts";
import type { AlertKind, Mode, Severity, Spec } from "./spec.ts";
import type {
  Booking,
  OverrideView,
  ScheduleBasis,
  TagVerdict,
  TargetView,
} from "./target-views.ts";
import type { Stranger, UnreadInstance } from "./world.ts";

export interface BlockerView {
  readonly guard: GuardName;
  readonly value: number | null;
  readonly limit: number | null;
  readonly since: string;
  readonly retryAt: string | null;
  readonly fix: string;
}

export interface PauseView {
  readonly what: Pausable;
  readonly since: string;
  readonly until: string | null;
  readonly reason: string;
  readonly actor: string;
}

export interface Counts {
  readonly idle: number;
  readonly busy: number;
  readonly unknown: number;
  /** On their way: AWS has begun to make them. */
  readonly launching: number;
  /** Planned, and not begun: the create was refused, or has not gone out. */
  readonly waiting: number;
  readonly draining: number;
  readonly deleting: number;
  readonly total: number;
}

export interface TickView {
  readonly number: number;
  readonly at: string;
  readonly durationMs: number;
  readonly decision: string;
  /** The error of the last tick, if it failed. */
  readonly error: string | null;
}

/** What the month costs, in US dollars at bundle prices; a month is a calendar month in UTC, as AWS bills. */
export interface SpendView {
  /** Of the hours that were run. */
  readonly spentUsd: number;
  /** And of what runs now, should all of it run to the end of the month: the cap binds on this. */
  readonly committedUsd: number;
  readonly capUsd: number | null;
  /** False while AWS's prices are not known: then the two figures say nothing. */
  readonly priced: boolean;
}

/** How far the replacement of outdated servers is; null in the status where nothing is outdated. */
export interface RolloutView {
  readonly stage: "canary" | "replacing" | "stopped" | "paused";
  readonly outdated: number;
  /** Of those, the ones that wait for their sessions to end. */
  readonly waitingForBusy: number;
  /** Of those, the ones that are protected, and stay. */
  readonly protected: number;
  /** When the oldest of them was created. */
  readonly oldestSince: string;
}

/** A trouble that lasts, as people were told of it. */
export interface AlertView {
  readonly kind: AlertKind;
  readonly subject: string;
  /** How loudly it was told; `off` where nobody wants to be told of it. */
  readonly severity: Severity | "off";
  readonly since: string;
  readonly what: string;
  readonly canDo: string;
}

/** How the fleet sees its servers. */
export interface EyesView {
  /** How often each server is asked, in seconds: as the spec says, or as long as a whole round takes. */
  readonly intervalSeconds: number;
  /** Mean time of a probe that is answered, in seconds; null until one was. */
  readonly probeSeconds: number | null;
  /** Servers that waited for their turn when the last look ended; what was known of them stays. */
  readonly waiting: number;
  /** When the last complete listing began: what is shown of servers is as AWS had them then. Null before the first. */
  readonly listedAt: string | null;
  /** Objects that helped to ask in the last look. */
  readonly shards: number;
}

export interface Status {
  readonly fleet: string;
  readonly region: string;
  /** An IANA zone: people are shown times in it. */
  readonly timezone: string;
  readonly mode: Mode;
  /** True while the fleet is being removed. */
  readonly removing: boolean;
  readonly target: TargetView;
  readonly spares: number;
  readonly sessions: number;
  /** Slots that leases hold: they are no spares, and no sessions yet that a probe has shown. */
  readonly leased: number;
  readonly counts: Counts;
  /** Whether it is well, and why not. */
  readonly verdict: Verdict;
  readonly converged: boolean;
  readonly paused: readonly PauseView[];
  readonly blockers: readonly BlockerView[];
  readonly alerts: readonly AlertView[];
  /** Why the last message to people did not get through; null where it did. */
  readonly notifyTrouble: string | null;
  readonly spend: SpendView;
  /** vCPUs of all instances that are billed, where the bundles are known. */
  readonly vcpus: { readonly used: number; readonly limit: number | null };
  readonly rollout: RolloutView | null;
  /** Instances whose names look like ours, and that nobody owns: nobody here touches them. */
  readonly strangers: readonly Stranger[];
  /** Instances that may be ours, and that AWS gives in a form which cannot be read. */
  readonly unread: readonly UnreadInstance[];
  readonly eyes: EyesView;
  readonly lastTick: TickView | null;
}

export interface InstanceFilter {
  readonly phase: Phase | null;
  readonly ip: string | null;
}

export interface Addresses {
  readonly public: string | null;
  readonly private: string | null;
  readonly ipv6: string | null;
}

export interface InstanceView {
  readonly name: string;
  readonly phase: Phase;
  readonly step: Step | null;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly lastError: string | null;
  readonly occupancy: Occupancy;
  readonly sessions: number;
  readonly capacity: number;
  /** How it is asked; it may be built for another check than the spec's. */
  readonly asked: AskedView;
  /** Slots of it that leases hold. */
  readonly leased: number;
  readonly addresses: Addresses;
  readonly zone: string;
  readonly arn: string | null;
  readonly createdAt: string | null;
  readonly readyAt: string | null;
  readonly idleSince: string | null;
  readonly busySince: string | null;
  readonly lastReadingAt: string | null;
  /** When each of the last idle readings began, on which a decision would stand. */
  readonly idleReadings: readonly string[];
  readonly paidUntil: string | null;
  readonly drainReason: DrainReason | null;
  /** What becomes of it at the end of an operator's drain. */
  readonly drainThen: "delete" | "hold" | null;
  /** Its own word: it takes no more sessions. */
  readonly saysDraining: boolean;
  readonly protected: boolean;
  /** Who protected it: the name of a token, or `tag`. */
  readonly protectedBy: string | null;
  readonly bundle: string | null;
  readonly adopted: boolean;
  readonly outdated: boolean;
  readonly goneAt: string | null;
}

/** A dispatcher's claim on one slot of a server. */
export interface LeaseView {
  /** Its first half and `…` where it is shown to somebody who may not change it. */
  readonly id: string;
  readonly key: string | null;
  /** The name of its server, where that is, and how it is reached. */
  readonly instance: string;
  readonly zone: string | null;
  readonly addresses: Addresses;
  /** `ready` when it was given; a person may have drained the server since, and the lease still holds. */
  readonly phase: Phase;
  /** `used` once its holder said that its session is on the server. */
  readonly state: "held" | "used";
  readonly actor: string;
  readonly givenAt: string;
  readonly usedAt: string | null;
  /** No session may be placed under it from then on. */
  readonly expiresAt: string;
}

/** What a dispatcher wants. */
export interface LeaseWish {
  readonly count: number;
  /** Fewer than `count` are better than none. */
  readonly partial: boolean;
  /** The same caller's same key gives the same leases, as long as they live. */
  readonly key: string | null;
  readonly ttlSeconds: number;
  /** Servers of this zone first. */
  readonly zone: string | null;
}

/** What a holder changes. */
export interface LeaseChange {
  /** From now on; null for as long as it was asked for at first. */
  readonly ttlSeconds: number | null;
  /** The session is on the server. */
  readonly used: boolean;
}

export interface Leased {
  readonly leases: readonly LeaseView[];
  /** They were given before, for the same key. */
  readonly repeated: boolean;
}

/** There are not as many spares as were wanted; nothing was taken. */
export interface NoSpare {
  readonly noSpare: {
    readonly detail: string;
    /** Slots that could be leased now: fewer than were wanted. */
    readonly spares: number;
    /** Servers on their way to be ready. */
    readonly starting: number;
    /** When the first of them should be ready, as long as launches take; null where none starts. */
    readonly expectedAt: string | null;
  };
}

/** The actor of an event where no person acted. */
export const FLEET_ITSELF = "lightfleet";

export interface EventView {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly instance: string | null;
  readonly actor: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** SHA-256 over the hash before it and this row; null in a row from before there were chains. */
  readonly hash: string | null;
}

export interface EventQuery {
  readonly since: number | null;
  readonly until: number | null;
  readonly kind: string | null;
  readonly instance: string | null;
  /** Only events with a lower id: events come newest first. */
  readonly before: number | null;
  readonly limit: number;
}

export interface SpecView {
  readonly version: number;
  /** What its ETag says: see `conditions.ts`. */
  readonly tag: string;
  readonly spec: Spec;
}

/** A request that the fleet's state does not allow. The API answers with `status` and these words. */
export interface Refusal {
  readonly refused: {
    readonly status: 403 | 404 | 409 | 412;
    readonly title: string;
    readonly detail: string;
  };
}

export type Applied =
  | {
      readonly created: boolean;
      readonly version: number;
      readonly tag: string;
      /** What it begins to do, in a sentence or two. */
      readonly begins: string;
    }
  | Refusal;

/** Who asked, for the audit trail: `token:` and the name of a token, `access:` and the mail address of a person, or `access-service:` and the name of a service token. */
export interface Asked {
  readonly actor: string;
}

/** Who asks for leases: what is another's only an operator sees whole, and changes. */
export interface Claimant extends Asked {
  readonly isOperator: boolean;
}

/** What an operator wants of one instance. */
export type InstanceAction =
  | { readonly kind: "drain"; readonly then: "delete" | "hold"; readonly reason: string }
  | { readonly kind: "undrain"; readonly reason: string }
  | { readonly kind: "protect"; readonly reason: string }
  | { readonly kind: "unprotect"; readonly reason: string }
  | { readonly kind: "delete"; readonly force: boolean; readonly reason: string }
  /** Takes over an instance of Lightsail's that has not our tags; the name is Lightsail's. */
  | { readonly kind: "adopt"; readonly reason: string };

/** The instance after it; null where it is not known yet, because a tick must look at it first. */
export type Acted = { readonly instance: InstanceView | null } | Refusal;

/** Every call answers null or a 404 refusal where no fleet of that name was ever configured. */
export interface FleetApi {
  configure(name: string, spec: Spec, asked: Asked, condition?: SpecCondition): Promise<Applied>;
  status(): Promise<Status | null>;
  /** The same as JSON text: written once for all who ask for it, and handed on as it is. */
  statusText(): Promise<string | null>;
  /** What `/metrics` is made from. */
  metrics(): Promise<{ readonly status: Status; readonly readings: Readings } | null>;
  spec(): Promise<SpecView | null>;
  /** Of those that are not gone, in the order of `pages.ts`; all of them without a page. */
  instances(filter: InstanceFilter, page?: PageWish): Promise<InstanceView[] | null>;
  /** One instance with its events, also after it is gone. */
  instance(name: string): Promise<{ instance: InstanceView; events: EventView[] } | null>;
  events(query: EventQuery): Promise<EventView[] | null>;
  /** A stretch of the audit trail after an id, oldest first, with which its chains are verified. */
  audit(afterId: number): Promise<AuditPage | null>;
  /** So many hours back from now. */
  history(hours: number): Promise<HistoryView | null>;
  /** What its doctor must know; it looks at the world itself. */
  /** @param asked who wants the doctor's report, for the audit trail; null where something else is made of it */
  checkup(asked?: Asked | null): Promise<Checkup | null>;
  /** What the calendar month in UTC cost in which a moment lies. A 404 refusal where nothing of it is kept. */
  cost(at: number, ec2HourlyUsd: number | null): Promise<CostView | Refusal | null>;
  /** What applying the spec would do; looks through the eyes, and changes nothing. */
  dryRun(
    name: string,
    spec: Spec,
    asked: Asked,
    condition?: SpecCondition,
  ): Promise<DryRunBasis | Refusal>;
  /** Those that are not over, by their beginning. */
  overrides(): Promise<OverrideView[] | null>;
  /** Books an override. A 409 refusal where too many are booked. */
  book(
    booking: Booking,
    asked: Asked,
  ): Promise<{ readonly override: OverrideView; readonly target: TargetView } | Refusal>;
  /** Ends one, whether it has begun or not. A 404 refusal where there is none of that id. */
  endOverride(id: string, asked: Asked): Promise<TargetView | Refusal>;
  /** Ends the overrides that rule now. */
  endOverrides(asked: Asked): Promise<TargetView | Refusal>;
  /** Lets a held value of the tag rule, or refuses it. A 409 refusal where another one is held, or none. */
  judgeTag(verdict: TagVerdict, asked: Asked): Promise<TargetView | Refusal>;
  /** What a preview of the schedule is made of. */
  schedule(): Promise<ScheduleBasis | null>;
  pause(
    what: readonly Pausable[],
    options: { reason: string; expiresInSeconds: number | null },
    asked: Asked,
  ): Promise<PauseView[] | Refusal>;
  resume(what: readonly Pausable[], asked: Asked): Promise<PauseView[] | Refusal>;
  /** One operator action on one instance. */
  act(name: string, action: InstanceAction, asked: Asked): Promise<Acted>;
  /** Those that live, in the order in which they were given. The ids of others' are masked, but for operators. */
  leases(asked: Claimant): Promise<LeaseView[] | null>;
  /** Takes slots for a dispatcher, in one transaction with all that retires servers. */
  lease(wish: LeaseWish, asked: Asked): Promise<Leased | NoSpare | Refusal>;
  /** Renews one, and may mark it as used. A 404 refusal where it is over, a 403 where it is another's, a 409 where its server is gone. */
  renewLease(id: string, change: LeaseChange, asked: Claimant): Promise<LeaseView | Refusal>;
  /** Gives its slot back at once. A 404 refusal where it is over, a 403 where it is another's. */
  releaseLease(id: string, asked: Claimant): Promise<{ released: true } | Refusal>;
  /** Brings the next tick forward to now. */
  reconcile(asked: Asked): Promise<{ scheduled: true } | Refusal>;
  /** Drains and removes everything, then forgets the fleet. `force` kills busy servers too. */
  remove(wish: RemovalWish, asked: Asked): Promise<Removal | Refusal>;
  /** The cron's visit: re-arms an alarm that is missing or in the past. */
  visit(): Promise<Heartbeat | null>;
}

/** How long ago the last tick ended well; null where none did. */
export interface Heartbeat {
  readonly fleet: string;
  readonly lastTickAgeMs: number | null;
  readonly rearmed: boolean;
}

export interface DirectoryApi {
  register(fleet: string): Promise<void>;
  forget(fleet: string): Promise<void>;
  names(): Promise<string[]>;
}

/** A fleet that has not ticked well for too long. */
export interface DeadFleet {
  readonly since: number;
  /** When people were last told; null while nobody was. */
  readonly toldAt: number | null;
}

/** What the cron remembers between its rounds, by fleet. */
export interface DeadFleets {
  dead(): Promise<Readonly<Record<string, DeadFleet>>>;
  setDead(dead: Readonly<Record<string, DeadFleet>>): Promise<void>;
}
