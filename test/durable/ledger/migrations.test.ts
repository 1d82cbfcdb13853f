/** A migration that fails leaves the ledger at the version before it, and good code goes on from there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrate } from "../../../durable/ledger/migrations.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import { nodeSql } from "../../virtual/node-sql.ts";

const FOLDER = join(import.meta.dirname, "fixtures");
const NOW = Date.UTC(2026, 10, 22);
const EMPTY = "an empty ledger";

function ledgerOf(file: string): Sql {
  const sql = nodeSql();
  if (file === EMPTY) return sql;
  const statements = readFileSync(join(FOLDER, file), "utf8").split("\n--\n");
  for (const statement of statements.filter((text) => text.trim() !== "")) sql.rows(statement);
  return sql;
}

/** The same port, which fails at its statement of this number, counted from 0. */
function failingAt(sql: Sql, failing: number): { sql: Sql; failed: () => boolean } {
  let number = 0;
  const rows: Sql["rows"] = (...statement) => {
    if (number++ === failing) throw new Error("the disk is full");
    return sql.rows(...statement);
  };
  return {
    sql: { rows, transaction: (work) => sql.transaction(work) },
    failed: () => number > failing,
  };
}

function schemaOf(sql: Sql): unknown {
  return sql.rows("SELECT type, name, sql FROM sqlite_master ORDER BY type, name");
}

function versionsOf(sql: Sql): unknown {
  return sql.rows("SELECT version FROM schema_versions ORDER BY version");
}

test.each([EMPTY, ...readdirSync(FOLDER)])(
  "%s comes to the newest schema, at whichever statement a first attempt failed",
  (file) => {
    const whole = ledgerOf(file);
    migrate(whole, NOW);

    for (let statement = 0; ; statement++) {
      const sql = ledgerOf(file);
      const bad = failingAt(sql, statement);
      try {
        migrate(bad.sql, NOW);
      } catch (error) {
        expect(String(error)).toContain("the disk is full");
      }
      expect(() => migrate(sql, NOW), `failed at statement ${statement}`).not.toThrow();

      expect(schemaOf(sql), `failed at statement ${statement}`).toEqual(schemaOf(whole));
      expect(versionsOf(sql)).toEqual(versionsOf(whole));
      if (!bad.failed()) break;
    }
  },
);
