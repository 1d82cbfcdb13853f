/**
 * What the actors of one run share: the clock, the cloud's servers with their true sessions, the
 * living object, and the notes of what went wrong. Nothing happens but in a step, and the scheduler
 * of fast-check chooses which of the waiting steps comes next.
 */
import * as fc from "fast-check";
import type { Engine } from "../../../durable/engine.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import type { lease } from "../../../durable/operate-lease.ts";
import type { Outcome } from "../../../durable/rules/world.ts";
import { NOW } from "../rules/builders.ts";
import { accepted, type Accepted } from "./accepted.ts";
import { beginAgain, specOf, TICK_MS } from "./ledger.ts";

export const TICKS = 16;

/** What is drawn for a run besides the order of its steps. */
export interface Scenario {
  /** How far the clock moves with each step, over and over. */
  readonly clock: readonly number[];
  /** Which answers, calls and choices fail or differ, over and over. */
  readonly luck: readonly number[];
  readonly sparesAtFirst: number;
  readonly changes: readonly { readonly at: Moment; readonly kind: ChangeKind }[];
  readonly rounds: readonly Round[];
  readonly leases: readonly LeaseRound[];
  /** When the object dies. */
  readonly deaths: readonly Moment[];
}

/** After a tick began; or not before a command is under way then. */
export interface Moment {
  readonly tick: number;
  readonly inCommand: boolean;
}

export type ChangeKind =
  | "none wanted"
  | "one wanted"
  | "many wanted"
  | "overrides ended"
  | "retiring paused"
  | "all paused"
  | "resumed"
  | "another default"
  | "another image"
  | "another port"
  | "one drained"
  | "one held"
  | "one undrained"
  | "one protected"
  | "one unprotected"
  | "removed";

/** A dispatcher's round: it reads the list, places a session, and the session ends. */
export interface Round {
  readonly tick: number;
  readonly pick: number;
  /** Steps between the reading of the list and the placement. */
  readonly thinks: number;
  readonly lastsTicks: number;
}

/** A round of a dispatcher that leases. */
export interface LeaseRound {
  readonly tick: number;
  readonly ttlSeconds: number;
  /** Steps between the lease and what is done with it. */
  readonly thinks: number;
  /** The step at which it is renewed, if it thinks for so long. */
  readonly renewsAt: number;
  readonly end: "placed" | "used" | "released";
  readonly lastsTicks: number;
}

/** A lease as its holder knows it. */
export interface HeldLease {
  readonly name: string;
  readonly until: number;
  readonly isPlaced: boolean;
}

/** The parts under test, so that a test can put a broken one in. */
export interface House {
  readonly newEngine: (sql: Sql) => Engine;
  readonly lease: typeof lease;
  readonly drainSeconds: number;
  /** False where the commands do not wait until their intent is durable. */
  readonly waitsForSync: boolean;
}

export interface Server {
  readonly arn: string;
  readonly address: string;
  /** The hash in the tag `lightfleet:spec`. */
  readonly template: string | null;
  readonly createdAt: number;
  readonly sessions: Set<number>;
  /** Those of them that were placed under a lease. */
  readonly leased: Set<number>;
  /** What the living object heard of it, in order: when it was asked, and the truth when it answered. */
  readonly heard: {
    readonly askedAt: number;
    readonly sessions: number;
    readonly isHole: boolean;
  }[];
}

/** The object and its memory: a death ends both, the ledger stays. */
export interface LivingObject {
  readonly engine: Engine;
  readonly isAlive: () => boolean;
  readonly death: Promise<void>;
  readonly die: () => void;
}

export interface Counted {
  launches: number;
  cordons: number;
  takenBack: number;
  deletes: number;
  placed: number;
  placedWhileDraining: number;
  leased: number;
  placedByLease: number;
  changes: number;
  deaths: number;
  deathsInCommand: number;
}

export interface World {
  readonly sql: Sql;
  readonly house: House;
  readonly scenario: Scenario;
  readonly now: () => number;
  /** Waits for its turn; the clock moves with it. */
  readonly step: (label: string) => Promise<void>;
  readonly luck: () => number;
  /** Waits until a tick of this number is about to begin, or the ticks are over. */
  readonly reached: (tick: number) => Promise<void>;
  readonly reach: (tick: number) => void;
  /** Waits until commands are about to be carried out, or the ticks are over. */
  readonly commandBegun: () => Promise<void>;
  readonly beginCommands: () => void;
  readonly servers: Map<string, Server>;
  readonly accepted: Accepted;
  /** Leases that were given and not released, by their id. */
  readonly leases: Map<string, HeldLease>;
  readonly trail: string[];
  readonly faults: string[];
  readonly counted: Counted;
  object: LivingObject;
  isOver: boolean;
  /** The highest number of a tick that looked, and how many ticks were begun. */
  lastTick: number;
  lastTickBegun: number;
  commandsUnderWay: number;
  /** The outcomes that a living object heard, by the number of their command. */
  readonly outcomes: Map<number, Outcome["kind"]>;
  /** The highest command number that was durable when the object last waited for it. */
  durableCommand: number;
  sessionsPlaced: number;
}

