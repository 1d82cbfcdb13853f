/**
 * A law of settling: two outcomes that are heard at once leave what they leave one after the other, whatever
 * they are, in the tables and in the memory. Both may touch the same hold, the same row or the same events.
 */
import { beforeEach, expect, test } from "vitest";
import { Engine } from "../../durable/engine.ts";
import { writeInstance } from "../../durable/ledger/instances.ts";
import { insertCommand } from "../../durable/ledger/records.ts";
import { writeRuling } from "../../durable/ledger/ruling.ts";
import type { Sql } from "../../durable/ledger/sql.ts";
import { configure } from "../../durable/operate.ts";
import type { Action, Outcome, Rejection } from "../../durable/rules/world.ts";
import { nodeSql } from "../virtual/node-sql.ts";
import {
  aCommand,
  aCreate,
  aPlanned,
  aRow,
  aRuling,
  aSpec,
  NOW,
  SECOND_MS,
} from "./rules/builders.ts";

const TICK_MS = 5_000;
const TAG = { resource: "i-0123456789abcdef0", key: "spares" };
const TABLES = [
  "fleet",
  "instances",
  "commands",
  "events",
  "holds",
  "ruling",
  "tagWrite",
  "outbox",
];
const REJECTIONS: readonly Rejection[] = [
  "nameInUse",
  "notFound",
  "quota",
  "zoneCapacity",
  "credentials",
  "notNow",
  "invalid",
  "other",
];

const ACTIONS: readonly Action[] = [
  aCreate("two-1", "two-2"),
  { ...aCreate("alone"), zone: "ap-northeast-2c" } as Action,
  { kind: "tags", name: "tags", arn: "arn:tags", put: {}, remove: [], tagsHash: "t" },
  { kind: "delete", name: "delete", arn: "arn:delete" },
  { kind: "targetTag", tag: TAG, value: "3" },
];

type Kind = Exclude<Outcome["kind"], "rejected"> | Rejection;
const KINDS: readonly Kind[] = ["done", "throttled", "unsent", "unknown", ...REJECTIONS];

function outcomeOf(number: number, kind: Kind): Outcome {
  const base = { number, calls: [] };
  const said = { code: "SomeException", message: `Some names are in use: alone, of ${number}` };
  if (kind === "done") return { ...base, kind, requestId: `request ${number}` };
  if (kind === "throttled") return { ...base, kind, ...said };
  if (kind === "unsent" || kind === "unknown") return { ...base, kind, message: said.message };
  return { ...base, kind: "rejected", rejection: kind, requestId: null, ...said };
}

/** The engine's transactions are parts of one of the test's, which is rolled back. */
let sql: Sql;

beforeEach(() => {
  const disk = nodeSql();
  sql = { rows: (...statement) => disk.rows(...statement), transaction: (work) => work() };
  const spec = aSpec({ spares: { default: "3", tag: TAG } });
  const fleet = { name: "media", deployment: "default", spec };
  configure(
    new Engine(sql, { tickMs: TICK_MS }),
    fleet,
    { actor: "olga" },
    { now: NOW, word: () => "k3" },
  );
  writeInstance(sql, aPlanned({ name: "two-1", command: 0 }));
  writeInstance(sql, aPlanned({ name: "two-2", command: 0 }));
  writeInstance(sql, aPlanned({ name: "alone", command: 1, zone: "ap-northeast-2c" }));
  writeInstance(sql, aRow({ name: "tags", command: 2 }));
  writeInstance(sql, aRow({ name: "delete", phase: "deleting", command: 3 }));
  writeRuling(sql, aRuling({ write: { ...A_WRITE, command: 4 } }));
  for (const [number, action] of ACTIONS.entries())
    insertCommand(sql, aCommand(action, number), NOW);
});

const A_WRITE = {
  value: "3",
  before: ["5"],
  attempts: 1,
  nextAttemptAt: 0,
  triedAt: NOW,
  lastError: null,
  writtenAt: null,
  readBackAt: null,
} as const;

/** What the settlings leave; nothing of it stays. */
function left(...settlings: readonly (readonly Outcome[])[]): unknown {
  sql.rows("BEGIN");
  const engine = new Engine(sql, { tickMs: TICK_MS });
  for (const outcomes of settlings) engine.settle(outcomes, NOW + SECOND_MS);
  const tables = TABLES.map((table) => [table, sql.rows(`SELECT * FROM ${table}`)]);
  const state = engine.read(NOW + SECOND_MS)?.state;
  sql.rows("ROLLBACK");
  return { tables, state };
}

const NUMBERS = [...ACTIONS.keys()];

test.each(KINDS)(
  "%s, and any other outcome after it, settle at once as one after the other",
  (kind) => {
    for (const first of NUMBERS)
      for (const second of NUMBERS.filter((number) => number !== first))
        for (const other of KINDS) {
          const [one, two] = [outcomeOf(first, kind), outcomeOf(second, other)];

          expect(left([one, two]), `${first} ${kind}, ${second} ${other}`).toEqual(
            left([one], [two]),
          );
        }
  },
);

test.each(KINDS)("%s that is heard twice counts once", (kind) => {
  for (const number of NUMBERS) {
    const outcome = outcomeOf(number, kind);

    expect(left([outcome], [outcome]), `${number} ${kind}`).toEqual(left([outcome]));
    expect(left([outcome, outcome]), `${number} ${kind}`).toEqual(left([outcome]));
  }
});
