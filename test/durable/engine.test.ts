/** What a living object believes after its storage has refused a transaction. */
import { describe, expect, it } from "vitest";
import { Engine } from "../../durable/engine.ts";
import type { Sql } from "../../durable/ledger/sql.ts";
import { configure, noteReconcile } from "../../durable/operate.ts";
import { nodeSql } from "../virtual/node-sql.ts";
import { differencesToTables } from "../virtual/reload.ts";
import { empty, type Fleet, given, OLGA, tick, TICK_MS, wanted } from "./fleet-builder.ts";
import { anObservation, NOW } from "./rules/builders.ts";

/** A new fleet that wants three servers, on storage that refuses the next commit where it is told to. */
function aFleetOnBadStorage(): { fleet: Fleet; refuseNext: () => void } {
  const real = nodeSql();
  let refuses = false;
  const sql: Sql = {
    rows: (statement, ...bindings) => real.rows(statement, ...bindings),
    transaction: (work) =>
      real.transaction(() => {
        const result = work();
        if (!refuses) return result;
        refuses = false;
        throw new Error("the disk is full");
      }),
  };
  const fleet: Fleet = { sql, engine: new Engine(sql, { tickMs: TICK_MS }), now: NOW };
  configure(fleet.engine, wanted({ spares: { default: "3" } }), OLGA, given(fleet));
  return {
    fleet,
    refuseNext: () => {
      refuses = true;
    },
  };
}

/** Begins a tick, and plans it on an account without a server while the storage refuses. */
function refusedPlan(fleet: Fleet, refuseNext: () => void): void {
  fleet.now += TICK_MS;
  const watch = fleet.engine.begin(fleet.now);
  if (watch === null) throw new Error("the fleet is gone");
  const seen = anObservation({ tick: watch.tick, ...empty(watch, fleet.now) });
  refuseNext();
  expect(() => fleet.engine.plan(seen, fleet.now)).toThrow("the disk is full");
  fleet.engine.fail("the disk is full", fleet.now);
}

describe("a plan whose commit is refused", () => {
  it("leaves nothing in the tables, and nothing in memory that is not in them", () => {
    const { fleet, refuseNext } = aFleetOnBadStorage();

    refusedPlan(fleet, refuseNext);

    for (const table of ["instances", "commands", "samples", "outbox"])
      expect(fleet.sql.rows(`SELECT * FROM ${table}`), table).toEqual([]);
    expect(differencesToTables(fleet.engine, fleet.now)).toEqual([]);
    expect(fleet.engine.meters.read()).toMatchObject({ launches: {}, deletes: {}, events: {} });
  });

  it("is made by the next tick, and counted once", () => {
    const { fleet, refuseNext } = aFleetOnBadStorage();
    refusedPlan(fleet, refuseNext);

    const commands = tick(fleet);

    expect(commands.length).toBeGreaterThan(0);
    expect(fleet.sql.rows("SELECT * FROM instances")).toHaveLength(3);
    expect(fleet.sql.rows("SELECT * FROM samples")).toHaveLength(1);
    expect(fleet.engine.meters.read().launches).toEqual({ spares: 3 });
    expect(differencesToTables(fleet.engine, fleet.now)).toEqual([]);
  });
});

describe("the copy of the audit trail", () => {
  it("has each row that was written, with its hash, and none that the storage refused", () => {
    const real = nodeSql();
    const copied: unknown[] = [];
    let refuses = false;
    const sql: Sql = {
      ...real,
      transaction: (work) =>
        real.transaction(() => {
          const result = work();
          if (refuses) throw new Error("the disk is full");
          return result;
        }),
    };
    const engine = new Engine(sql, {
      tickMs: TICK_MS,
      audited: (fleet, rows) => copied.push(...rows.map(({ id, hash }) => ({ fleet, id, hash }))),
    });
    const fleet: Fleet = { sql, engine, now: NOW };
    configure(engine, wanted({ spares: { default: "3" } }), OLGA, given(fleet));
    tick(fleet);
    refuses = true;
    expect(() => noteReconcile(engine, OLGA, fleet.now)).toThrow("the disk is full");

    expect(copied.length).toBeGreaterThan(1);
    expect(copied).toEqual(sql.rows("SELECT 'media' AS fleet, id, hash FROM events ORDER BY id"));
  });
});
