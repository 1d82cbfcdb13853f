import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Engine } from "../../../durable/engine.ts";
import { auditPage } from "../../../durable/ledger/chain.ts";
import { insertEvent } from "../../../durable/ledger/events.ts";
import { migrate } from "../../../durable/ledger/migrations.ts";
import { readEvents } from "../../../durable/ledger/events.ts";
import { readSamples } from "../../../durable/ledger/samples.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import { linked } from "../../../durable/rules/audit.ts";
import { blindObservation } from "../../../durable/rules/world.ts";
import { parseSpec } from "../../../worker/api/spec.ts";
import { nodeSql } from "../../virtual/node-sql.ts";

const FOLDER = join(import.meta.dirname, "fixtures");
const FILES = readdirSync(FOLDER);
const NEWEST = "v19.sql";
/** Twenty minutes after the last thing that any of the fixtures tells. */
const NOW = Date.UTC(2026, 10, 22, 1, 0, 0);
const EVERYTHING = {
  since: null,
  until: null,
  kind: null,
  instance: null,
  before: null,
  limit: 500,
};
const WANTED_AT = 1_795_305_770_000;

function ledgerOf(file: string): Sql {
  const sql = nodeSql();
  const statements = readFileSync(join(FOLDER, file), "utf8").split("\n--\n");
  for (const statement of statements.filter((text) => text.trim() !== "")) sql.rows(statement);
  return sql;
}

function opened(file: string): Engine {
  return new Engine(ledgerOf(file), { tickMs: 5_000 });
}

test.each(FILES)("the ledger %s is opened, and a tick goes on from it", (file) => {
  const engine = opened(file);

  const live = engine.read(NOW);
  const watch = engine.begin(NOW);

  expect(live?.state.instances.size).toBe(3);
  expect(watch?.owner).toBe("default/media");
  if (watch === null) return;
  expect(engine.plan(blindObservation(watch, NOW, "nothing to see"), NOW)).toEqual([]);
});

test.each(FILES)("the spec in the ledger %s has what the API makes of it today", (file) => {
  const sql = ledgerOf(file);
  const [row] = sql.rows("SELECT spec FROM fleet");
  const today = parseSpec(JSON.parse(String(row?.["spec"])));

  const live = new Engine(sql, { tickMs: 5_000 }).read(NOW);

  expect(today).toEqual({ ok: true, value: live?.state.spec });
});

test.each(["v1.sql", "v2.sql"])("the ledger %s has nothing yet of what is newer", (file) => {
  const live = opened(file).read(NOW);

  expect(live?.state).toMatchObject({ retiredTags: [], adoptions: [], bundles: new Map() });
  for (const row of live?.state.instances.values() ?? [])
    expect(row).toMatchObject({
      tagsHash: null,
      bundle: null,
      saysDraining: false,
      drainTold: false,
      drainHold: false,
      protectedBy: null,
      protectedByTag: false,
      protectedSince: null,
    });
});

test("the ledger v3.sql keeps what operators want of the servers", () => {
  const { state } = opened("v3.sql").read(NOW) ?? {};

  expect(state?.instances.get("media-w0d-3")).toMatchObject({
    phase: "ready",
    protectedBy: "olga",
    protectedByTag: false,
    protectedSince: WANTED_AT,
  });
  expect(state?.instances.get("media-w0d-1")).toMatchObject({
    phase: "draining",
    drainReason: "operator",
    drainHold: true,
    saysDraining: true,
    drainTold: true,
  });
  expect(state?.adoptions).toEqual([{ name: "media-by-hand", since: WANTED_AT, actor: "olga" }]);
  expect(state?.retiredTags).toEqual(["cost-center"]);
  const medium = { id: "medium_3_0", usdPerMonth: 24, vcpus: 2 };
  expect(state?.bundles).toEqual(new Map([[medium.id, medium]]));
});

test("the ledger v4.sql keeps what rules, and what is on its way into the tag", () => {
  const { state } = opened("v4.sql").read(NOW) ?? {};

  expect(state?.ruling).toEqual({
    scheduleHash: "0123456789abcdef",
    appliedAt: 1_795_305_700_000,
    boundary: {
      at: 1_795_305_600_000,
      value: "20",
      source: "schedule",
      special: false,
      name: "weekday morning",
      timezone: "Asia/Seoul",
      edge: "begins",
      dst: null,
    },
    write: {
      value: "20",
      before: ["3", null],
      attempts: 2,
      nextAttemptAt: 1_795_305_760_000,
      triedAt: 1_795_305_750_000,
      command: null,
      lastError: "throttled by AWS: RequestLimitExceeded",
      writtenAt: null,
      readBackAt: null,
    },
  });
});

