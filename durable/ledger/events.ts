/** The audit trail: written in the transaction of what it tells. */
import type { EventDraft, EventKind } from "../rules/state.ts";
import type { Told } from "../rules/marks.ts";
import { type EventQuery, type EventView, FLEET_ITSELF } from "../rules/views.ts";
import { number, type Sql, text, textOrNull } from "./sql.ts";

/** What people look for months later; everything else is routine, and thinned. */
const LASTING: readonly EventKind[] = [
  "launch",
  "created",
  "drain",
  "delete",
  "deleted",
  "forced",
  "cancelled",
  "bootFailed",
  "adopted",
  "adoption",
  "lost",
  "stranger",
  "rival",
  "guard",
  "override",
  "pause",
  "resume",
  "protect",
  "spec",
  "dryRun",
  "doctor",
  "removing",
];
const DAY_MS = 86_400_000;
const LASTING_KEPT_MS = 90 * DAY_MS;
const ROUTINE_KEPT_MS = 7 * DAY_MS;
/** A storm of events must not fill the object's storage: the oldest go first, the routine ones before. */
const EVENTS_MAX = 200_000;
/** A spec with a launch script fits. */
const DATA_LENGTH_MAX = 65_536;

/** Who acts where no person did. */

export function insertEvent(sql: Sql, tick: number, now: number, event: EventDraft): void {
  sql.rows(
    "INSERT INTO events (at, tick, kind, instance, actor, message, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
    now,
    tick,
    event.kind,
    event.instance,
    event.actor ?? FLEET_ITSELF,
    event.message,
    bounded(JSON.stringify(event.data ?? {})),
  );
}

function bounded(data: string): string {
  if (data.length <= DATA_LENGTH_MAX) return data;
  return JSON.stringify({ cut: `its ${data.length} characters were not kept` });
}

/** Newest first. */
export function readEvents(sql: Sql, query: EventQuery): EventView[] {
  return sql
    .rows(
      `SELECT * FROM events WHERE at >= coalesce(?, at) AND at < coalesce(?, at + 1)
        AND kind = coalesce(?, kind) AND (? IS NULL OR instance = ?) AND id < coalesce(?, id + 1)
        ORDER BY id DESC LIMIT ?`,
      query.since,
      query.until,
      query.kind,
      query.instance,
      query.instance,
      query.before,
      query.limit,
    )
    .map((row) => ({
      id: number(row, "id"),
      at: new Date(number(row, "at")).toISOString(),
      kind: text(row, "kind"),
      instance: textOrNull(row, "instance"),
      actor: text(row, "actor"),
      message: text(row, "message"),
      data: JSON.parse(text(row, "data")) as Record<string, unknown>,
    }));
}

/** The newest of those that the chart marks, oldest first. The kinds stand here as in the index. */
export function markedEvents(sql: Sql, since: number, limit: number): Told[] {
  return sql
    .rows(
      `SELECT * FROM events WHERE kind IN ('boundary', 'override', 'guard') AND at >= ?
        ORDER BY at DESC, id DESC LIMIT ?`,
      since,
      limit,
    )
    .map((row) => ({
      at: number(row, "at"),
      kind: text(row, "kind"),
      message: text(row, "message"),
      data: JSON.parse(text(row, "data")) as Record<string, unknown>,
    }))
    .toReversed();
}

/**
 * When the launches and deletes since a moment were surely carried out, for the hourly caps. The rows
 * cannot tell: one that is listed again after it was gone begins a new life.
 */
export function carriedOutSince(
  sql: Sql,
  since: number,
): { launchTimes: number[]; deleteTimes: number[] } {
  const times = (kind: EventDraft["kind"]): number[] =>
    sql
      .rows("SELECT at FROM events WHERE kind = ? AND at > ?", kind, since)
      .map((row) => number(row, "at"));
  return { launchTimes: times("created"), deleteTimes: times("deleted") };
}

/** Thins what is routine, and forgets what is old. */
export function forgetEvents(sql: Sql, now: number): void {
  const lasting = LASTING.map(() => "?").join(", ");
  sql.rows(
    `DELETE FROM events WHERE at < ? AND kind NOT IN (${lasting})`,
    now - ROUTINE_KEPT_MS,
    ...LASTING,
  );
  sql.rows("DELETE FROM events WHERE at < ?", now - LASTING_KEPT_MS);
  const [row] = sql.rows("SELECT count(*) AS kept FROM events");
  if (row === undefined || number(row, "kept") <= EVENTS_MAX) return;
  sql.rows(
    `DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY kind IN (${lasting}) DESC, id DESC LIMIT -1 OFFSET ?)`,
    ...LASTING,
    EVENTS_MAX,
  );
}
