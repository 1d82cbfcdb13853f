/** The audit trail: written in the transaction of what it tells. */
import type { EventDraft } from "../rules/state.ts";
import type { EventQuery, EventView } from "../rules/views.ts";
import { number, type Sql, text, textOrNull } from "./sql.ts";

/** Who acts where no person did. */
const FLEET_ITSELF = "lightfleet";

export function insertEvent(sql: Sql, tick: number, now: number, event: EventDraft): void {
  sql.rows(
    "INSERT INTO events (at, tick, kind, instance, actor, message, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
    now,
    tick,
    event.kind,
    event.instance,
    event.actor ?? FLEET_ITSELF,
    event.message,
    JSON.stringify(event.data ?? {}),
  );
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

export function forgetEvents(sql: Sql, before: number): void {
  sql.rows("DELETE FROM events WHERE at < ?", before);
}
