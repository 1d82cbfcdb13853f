/**
 * The tables of an account's budget: the rate and capacity of its buckets, and how far each fleet was heard.
 * So a restart neither bursts nor begins at zero, and no report counts twice.
 */
import { type Account, type Asker, newAccount } from "../rules/account.ts";
import { rememberedBudget } from "../rules/budget.ts";
import { readApart, readBuckets, writeBudget } from "./lessons.ts";
import type { Migration } from "./migration.ts";
import { migrate } from "./migrations.ts";
import { number, type Sql, text } from "./sql.ts";

const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE buckets (
        name TEXT PRIMARY KEY, ratePerSecond REAL NOT NULL, capacity REAL NOT NULL, refusedAt INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID`,
      "CREATE TABLE lessons (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
      `CREATE TABLE askers (
        fleet TEXT PRIMARY KEY, heard INTEGER NOT NULL, askedAt INTEGER NOT NULL, wants TEXT NOT NULL
      ) STRICT, WITHOUT ROWID`,
    ],
  },
];

/** The account after a cold start. It makes the tables of a new one. */
export function readAccount(sql: Sql, now: number): Account {
  migrate(sql, now, MIGRATIONS);
  const budget = rememberedBudget(readBuckets(sql), readApart(sql), now);
  return newAccount(budget, readAskers(sql));
}

function readAskers(sql: Sql): ReadonlyMap<string, Asker> {
  const rows = sql.rows("SELECT fleet, heard, askedAt, wants FROM askers");
  return new Map(
    rows.map((row) => [
      text(row, "fleet"),
      {
        heard: number(row, "heard"),
        askedAt: number(row, "askedAt"),
        wants: JSON.parse(text(row, "wants")) as Asker["wants"],
        // The buckets of a cold start hold little: earlier grants are not given back to them.
        grants: {},
      },
    ]),
  );
}

/** Only changes are written: a fleet that made no call and wants none costs nothing. */
export function writeAccount(sql: Sql, before: Account, after: Account): void {
  writeBudget(sql, before.budget, after.budget);
  for (const fleet of before.askers.keys())
    if (!after.askers.has(fleet)) sql.rows("DELETE FROM askers WHERE fleet = ?", fleet);
  for (const [fleet, asker] of after.askers) {
    const known = before.askers.get(fleet);
    if (known !== asker && isNews(known, asker)) writeAsker(sql, fleet, asker);
  }
}

function isNews(known: Asker | undefined, asker: Asker): boolean {
  if (known === undefined || known.heard !== asker.heard) return true;
  return Object.keys(known.wants).length > 0 || Object.keys(asker.wants).length > 0;
}

function writeAsker(sql: Sql, fleet: string, { heard, askedAt, wants }: Asker): void {
  sql.rows(
    "INSERT OR REPLACE INTO askers (fleet, heard, askedAt, wants) VALUES (?, ?, ?, ?)",
    fleet,
    heard,
    askedAt,
    JSON.stringify(wants),
  );
}
