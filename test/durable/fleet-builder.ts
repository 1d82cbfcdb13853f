/** A fleet of the real engine over real SQL, in which a test plays the eyes and the hands. */
import { Engine } from "../../durable/engine.ts";
import type { Row, Sql } from "../../durable/ledger/sql.ts";
import { configure } from "../../durable/operate.ts";
import type { State } from "../../durable/rules/state.ts";
import type { Command, Observation, Outcome, Watch } from "../../durable/rules/world.ts";
import { nodeSql } from "../virtual/node-sql.ts";
import { anObservation, aSpec, MEDIUM, NOW, type SpecOverrides } from "./rules/builders.ts";

export const TICK_MS = 5_000;
export const OLGA = { actor: "olga" };

export interface Fleet {
  readonly sql: Sql;
  engine: Engine;
  now: number;
}

export interface Sight extends Partial<Omit<Observation, "tick">> {
  /** What becomes of each command; done unless it says so, and null where nobody hears of it. */
  readonly outcome?: ((command: Command) => Outcome) | null;
}

/** No fleet yet. */
export function unborn(now = NOW): Fleet {
  const sql = nodeSql();
  return { sql, engine: new Engine(sql, { tickMs: TICK_MS }), now };
}

export function aFleet(spec: SpecOverrides = {}, now = NOW): Fleet {
  const fleet = unborn(now);
  respec(fleet, spec);
  return fleet;
}

export function wanted(spec: SpecOverrides = {}) {
  return { name: "media", deployment: "default", spec: aSpec(spec) };
}

export function given({ now }: Fleet) {
  let words = 0;
  return { now, word: () => `w${(words += 1)}` };
}

export function respec(fleet: Fleet, spec: SpecOverrides): void {
  configure(fleet.engine, wanted(spec), OLGA, given(fleet));
}

/** One tick; what it does not see it does not ask for either. */
export function tick(fleet: Fleet, { outcome, ...sight }: Sight = {}): readonly Command[] {
  fleet.now += TICK_MS;
  const watch = fleet.engine.begin(fleet.now);
  if (watch === null) throw new Error("the fleet is gone");
  const commands = fleet.engine.plan(
    anObservation({ tick: watch.tick, ...empty(watch, fleet.now), ...sight }),
    fleet.now,
  );
  if (outcome !== null) fleet.engine.settle(commands.map(outcome ?? done), fleet.now);
  return commands;
}

/** An account without a server, and the prices of one bundle. */
export function empty(watch: Watch, now: number): Partial<Observation> {
  return {
    listing: watch.listing
      ? { kind: "complete", startedAt: now, pages: 1, instances: [], strangers: [], unread: [] }
      : { kind: "none" },
    bundles: watch.bundles ? { kind: "read", at: now, bundles: [MEDIUM] } : { kind: "none" },
  };
}

export function done({ number }: Command): Outcome {
  return { number, calls: [], kind: "done", requestId: "r" };
}

/** The object dies, and another is born on its ledger. */
export function restart(fleet: Fleet): void {
  fleet.engine = new Engine(fleet.sql, { tickMs: TICK_MS });
}

export function stateOf({ engine, now }: Fleet): State {
  const live = engine.read(now);
  if (live === null) throw new Error("the fleet is gone");
  return live.state;
}

/** Of one kind, the newest last. */
export function eventsOf({ sql }: Fleet, kind: string): Row[] {
  return sql.rows("SELECT actor, message, data FROM events WHERE kind = ? ORDER BY id", kind);
}

/** Every table with every row of it, and what the object believes. */
export function everything(fleet: Fleet): unknown {
  const tables = fleet.sql.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
  const rows = tables.map(({ name }) => [name, fleet.sql.rows(`SELECT * FROM ${String(name)}`)]);
  return structuredClone({ rows, live: fleet.engine.read(fleet.now) });
}
