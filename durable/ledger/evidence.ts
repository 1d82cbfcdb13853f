/** Which kinds of calls AWS has carried out, or refused for want of a right: read off what was tried. */
import { iso } from "../iso.ts";
import type { Evidence } from "../rules/checkup-views.ts";
import type { EventKind } from "../rules/state.ts";
import type { Outcome } from "../rules/world.ts";
import { number, type Row, type Sql, text } from "./sql.ts";

/** Commands are kept for a day; of creates and deletes the audit trail tells for longer. */
const TOLD: Readonly<Partial<Record<EventKind, Evidence["action"]>>> = {
  created: "create",
  deleted: "delete",
};

/** The newest of each kind of call. Refusals for another reason than the key say nothing for certain. */
export function readEvidence(sql: Sql): Evidence[] {
  const tried = sql
    .rows(
      // SQLite gives the other columns of the row that has the maximum (sqlite.org/lang_select.html#bareagg).
      `SELECT json_extract(command, '$.action.kind') AS action, max(number) AS newest, outcome, settledAt
        FROM commands
        WHERE json_extract(outcome, '$.kind') = 'done'
          OR (json_extract(outcome, '$.kind') = 'rejected' AND json_extract(outcome, '$.rejection') = 'credentials')
        GROUP BY action`,
    )
    .map(evidenceOf);
  const known = new Set(tried.map(({ action }) => action));
  return [...tried, ...toldBefore(sql).filter(({ action }) => !known.has(action))];
}

function evidenceOf(row: Row): Evidence {
  const outcome = JSON.parse(text(row, "outcome")) as Outcome;
  return {
    action: text(row, "action") as Evidence["action"],
    at: iso(number(row, "settledAt")),
    refusal:
      outcome.kind === "rejected"
        ? { rejection: outcome.rejection, code: outcome.code, message: outcome.message }
        : null,
  };
}

function toldBefore(sql: Sql): Evidence[] {
  return Object.entries(TOLD).flatMap(([kind, action]) =>
    sql
      .rows("SELECT at FROM events WHERE kind = ? ORDER BY at DESC LIMIT 1", kind)
      .map((row) => ({ action, at: iso(number(row, "at")), refusal: null })),
  );
}
