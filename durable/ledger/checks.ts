/** The checks of earlier specs, for servers that were built for them and are still there. */
import type { Check, Checks } from "../rules/model.ts";
import { type Sql, text } from "./sql.ts";

export function readChecks(sql: Sql): Checks {
  const rows = sql.rows("SELECT hash, built FROM checks");
  return new Map(rows.map((row) => [text(row, "hash"), JSON.parse(text(row, "built")) as Check]));
}

/** There are few, and they change only with the spec, or when the last server of one is gone. */
export function writeChecks(sql: Sql, checks: Checks): void {
  sql.rows("DELETE FROM checks");
  for (const [hash, check] of checks)
    sql.rows("INSERT INTO checks VALUES (?, ?)", hash, JSON.stringify(check));
}
