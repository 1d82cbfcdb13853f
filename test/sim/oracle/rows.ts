/** What the oracle reads of the ledger. Where there is no fleet there may be no tables. */
import type { Row } from "../../../durable/ledger/sql.ts";
import type { Truth } from "./invariant.ts";

export function rowOf(truth: Truth, name: string): Row | null {
  if (truth.spec === null) return null;
  return truth.sql.rows("SELECT * FROM instances WHERE name = ?", name)[0] ?? null;
}

export function liveRows(truth: Truth): readonly Row[] {
  if (truth.spec === null) return [];
  return truth.sql.rows(
    "SELECT name, phase, phaseSince, stoppedSince FROM instances WHERE phase <> 'gone'",
  );
}

/** Drawn when the ledger is born: another one is another ledger. */
export function incarnationOf(truth: Truth): string | null {
  if (truth.spec === null) return null;
  const [row] = truth.sql.rows("SELECT incarnation FROM fleet");
  return row === undefined ? null : String(row["incarnation"]);
}

/** How far the audit rows were read, by one who sees every commit: two ticks may decide in the same moment. */
export class Trail {
  #incarnation: string | null = null;
  #last = 0;

  /** @returns the last row that there was at the commit before this one. */
  advance(truth: Truth): number {
    const incarnation = incarnationOf(truth);
    const before = incarnation === this.#incarnation ? this.#last : 0;
    const [row] = truth.sql.rows("SELECT max(id) AS last FROM events");
    this.#incarnation = incarnation;
    this.#last = Number(row?.["last"] ?? 0);
    return before;
  }
}

/** The data of the newest event of a kind, as far as it is an object. */
export function newestEventData(truth: Truth, kind: string): Readonly<Record<string, unknown>> {
  const [row] = truth.sql.rows(
    "SELECT data FROM events WHERE kind = ? ORDER BY id DESC LIMIT 1",
    kind,
  );
  return row === undefined ? {} : (JSON.parse(String(row["data"])) as Record<string, unknown>);
}
