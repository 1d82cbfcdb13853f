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

/** A kind of call that is missing here does not compile. */
const EVERY: Readonly<Record<Evidence["action"], true>> = {
  create: true,
  ports: true,
  tags: true,
  drain: true,
  targetTag: true,
  delete: true,
};
const ACTIONS = Object.keys(EVERY) as Evidence["action"][];

/** As the index of the table `commands` has it: refusals for another reason than the key say nothing for certain. */
const TELLS = `(json_extract(outcome, '$.kind') = 'done'
  OR (json_extract(outcome, '$.kind') = 'rejected' AND json_extract(outcome, '$.rejection') = 'credentials'))`;

/** The newest of each kind of call. */
export function readEvidence(sql: Sql): Evidence[] {
  const tried = ACTIONS.flatMap((action) => newestOf(sql, action));
  const known = new Set(tried.map(({ action }) => action));
  return [...tried, ...toldBefore(sql).filter(({ action }) => !known.has(action))];
}

function newestOf(sql: Sql, action: Evidence["action"]): Evidence[] {
  return sql
    .rows(
      `SELECT json_extract(command, '$.action.kind') AS action, outcome, settledAt FROM commands
        WHERE json_extract(command, '$.action.kind') = ? AND ${TELLS} ORDER BY number DESC LIMIT 1`,
      action,
    )
    .map((row) => evidenceOf(row));
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
      .rows("SELECT at FROM events WHERE kind = ? ORDER BY id DESC LIMIT 1", kind)
      .map((row) => ({ action, at: iso(number(row, "at")), refusal: null })),
  );
}
