/** Older code kept launch scripts whole in the audit trail, where everybody who may read it reads them. */
import { digestOf } from "../rules/launch-script-shown.ts";
import { number, type Sql, text } from "./sql.ts";

/** Leaves of each script in an event its hash and its length. */
export function maskScripts(sql: Sql): void {
  const held = sql.rows(
    `SELECT id, json_extract(data, '$.spec.userData') AS script FROM events
      WHERE kind = 'spec' AND json_type(data, '$.spec.userData') = 'text'`,
  );
  for (const row of held)
    sql.rows(
      "UPDATE events SET data = json_set(data, '$.spec.userData', json(?)) WHERE id = ?",
      JSON.stringify(digestOf(text(row, "script"))),
      number(row, "id"),
    );
}
