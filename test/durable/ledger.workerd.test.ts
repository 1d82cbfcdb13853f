/** The ledger on the SQLite that it ships to: a Durable Object's. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Engine } from "../../durable/engine.ts";
import { instanceByName, liveInstances, writeInstance } from "../../durable/ledger/instances.ts";
import { migrate } from "../../durable/ledger/migrations.ts";
import {
  type FleetRecord,
  readFleet,
  writeHolds,
  writeOverrides,
  writePauses,
} from "../../durable/ledger/records.ts";
import type { Sql } from "../../durable/ledger/sql.ts";
import type { Instance } from "../../durable/rules/model.ts";
import { MOVES, PHASES } from "../../durable/rules/transition.ts";
import type { Watch } from "../../durable/rules/world.ts";
import {
  aCloudInstance,
  aHold,
  anAnswer,
  anObservation,
  aPlanned,
  aRow,
  aSpec,
  complete,
  idleRows,
  NOW,
  OWNER,
} from "./rules/builders.ts";

const TICK_MS = 5_000;
const HOUR_MS = 3_600_000;
const SERVERS = 30;
const TAG = { resource: "i-0123456789abcdef0", key: "spares" };
/** Past the second listing, which is due every sixth tick. */
const IDLE_TICKS = 14;

/** The fleet's port over SQLite, which also counts the rows that are written. */
function countingSql(storage: DurableObjectStorage): { sql: Sql; written: () => number } {
  let rowsWritten = 0;
  const sql: Sql = {
    rows: (statement, ...bindings) => {
      const cursor = storage.sql.exec<Record<string, string | number | null>>(
        statement,
        ...bindings,
      );
      const rows = cursor.toArray();
      rowsWritten += cursor.rowsWritten;
      return rows;
    },
    transaction: (work) => storage.transactionSync(work),
  };
  return { sql, written: () => rowsWritten };
}

/** Works on the storage of an object of its own, in which no fleet lives and no alarm rings. */
function inStorage<T>(
  name: string,
  work: (sql: Sql, written: () => number) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject(env.FLEET.getByName(name), (_, { storage }) => {
    const { sql, written } = countingSql(storage);
    return work(sql, written);
  });
}

function put(sql: Sql, ...rows: readonly Instance[]): void {
  for (const row of rows) writeInstance(sql, row);
}

function movesOfTrigger(sql: Sql): string[] {
  const [row] = sql.rows("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'moves'");
  return [...String(row?.["sql"]).matchAll(/'(\w+>\w+)'/g)].map(([, move]) => move ?? "");
}

function isRefused(sql: Sql, statement: string): boolean {
  try {
    sql.rows(statement);
    return false;
  } catch (error) {
    expect(String(error)).toContain("no such move of an instance");
    return true;
  }
}

const MOVES_OF_RULES = PHASES.flatMap((from) => MOVES[from].map((to) => `${from}>${to}`));

describe("the trigger of the moves", () => {
  it("holds exactly the moves of the rules", async () => {
    const moves = await inStorage("trigger", (sql) => {
      migrate(sql, NOW);
      return movesOfTrigger(sql);
    });

    expect(moves.toSorted()).toEqual(MOVES_OF_RULES.toSorted());
  });

  it("lets through what the rules allow, and refuses everything else", async () => {
    const allowed = await inStorage("every-move", (sql) => {
      migrate(sql, NOW);
      const passed: string[] = [];
      for (const from of PHASES)
        for (const to of PHASES.filter((each) => each !== from)) {
          const name = `${from}-${to}`;
          put(sql, aRow({ name, phase: from }));
          const move = `UPDATE instances SET phase = '${to}' WHERE name = '${name}'`;
          if (!isRefused(sql, move)) passed.push(`${from}>${to}`);
        }
      return passed;
    });

    expect(allowed.toSorted()).toEqual(MOVES_OF_RULES.toSorted());
  });

  it("leaves the row as it was where it refuses", async () => {
    const row = await inStorage("refused", (sql) => {
      migrate(sql, NOW);
      put(sql, aPlanned({ name: "media-k3-1" }));
      const refused = (): void =>
        put(sql, aRow({ name: "media-k3-1", phase: "deleting", revision: 2 }));

      expect(refused).toThrow(/no such move/);

      return instanceByName(sql, "media-k3-1");
    });

    expect(row).toEqual(aPlanned({ name: "media-k3-1" }));
  });
});

describe("a row of the ledger", () => {
  it.each<[string, Instance]>([
    ["that is ready", aRow()],
    ["that is planned, mostly nulls", aPlanned({ mayExist: true, command: 7, lastError: "no" })],
    [
      "that drains, adopted and busy",
      aRow({
        phase: "draining",
        adopted: true,
        createdByUs: false,
        occupancy: "busy",
        sessions: 3,
        busySince: NOW,
        idleSince: null,
        cordonedAt: NOW,
        drainReason: "surplus",
        ipv6: "2001:db8::1",
      }),
    ],
  ])("%s is read as it was written", async (title, row) => {
    const rows = await inStorage(`round-trip ${title}`, (sql) => {
      migrate(sql, NOW);
      put(sql, row);
      return liveInstances(sql);
    });

    expect(rows).toEqual([row]);
  });

  it("is not overwritten by who did not read its last revision", async () => {
    await inStorage("stale", (sql) => {
      migrate(sql, NOW);
      put(sql, aRow({ revision: 4 }), aRow({ revision: 5, sessions: 1 }));

      expect(() => put(sql, aRow({ revision: 5, sessions: 2 }))).toThrow(/was changed since/);

      expect(instanceByName(sql, aRow().name)?.sessions).toBe(1);
    });
  });
});