test("the ledger v6.sql keeps its history", () => {
  const sql = ledgerOf("v6.sql");

  const samples = readSamples(sql, 0, NOW, 1);

  expect(samples.map(({ at, usdPerHour }) => [at, usdPerHour])).toEqual([
    [1_795_305_610_000, null],
    [1_795_305_670_000, 0.096],
  ]);
});

test("the ledger v7.sql keeps what AWS has shown of itself", () => {
  const { state } = opened("v7.sql").read(NOW) ?? {};

  expect(state?.lessons).toEqual({ portsWhilePending: "refused" });
  expect(state?.memory.budget).toMatchObject({
    apart: { reads: 2, writes: 0 },
    buckets: { all: { ratePerSecond: 0.5, capacity: 5 }, create: { ratePerSecond: null } },
  });
});

test("the ledger v9.sql keeps how a server is asked that an earlier spec was for", () => {
  const engine = opened("v9.sql");
  const { state } = engine.read(NOW) ?? {};

  expect(state?.instances.get("media-w0d-3")?.health).toBe("0123456789abcdef");
  expect(state?.checks.get("0123456789abcdef")).toMatchObject({
    health: { port: 8081, path: "/old" },
    drainSeconds: 30,
  });
  const probe = { name: "media-w0d-3", check: "0123456789abcdef" };
  expect(engine.begin(NOW)?.probes).toContainEqual(expect.objectContaining(probe));
});

test("servers of a ledger that older code wrote are asked as the spec says", () => {
  const engine = opened("v8.sql");

  const rows = [...(engine.read(NOW)?.state.instances.values() ?? [])];

  expect(rows.map(({ health }) => health)).toEqual([null, null, null]);
});

test("the ledger v10.sql keeps the value of the tag that is held, and who refused it", () => {
  const { state } = opened("v10.sql").read(NOW) ?? {};

  expect(state?.tagJump).toEqual({ value: "100", since: 1_795_305_700_000, refusedBy: "olga" });
});

test("the ledger v13.sql keeps whose address is in doubt, and which deletes rest on replies", () => {
  const { state } = opened("v13.sql").read(NOW) ?? {};
  const older = opened("v10.sql").read(NOW)?.state.instances.get("media-w0d-1");

  expect(state?.instances.get("media-w0d-1")).toMatchObject({ movedTick: 12, restsOnReply: true });
  expect(older).toMatchObject({ movedTick: null, restsOnReply: false });
});

test("servers that an older ledger knows are not asked for their names, whatever they were built for", () => {
  const { state } = opened("v13.sql").read(NOW) ?? {};

  expect(state?.spec.health.nameRequired).toBe(false);
  expect([...(state?.checks.values() ?? [])].map(({ health }) => health.nameRequired)).toEqual([
    false,
  ]);
});

test("the ledger v17.sql goes on with the chain where it was, and older rows are in no chain", () => {
  const sql = ledgerOf("v17.sql");
  const chained = auditPage(sql, 0).rows.filter(({ chain }) => chain !== null);

  new Engine(sql, { tickMs: 5_000 }).read(NOW);
  const row = insertEvent(sql, 1, NOW, { kind: "launch", instance: null, message: "launch" });

  expect(chained).toMatchObject([{ kind: "forced", actor: "olga" }]);
  expect(row.hash).toBe(linked(chained[0]?.hash ?? "", row));
});

test("launch scripts that older code put into the audit trail are nowhere to be read any more", () => {
  const sql = ledgerOf("v10.sql");
  const script = "#!/bin/sh\nPASSWORD=hush-hush ./start é";
  const data = JSON.stringify({ version: 2, spec: { mode: "active", userData: script } });
  sql.rows(
    "INSERT INTO events (at, tick, kind, actor, message, data) VALUES (?, 1, 'spec', 'olga', 'spec version 2 was applied', ?)",
    NOW,
    data,
  );

  new Engine(sql, { tickMs: 5_000 }).read(NOW);

  const [newest, ...others] = readEvents(sql, EVERYTHING);
  expect(newest?.data).toEqual({
    version: 2,
    spec: {
      mode: "active",
      userData: {
        sha256: createHash("sha256").update(script).digest("hex"),
        bytes: new TextEncoder().encode(script).length,
      },
    },
  });
  expect(JSON.stringify([newest, ...others])).not.toContain("hush-hush");
  expect(others.length).toBeGreaterThan(0);
});

