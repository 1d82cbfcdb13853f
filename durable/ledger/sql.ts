/** The one thing that the ledger needs of its host: SQLite, in a Durable Object or in Node. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

export interface Sql {
  /** Runs one statement and gives its rows. */
  rows(statement: string, ...bindings: Value[]): Row[];
  /** All or nothing; what `work` throws rolls back and is thrown on. `work` must not wait for anything. */
  transaction<T>(work: () => T): T;
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new Error(`column ${column} is not a text`);
  return value;
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new Error(`column ${column} is not a number`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : number(row, column);
}
