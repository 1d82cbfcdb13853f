/**
 * What operators do to one instance, through the engine over real SQL. After an action the ledger has
 * its audit row; after a refused one every table, and what the object believes, is as it was.
 */
import { describe, expect, it } from "vitest";
import { Engine } from "../../durable/engine.ts";
import { writeInstance } from "../../durable/ledger/instances.ts";
import { migrate } from "../../durable/ledger/migrations.ts";
import { writeFleet } from "../../durable/ledger/records.ts";
import type { Row, Sql } from "../../durable/ledger/sql.ts";
import { act } from "../../durable/operate-instance.ts";
import { recordOfNew, remove } from "../../durable/operate.ts";
import type { Instance } from "../../durable/rules/model.ts";
import type { State } from "../../durable/rules/state.ts";
import type { Acted, InstanceAction } from "../../durable/rules/views.ts";
import {
  type CloudInstance,
  type Command,
  type LookUp,
  namesOf,
  type Watch,
} from "../../durable/rules/world.ts";
import { nodeSql } from "../virtual/node-sql.ts";
import {
  aCloudInstance,
  anObservation,
  aPlanned,
  aRow,
  aSpec,
  complete,
  found,
  MINUTE_MS,
  NOW,
  OWNER,
  partial,
  type SpecOverrides,
} from "./rules/builders.ts";

const TICK_MS = 5_000;
const OLGA = { actor: "olga" };
const REASON = "INC-7";
const NAME = "media-k3-1";
const BUSY = aRow({ occupancy: "busy", sessions: 3, idleSince: null, busySince: NOW - MINUTE_MS });

const DRAIN = { kind: "drain", then: "delete", reason: REASON } as const;
const HOLD = { kind: "drain", then: "hold", reason: REASON } as const;
const UNDRAIN = { kind: "undrain", reason: REASON } as const;
const PROTECT = { kind: "protect", reason: REASON } as const;
const UNPROTECT = { kind: "unprotect", reason: REASON } as const;
const DELETE = { kind: "delete", force: false, reason: REASON } as const;
const FORCE = { kind: "delete", force: true, reason: REASON } as const;
const ADOPT = { kind: "adopt", reason: REASON } as const;
const DONE = { kind: "done", requestId: "r" } as const;
const UNSENT = { kind: "unsent", message: "no time left" } as const;
const EVERY: readonly InstanceAction[] = [DRAIN, UNDRAIN, PROTECT, UNPROTECT, DELETE, FORCE];

interface Fleet {
  readonly sql: Sql;
  engine: Engine;
  now: number;
}

/** What a tick sees, beside what the servers of the fleet say of themselves. */
interface Sight {
  readonly listed?: readonly CloudInstance[];
  readonly sessions?: number;
  /** Servers that do not answer. */
  readonly silent?: readonly string[];
  /** In place of what is listed. */
  readonly listing?: ReturnType<typeof partial>;
  readonly lookUp?: LookUp;
  /** Of every command; done unless it says so. */
  readonly outcome?: typeof DONE | typeof UNSENT;
}

/** A fleet that wants all that it has, and no more: whatever changes, an operator has done it. */
function aFleet(rows: readonly Instance[], spec: SpecOverrides = {}): Fleet {
  const sql = nodeSql();
  migrate(sql, NOW);
  const limits = { maxInstances: Math.max(1, rows.length), ...spec.limits };
  const wanted = {
    name: "media",
    deployment: "default",
    spec: aSpec({ spares: { default: String(rows.length) }, ...spec, limits }),
  };
  writeFleet(sql, null, {
    ...recordOfNew(wanted, "k3", NOW - 240 * MINUTE_MS),
    listed: true,
    nextInstance: 100,
  });
  for (const row of rows) writeInstance(sql, row);
  return { sql, engine: new Engine(sql, { tickMs: TICK_MS }), now: NOW };
}

/** One whose first listing is there. */
function aListedFleet(rows: readonly Instance[], spec: SpecOverrides = {}): Fleet {
  const fleet = aFleet(rows, spec);
  tick(fleet, { sessions: 3 });
  return fleet;
}

function stateOf({ engine, now }: Fleet): State {
  const live = engine.read(now);
  if (live === null) throw new Error("the fleet is gone");
  return live.state;
}

function rowOf(fleet: Fleet, name = NAME): Instance | undefined {
  return stateOf(fleet).instances.get(name);
}

