/**
 * What people were told and what they are still to be told. A bulletin is written in the transaction of
 * what it tells, and leaves the outbox when it was delivered, not before.
 */
import type { Bulletin, OpenAlert } from "../rules/bulletins.ts";
import type { AlertKind, Severity } from "../rules/spec.ts";
import { number, type Row, type Sql, text } from "./sql.ts";

/** So many wait at most; what is too many is merged, and never dropped in silence. */
const OUTBOX_MAX = 500;

/** A bulletin that waits. */
export interface Waiting {
  readonly id: number;
  /** For how many messages it stands: it changes when others are merged into it. */
  readonly stands: number;
  readonly bulletin: Bulletin;
}

/** Those that were told, as after a cold start. */
export function readAlerts(sql: Sql): OpenAlert[] {
  return sql.rows("SELECT * FROM alerts ORDER BY since, kind, subject").map((row) => ({
    kind: text(row, "kind") as AlertKind,
    subject: text(row, "subject"),
    since: number(row, "since"),
    severity: text(row, "severity") as Severity | "off",
    what: text(row, "what"),
    canDo: text(row, "canDo"),
    awaySince: null,
  }));
}

/** Writes what changed of those that were told, their words too; a tick in which nothing of it changed writes nothing. */
export function writeAlerts(
  sql: Sql,
  before: readonly OpenAlert[],
  after: readonly OpenAlert[],
): void {
  const told = (alerts: readonly OpenAlert[]): Map<string, OpenAlert> =>
    new Map(
      alerts
        .filter(({ severity }) => severity !== null)
        .map((alert) => [`${alert.kind} ${alert.subject}`, alert]),
    );
  const [was, is] = [told(before), told(after)];
  for (const [key, { kind, subject }] of was)
    if (!is.has(key)) sql.rows("DELETE FROM alerts WHERE kind = ? AND subject = ?", kind, subject);
  for (const [key, { kind, subject, since, severity, what, canDo }] of is) {
    const known = was.get(key);
    if (known?.what !== what || known.canDo !== canDo)
      sql.rows(
        "INSERT OR REPLACE INTO alerts (kind, subject, since, severity, what, canDo) VALUES (?, ?, ?, ?, ?, ?)",
        kind,
        subject,
        since,
        severity,
        what,
        canDo,
      );
  }
}

/** Call it inside the transaction of what the bulletins tell. */
export function putBulletins(sql: Sql, bulletins: readonly Bulletin[]): void {
  if (bulletins.length === 0) return;
  for (const bulletin of bulletins)
    sql.rows(
      "INSERT INTO outbox (at, severity, stands, bulletin) VALUES (?, ?, 1, ?)",
      bulletin.at,
      bulletin.severity,
      JSON.stringify(bulletin),
    );
  const [row] = sql.rows("SELECT count(*) AS waiting FROM outbox");
  const tooMany = (row === undefined ? 0 : number(row, "waiting")) - OUTBOX_MAX;
  if (tooMany > 0) mergeOldest(sql, tooMany + 1);
}

/** The oldest that wait, oldest first. */
export function oldestBulletins(sql: Sql, limit: number): Waiting[] {
  return sql
    .rows("SELECT id, stands, bulletin FROM outbox ORDER BY id LIMIT ?", limit)
    .map((row) => waitingOf(row));
}

/**
 * They were delivered, and need not wait any more. One into which others were merged while it was on
 * its way stays.
 */
export function markSent(sql: Sql, sent: readonly Pick<Waiting, "id" | "stands">[]): void {
  sql.transaction(() => {
    for (const { id, stands } of sent)
      sql.rows("DELETE FROM outbox WHERE id = ? AND stands = ?", id, stands);
  });
}

/** The routine ones go first; what would page somebody, only when there is nothing else. */
function mergeOldest(sql: Sql, count: number): void {
  const merged = sql
    .rows("SELECT id, stands, bulletin FROM outbox ORDER BY severity = 'page', id LIMIT ?", count)
    .map((row) => waitingOf(row));
  const [first] = merged;
  if (first === undefined) return;
  const stands = merged.reduce((sum, waiting) => sum + waiting.stands, 0);
  const bulletin = mergedBulletin(first.bulletin, merged, stands);
  for (const { id } of merged) sql.rows("DELETE FROM outbox WHERE id = ?", id);
  sql.rows(
    "INSERT INTO outbox (id, at, severity, stands, bulletin) VALUES (?, ?, ?, ?, ?)",
    first.id,
    bulletin.at,
    bulletin.severity,
    stands,
    JSON.stringify(bulletin),
  );
}

function mergedBulletin(first: Bulletin, merged: readonly Waiting[], stands: number): Bulletin {
  const { fleet, at, kind } = first;
  const isPage = merged.some(({ bulletin }) => bulletin.severity === "page");
  return {
    fleet,
    at,
    kind,
    subject: "",
    severity: isPage ? "page" : "tell",
    stage: "merged",
    what: `and ${stands} more messages, which could not be sent when they were new.`,
    doing: `Lightfleet keeps ${OUTBOX_MAX} messages that wait, and puts the oldest together.`,
    canDo: `You can read what happened with GET /v1/fleets/${fleet}/events.`,
  };
}

/** Our own writes come back. */
function waitingOf(row: Row): Waiting {
  const bulletin = JSON.parse(text(row, "bulletin")) as Bulletin;
  return { id: number(row, "id"), stands: number(row, "stands"), bulletin };
}
