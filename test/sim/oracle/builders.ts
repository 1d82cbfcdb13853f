/** What the oracle is tested with: a truth of one small fleet, of which a test names what it is about. */
import { writeInstance } from "../../../durable/ledger/instances.ts";
import { insertEvent } from "../../../durable/ledger/events.ts";
import { migrate } from "../../../durable/ledger/migrations.ts";
import { insertCommand } from "../../../durable/ledger/records.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import type { Command } from "../../../durable/rules/world.ts";
import { BLANK } from "../../../durable/rules/transition.ts";
import { aSpec, NOW, OWNER, type SpecOverrides } from "../../durable/rules/builders.ts";
import { nodeSql } from "../../virtual/node-sql.ts";
import type { Held, Move, SimEvent } from "../event.ts";
import type { Arrival, Goal, Invariant, Machine, Truth } from "./invariant.ts";
import type { CallEvent } from "./sightings.ts";

export interface TruthOverrides {
  readonly spec?: SpecOverrides;
  readonly rows?: readonly Partial<Instance>[];
  readonly events?: readonly {
    kind: "launch" | "delete" | "drain";
    instance?: string;
    data?: Record<string, unknown>;
  }[];
  readonly commands?: readonly Command[];
  readonly held?: readonly Held[];
  readonly sessions?: Readonly<Record<string, number>>;
  readonly forced?: readonly string[];
  readonly toBeAdopted?: readonly string[];
  readonly committed?: number;
  readonly unlikeItsSpec?: string;
  readonly clockworkWorks?: boolean;
  readonly secrets?: readonly string[];
  readonly targetTexts?: readonly string[];
  readonly tag?: string | null;
  readonly goal?: Goal | null;
  readonly machines?: Readonly<Record<string, Machine>>;
  readonly probeMs?: number;
  readonly arrival?: Arrival | null;
}

/** A truth at NOW; another moment of it is `{ ...truth, now }`, see `at`. */
export function truthOf(overrides: TruthOverrides = {}): Truth {
  return {
    now: NOW,
    objectNow: NOW,
    tickMs: 5_000,
    owner: OWNER,
    sql: ledgerOf(overrides),
    spec: aSpec(overrides.spec),
    held: () => overrides.held ?? [],
    sessionsOn: (name) => overrides.sessions?.[name] ?? 0,
    isForced: (name) => overrides.forced?.includes(name) ?? false,
    isToBeAdopted: (name) => overrides.toBeAdopted?.includes(name) ?? false,
    committed: () => overrides.committed ?? 0,
    unlikeItsSpec: () => overrides.unlikeItsSpec ?? null,
    alarmAt: NOW + 5_000,
    clockworkWorks: overrides.clockworkWorks ?? true,
    secrets: overrides.secrets ?? [],
    targetTexts: new Set(overrides.targetTexts),
    tag: () => overrides.tag ?? null,
    tagWritten: () => overrides.tag ?? null,
    machine: (name) => overrides.machines?.[name] ?? null,
    probeMs: overrides.probeMs ?? 100,
    arrival: overrides.arrival ?? null,
    goal: overrides.goal ?? null,
  };
}

function ledgerOf({ rows = [], events = [], commands = [] }: TruthOverrides): Sql {
  const sql = nodeSql();
  migrate(sql, NOW);
  for (const row of rows) writeInstance(sql, { ...ROW, ...row });
  for (const { kind, instance = null, data = {} } of events)
    insertEvent(sql, 1, NOW, { kind, instance, message: kind, data });
  for (const each of commands) insertCommand(sql, each, NOW);
  return sql;
}

const ROW: Instance = {
  ...BLANK,
  name: "media-k3-1",
  phase: "ready",
  phaseSince: NOW - 600_000,
  changedAt: NOW - 600_000,
  plannedAt: NOW - 900_000,
  createdAt: NOW - 900_000,
  zone: "ap-northeast-2a",
  arn: "arn:media-k3-1",
  createdByUs: true,
};

/** The same truth, so many seconds after NOW. */
export function at(seconds: number, truth: Truth): Truth {
  return { ...truth, now: NOW + seconds * 1000, objectNow: NOW + seconds * 1000 };
}

export function aHeld(name = "media-k3-1", overrides: Partial<Held> = {}): Held {
  return {
    name,
    arn: `arn:${name}`,
    state: "running",
    owner: OWNER,
    createdAt: NOW - 900_000,
    ...overrides,
  };
}

/** A call of the fleet that AWS carried out. */
export function aCall(
  op: string,
  names: readonly string[],
  overrides: Partial<CallEvent> = {},
): SimEvent {
  const before = op.startsWith("Create") ? [] : names.map((name) => aHeld(name));
  return {
    kind: "call",
    by: "fleet",
    life: 1,
    op,
    names,
    before,
    hadEffect: true,
    outcome: "ok",
    ...overrides,
  };
}

export function aCommit(moves: readonly Move[], commands: readonly Command[] = []): SimEvent {
  return { kind: "commit", stage: "plan", tick: commands[0]?.tick ?? 0, moves, commands };
}

export function aProbe(
  seconds: number,
  said: number | null,
  name = "media-k3-1",
  draining = false,
): SimEvent {
  return { kind: "probe", name, startedAt: NOW + seconds * 1000, said, draining };
}

export function aDelete(
  number: number,
  name = "media-k3-1",
  overrides: Partial<Command> = {},
): Command {
  const action = { kind: "delete", name, arn: `arn:${name}` } as const;
  return {
    number,
    tick: 7,
    region: "ap-northeast-2",
    notAfter: NOW + 20_000,
    pace: null,
    action,
    ...overrides,
  };
}

export type Step = readonly [event: SimEvent, truth: Truth];

/** What an invariant says of a run, event by event: the first thing that is wrong, or null. */
export function judged(invariant: Invariant, ...steps: readonly Step[]): string | null {
  const check = invariant.start();
  return steps.reduce<string | null>((found, [event, truth]) => found ?? check(event, truth), null);
}