/** One tick of the engine. */
function tick(fleet: Fleet, sight: Sight = {}): { watch: Watch; commands: readonly Command[] } {
  fleet.now += TICK_MS;
  const watch = fleet.engine.begin(fleet.now);
  if (watch === null) throw new Error("the fleet is gone");
  const rows = [...stateOf(fleet).instances.values()].filter(({ arn }) => arn !== null);
  const listed = sight.listed ?? rows.map(({ name }) => aCloudInstance({ name }));
  const observation = anObservation({
    tick: watch.tick,
    listing: watch.listing ? (sight.listing ?? complete(listed, fleet.now)) : { kind: "none" },
    lookUps: sight.lookUp === undefined ? found(watch.lookUps, {}, listed) : [sight.lookUp],
    readings: watch.probes.map(({ name, revision }) => {
      const reading = { name, revision, startedAt: fleet.now };
      return sight.silent?.includes(name) === true
        ? { kind: "hole", ...reading, detail: "timed out" }
        : { kind: "answer", ...reading, sessions: sight.sessions ?? 0, draining: false };
    }),
  });
  const commands = fleet.engine.plan(observation, fleet.now);
  const done = commands.map(({ number }) => ({ number, calls: [], ...(sight.outcome ?? DONE) }));
  fleet.engine.settle(done, fleet.now);
  return { watch, commands };
}

function ticks(fleet: Fleet, count: number, sight: Sight = {}): void {
  for (let index = 0; index < count; index++) tick(fleet, sight);
}

function restart(fleet: Fleet): void {
  fleet.engine = new Engine(fleet.sql, { tickMs: TICK_MS });
}

function done(fleet: Fleet, action: InstanceAction, name = NAME): Acted {
  return act(fleet.engine, name, action, OLGA, { now: fleet.now, word: () => "w" });
}

/** Of Olga's; newest last. */
function audit({ sql }: Fleet): Row[] {
  return sql.rows(
    `SELECT kind, instance, actor, message, json_extract(data, '$.reason') AS reason
      FROM events WHERE actor = 'olga' ORDER BY id`,
  );
}

function told({ sql }: Fleet, kind: string): string[] {
  return sql
    .rows("SELECT message FROM events WHERE kind = ? ORDER BY id", kind)
    .map(({ message }) => String(message));
}

/** Every table with every row of it, and what the object believes. */
function everything(fleet: Fleet): unknown {
  const tables = fleet.sql.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
  const rows = tables.map(({ name }) => [name, fleet.sql.rows(`SELECT * FROM ${name}`)]);
  return structuredClone({ rows, state: stateOf(fleet) });
}

/** @returns the words of the refusal. */
function refused(fleet: Fleet, action: InstanceAction, status: 404 | 409, name = NAME): string {
  const before = everything(fleet);

  const answer = done(fleet, action, name);

  expect(answer).toMatchObject({ refused: { status } });
  expect(everything(fleet)).toEqual(before);
  return "refused" in answer ? `${answer.refused.title}: ${answer.refused.detail}` : "";
}

/** @returns the row that the ledger holds after it; the change was audited once, with its reason. */
function accepted(fleet: Fleet, action: InstanceAction, kind: string): Instance | undefined {
  const before = audit(fleet).length;
  const { revision = 0 } = rowOf(fleet) ?? {};

  const answer = done(fleet, action);

  expect(answer).toMatchObject({ instance: { name: NAME } });
  expect(audit(fleet).slice(before)).toMatchObject([
    { kind, instance: NAME, actor: "olga", reason: REASON },
  ]);
  restart(fleet);
  const row = rowOf(fleet);
  if (row !== undefined) expect(row.revision).toBe(revision + 1);
  return row;
}

/** Nothing is to be done: the answer is the same, and the ledger too. */
function idle(fleet: Fleet, action: InstanceAction): void {
  const before = everything(fleet);

  expect(done(fleet, action)).toMatchObject({ instance: { name: NAME } });
  expect(everything(fleet)).toEqual(before);
}

/** Drained to be held, for so long that it is confirmed empty. */
function heldAndEmpty(spec: SpecOverrides = {}, others: readonly string[] = []): Fleet {
  const fleet = aFleet(
    [NAME, ...others].map((name) => aRow({ name })),
    spec,
  );
  done(fleet, HOLD);
  ticks(fleet, 10);
  expect(rowOf(fleet)?.phase).toBe("draining");
  return fleet;
}

