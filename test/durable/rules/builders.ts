/**
 * What the rules are tested with: a small fleet named `media`, of which a test names only what it is
 * about. The budget is fresh (nothing learned), the listing was seen and is trusted.
 */
import { freshBudget } from "../../../durable/rules/budget.ts";
import { checkHash, checkOf } from "../../../durable/rules/checks.ts";
import { portsHash, scheduleHash, tagsHash, templateHash } from "../../../durable/rules/hash.ts";
import { ALL_READ } from "../../../durable/rules/scan.ts";
import { withLeases } from "../../../durable/rules/leases.ts";
import { BLANK } from "../../../durable/rules/transition.ts";
import { NO_TURNS } from "../../../durable/rules/turns.ts";
import type {
  Bundle,
  Failing,
  Freshness,
  Hold,
  Instance,
  Lease,
  Ruling,
} from "../../../durable/rules/model.ts";
import type { Memory, State } from "../../../durable/rules/state.ts";
import type { Target } from "../../../durable/rules/target.ts";
import type { Wanted } from "../../../durable/rules/wanted.ts";
import type { Command, Observation, Reading } from "../../../durable/rules/world.ts";
import { addressOf, OWNER } from "./cloud-builders.ts";
import { MINUTE_MS, NOW, SECOND_MS } from "./moments.ts";
import { aSpec, type SpecOverrides } from "./spec-builder.ts";

export { aCloudInstance, found, OWNER } from "./cloud-builders.ts";
export { A_HOLE, complete, laneOf, partial } from "./listing-builders.ts";
export { MINUTE_MS, NOW, SECOND_MS } from "./moments.ts";
export { aSpec, type SpecOverrides } from "./spec-builder.ts";

/** The month around NOW, thirty days of it, ten of which are over. */
export const A_MONTH = {
  startsAt: NOW - 240 * 60 * MINUTE_MS,
  endsAt: NOW + 480 * 60 * MINUTE_MS,
} as const;

export const MEDIUM: Bundle = { id: "medium_3_0", usdPerMonth: 24, vcpus: 2 };

interface StateOverrides extends Partial<Omit<State, "instances" | "memory" | "spec">> {
  readonly spec?: SpecOverrides;
  readonly rows?: readonly Instance[];
  readonly memory?: Partial<Memory>;
}

/** Of an object that has just seen everything. */
const A_MEMORY: Memory = {
  freshness: new Map(),
  turns: NO_TURNS,
  words: new Map(),
  trials: new Map(),
  unlisted: new Set(),
  driftSince: new Map(),
  strangers: [],
  unread: ALL_READ,
  bundlesAskedAt: NOW - 60 * MINUTE_MS,
  bundlesReadAt: NOW - 60 * MINUTE_MS,
  bundlesTrouble: null,
  absentSince: new Map(),
  emptySince: null,
  listedAt: NOW - 5 * SECOND_MS,
  listingTrusted: true,
  listingTrouble: null,
  unseen: null,
  operationsAskedAt: new Map(),
  tagReadAt: NOW - 5 * SECOND_MS,
  tagReadSinceWrite: true,
  tagUnread: null,
  leasesRefused: [],
  tagChangedAt: 0,
  ruled: null,
  surplusSince: null,
  budget: freshBudget(NOW),
  scan: null,
  scannedAt: null,
  listedTick: 6,
  listedPages: 1,
  polledAt: null,
  pendingAt: new Map(),
  boots: [],
  namesMax: null,
};

export function aState({ spec, rows = [], memory, ...rest }: StateOverrides = {}): State {
  const whole = aSpec(spec);
  return {
    now: NOW,
    tick: 7,
    beganAt: NOW,
    tickMs: 5_000,
    identity: { fleet: "media", owner: OWNER, incarnation: "k3", bornAt: NOW - 240 * MINUTE_MS },
    spec: whole,
    template: templateHash(whole),
    portsHash: portsHash(whole.ports),
    healthHash: checkHash(checkOf(whole)),
    checks: new Map(),
    tagsHash: tagsHash(whole.tags, []),
    scheduleHash: scheduleHash(whole.spares),
    agenda: { last: null, coming: [] },
    ruling: aRuling({ scheduleHash: scheduleHash(whole.spares) }),
    leads: [],
    lessons: { portsWhilePending: "refused" },
    retiredTags: [],
    month: A_MONTH,
    adoptions: [],
    leases: new Map(),
    bundles: new Map([[MEDIUM.id, MEDIUM]]),
    spentOnGone: 0,
    removing: null,
    listed: true,
    nextInstance: 100,
    nextCommand: 500,
    instances: new Map(rows.map((row) => [row.name, row])),
    overrides: [],
    pauses: [],
    holds: [],
    failing: [],
    tagMemory: { value: null, garbled: null },
    tagWasRead: true,
    tagJump: null,
    failedBoots: 0,
    launchTimes: [],
    deleteTimes: [],
    ...rest,
    memory: { ...A_MEMORY, words: wordsFor(rows, rest.now ?? NOW), ...memory },
  };
}

/** The ledger of a fleet whose schedule has had no boundary yet. */
export function aRuling(overrides: Partial<Ruling> = {}): Ruling {
  return {
    scheduleHash: scheduleHash(aSpec().spares),
    boundary: null,
    appliedAt: NOW - 240 * MINUTE_MS,
    write: null,
    ...overrides,
  };
}

/** AWS's word at a moment that each of these has its address still. */
export function wordsFor(rows: readonly Instance[], at = NOW): Memory["words"] {
  return new Map(rows.map(({ name }) => [name, { kind: "given", at }]));
}

