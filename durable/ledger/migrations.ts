/**
 * The schema of the ledger, as an ordered list of what was done to it. A version that was shipped is
 * never edited: `test/durable/ledger/fixtures` holds a ledger of each, which later code must open.
 * (`PRAGMA user_version` is refused in Durable Objects, so the versions stand in a table.)
 */
import { EARLY } from "./early-migrations.ts";
import { maskScripts } from "./mask-scripts.ts";
import type { Migration } from "./migration.ts";
import type { Sql } from "./sql.ts";

/** Rows that were there before are asked as the spec says, as they were until then. */
const CHECKS: Migration = {
  version: 9,
  statements: [
    "ALTER TABLE instances ADD COLUMN health TEXT",
    "CREATE TABLE checks (hash TEXT PRIMARY KEY, built TEXT NOT NULL) STRICT, WITHOUT ROWID",
  ],
};

const TENTH: Migration = {
  version: 10,
  statements: [
    `CREATE TABLE tagJump (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      value TEXT NOT NULL, since INTEGER NOT NULL, refusedBy TEXT
    ) STRICT`,
    "UPDATE fleet SET spec = json_insert(spec, '$.limits.jumpMax', 3)",
  ],
};

/**
 * A lease is its actor's, who has had an id of a kind since then. What can only be a mail address was one of
 * Access; whatever fits nobody is left to operators.
 */
const OWNED: Migration = {
  version: 11,
  statements: [
    `UPDATE leases SET actor = CASE
      WHEN actor LIKE '%@%' THEN 'access:' || lower(actor)
      WHEN actor LIKE '%.access' THEN 'access-service:' || actor
      ELSE 'token:' || actor END`,
    "ALTER TABLE leases ADD COLUMN auditedAt INTEGER NOT NULL DEFAULT 0",
  ],
};

const LEASE_LIMITS: Migration = {
  version: 12,
  statements: [
    "UPDATE fleet SET spec = json_insert(spec, '$.limits.leasesPerToken', NULL, '$.limits.leaseMaxSeconds', 86400)",
  ],
};

/** Whose an address is, and what deletes rest on (`rules/addresses.ts`). Deletes that were decided before are made as they were. */
const ADDRESSES: Migration = {
  version: 13,
  statements: [
    "ALTER TABLE instances ADD COLUMN movedTick INTEGER",
    "ALTER TABLE instances ADD COLUMN restsOnReply INTEGER NOT NULL DEFAULT 0",
    "DROP TRIGGER moves",
    `CREATE TRIGGER moves BEFORE UPDATE OF phase ON instances
      WHEN OLD.phase <> NEW.phase AND OLD.phase || '>' || NEW.phase NOT IN (
        'planned>starting','planned>gone',
        'starting>configuring','starting>deleting','starting>lost','starting>gone',
        'configuring>warming','configuring>deleting','configuring>lost',
        'warming>ready','warming>draining','warming>deleting','warming>lost',
        'ready>draining','ready>deleting','ready>lost',
        'draining>ready','draining>deleting','draining>lost',
        'deleting>gone','deleting>draining','lost>gone','lost>ready','gone>ready')
      BEGIN SELECT RAISE(ABORT, 'no such move of an instance'); END`,
  ],
};

/** Servers that run may not say their names yet, and none that is empty should stay for that. */
const NAMES: Migration = {
  version: 14,
  statements: [
    "UPDATE fleet SET spec = json_insert(spec, '$.health.nameRequired', json('false'))",
    "UPDATE checks SET built = json_insert(built, '$.health.nameRequired', json('false'))",
  ],
};

/** Scripts stand in events by their hashes alone. Before the chains begin, for these vouch for what events say. */
const SCRIPTS_MASKED: Migration = { version: 15, statements: [maskScripts] };

/** Each chain of the audit trail begins after the rows that there are: nothing vouches for those. */
const AUDIT: Migration = {
  version: 17,
  statements: [
    "ALTER TABLE events ADD COLUMN chain TEXT",
    "ALTER TABLE events ADD COLUMN hash TEXT",
    `CREATE TABLE chains (
      name TEXT PRIMARY KEY, bornAfterId INTEGER NOT NULL,
      afterId INTEGER NOT NULL, afterHash TEXT NOT NULL, headId INTEGER NOT NULL, headHash TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
    `INSERT INTO chains SELECT chain.name, last.id, last.id, begins.hash, last.id, begins.hash
      FROM (SELECT 'lasting' AS name UNION SELECT 'routine') AS chain,
        (SELECT coalesce(max(id), 0) AS id FROM events) AS last,
        (SELECT '0000000000000000000000000000000000000000000000000000000000000000' AS hash) AS begins`,
  ],
};

/** What people read must not make the object look through all that it keeps. */
const READS: Migration = {
  version: 18,
  statements: [
    "CREATE INDEX eventsByKind ON events (kind)",
    `CREATE INDEX commandsTold ON commands (json_extract(command, '$.action.kind'))
      WHERE json_extract(outcome, '$.kind') = 'done'
        OR (json_extract(outcome, '$.kind') = 'rejected' AND json_extract(outcome, '$.rejection') = 'credentials')`,
  ],
};

/** A tag that was read empty is known to be empty after a restart too. */
const TAG_READ: Migration = {
  version: 19,
  statements: [
    "ALTER TABLE fleet ADD COLUMN tagRead INTEGER NOT NULL DEFAULT 0",
    "UPDATE fleet SET tagRead = 1 WHERE tagValue IS NOT NULL OR tagGarbled IS NOT NULL",
  ],
};

export const MIGRATIONS: readonly Migration[] = [
  ...EARLY,
  CHECKS,
  TENTH,
  OWNED,
  LEASE_LIMITS,
  ADDRESSES,
  NAMES,
  SCRIPTS_MASKED,
  AUDIT,
  READS,
  TAG_READ,
];

/** False for an object in which no fleet was ever configured: it must stay empty. */
export function isBorn(sql: Sql): boolean {
  return (
    sql.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_versions'")
      .length > 0
  );
}

/**
 * Brings the ledger to the newest schema, each version in a transaction of its own.
 * @throws if the ledger was written by newer code: going on would damage it.
 */
export function migrate(sql: Sql, now: number, migrations = MIGRATIONS): void {
  sql.rows(
    "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, appliedAt INTEGER NOT NULL) STRICT",
  );
  const [row] = sql.rows("SELECT coalesce(max(version), 0) AS version FROM schema_versions");
  const current = Number(row?.["version"] ?? 0);
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest)
    throw new Error(
      `the ledger has schema ${current}, this code knows ${newest}: deploy the newer version again`,
    );
  for (const migration of migrations.filter(({ version }) => version > current))
    sql.transaction(() => {
      for (const statement of migration.statements) carryOut(sql, statement);
      sql.rows("INSERT INTO schema_versions VALUES (?, ?)", migration.version, now);
    });
}

function carryOut(sql: Sql, statement: Migration["statements"][number]): void {
  if (typeof statement === "string") sql.rows(statement);
  else statement(sql);
}
