/**
 * The object's disk, with a count of what is written. Rows are counted as Cloudflare bills them: each row
 * that is inserted, changed or deleted, and one more for each index that an insert or a delete touches.
 * An update may leave the indexes alone, so it counts one.
 */
import type { Value } from "../../../durable/ledger/sql.ts";
import { Disk } from "../../sim/world/disk.ts";

export interface Writes {
  readonly rows: number;
  /** Of the values that the writing statements bind, as UTF-8. */
  readonly bytes: number;
}

/** An upsert counts as an insert. */
const WRITE = /^\s*(?:(INSERT|DELETE|REPLACE)\b.*?\b(?:INTO|FROM)|(UPDATE))\s+(\w+)/isu;

export class MeteredDisk extends Disk {
  readonly #indexes = new Map<string, number>();
  #rows = 0;
  #bytes = 0;

  override rows(statement: string, ...bindings: Value[]) {
    const result = super.rows(statement, ...bindings);
    const [written, , updates, table] = WRITE.exec(statement) ?? [];
    if (written === undefined || table === undefined) return result;
    const [changed] = this.sql.rows("SELECT changes() AS count");
    const each = updates === undefined ? 1 + this.#indexesOf(table) : 1;
    this.#rows += Number(changed?.["count"]) * each;
    for (const value of bindings) this.#bytes += bytesOf(value);
    return result;
  }

  /** What was written since this was last asked. */
  take(): Writes {
    const writes = { rows: this.#rows, bytes: this.#bytes };
    this.#rows = 0;
    this.#bytes = 0;
    return writes;
  }

  #indexesOf(table: string): number {
    const known = this.#indexes.get(table);
    if (known !== undefined) return known;
    const count = this.sql.rows("SELECT name FROM pragma_index_list(?)", table).length;
    this.#indexes.set(table, count);
    return count;
  }
}

function bytesOf(value: Value): number {
  if (value === null) return 0;
  return typeof value === "string" ? Buffer.byteLength(value) : 8;
}