test("the ledger v19.sql knows that an empty tag was read, and an older one what its tag said", () => {
  const tagOf = (name: string) => opened(name).read(NOW)?.state;

  expect(tagOf("v19.sql")).toMatchObject({ tagWasRead: true, tagMemory: { value: null } });
  expect(tagOf("v18.sql")?.tagWasRead).toBe(tagOf("v18.sql")?.tagMemory.value !== null);
});

test("the rates that older code learned of each lane are kept for its own token bucket", () => {
  const sql = ledgerOf("v6.sql");
  sql.rows("INSERT INTO lanes VALUES ('create', 2, ?)", NOW - 60_000);

  const { state } = new Engine(sql, { tickMs: 5_000 }).read(NOW) ?? {};

  expect(state?.memory.budget.buckets).toMatchObject({
    create: { ratePerSecond: 2, capacity: 20 },
    all: { ratePerSecond: 2, capacity: 20 },
    ports: { ratePerSecond: null },
  });
});

test("the ledger v5.sql keeps the leases, each for the token that took it", () => {
  const { state } = opened("v5.sql").read(NOW) ?? {};

  const held = {
    id: "a1b2c3d4e5f6",
    key: "room-42",
    instance: "media-w0d-3",
    actor: "token:dan",
    auditedAt: 0,
    givenAt: WANTED_AT,
    ttlMs: 3_600_000,
    expiresAt: WANTED_AT + 3_600_000,
    usedAt: null,
  };
  const used = {
    ...held,
    id: "b1b2c3d4e5f6",
    key: null,
    givenAt: WANTED_AT + 1_000,
    ttlMs: 60_000,
    expiresAt: WANTED_AT + 61_000,
    usedAt: WANTED_AT + 5_000,
  };
  expect(state?.leases).toEqual(new Map([["media-w0d-3", [held, used]]]));
});

test.each([
  ["Dan@Example.org", "access:dan@example.org"],
  ["0a1b2c.access", "access-service:0a1b2c.access"],
  ["dan.the-second", "token:dan.the-second"],
])("a lease that %s took before there were ids is %s's now", (actor, id) => {
  const sql = ledgerOf("v10.sql");
  sql.rows("UPDATE leases SET actor = ?", actor);

  const { state } = new Engine(sql, { tickMs: 5_000 }).read(NOW) ?? {};

  const owners = [...(state?.leases.values() ?? [])].flat().map((lease) => lease.actor);
  expect(owners).toEqual([id, id]);
});

test("the ledger v11.sql keeps whose a lease is, and when the audit trail last told of it", () => {
  const { state } = opened("v11.sql").read(NOW) ?? {};

  expect(
    state?.leases.get("media-w0d-3")?.map(({ actor, auditedAt }) => [actor, auditedAt]),
  ).toEqual([
    ["access:olga@example.org", 1_795_305_771_000],
    ["token:dan", 0],
  ]);
});

test("the ledger v8.sql keeps which calls fail, and the operation that makes a server", () => {
  const { state } = opened("v8.sql").read(NOW) ?? {};

  expect(state?.failing).toMatchObject([{ call: "ports", count: 3, why: "rejected" }]);
  expect(state?.instances.get("media-w0d-3")?.operation).toBe("5f3a");
});

test("a new ledger has the schema of the newest fixture, and so have all that are opened", () => {
  const fresh = nodeSql();
  migrate(fresh, NOW);

  expect(schemaOf(ledgerOf(NEWEST))).toEqual(schemaOf(fresh));
  for (const file of FILES) {
    const engine = opened(file);
    engine.read(NOW);
    expect(schemaOf(engine.sql)).toEqual(schemaOf(fresh));
  }
});

test("a ledger that newer code wrote is refused, and not damaged", () => {
  const engine = opened("v1.sql");
  engine.sql.rows("INSERT INTO schema_versions VALUES (?, ?)", 99, NOW);

  expect(() => engine.read(NOW)).toThrow("the ledger has schema 99");
});

/** Tables, indexes and triggers as they were written, but for spaces; and which versions it has. */
function schemaOf(sql: Sql): unknown {
  const words = sql
    .rows("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
    .map(({ type, name, sql: text }) => `${type} ${name}: ${String(text).replace(/\s+/gu, " ")}`);
  return { words, versions: sql.rows("SELECT version FROM schema_versions ORDER BY version") };
}
