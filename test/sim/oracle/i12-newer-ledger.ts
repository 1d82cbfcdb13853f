/** I12, of the schema: a ledger that newer code has written is left alone by this one. */
import type { Check, Truth } from "./invariant.ts";

export function newerLedgerIsLeftAlone(): Check {
  let known: number | null = null;
  return (event, truth) => {
    // The fault is told before it writes.
    if (event.kind === "fault" && event.fault === "newerSchema") known ??= schemaOf(truth);
    if (event.kind !== "commit" || known === null) return null;
    const version = schemaOf(truth);
    if (version > known) return `something was written to a ledger of schema ${version}`;
    known = null;
    return null;
  };
}

function schemaOf({ sql }: Truth): number {
  const [row] = sql.rows("SELECT max(version) AS version FROM schema_versions");
  return Number(row?.["version"] ?? 0);
}
