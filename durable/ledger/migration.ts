import type { Sql } from "./sql.ts";

/** One version of the ledger, and what brings the one before to it. */
export interface Migration {
  readonly version: number;
  /** In their order; what SQL cannot say is a function. */
  readonly statements: readonly (string | ((sql: Sql) => void))[];
}