/** A ready, idle server of ours, an hour old, last changed ten minutes ago. */
export function aRow(overrides: Partial<Instance> = {}): Instance {
  const name = overrides.name ?? "media-k3-1";
  return {
    ...BLANK,
    name,
    phase: "ready",
    phaseSince: NOW - 10 * MINUTE_MS,
    changedAt: NOW - 10 * MINUTE_MS,
    plannedAt: NOW - 60 * MINUTE_MS,
    createdAt: NOW - 59 * MINUTE_MS,
    readyAt: NOW - 50 * MINUTE_MS,
    createdByUs: true,
    everRead: true,
    zone: "ap-northeast-2a",
    arn: `arn:${name}`,
    publicIp: addressOf(name),
    template: templateHash(aSpec()),
    portsHash: portsHash(aSpec().ports),
    tagsHash: tagsHash(aSpec().tags, []),
    bundle: MEDIUM.id,
    occupancy: "idle",
    idleSince: NOW - 10 * MINUTE_MS,
    ...overrides,
  };
}

/** A row whose create was decided, and no more. */
export function aPlanned(overrides: Partial<Instance> = {}): Instance {
  return aRow({
    phase: "planned",
    step: "create",
    arn: null,
    publicIp: null,
    createdAt: null,
    readyAt: null,
    idleSince: null,
    portsHash: null,
    tagsHash: null,
    everRead: false,
    occupancy: "unknown",
    ...overrides,
  });
}

/** Readings every five seconds up to now, all good and all idle. */
export function idleFreshness(readings = 10, lastAt = NOW): Freshness {
  const idleReadings = Array.from(
    { length: readings },
    (_, index) => lastAt - (readings - 1 - index) * 5 * SECOND_MS,
  );
  const phaseSince = NOW - 10 * MINUTE_MS;
  return { phaseSince, askedAt: lastAt, readAt: lastAt, idleReadings, goodInRow: readings };
}

/** The memory of servers that all answered just now. */
export function freshFor(...rows: readonly Instance[]): Pick<Memory, "freshness"> {
  return {
    freshness: new Map(
      rows.map((row) => [
        row.name,
        row.occupancy === "idle"
          ? idleFreshness()
          : {
              phaseSince: row.phaseSince,
              askedAt: NOW,
              readAt: NOW,
              idleReadings: [],
              goodInRow: 10,
            },
      ]),
    ),
  };
}

/** `count` idle servers named media-k3-1, media-k3-2, ... */
export function idleRows(count: number, overrides: Partial<Instance> = {}): Instance[] {
  return Array.from({ length: count }, (_, index) =>
    aRow({ name: `media-k3-${index + 1}`, arn: `arn:media-k3-${index + 1}`, ...overrides }),
  );
}

export function anAnswer(
  row: Instance,
  sessions: number,
  overrides: {
    readonly revision?: number;
    readonly startedAt?: number;
    readonly draining?: boolean;
    readonly named?: boolean;
  } = {},
): Reading {
  const { name, revision } = row;
  return {
    kind: "answer",
    name,
    revision,
    startedAt: NOW,
    sessions,
    draining: false,
    ...overrides,
  };
}

export function aHoleOf(row: Instance): Reading {
  const { name, revision } = row;
  return { kind: "hole", name, revision, startedAt: NOW, detail: "timed out" };
}

export function anObservation(overrides: Partial<Observation> = {}): Observation {
  return {
    tick: 7,
    listing: { kind: "none" },
    lookUps: [],
    readings: [],
    tag: { kind: "none" },
    bundles: { kind: "none" },
    calls: [],
    ...overrides,
  };
}

export function aTarget(spares: number, surge = 0): Target & Wanted {
  return {
    spares,
    surge,
    early: null,
    source: "default",
    expression: String(spares),
    reason: null,
    until: null,
    chain: [],
  };
}

/** A lease on media-k3-1 that was given ten seconds ago, for a minute. */
export function aLease(overrides: Partial<Lease> = {}): Lease {
  return {
    id: "lease-1",
    key: null,
    instance: "media-k3-1",
    actor: "dan",
    givenAt: NOW - 10 * SECOND_MS,
    ttlMs: MINUTE_MS,
    expiresAt: NOW + 50 * SECOND_MS,
    usedAt: null,
    auditedAt: NOW - 10_000,
    ...overrides,
  };
}

/** The part of a state that holds them. */
export function leased(...leases: readonly Lease[]): Pick<State, "leases"> {
  return { leases: withLeases(new Map(), leases) };
}

export function aHold(guard: Hold["guard"], overrides: Partial<Hold> = {}): Hold {
  const until = NOW + MINUTE_MS;
  return { guard, subject: "", since: NOW - MINUTE_MS, until, detail: "refused", ...overrides };
}

/** A kind of call that AWS has refused for a minute. */
export function aFailing(call: Failing["call"], overrides: Partial<Failing> = {}): Failing {
  const words = "AWS says: InvalidInputException: no.";
  return { call, since: NOW - MINUTE_MS, count: 3, why: "rejected", words, ...overrides };
}

export function aCommand(action: Command["action"], number = 42): Command {
  const notAfter = NOW + 15 * SECOND_MS;
  return { number, tick: 6, region: "ap-northeast-2", notAfter, pace: null, action };
}

export function aCreate(...names: readonly string[]): Command["action"] {
  const { image, bundle, userData, keyPair, tags } = aSpec();
  return { kind: "create", names, zone: "ap-northeast-2a", image, bundle, userData, keyPair, tags };
}

/** The rows of moves, as `name: phase`. */
export function phases(rows: readonly Instance[]): readonly string[] {
  return rows.map(({ name, phase }) => `${name}: ${phase}`);
}
