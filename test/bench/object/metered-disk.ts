/**
 * The object's disk, with a count of what is read and written. Rows are counted as Cloudflare bills them: each row
 * that is inserted, changed or deleted, and one more for each index that an insert or a delete touches.
 * An update may leave the indexes alone, so it counts one.
 */
import type { Value } from "../../../durable/ledger/sql.ts";
import { Disk } from "../../sim/world/disk.ts";

export interface Traffic {
  /** Rows that queries gave back; Cloudflare bills those that they scan. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Of the values that the writing statements bind, as UTF-8. */
  readonly bytesWritten: number;
}

const encoder = new TextEncoder();

/** An upsert counts as an insert. */
const WRITE = /^\s*(?:(INSERT|DELETE|REPLACE)\b.*?\b(?:INTO|FROM)|(UPDATE))\s+(\w+)/isu;

export class MeteredDisk extends Disk {
  readonly #indexes = new Map<string, number>();
  #rowsRead = 0;
  #rowsWritten = 0;
  #bytesWritten = 0;

  override rows(statement: string, ...bindings: Value[]) {
    const result = super.rows(statement, ...bindings);
    const [written, , updates, table] = WRITE.exec(statement) ?? [];
    if (written === undefined || table === undefined) {
      this.#rowsRead += result.length;
      return result;
    }
    const [changed] = this.sql.rows("SELECT changes() AS count");
    const each = updates === undefined ? 1 + this.#indexesOf(table) : 1;
    this.#rowsWritten += Number(changed?.["count"]) * each;
    for (const value of bindings) this.#bytesWritten += bytesOf(value);
    return result;
  }

  /** What was read and written since this was last asked. */
  take(): Traffic {
    const traffic = {
      rowsRead: this.#rowsRead,
      rowsWritten: this.#rowsWritten,
      bytesWritten: this.#bytesWritten,
    };
    this.#rowsRead = this.#rowsWritten = this.#bytesWritten = 0;
    return traffic;
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
  return typeof value === "string" ? encoder.encode(value).length : 8;
}
