/** The audit trail: written in the transaction of what it tells. */
import type { EventDraft, EventKind } from "../rules/state.ts";
import type { Told } from "../rules/marks.ts";
import type { AuditRow, ChainName } from "../rules/audit.ts";
import { type EventQuery, type EventView, FLEET_ITSELF } from "../rules/views.ts";
import { appendRow, forgetBefore } from "./chain.ts";
import { number, numberOrNull, type Sql, text, textOrNull, type Value } from "./sql.ts";

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
/** In the order in which they make room. */
const KEPT: readonly { readonly name: ChainName; readonly keptMs: number }[] = [
  { name: "routine", keptMs: ROUTINE_KEPT_MS },
  { name: "lasting", keptMs: LASTING_KEPT_MS },
];
/** A storm of events must not fill the object's storage: the oldest go first, the routine ones before. */
const EVENTS_MAX = 200_000;
/** A spec with a launch script fits. */
const DATA_LENGTH_MAX = 65_536;

export function insertEvent(sql: Sql, tick: number, now: number, event: EventDraft): AuditRow {
  const { kind, instance, message, actor = FLEET_ITSELF, data = {} } = event;
  const chain = LASTING.includes(kind) ? "lasting" : "routine";
  const stored = bounded(JSON.stringify(data));
  return appendRow(sql, { at: now, tick, kind, instance, actor, message, data: stored, chain });
}

function bounded(data: string): string {
  if (data.length <= DATA_LENGTH_MAX) return data;
  return JSON.stringify({ cut: `its ${data.length} characters were not kept` });
}

/** Newest first. Each filter that is named can use its index; one that is not named would hide them all. */
export function readEvents(sql: Sql, query: EventQuery): EventView[] {
  const { since, until, kind, instance, before, limit } = query;
  const filters: readonly (readonly [condition: string, value: Value])[] = [
    ["at >= ?", since],
    ["at < ?", until],
    ["kind = ?", kind],
    ["instance = ?", instance],
    ["id < ?", before],
  ];
  const named = filters.filter(([, value]) => value !== null);
  const where = named.map(([condition]) => condition).join(" AND ") || "1";
  return sql
    .rows(
      `SELECT * FROM events WHERE ${where} ORDER BY id DESC LIMIT ?`,
      ...named.map(([, value]) => value),
      limit,
    )
    .map((row) => ({
      id: number(row, "id"),
      at: new Date(number(row, "at")).toISOString(),
      kind: text(row, "kind"),
      instance: textOrNull(row, "instance"),
      actor: text(row, "actor"),
      message: text(row, "message"),
      data: JSON.parse(text(row, "data")) as Record<string, unknown>,
      hash: textOrNull(row, "hash"),
    }));
}

/** The newest of those that the chart marks, oldest first. The kinds stand here as in the index. */
export function markedEvents(sql: Sql, since: number, limit: number): Told[] {
  return sql
    .rows(
      `SELECT * FROM events INDEXED BY eventsMarked
        WHERE kind IN ('boundary', 'override', 'guard') AND at >= ?
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

/**
 * Thins what is routine, and forgets what is old: of each chain only the oldest rows, so that what is kept
 * has no gap. Where a clock was turned back, a row waits for those that were written before it.
 */
export function forgetEvents(sql: Sql, now: number, eventsMax = EVENTS_MAX): void {
  forgetUnchained(sql, now);
  for (const { name, keptMs } of KEPT) forgetBefore(sql, name, firstSince(sql, name, now - keptMs));
  const [row] = sql.rows("SELECT count(*) AS kept FROM events");
  let surplus = row === undefined ? 0 : number(row, "kept") - eventsMax;
  if (surplus <= 0) return;
  surplus -= forgetOldestUnchained(sql, surplus);
  for (const { name } of KEPT) {
    if (surplus <= 0) return;
    const [{ kept = 0 } = {}] = sql.rows(
      "SELECT count(*) AS kept FROM events WHERE chain = ?",
      name,
    );
    forgetBefore(sql, name, nthOf(sql, name, surplus));
    surplus -= Number(kept);
  }
}

/** The first of a chain that is not older than a moment; null where all are. */
function firstSince(sql: Sql, chain: ChainName, since: number): number | null {
  const [row] = sql.rows(
    "SELECT min(id) AS id FROM events WHERE chain = ? AND at >= ?",
    chain,
    since,
  );
  return row === undefined ? null : numberOrNull(row, "id");
}

/** The row of a chain before which there are so many; null where there is none. */
function nthOf(sql: Sql, chain: ChainName, before: number): number | null {
  const [row] = sql.rows(
    "SELECT id FROM events WHERE chain = ? ORDER BY id LIMIT 1 OFFSET ?",
    chain,
    before,
  );
  return row === undefined ? null : number(row, "id");
}

/** The oldest of the rows from before there were chains, and how many went. */
function forgetOldestUnchained(sql: Sql, count: number): number {
  return sql.rows(
    "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE chain IS NULL ORDER BY id LIMIT ?) RETURNING id",
    count,
  ).length;
}

/** Rows from before there were chains go by their kind. */
function forgetUnchained(sql: Sql, now: number): void {
  const lasting = LASTING.map(() => "?").join(", ");
  sql.rows(
    `DELETE FROM events WHERE chain IS NULL AND at < iif(kind IN (${lasting}), ?, ?)`,
    ...LASTING,
    now - LASTING_KEPT_MS,
    now - ROUTINE_KEPT_MS,
  );
}
