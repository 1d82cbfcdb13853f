/** I12, of the schema: a ledger that newer code has written is left alone by this one. */
import { MIGRATIONS } from "../../../durable/ledger/migrations.ts";
import type { Check, Truth } from "./invariant.ts";

/** The newest that this code knows. A fault may strike before all of its migrations are made. */
const NEWEST = Math.max(...MIGRATIONS.map(({ version }) => version));

export function newerLedgerIsLeftAlone(): Check {
  return (event, truth) => {
    if (event.kind !== "commit") return null;
    const version = schemaOf(truth);
    return version > NEWEST ? `something was written to a ledger of schema ${version}` : null;
  };
}

function schemaOf({ sql }: Truth): number {
  const [row] = sql.rows("SELECT max(version) AS version FROM schema_versions");
  return Number(row?.["version"] ?? 0);
}