const CORDONED = { phase: "draining", cordonedAt: NOW - MINUTE_MS } as const;

describe("a drain by an operator", () => {
  it("cordons a busy server too, and ends in deletion once it is empty", () => {
    const fleet = aFleet([BUSY]);

    const row = accepted(fleet, DRAIN, "drain");

    expect(row).toMatchObject({ phase: "draining", drainReason: "operator", cordonedAt: NOW });
    ticks(fleet, 10, { sessions: 3 });
    expect(rowOf(fleet)?.phase).toBe("draining");
    ticks(fleet, 10);
    expect(rowOf(fleet)?.phase).toBe("deleting");
  });

  it("that holds is refused while the fleet is removed, which would take the hold off again", () => {
    const fleet = aFleet([BUSY]);
    remove(fleet.engine, { force: false }, OLGA, { now: fleet.now, word: () => "w" });

    expect(refused(fleet, HOLD, 409)).toContain("with its fleet, which is being removed");
  });

  it("that holds does not end in deletion, however long it is empty", () => {
    const fleet = aFleet([aRow()]);

    expect(accepted(fleet, HOLD, "drain")).toMatchObject({ phase: "draining", drainHold: true });
    ticks(fleet, 40);

    expect(rowOf(fleet)).toMatchObject({ phase: "draining", drainHold: true });
    expect(told(fleet, "delete")).toEqual([]);
  });

  it("takes a warming server as well", () => {
    const fleet = aFleet([aRow({ phase: "warming" })]);

    expect(accepted(fleet, DRAIN, "drain")).toMatchObject({ phase: "draining" });
  });

  it.each(["surplus", "replace"] as const)(
    "makes a drain for %s the operator's, with its cordon: no session ends it",
    (drainReason) => {
      const fleet = aFleet([aRow({ ...CORDONED, drainReason })]);

      expect(accepted(fleet, DRAIN, "drain")).toMatchObject({
        phase: "draining",
        drainReason: "operator",
        cordonedAt: NOW - MINUTE_MS,
      });
      tick(fleet, { sessions: 1 });
      expect(rowOf(fleet)).toMatchObject({ phase: "draining", drainReason: "operator" });
    },
  );

  it("that held may end in deletion after all, and the other way round", () => {
    const fleet = aFleet([aRow({ ...CORDONED, drainReason: "operator", drainHold: true })]);

    expect(accepted(fleet, DRAIN, "drain")).toMatchObject({ drainHold: false });
    expect(accepted(fleet, HOLD, "drain")).toMatchObject({ drainHold: true });
    idle(fleet, HOLD);
  });

  it("does not take a server away from the fleet's removal", () => {
    const fleet = aFleet([aRow({ ...CORDONED, drainReason: "fleet" })]);

    expect(refused(fleet, HOLD, 409)).toContain("PUT the spec to call it off");
  });

  it.each(["starting", "configuring", "deleting", "lost"] as const)(
    "is refused while the server is %s",
    (phase) => {
      expect(refused(aFleet([aRow({ phase })]), DRAIN, 409)).toContain(`${NAME} is ${phase}`);
    },
  );
});

describe("an undrain", () => {
  it.each(["operator", "surplus"] as const)("takes back a drain for %s", (drainReason) => {
    const fleet = aFleet([aRow({ ...CORDONED, drainReason, drainHold: true })]);

    expect(accepted(fleet, UNDRAIN, "undrain")).toMatchObject({
      phase: "ready",
      drainReason: null,
      drainHold: false,
      cordonedAt: null,
    });
    idle(fleet, UNDRAIN);
  });

  it("is refused where it would be drained again at once, and says what helps", () => {
    const fleet = aFleet([aRow({ ...CORDONED, drainReason: "replace" })]);

    expect(refused(fleet, UNDRAIN, 409)).toContain("protect it, which takes it back too");
  });

  it("is refused while the fleet is removed", () => {
    const fleet = aFleet([BUSY]);
    remove(fleet.engine, { force: false }, OLGA, { now: fleet.now, word: () => "w" });
    tick(fleet, { sessions: 3 });

    expect(rowOf(fleet)?.drainReason).toBe("fleet");
    expect(refused(fleet, UNDRAIN, 409)).toContain("with its fleet, which is being removed");
  });

  it.each(["warming", "deleting", "lost"] as const)("is refused while it is %s", (phase) => {
    expect(refused(aFleet([aRow({ phase })]), UNDRAIN, 409)).toContain(`${NAME} is ${phase}`);
  });
});

