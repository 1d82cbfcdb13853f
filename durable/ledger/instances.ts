/** The rows of the instances. A column has the name of its property; booleans are 0 and 1. */
import { LEADS_KEPT } from "../rules/limits.ts";
import type { Instance, Phase } from "../rules/model.ts";
import { BLANK } from "../rules/transition.ts";
import { number, type Row, type Sql, text, textOrNull, type Value } from "./sql.ts";

const TEMPLATE: Instance = {
  ...BLANK,
  name: "",
  phase: "planned",
  phaseSince: 0,
  changedAt: 0,
  plannedAt: 0,
  zone: "",
};
const COLUMNS = Object.keys(TEMPLATE).map((column) => {
  if (isColumn(column)) return column;
  throw new Error(`${column} is no column`);
});

const BOOLEANS = COLUMNS.filter((column) => typeof TEMPLATE[column] === "boolean");

const SELECT = `SELECT ${COLUMNS.join(", ")} FROM instances`;

const UPSERT = `INSERT INTO instances (${COLUMNS.join(", ")})
  VALUES (${COLUMNS.map(() => "?").join(", ")})
  ON CONFLICT (name) DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}
  WHERE instances.revision = excluded.revision - 1 OR instances.phase = 'gone'
  RETURNING name`;

/**
 * Writes a new or changed row. A move that the table does not know is refused by the trigger.
 * @throws if the row was changed by anybody else since it was read.
 */
export function writeInstance(sql: Sql, row: Instance): void {
  const values = COLUMNS.map((column) => encode(row[column]));
  if (sql.rows(UPSERT, ...values).length !== 1)
    throw new Error(`${row.name} was changed since revision ${row.revision - 1}`);
}

/** Every row that is not gone. */
export function liveInstances(sql: Sql): Instance[] {
  return sql.rows(`${SELECT} WHERE phase <> 'gone'`).map((row) => decode(row));
}

/** Whether AWS has accepted any server of this ledger, or may have; a refused name was never created. */
export function hasEverBeenAccepted(sql: Sql): boolean {
  const [row] = sql.rows(
    "SELECT 1 FROM instances WHERE createdAt IS NOT NULL OR arn IS NOT NULL OR mayExist = 1 LIMIT 1",
  );
  return row !== undefined;
}

/** A server that is gone, as far as it counts for what a month has cost. */
export type GoneServer = Pick<Instance, "name" | "bundle" | "plannedAt"> & {
  readonly createdAt: number;
  readonly goneAt: number;
};

/** Servers that are gone, and were not yet at `since`. A refused name was never created, and is none. */
export function goneServers(sql: Sql, since: number): GoneServer[] {
  return sql
    .rows(
      `SELECT name, bundle, plannedAt, createdAt, goneAt FROM instances
        WHERE phase = 'gone' AND goneAt >= ? AND createdAt IS NOT NULL`,
      since,
    )
    .map((row) => ({
      name: text(row, "name"),
      bundle: textOrNull(row, "bundle"),
      plannedAt: number(row, "plannedAt"),
      createdAt: number(row, "createdAt"),
      goneAt: number(row, "goneAt"),
    }));
}

/** How long each of the last launches took until its server was ready, the newest last. */
export function leadsOf(sql: Sql): number[] {
  return sql
    .rows(
      `SELECT readyAt - plannedAt AS lead FROM instances
      WHERE createdByUs = 1 AND adopted = 0 AND readyAt >= plannedAt ORDER BY readyAt DESC LIMIT ?`,
      LEADS_KEPT,
    )
    .map((row) => number(row, "lead"))
    .toReversed();
}

export function instanceByName(sql: Sql, name: string): Instance | null {
  const [row] = sql.rows(`${SELECT} WHERE name = ?`, name);
  return row === undefined ? null : decode(row);
}

export function forgetGone(sql: Sql, before: number): void {
  sql.rows("DELETE FROM instances WHERE phase = 'gone' AND goneAt < ?", before);
}

function isColumn(column: string): column is keyof Instance {
  return column in TEMPLATE;
}

function encode(value: Instance[keyof Instance]): Value {
  return typeof value === "boolean" ? Number(value) : value;
}

/** Our own writes come back: the CHECKs of the schema vouch for the values. */
function decode(row: Row): Instance {
  const decoded: Record<string, Value | boolean> = { ...TEMPLATE };
  for (const column of COLUMNS) decoded[column] = row[column] ?? null;
  for (const column of BOOLEANS) decoded[column] = row[column] === 1;
  return { ...TEMPLATE, ...decoded, phase: row["phase"] as Phase };
}
