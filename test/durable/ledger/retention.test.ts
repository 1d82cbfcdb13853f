/** How long the ledger keeps what is over: by age, by kind, and not more than its storage has room for. */
import { beforeEach, describe, expect, it } from "vitest";
import { Engine } from "../../../durable/engine.ts";
import { forgetEvents, insertEvent, readEvents } from "../../../durable/ledger/events.ts";
import { forgetGone, instanceByName, writeInstance } from "../../../durable/ledger/instances.ts";
import { migrate } from "../../../durable/ledger/migrations.ts";
import {
  forgetCommands,
  insertCommand,
  openCommands,
  settleCommandRow,
} from "../../../durable/ledger/records.ts";
import { configure } from "../../../durable/operate.ts";
import type { EventKind } from "../../../durable/rules/state.ts";
import { blindObservation } from "../../../durable/rules/world.ts";
import { type NodeSql, nodeSql } from "../../virtual/node-sql.ts";
import { aCommand, aCreate, aRow, aSpec, NOW } from "../rules/builders.ts";

const DAY_MS = 86_400_000;
const TICK_MS = 5_000;
const TICKS_PER_BLOCK = 1_000;
const EVENTS_MAX = 200_000;
const EVERYTHING = { since: null, until: null, kind: null, instance: null, before: null } as const;

const LASTING: readonly EventKind[] = ["launch", "created", "drain", "delete", "deleted", "forced"];
const ROUTINE: readonly EventKind[] = ["ready", "configured", "accepted", "tag", "target", "lease"];

let sql: NodeSql;
beforeEach(() => {
  sql = nodeSql();
});

function tell(kind: EventKind, daysAgo: number): void {
  insertEvent(sql, 1, NOW - daysAgo * DAY_MS, { kind, instance: null, message: `${daysAgo}` });
}

function kept(): string[] {
  return readEvents(sql, { ...EVERYTHING, limit: 1_000 }).map(
    ({ kind, message }) => `${kind} ${message}`,
  );
}