describe("a protection", () => {
  it("has its owner and its time, and stays through a restart", () => {
    const fleet = aFleet([BUSY]);

    expect(accepted(fleet, PROTECT, "protect")).toMatchObject({
      phase: "ready",
      protectedBy: "olga",
      protectedSince: NOW,
    });
    idle(fleet, PROTECT);
  });

  it.each(["surplus", "replace"] as const)("takes back a drain for %s", (drainReason) => {
    const fleet = aFleet([aRow({ ...CORDONED, drainReason })]);

    expect(accepted(fleet, PROTECT, "protect")).toMatchObject({
      phase: "ready",
      drainReason: null,
      protectedBy: "olga",
    });
  });

  it.each(["operator", "fleet"] as const)("does not take back a drain for %s", (drainReason) => {
    const fleet = aFleet([aRow({ ...CORDONED, drainReason })]);

    expect(accepted(fleet, PROTECT, "protect")).toMatchObject({ phase: "draining", drainReason });
    ticks(fleet, 20);
    expect(rowOf(fleet)?.phase).toBe("draining");
  });

  it("ends when it is taken away, and not while a tag says so too", () => {
    const guarded = { protectedBy: "otto", protectedSince: NOW - 1 };
    const fleet = aFleet([aRow(guarded)]);
    const tagged = aFleet([aRow({ ...guarded, protectedByTag: true })]);

    expect(accepted(fleet, UNPROTECT, "protect")).toMatchObject({
      protectedBy: null,
      protectedSince: null,
    });
    idle(fleet, UNPROTECT);
    expect(refused(tagged, UNPROTECT, 409)).toContain("take the tag `lightfleet:protect` off");
  });

  it.each(["planned", "deleting"] as const)("is refused while it is %s", (phase) => {
    expect(refused(aFleet([aRow({ phase })]), PROTECT, 409)).toContain(`${NAME} is ${phase}`);
  });
});

describe("a delete", () => {
  it("is refused where the server is not confirmed empty, and tells of its sessions", () => {
    const refusal = refused(aListedFleet([BUSY]), DELETE, 409);

    expect(refusal).toContain("which ends 3 sessions on it");
    expect(refusal).toContain("drain it");
  });

  it("is done where the server is confirmed empty", () => {
    const fleet = heldAndEmpty();

    expect(accepted(fleet, DELETE, "delete")).toMatchObject({ phase: "deleting", step: "delete" });
    const { commands } = tick(fleet);
    expect(commands).toMatchObject([{ action: { kind: "delete", name: NAME } }]);
  });

  it.each<[string, Sight, RegExp]>([
    ["many servers are silent at once", { silent: ["b", "c"] }, /are silent.*"force": true/u],
    ["the last listing failed", { listing: partial([]) }, /listing failed.*"force": true/u],
  ])("seed 22146148: waits while %s, unless it is forced or over", (_what, sight, why) => {
    const [fleet, again] = [heldAndEmpty({}, ["b", "c", "d"]), heldAndEmpty({}, ["b", "c", "d"])];
    for (const each of [fleet, again]) {
      ticks(each, 10, sight);
      expect(refused(each, DELETE, 409)).toMatch(why);
    }

    expect(accepted(fleet, FORCE, "forced")).toMatchObject({ phase: "deleting" });
    expect(told(fleet, "forced").join()).toContain("by force, with 0 sessions on it");
    ticks(again, 10);
    accepted(again, DELETE, "delete");
  });

  it("by force ends sessions, and its event says whose and why", () => {
    const fleet = aListedFleet([BUSY]);

    expect(accepted(fleet, FORCE, "forced")).toMatchObject({
      phase: "deleting",
      deletingAt: fleet.now,
    });
    const [row] = fleet.sql.rows("SELECT message, data FROM events WHERE kind = 'forced'");
    expect(row?.["message"]).toBe(`delete ${NAME} by force, with 3 sessions on it: ${REASON}`);
    const data = { sessions: 3, occupancy: "busy", leases: [], force: true, reason: REASON };
    expect(JSON.parse(String(row?.["data"]))).toEqual(data);
    idle(fleet, FORCE);
  });

  it.each<[string, Partial<Instance>]>([
    ["by a person", { protectedBy: "otto", protectedSince: NOW - 1 }],
    ["by its tag", { protectedByTag: true, protectedSince: NOW - 1 }],
  ])("is refused where the server is protected %s, by force too", (_by, guarded) => {
    const fleet = aFleet([aRow({ ...BUSY, ...guarded })]);

    expect(refused(fleet, DELETE, 409)).toContain("force does not overrule it");
    expect(refused(fleet, FORCE, 409)).toContain("force does not overrule it");
  });

  it("is refused where the server is not listed as ours, by force too", () => {
    const fleet = aFleet([aRow()]);
    tick(fleet, { listed: [] });

    expect(refused(fleet, FORCE, 409)).toContain("put its tag `lightfleet:owner` back");
  });

  it("is refused before the first listing in the object's life, by force too", () => {
    const fleet = aListedFleet([BUSY]);
    restart(fleet);

    expect(refused(fleet, FORCE, 409)).toContain("ask again");

    tick(fleet, { sessions: 3 });
    accepted(fleet, FORCE, "forced");
  });

  it("is refused when the hour is full of deletes, decided ones too", () => {
    const going = aRow({ name: "media-k3-9", phase: "deleting", deletingAt: NOW - MINUTE_MS });
    const fleet = aListedFleet([BUSY, going], { limits: { maxDeletesPerHour: 1 } });

    expect(refused(fleet, FORCE, 409)).toContain("limits.maxDeletesPerHour binds");
  });

  it("calls off what was only planned, and AWS never hears of it", () => {
    const fleet = aFleet([aPlanned()]);

    expect(accepted(fleet, DELETE, "cancelled")).toBeUndefined();
    expect(fleet.sql.rows("SELECT phase FROM instances")).toEqual([{ phase: "gone" }]);
    expect(tick(fleet).commands.flatMap(({ action }) => namesOf(action))).not.toContain(NAME);
  });

  it.each<[string, Partial<Instance>]>([
    ["planned, with its create under way", { ...aPlanned(), command: 7 }],
    ["planned, and perhaps there already", { ...aPlanned(), mayExist: true }],
    ["lost", { phase: "lost" }],
    ["without an ARN", { phase: "starting", arn: null }],
  ])("is refused while it is %s, by force too", (_what, overrides) => {
    const fleet = aFleet([aRow(overrides)]);

    expect(refused(fleet, FORCE, 409)).toContain("AWS does not list it as ours");
  });
});

