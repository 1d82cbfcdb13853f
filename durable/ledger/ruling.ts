/** The boundary that rules, its way into the tag, and a value of the tag that is held: a row each, and none where there is none. */
import type { Boundary, Ruling, TagJump, TagWrite } from "../rules/model.ts";
import { number, numberOrNull, type Row, type Sql, text, textOrNull } from "./sql.ts";

export function readRuling(sql: Sql): Ruling | null {
  const [row] = sql.rows("SELECT * FROM ruling");
  if (row === undefined) return null;
  const [write] = sql.rows("SELECT * FROM tagWrite");
  return {
    scheduleHash: text(row, "scheduleHash"),
    appliedAt: number(row, "appliedAt"),
    boundary: boundaryOf(row),
    write: write === undefined ? null : writeOf(write),
  };
}

export function readTagJump(sql: Sql): TagJump | null {
  const [row] = sql.rows("SELECT * FROM tagJump");
  if (row === undefined) return null;
  return {
    value: text(row, "value"),
    since: number(row, "since"),
    refusedBy: textOrNull(row, "refusedBy"),
  };
}

export function writeTagJump(sql: Sql, jump: TagJump | null): void {
  if (jump === null) sql.rows("DELETE FROM tagJump");
  else
    sql.rows(
      "INSERT OR REPLACE INTO tagJump VALUES (1, ?, ?, ?)",
      jump.value,
      jump.since,
      jump.refusedBy,
    );
}

/** Our own writes come back: the CHECKs of the schema vouch for the values. */
function boundaryOf(row: Row): Boundary | null {
  const at = numberOrNull(row, "boundaryAt");
  if (at === null) return null;
  return {
    at,
    value: textOrNull(row, "value"),
    source: text(row, "source") as Boundary["source"],
    special: number(row, "special") === 1,
    name: text(row, "name"),
    timezone: text(row, "timezone"),
    edge: text(row, "edge") as Boundary["edge"],
    dst: textOrNull(row, "dst") as Boundary["dst"],
  };
}

function writeOf(row: Row): TagWrite {
  return {
    value: text(row, "value"),
    before: JSON.parse(text(row, "before")) as (string | null)[],
    attempts: number(row, "attempts"),
    nextAttemptAt: number(row, "nextAttemptAt"),
    triedAt: numberOrNull(row, "triedAt"),
    command: numberOrNull(row, "command"),
    lastError: textOrNull(row, "lastError"),
    writtenAt: numberOrNull(row, "writtenAt"),
    readBackAt: numberOrNull(row, "readBackAt"),
  };
}

export function writeRuling(sql: Sql, { scheduleHash, appliedAt, boundary, write }: Ruling): void {
  sql.rows(
    "INSERT OR REPLACE INTO ruling VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    scheduleHash,
    appliedAt,
    boundary?.at ?? null,
    boundary?.value ?? null,
    boundary?.source ?? null,
    boundary === null ? null : Number(boundary.special),
    boundary?.name ?? null,
    boundary?.timezone ?? null,
    boundary?.edge ?? null,
    boundary?.dst ?? null,
  );
  if (write === null) sql.rows("DELETE FROM tagWrite");
  else
    sql.rows(
      "INSERT OR REPLACE INTO tagWrite VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      write.value,
      JSON.stringify(write.before),
      write.attempts,
      write.nextAttemptAt,
      write.triedAt,
      write.command,
      write.lastError,
      write.writtenAt,
      write.readBackAt,
    );
}