describe("a fleet of thirty ready and idle servers", () => {
  it("writes no row in an idle tick", async () => {
    const { perTick, decisions, listings } = await inStorage("idle", runIdleTicks);

    expect(decisions.every((decision) => decision.startsWith("nothing to do"))).toBe(true);
    expect(listings).toBeGreaterThan(1);
    expect(perTick[0]).toBeGreaterThan(0);
    expect(perTick.slice(1)).toEqual(perTick.slice(1).map(() => 0));
  });

  it("does write the row of a server that turns busy, which the count then shows", async () => {
    const written = await inStorage("busy", (sql, count) => {
      const { engine, rows } = anEngine(sql);
      tickOnce(engine, rows, NOW, 0);
      const before = count();
      tickOnce(engine, rows, NOW + TICK_MS, 1);
      return count() - before;
    });

    expect(written).toBeGreaterThan(0);
  });

  it("is the same after a cold start", async () => {
    await inStorage("cold", (sql) => {
      const { engine, rows } = anEngine(sql);
      tickOnce(engine, rows, NOW, 0);

      const cold = new Engine(sql, { tickMs: TICK_MS }).read(NOW + 1);

      expect([...(cold?.state.instances.values() ?? [])].toSorted(byName)).toEqual(
        rows.toSorted(byName),
      );
      expect(cold?.record).toEqual(readFleet(sql));
      expect(cold?.state.listed).toBe(true);
      expect(cold?.state.memory.listedAt).toBeNull();
    });
  });
});

function runIdleTicks(
  sql: Sql,
  written: () => number,
): { perTick: number[]; decisions: string[]; listings: number } {
  const { engine, rows } = anEngine(sql);
  const perTick: number[] = [];
  const decisions: string[] = [];
  let listings = 0;
  for (let index = 0; index < IDLE_TICKS; index++) {
    const before = written();
    const watch = tickOnce(engine, rows, NOW + index * TICK_MS, 0);
    perTick.push(written() - before);
    decisions.push(engine.lastTick?.decision ?? "none");
    if (watch.listing) listings++;
  }
  return { perTick, decisions, listings };
}

function anEngine(sql: Sql): { engine: Engine; rows: readonly Instance[] } {
  const event = { kind: "spec", instance: null, message: "the fleet was created" } as const;
  new Engine(sql, { tickMs: TICK_MS }).create(aRecord(), event, NOW);
  const rows = idleRows(SERVERS);
  put(sql, ...rows);
  standing(sql);
  return { engine: new Engine(sql, { tickMs: TICK_MS }), rows };
}

/** What people and AWS left behind for the next hours: it must not be written again in every tick. */
function standing(sql: Sql): void {
  const until = NOW + HOUR_MS;
  const said = { until, reason: "a test", actor: "operator" };
  writeOverrides(sql, [{ id: "w1", expression: String(SERVERS), from: NOW, ...said }]);
  writePauses(sql, [{ what: "rollout", since: NOW, ...said }]);
  writeHolds(sql, [aHold("zoneCapacity", { subject: "ap-northeast-2c", until })]);
}

function aRecord(): FleetRecord {
  return {
    name: "media",
    owner: OWNER,
    incarnation: "k3",
    bornAt: NOW,
    spec: aSpec({ spares: { default: "0", tag: TAG } }),
    specVersion: 1,
    removing: null,
    listed: false,
    nextInstance: 100,
    nextCommand: 1,
    ticksReserved: 0,
    failedBoots: 0,
    tagValue: null,
    tagGarbled: null,
    tagRead: false,
    retiredTags: [],
  };
}

/** One tick in which everything that was asked for is seen: every server, with its sessions. */
function tickOnce(engine: Engine, rows: readonly Instance[], now: number, sessions: number): Watch {
  const watch = engine.begin(now);
  if (watch === null) throw new Error("there is no fleet to tick for");
  const asked = new Set(watch.probes.map(({ name }) => name));
  const instances = rows.map(({ name }) => aCloudInstance({ name }));
  const commands = engine.plan(
    anObservation({
      tick: watch.tick,
      listing: watch.listing ? complete(instances, now) : { kind: "none" },
      readings: rows
        .filter(({ name }) => asked.has(name))
        .map((row) => anAnswer(row, sessions, { startedAt: now })),
      tag: watch.tag === null ? { kind: "none" } : { kind: "value", value: "30", at: now },
      calls: watch.listing ? [{ lane: "list", startedAt: now, throttled: false }] : [],
    }),
    now,
  );
  engine.settle(
    commands.map(({ number }) => ({ kind: "unsent", number, calls: [], message: "not in a test" })),
    now,
  );
  return watch;
}

function byName(one: Instance, other: Instance): number {
  return one.name.localeCompare(other.name);
}