describe("an adoption", () => {
  const STRAY = "by-hand";
  const lookUp = (owner: string | null): LookUp => {
    const tags: Record<string, string> = owner === null ? {} : { "lightfleet:owner": owner };
    const instance = aCloudInstance({ name: STRAY, owner, template: null, tags });
    return { kind: "found", name: STRAY, instance };
  };
  const wanted = (): Fleet => {
    const fleet = aFleet([]);
    expect(done(fleet, ADOPT, STRAY)).toEqual({ instance: null });
    return fleet;
  };

  it("is a wish that outlives the object, beside others, and is told once", () => {
    const fleet = wanted();
    expect(done(fleet, ADOPT, STRAY)).toEqual({ instance: null });
    expect(done(fleet, ADOPT, "another")).toEqual({ instance: null });
    restart(fleet);

    const wish = { since: NOW, actor: "olga" };
    expect(stateOf(fleet).adoptions).toEqual([
      { name: "another", ...wish },
      { name: STRAY, ...wish },
    ]);
    expect(audit(fleet)).toMatchObject([{ instance: STRAY }, { instance: "another" }]);
    expect(tick(fleet, { listed: [] }).watch.lookUps).toEqual(["another", STRAY]);
  });

  it("has its audit row with its reason, as every action has", () => {
    expect(audit(wanted())).toMatchObject([{ kind: "adoption", instance: STRAY, reason: REASON }]);
  });

  it("of a lost server is a wish too: it may be there without our tags", () => {
    const fleet = aFleet([aRow({ phase: "lost" })]);

    expect(done(fleet, ADOPT)).toEqual({ instance: null });
    expect(stateOf(fleet).adoptions).toMatchObject([{ name: NAME }]);
  });

  it("takes over what is nobody's: protected, with our tags, and left as it is", () => {
    const fleet = wanted();

    const { commands } = tick(fleet, { listed: [], lookUp: lookUp(null) });

    expect(rowOf(fleet, STRAY)).toMatchObject({
      phase: "ready",
      adopted: true,
      createdByUs: false,
      occupancy: "unknown",
      protectedBy: "olga",
    });
    expect(commands.map(({ action }) => action)).toMatchObject([
      { kind: "tags", name: STRAY, arn: `arn:${STRAY}`, put: { "lightfleet:owner": OWNER } },
    ]);
    expect(audit(fleet).at(-1)).toMatchObject({ kind: "adopted", instance: STRAY });
  });

  it("goes on after a restart, and is over once it is listed with our tags", () => {
    const fleet = wanted();
    tick(fleet, { listed: [], lookUp: lookUp(null) });
    restart(fleet);
    ticks(fleet, 30, { listed: [] });
    expect(stateOf(fleet).adoptions).toHaveLength(1);
    expect(rowOf(fleet, STRAY)?.phase).toBe("ready");

    ticks(fleet, 6, { listed: [aCloudInstance({ name: STRAY, template: null })] });

    expect(stateOf(fleet).adoptions).toEqual([]);
    expect(rowOf(fleet, STRAY)).toMatchObject({ phase: "ready", protectedBy: "olga" });
    expect(fleet.sql.rows("SELECT * FROM adoptions")).toEqual([]);
  });

  it.each<[string, LookUp, string]>([
    ["another fleet's", lookUp("default/films"), `${STRAY} belongs to default/films`],
    ["absent", { kind: "absent", name: STRAY, startedAt: NOW }, "Lightsail has no instance"],
  ])("of what is %s ends, and changes nothing", (_what, seen, words) => {
    const fleet = wanted();

    const { commands } = tick(fleet, { listed: [], lookUp: seen });

    expect(commands).toEqual([]);
    expect(stateOf(fleet)).toMatchObject({ adoptions: [], instances: new Map() });
    expect(told(fleet, "adoption").at(-1)).toContain(words);
    expect(audit(fleet).at(-1)).toMatchObject({ kind: "adoption", actor: "olga" });
  });

  it("that AWS never answers is given up after ten minutes", () => {
    const fleet = wanted();
    ticks(fleet, 119, { listed: [] });
    expect(stateOf(fleet).adoptions).toHaveLength(1);

    tick(fleet, { listed: [] });

    expect(stateOf(fleet).adoptions).toEqual([]);
    expect(told(fleet, "adoption").at(-1)).toContain("could not be adopted in time");
  });

  it("goes on asking for our tags as long as AWS does not take them", () => {
    const fleet = wanted();
    const stray = { listed: [], lookUp: lookUp(null), outcome: UNSENT };

    ticks(fleet, 130, stray);

    expect(stateOf(fleet).adoptions).toHaveLength(1);
    expect(done(fleet, ADOPT, STRAY)).not.toHaveProperty("refused");
    expect(tick(fleet, { listed: [] }).commands).toMatchObject([{ action: { kind: "tags" } }]);
  });

  it("is refused of a server that is the fleet's already", () => {
    expect(refused(aFleet([aRow()]), ADOPT, 409)).toContain("there is nothing to adopt");
  });
});

