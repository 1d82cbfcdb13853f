/** The ledger's Sql port on the storage of a Durable Object. */
import type { Sql } from "./ledger/sql.ts";

export function sqlOf(storage: DurableObjectStorage): Sql {
  return {
    rows: (statement, ...bindings) =>
      storage.sql.exec<Record<string, string | number | null>>(statement, ...bindings).toArray(),
    transaction: (work) => storage.transactionSync(work),
  };
}
