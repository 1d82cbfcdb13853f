/** The history of the fleet, in samples. Its size is bounded by their ages alone. */
import { DAY_MS, HOUR_MS } from "../rules/limits.ts";
import { isDue, type Sample } from "../rules/sample.ts";
import { number, numberOrNull, type Row, type Sql } from "./sql.ts";

/** Every sample is kept so long, and of each hour before that only one. */
const WHOLE_FOR_MS = 2 * DAY_MS;
const KEPT_FOR_MS = 8 * DAY_MS;

/**
 * Writes the sample, if it is due.
 *
 * @param known the newest that is kept, as this function returned it before; null to read it
 * @returns the newest that is kept now
 */
export function keepSample(
  sql: Sql,
  sample: Sample,
  tickMs: number,
  known: Sample | null = null,
): Sample {
  const last = known ?? newestSample(sql);
  if (last !== null && !isDue(last, sample, tickMs)) return last;
  // After a clock was set back, what it wrote before is from a time that is still to come.
  sql.rows("DELETE FROM samples WHERE at >= ?", sample.at);
  sql.rows(
    "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    sample.at,
    sample.spares,
    sample.target,
    sample.busy,
    sample.unknown,
    sample.launching,
    sample.draining,
    sample.sessions,
    sample.usdPerHour,
  );
  return sample;
}

function newestSample(sql: Sql): Sample | null {
  const [row] = sql.rows("SELECT * FROM samples ORDER BY at DESC LIMIT 1");
  return row === undefined ? null : sampleOf(row);
}

/** From the one that stood at `from` on, oldest first: of each bucket of time the one that was furthest below its target. */
export function readSamples(sql: Sql, from: number, until: number, bucketMs: number): Sample[] {
  return sql
    .rows(
      // A bound number is a REAL, and would divide without rest. SQLite gives the other columns of the row that has the minimum (sqlite.org/lang_select.html#bareagg).
      `SELECT *, min(spares - target) FROM samples
        WHERE at >= coalesce((SELECT max(at) FROM samples WHERE at <= ?), ?) AND at <= ?
        GROUP BY at / CAST(? AS INTEGER) ORDER BY at`,
      from,
      from,
      until,
      bucketMs,
    )
    .map(sampleOf);
}

/** A lack of spares is what people look for later, so of an hour its worst sample is kept. */
export function forgetSamples(sql: Sql, now: number): void {
  sql.rows("DELETE FROM samples WHERE at < ?", now - KEPT_FOR_MS);
  sql.rows(
    `DELETE FROM samples WHERE at < ? AND at NOT IN
      (SELECT at FROM (SELECT at, min(spares - target) FROM samples GROUP BY at / ${HOUR_MS}))`,
    now - WHOLE_FOR_MS,
  );
}

function sampleOf(row: Row): Sample {
  return {
    at: number(row, "at"),
    spares: number(row, "spares"),
    target: number(row, "target"),
    busy: number(row, "busy"),
    unknown: number(row, "unknown"),
    launching: number(row, "launching"),
    draining: number(row, "draining"),
    sessions: number(row, "sessions"),
    usdPerHour: numberOrNull(row, "usdPerHour"),
  };
}