describe("every action", () => {
  it.each(EVERY)("of kind $kind on an unknown name is 404, in words", (action) => {
    const fleet = aFleet([aRow()]);

    expect(refused(fleet, action, 404, "media-k3-77")).toContain("no instance media-k3-77");
  });

  it("is 404 where there is no fleet, and makes none", () => {
    const sql = nodeSql();
    const engine = new Engine(sql, { tickMs: TICK_MS });

    const answer = act(engine, NAME, ADOPT, OLGA, { now: NOW, word: () => "w" });

    expect(answer).toMatchObject({ refused: { status: 404 } });
    expect(sql.rows("SELECT name FROM sqlite_master")).toEqual([]);
  });

  it.each([DRAIN, HOLD, DELETE, FORCE, ADOPT])(
    "of kind $kind is refused while the fleet only observes",
    (action) => {
      const name = action.kind === "adopt" ? "by-hand" : NAME;

      expect(refused(aFleet([BUSY], { mode: "observe" }), action, 409, name)).toContain(
        '`"mode": "active"`',
      );
    },
  );

  it("that protects is done while the fleet only observes", () => {
    const fleet = aFleet([BUSY], { mode: "observe" });

    expect(accepted(fleet, PROTECT, "protect")).toMatchObject({ protectedBy: "olga" });
    expect(accepted(fleet, UNPROTECT, "protect")).toMatchObject({ protectedBy: null });
  });
});