/** Many events of one kind at once, a second apart, the last of them now. */
function storm(kind: EventKind, count: number): void {
  sql.rows(
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
      INSERT INTO events (at, tick, kind, instance, actor, message, data)
      SELECT ? - (? - n) * 1000, 1, ?, NULL, 'lightfleet', n, '{}' FROM numbers`,
    count,
    NOW,
    count,
    kind,
  );
}

function count(table: string, where = "1"): number {
  return Number(sql.rows(`SELECT count(*) AS n FROM ${table} WHERE ${where}`)[0]?.["n"]);
}

describe("events", () => {
  beforeEach(() => migrate(sql, NOW));

  it("of a routine kind are kept for seven days, and the others for ninety", () => {
    for (const age of [91, 89, 8, 6]) for (const kind of [...LASTING, ...ROUTINE]) tell(kind, age);

    forgetEvents(sql, NOW);

    const expected = [
      ...LASTING.flatMap((kind) => [`${kind} 6`, `${kind} 8`, `${kind} 89`]),
      ...ROUTINE.map((kind) => `${kind} 6`),
    ];
    expect(kept().toSorted()).toEqual(expected.toSorted());
  });

  it("are all kept while there are two hundred thousand", () => {
    storm("ready", EVENTS_MAX);

    forgetEvents(sql, NOW);

    expect(count("events")).toBe(EVENTS_MAX);
  });

  it("of a routine kind make room for the others when there are more, the oldest first", () => {
    tell("launch", 3);
    tell("deleted", 4);
    storm("ready", EVENTS_MAX);

    forgetEvents(sql, NOW);

    expect(count("events")).toBe(EVENTS_MAX);
    expect(count("events", "kind = 'launch' OR kind = 'deleted'")).toBe(2);
    expect(count("events", "kind = 'ready' AND message IN ('1', '2')")).toBe(0);
    expect(count("events", "kind = 'ready' AND message = '3'")).toBe(1);
  });
});

describe("events whose clock was turned back", () => {
  beforeEach(() => migrate(sql, NOW));

  it("wait for those that were written before them, and leave no gap", () => {
    tell("launch", 80);
    tell("launch", 95);
    forgetEvents(sql, NOW);
    expect(kept()).toEqual(["launch 95", "launch 80"]);

    forgetEvents(sql, NOW + 11 * DAY_MS);

    expect(kept()).toEqual([]);
  });
});

describe("what is over", () => {
  beforeEach(() => migrate(sql, NOW));

  it("is forgotten of commands a day after they were issued, if they were settled", () => {
    for (const [number, daysAgo] of [2, 0.9, 2].entries())
      insertCommand(sql, aCommand(aCreate("a"), number), NOW - daysAgo * DAY_MS);
    for (const number of [0, 1])
      settleCommandRow(sql, { kind: "unsent", number, calls: [], message: "no" }, NOW);

    forgetCommands(sql, NOW - DAY_MS);

    expect(sql.rows("SELECT number FROM commands").map((row) => row["number"])).toEqual([1, 2]);
    expect(openCommands(sql).map(({ number }) => number)).toEqual([2]);
  });

  it("is forgotten of servers by when they were gone, and never of one that is there", () => {
    const longAgo = { plannedAt: NOW - 300 * DAY_MS, changedAt: NOW - 300 * DAY_MS };
    writeInstance(sql, aRow({ name: "there", ...longAgo }));
    writeInstance(
      sql,
      aRow({ name: "kept", phase: "gone", goneAt: NOW - 89 * DAY_MS, ...longAgo }),
    );
    writeInstance(sql, aRow({ name: "old", phase: "gone", goneAt: NOW - 91 * DAY_MS, ...longAgo }));

    forgetGone(sql, NOW - 90 * DAY_MS);

    const names = ["there", "kept", "old"];
    expect(names.filter((name) => instanceByName(sql, name) !== null)).toEqual(["there", "kept"]);
  });
});

describe("one living object over months", () => {
  function ticks(engine: Engine, from: number): void {
    for (let index = 0; index <= TICKS_PER_BLOCK; index++) {
      const now = from + index * TICK_MS;
      const watch = engine.begin(now);
      if (watch === null) throw new Error("there is a fleet");
      engine.plan(blindObservation(watch, now, "nothing to see"), now);
      engine.settle([], now);
    }
  }

  it("forgets by itself what is too old, each kind at its time", () => {
    const engine = new Engine(sql, { tickMs: TICK_MS });
    const spec = aSpec({ spares: { default: "0" } });
    const given = { now: NOW, word: () => "k3" };
    configure(engine, { name: "media", deployment: "default", spec }, { actor: "olga" }, given);
    for (const kind of ["ready", "launch"] as const) tell(kind, 0);
    writeInstance(sql, aRow({ name: "gone", phase: "gone", goneAt: NOW }));
    insertCommand(sql, aCommand(aCreate("a")), NOW);
    const left = (): unknown => [
      count("events", "kind = 'ready'"),
      count("events", "kind = 'launch'"),
      count("instances"),
      count("commands"),
      count("samples", `at < ${NOW + DAY_MS}`) > 0,
    ];

    ticks(engine, NOW + TICK_MS);
    expect(left()).toEqual([1, 1, 1, 1, true]);
    ticks(engine, NOW + 6 * DAY_MS);
    expect(left()).toEqual([1, 1, 1, 0, true]);
    ticks(engine, NOW + 9 * DAY_MS);
    expect(left()).toEqual([0, 1, 1, 0, false]);
    ticks(engine, NOW + 89 * DAY_MS);
    expect(left()).toEqual([0, 1, 1, 0, false]);
    ticks(engine, NOW + 91 * DAY_MS);
    expect(left()).toEqual([0, 0, 0, 0, false]);
  });

  it("expects of a launch what a restarted one would, when the servers that it measured are forgotten", () => {
    const spec = aSpec({ spares: { default: "0" } });
    const given = { now: NOW, word: () => "k3" };
    const engine = new Engine(sql, { tickMs: TICK_MS });
    configure(engine, { name: "media", deployment: "default", spec }, { actor: "olga" }, given);
    writeInstance(sql, aRow({ name: "gone", phase: "gone", goneAt: NOW - 89 * DAY_MS }));
    ticks(engine, NOW);
    expect(engine.read(NOW)?.state.leads).toHaveLength(1);

    ticks(engine, NOW + 2 * DAY_MS);

    const restarted = new Engine(sql, { tickMs: TICK_MS });
    expect(engine.read(NOW)?.state.leads).toEqual(restarted.read(NOW)?.state.leads);
  });
});