export const NOTHING: Readonly<Counted> = {
  launches: 0,
  cordons: 0,
  takenBack: 0,
  deletes: 0,
  placed: 0,
  placedWhileDraining: 0,
  leased: 0,
  placedByLease: 0,
  changes: 0,
  deaths: 0,
  deathsInCommand: 0,
};

const WAITING = Promise.resolve();

export function newWorld(
  sql: Sql,
  house: House,
  scheduler: fc.Scheduler,
  scenario: Scenario,
): World {
  const spec = specOf(scenario.sparesAtFirst, house.drainSeconds);
  const rows = beginAgain(sql, spec);
  const gates = Array.from({ length: TICKS + 1 }, () => Promise.withResolvers<void>());
  const end = gates[TICKS]?.promise;
  let command = Promise.withResolvers<void>();
  const trail: string[] = [];
  const drawLuck = drawer(scenario.luck);
  const drawClock = drawer(scenario.clock);
  let now = NOW;
  return {
    sql,
    house,
    scenario,
    now: () => now,
    step: async (label) => {
      await scheduler.schedule(WAITING, label);
      now += drawClock();
      trail.push(label);
    },
    luck: drawLuck,
    reached: async (tick) => gates[Math.min(tick, TICKS)]?.promise,
    reach: (tick) => gates.slice(0, tick + 1).forEach((gate) => gate.resolve()),
    commandBegun: () => Promise.race([command.promise, end]),
    beginCommands: () => {
      command.resolve();
      command = Promise.withResolvers<void>();
    },
    servers: new Map(
      rows.map(({ name, arn, publicIp, template }) => {
        const made = { arn: arn ?? "", address: publicIp ?? "", template };
        return [name, newServer(made, NOW)];
      }),
    ),
    accepted: accepted(spec),
    leases: new Map(),
    trail,
    faults: [],
    counted: { ...NOTHING },
    object: bornFrom(sql, house),
    isOver: false,
    lastTick: 0,
    lastTickBegun: 0,
    commandsUnderWay: 0,
    outcomes: new Map(),
    durableCommand: 0,
    sessionsPlaced: 0,
  };
}

export async function isMoment(world: World, { tick, inCommand }: Moment): Promise<void> {
  await world.reached(tick);
  if (inCommand) await world.commandBegun();
}

export function bornFrom(sql: Sql, house: House): LivingObject {
  const end = Promise.withResolvers<void>();
  let alive = true;
  return {
    engine: house.newEngine(sql),
    isAlive: () => alive,
    death: end.promise,
    die: () => {
      alive = false;
      end.resolve();
    },
  };
}

export function newServer(
  made: Pick<Server, "arn" | "address" | "template">,
  createdAt: number,
): Server {
  return { ...made, createdAt, sessions: new Set(), leased: new Set(), heard: [] };
}

function drawer(numbers: readonly number[]): () => number {
  let index = 0;
  return () => numbers[index++ % numbers.length] ?? 0;
}

const MOMENT: fc.Arbitrary<Moment> = fc.record({
  tick: fc.integer({ min: 1, max: TICKS }),
  inCommand: fc.boolean(),
});

/** Most steps are short; some make a probe late, a drain end or a call time out. */
export const SCENARIO: fc.Arbitrary<Scenario> = fc.record({
  clock: fc.array(fc.constantFrom(0, 0, 100, 250, 250, 500, 1_000, TICK_MS / 2), {
    minLength: 1,
    maxLength: 24,
  }),
  luck: fc.array(fc.nat(31), { minLength: 1, maxLength: 24 }),
  sparesAtFirst: fc.nat(3),
  changes: fc.array(
    fc.record({
      at: MOMENT,
      kind: fc.constantFrom<ChangeKind>(
        "none wanted",
        "none wanted",
        "one wanted",
        "one wanted",
        "many wanted",
        "overrides ended",
        "retiring paused",
        "all paused",
        "resumed",
        "another default",
        "another image",
        "another port",
        "one drained",
        "one held",
        "one undrained",
        "one protected",
        "one unprotected",
        "removed",
      ),
    }),
    { maxLength: 5 },
  ),
  rounds: fc.array(
    fc.record({
      tick: fc.integer({ min: 1, max: TICKS }),
      pick: fc.nat(5),
      thinks: fc.nat(24),
      lastsTicks: fc.integer({ min: 0, max: TICKS }),
    }),
    { maxLength: 5 },
  ),
  leases: fc.array(
    fc.record({
      tick: fc.integer({ min: 1, max: TICKS }),
      ttlSeconds: fc.constantFrom(5, 10, 30, 60),
      thinks: fc.nat(40),
      renewsAt: fc.nat(40),
      end: fc.constantFrom("placed", "used", "used", "released"),
      lastsTicks: fc.integer({ min: 0, max: TICKS }),
    }),
    { maxLength: 4 },
  ),
  deaths: fc.array(MOMENT, { maxLength: 2 }),
});
