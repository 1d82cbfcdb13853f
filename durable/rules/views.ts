/**
 * What people are shown: the bodies of the HTTP API (times are ISO 8601 in UTC), and the calls of
 * the Fleet and Directory objects that give them. All of it is plain data: it crosses RPC.
 */
import type { DrainReason, GuardName, Occupancy, Pausable, Phase, Step } from "./model.ts";
import type { Mode, Spec } from "./spec.ts";

export type TargetSource = "override" | "tag" | "default";

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
}

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
  readonly launching: number;
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

export interface Status {
  readonly fleet: string;
  readonly region: string;
  readonly mode: Mode;
  /** True while the fleet is being removed. */
  readonly removing: boolean;
  readonly target: TargetView;
  readonly spares: number;
  readonly sessions: number;
  readonly counts: Counts;
  readonly converged: boolean;
  readonly paused: readonly PauseView[];
  readonly blockers: readonly BlockerView[];
  readonly lastTick: TickView | null;
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
  readonly addresses: {
    readonly public: string | null;
    readonly private: string | null;
    readonly ipv6: string | null;
  };
  readonly zone: string;
  readonly arn: string | null;
  readonly createdAt: string | null;
  readonly readyAt: string | null;
  readonly idleSince: string | null;
  readonly busySince: string | null;
  readonly lastReadingAt: string | null;
  readonly paidUntil: string | null;
  readonly drainReason: DrainReason | null;
  readonly adopted: boolean;
  readonly outdated: boolean;
  readonly goneAt: string | null;
}

export interface EventView {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly instance: string | null;
  readonly actor: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
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
  readonly spec: Spec;
}

/** A request that the fleet's state does not allow. The API answers with `status` and these words. */
export interface Refusal {
  readonly refused: {
    readonly status: 404 | 409;
    readonly title: string;
    readonly detail: string;
  };
}

export type Applied = { readonly created: boolean; readonly version: number } | Refusal;

/** Who asked, for the audit trail: the name of a token. */
export interface Asked {
  readonly actor: string;
}

/** Every call answers null or a 404 refusal where no fleet of that name was ever configured. */
export interface FleetApi {
  configure(name: string, spec: Spec, asked: Asked): Promise<Applied>;
  status(): Promise<Status | null>;
  spec(): Promise<SpecView | null>;
  instances(filter: { phase: Phase | null; ip: string | null }): Promise<InstanceView[] | null>;
  /** One instance with its events, also after it is gone. */
  instance(name: string): Promise<{ instance: InstanceView; events: EventView[] } | null>;
  events(query: EventQuery): Promise<EventView[] | null>;
  /** An override from now on; `untilMs` or `expiresInSeconds`, at most 30 days. */
  override(
    value: {
      expression: string;
      untilMs: number | null;
      expiresInSeconds: number | null;
      reason: string;
    },
    asked: Asked,
  ): Promise<TargetView | Refusal>;
  /** Ends the overrides that rule now. */
  endOverrides(asked: Asked): Promise<TargetView | Refusal>;
  pause(
    what: readonly Pausable[],
    options: { reason: string; expiresInSeconds: number | null },
    asked: Asked,
  ): Promise<PauseView[] | Refusal>;
  resume(what: readonly Pausable[], asked: Asked): Promise<PauseView[] | Refusal>;
  /** Brings the next tick forward to now. */
  reconcile(asked: Asked): Promise<{ scheduled: true } | Refusal>;
  /** Drains and removes everything, then forgets the fleet. `force` kills busy servers too. */
  remove(options: { force: boolean }, asked: Asked): Promise<{ removing: true } | Refusal>;
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
