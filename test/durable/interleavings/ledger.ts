/**
 * One ledger for every run, emptied in between, with two witnesses that the code under test does not
 * know of: triggers that note each move of an instance and each outcome of a command.
 */
import { writeInstance } from "../../../durable/ledger/instances.ts";
import { migrate } from "../../../durable/ledger/migrations.ts";
import { type FleetRecord, writeFleet } from "../../../durable/ledger/records.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import type { Spec } from "../../../durable/rules/spec.ts";
import { nodeSql } from "../../virtual/node-sql.ts";
import { aRow, aSpec, NOW } from "../rules/builders.ts";

export const TICK_MS = 5_000;
/** The assumption of I1: a dispatcher places at most so long after it has read the list. */
export const HOLD_MS = 15_000;
export const MAX_INSTANCES = 5;
/** Of sessions on one server: the default of a spec. */
export const CAPACITY = 1;
const SERVERS_AT_FIRST = 3;

const WITNESSES = [
  "CREATE TABLE witnessedMoves (name TEXT, move TEXT, at INTEGER)",
  "CREATE TABLE witnessedOutcomes (number INTEGER)",
  `CREATE TRIGGER witnessBirth AFTER INSERT ON instances
    BEGIN INSERT INTO witnessedMoves VALUES (NEW.name, 'born>' || NEW.phase, NEW.changedAt); END`,
  `CREATE TRIGGER witnessMove AFTER UPDATE OF phase ON instances WHEN OLD.phase <> NEW.phase
    BEGIN INSERT INTO witnessedMoves VALUES (NEW.name, OLD.phase || '>' || NEW.phase, NEW.changedAt); END`,
  `CREATE TRIGGER witnessOutcome AFTER UPDATE OF outcome ON commands
    BEGIN INSERT INTO witnessedOutcomes VALUES (NEW.number); END`,
];

const EMPTIED = [
  "instances",
  "commands",
  "events",
  "overrides",
  "pauses",
  "holds",
  "buckets",
  "lessons",
  "adoptions",
  "leases",
  "bundles",
  "witnessedMoves",
  "witnessedOutcomes",
];

export function openLedger(): Sql {
  const sql = nodeSql();
  migrate(sql, NOW);
  for (const witness of WITNESSES) sql.rows(witness);
  return sql;
}

/** A spec with the shortest waits that the rules allow, so that a short run sees whole lives. */
export function specOf(spares: number, drainSeconds = HOLD_MS / 1000): Spec {
  return aSpec({
    spares: { default: String(spares) },
    retire: { idleForSeconds: 0, confirmations: 1, drainSeconds, billing: "none" },
    limits: { maxInstances: MAX_INSTANCES },
  });
}

/** The ledger as a fleet of three ready, idle servers left it when its object died. */
export function beginAgain(sql: Sql, spec: Spec): readonly Instance[] {
  const rows = Array.from({ length: SERVERS_AT_FIRST }, (_, index) => firstRow(index + 1));
  sql.transaction(() => {
    for (const table of EMPTIED) sql.rows(`DELETE FROM ${table}`);
    writeFleet(sql, null, firstRecord(spec));
    for (const row of rows) writeInstance(sql, row);
    sql.rows("DELETE FROM witnessedMoves");
  });
  return rows;
}

function firstRow(number: number): Instance {
  const name = `media-k3-${number}`;
  return aRow({ name, arn: `arn:${name}`, publicIp: addressOf(number) });
}

export function addressOf(number: number): string {
  return `203.0.113.${number}`;
}

function firstRecord(spec: Spec): FleetRecord {
  return {
    name: "media",
    owner: "default/media",
    incarnation: "k3",
    bornAt: NOW,
    spec,
    specVersion: 1,
    removing: null,
    listed: true,
    nextInstance: SERVERS_AT_FIRST + 1,
    nextCommand: 1,
    ticksReserved: 0,
    failedBoots: 0,
    tagValue: null,
    tagGarbled: null,
    tagRead: false,
    retiredTags: [],
  };
}
