/**
 * What the rules are tested with: a small fleet named `media`, of which a test names only what it is
 * about. The purses are cold (nothing learned), the listing was seen and is trusted.
 */
import { freshPurse } from "../../../durable/rules/budget.ts";
import { portsHash, templateHash } from "../../../durable/rules/hash.ts";
import { BLANK } from "../../../durable/rules/absorb-listing.ts";
import type { Freshness, Hold, Instance, Purse } from "../../../durable/rules/model.ts";
import type { Spec } from "../../../durable/rules/spec.ts";
import type { Memory, State } from "../../../durable/rules/state.ts";
import type { Target } from "../../../durable/rules/target.ts";
import type {
  CloudInstance,
  Command,
  Hole,
  Lane,
  Listing,
  Observation,
  Reading,
} from "../../../durable/rules/world.ts";

/** The moment at which every test begins. */
export const NOW = 1_800_000_000_000;
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const OWNER = "default/media";

/** Whole sections are merged, so that a test changes one number of one section. */
export type SpecOverrides = {
  readonly [Key in keyof Spec]?: Key extends "spares" | "health" | "retire" | "limits" | "timeouts"
    ? Partial<Spec[Key]>
    : Spec[Key];
};

export function aSpec(overrides: SpecOverrides = {}): Spec {
  return {
    mode: "active",
    timezone: "Asia/Seoul",
    region: "ap-northeast-2",
    availabilityZones: ["ap-northeast-2a", "ap-northeast-2c"],
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    userData: "",
    keyPair: null,
    ports: [{ protocol: "tcp", from: 8080, to: 8080 }],
    tags: {},
    adopt: { ports: false },
    ...overrides,
    spares: { default: "0", min: 0, max: 200, tag: null, ...overrides.spares },
    health: {
      kind: "http",
      port: 8080,
      path: "/health",
      sessionsPointer: "/sessions",
      capacity: 1,
      intervalSeconds: 5,
      timeoutSeconds: 2,
      header: null,
      host: null,
      ...overrides.health,
    },
    retire: {
      idleForSeconds: 60,
      confirmations: 3,
      drainSeconds: 30,
      billing: "none",
      ...overrides.retire,
    },
    limits: {
      maxInstances: 100,
      maxLaunchesPerTick: 20,
      maxDeletesPerTick: 5,
      maxLaunchesPerHour: 200,
      maxDeletesPerHour: 60,
      unknownShareMax: 0.2,
      failedBoots: { count: 3, openSeconds: 1800 },
      ...overrides.limits,
    },
    timeouts: { startSeconds: 300, readySeconds: 900, ...overrides.timeouts },
  };
}

export function coldPurses(): Readonly<Record<Lane, Purse>> {
  const purse = freshPurse(NOW);
  return { list: purse, create: purse, ports: purse, delete: purse, ec2: purse };
}

interface StateOverrides extends Partial<Omit<State, "instances" | "memory" | "spec">> {
  readonly spec?: SpecOverrides;
  readonly rows?: readonly Instance[];
  readonly memory?: Partial<Memory>;
}

export function aState({ spec, rows = [], memory, ...rest }: StateOverrides = {}): State {
  const whole = aSpec(spec);
  return {
    now: NOW,
    tick: 7,
    tickMs: 5_000,
    identity: { fleet: "media", owner: OWNER, incarnation: "k3" },
    spec: whole,
    template: templateHash(whole),
    portsHash: portsHash(whole.ports),
    removing: null,
    listed: true,
    nextInstance: 100,
    nextCommand: 500,
    instances: new Map(rows.map((row) => [row.name, row])),
    overrides: [],
    pauses: [],
    holds: [],
    tagMemory: { value: null, garbled: null },
    failedBoots: 0,
    launchTimes: [],
    deleteTimes: [],
    ...rest,
    memory: {
      freshness: new Map(),
      unlisted: new Set(),
      absentSince: new Map(),
      listedAt: NOW - 5 * SECOND_MS,
      listingTrusted: true,
      listingTrouble: null,
      tagReadAt: NOW - 5 * SECOND_MS,
      surplusSince: null,
      purses: coldPurses(),
      ...memory,
    },
  };
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
    publicIp: "203.0.113.7",
    template: templateHash(aSpec()),
    portsHash: portsHash(aSpec().ports),
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

export function aCloudInstance(overrides: Partial<CloudInstance> = {}): CloudInstance {
  const name = overrides.name ?? "media-k3-1";
  return {
    name,
    arn: `arn:${name}`,
    state: "running",
    zone: "ap-northeast-2a",
    publicIp: "203.0.113.7",
    privateIp: null,
    ipv6: null,
    createdAt: NOW - 59 * MINUTE_MS,
    bundle: "medium_3_0",
    owner: OWNER,
    template: templateHash(aSpec()),
    ...overrides,
  };
}

export function complete(
  instances: readonly CloudInstance[],
  startedAt = NOW,
): Extract<Listing, { kind: "complete" }> {
  return { kind: "complete", startedAt, instances };
}

export const A_HOLE: Hole = { why: "unknown", rejection: null, detail: "timed out" };

export function partial(
  instances: readonly CloudInstance[],
  hole: Hole = A_HOLE,
): Extract<Listing, { kind: "partial" }> {
  return { kind: "partial", startedAt: NOW, instances, hole };
}

export function anAnswer(
  row: Instance,
  sessions: number,
  overrides: { readonly revision?: number; readonly startedAt?: number } = {},
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
    calls: [],
    ...overrides,
  };
}

export function aTarget(spares: number): Target {
  return {
    spares,
    source: "default",
    expression: String(spares),
    reason: null,
    until: null,
    chain: [],
  };
}

export function aHold(guard: Hold["guard"], overrides: Partial<Hold> = {}): Hold {
  const until = NOW + MINUTE_MS;
  return { guard, subject: "", since: NOW - MINUTE_MS, until, detail: "refused", ...overrides };
}

export function aCommand(action: Command["action"], number = 42): Command {
  const notAfter = NOW + 15 * SECOND_MS;
  return { number, tick: 6, region: "ap-northeast-2", notAfter, action };
}

export function aCreate(...names: readonly string[]): Command["action"] {
  const { image, bundle, userData, keyPair, tags } = aSpec();
  return { kind: "create", names, zone: "ap-northeast-2a", image, bundle, userData, keyPair, tags };
}

/** The rows of moves, as `name: phase`. */
export function phases(rows: readonly Instance[]): readonly string[] {
  return rows.map(({ name, phase }) => `${name}: ${phase}`);
}
