/**
 * The schema of the ledger, as an ordered list of what was done to it. A version that was shipped is
 * never edited: `test/durable/ledger/fixtures` holds a ledger of each, which later code must open.
 * (`PRAGMA user_version` is refused in Durable Objects, so the versions stand in a table.)
 */
import { maskScripts } from "./mask-scripts.ts";
import type { Sql } from "./sql.ts";

export interface Migration {
  readonly version: number;
  /** In their order; what SQL cannot say is a function. */
  readonly statements: readonly (string | ((sql: Sql) => void))[];
}

const FIRST: Migration = {
  version: 1,
  statements: [
    `CREATE TABLE fleet (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      name TEXT NOT NULL, owner TEXT NOT NULL, incarnation TEXT NOT NULL, bornAt INTEGER NOT NULL,
      spec TEXT NOT NULL, specVersion INTEGER NOT NULL,
      removing TEXT CHECK (removing IN ('gently', 'force')),
      listed INTEGER NOT NULL, nextInstance INTEGER NOT NULL, nextCommand INTEGER NOT NULL,
      ticksReserved INTEGER NOT NULL, failedBoots INTEGER NOT NULL, tagValue TEXT, tagGarbled TEXT
    ) STRICT`,
    `CREATE TABLE instances (
      name TEXT PRIMARY KEY,
      phase TEXT NOT NULL CHECK (phase IN ('planned','starting','configuring','warming','ready','draining','deleting','lost','gone')),
      phaseSince INTEGER NOT NULL, revision INTEGER NOT NULL, changedAt INTEGER NOT NULL,
      createdByUs INTEGER NOT NULL, adopted INTEGER NOT NULL, everRead INTEGER NOT NULL,
      step TEXT, attempts INTEGER NOT NULL, nextAttemptAt INTEGER NOT NULL, lastError TEXT,
      command INTEGER, mayExist INTEGER NOT NULL,
      zone TEXT NOT NULL, arn TEXT, publicIp TEXT, privateIp TEXT, ipv6 TEXT,
      template TEXT, portsHash TEXT,
      occupancy TEXT NOT NULL CHECK (occupancy IN ('idle','busy','unknown')), sessions INTEGER NOT NULL,
      plannedAt INTEGER NOT NULL, createdAt INTEGER, readyAt INTEGER, idleSince INTEGER, busySince INTEGER,
      cordonedAt INTEGER, drainReason TEXT CHECK (drainReason IN ('surplus','replace','operator','fleet')),
      deletingAt INTEGER, goneAt INTEGER
    ) STRICT, WITHOUT ROWID`,
    `CREATE TRIGGER moves BEFORE UPDATE OF phase ON instances
      WHEN OLD.phase <> NEW.phase AND OLD.phase || '>' || NEW.phase NOT IN (
        'planned>starting','planned>gone',
        'starting>configuring','starting>warming','starting>deleting','starting>lost',
        'configuring>warming','configuring>deleting','configuring>lost',
        'warming>ready','warming>draining','warming>deleting','warming>lost',
        'ready>draining','ready>deleting','ready>lost',
        'draining>ready','draining>deleting','draining>lost',
        'deleting>gone','lost>gone','lost>ready','gone>ready')
      BEGIN SELECT RAISE(ABORT, 'no such move of an instance'); END`,
    `CREATE TABLE commands (
      number INTEGER PRIMARY KEY, tick INTEGER NOT NULL, issuedAt INTEGER NOT NULL,
      command TEXT NOT NULL, outcome TEXT, settledAt INTEGER
    ) STRICT`,
    `CREATE TABLE events (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, tick INTEGER NOT NULL,
      kind TEXT NOT NULL, instance TEXT, actor TEXT NOT NULL, message TEXT NOT NULL, data TEXT NOT NULL
    ) STRICT`,
    `CREATE TABLE overrides (
      id TEXT PRIMARY KEY, expression TEXT NOT NULL, startsAt INTEGER NOT NULL, endsAt INTEGER NOT NULL,
      reason TEXT NOT NULL, actor TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE pauses (
      what TEXT PRIMARY KEY, since INTEGER NOT NULL, endsAt INTEGER, reason TEXT NOT NULL, actor TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE holds (
      guard TEXT NOT NULL, subject TEXT NOT NULL, since INTEGER NOT NULL, endsAt INTEGER NOT NULL,
      detail TEXT NOT NULL, PRIMARY KEY (guard, subject)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE lanes (
      lane TEXT PRIMARY KEY, ratePerSecond REAL NOT NULL, refusedAt INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
  ],
};

const SECOND: Migration = {
  version: 2,
  statements: [
    "ALTER TABLE instances ADD COLUMN stoppedSince INTEGER",
    // No rule ever moved a row from starting to warming.
    "DROP TRIGGER moves",
    `CREATE TRIGGER moves BEFORE UPDATE OF phase ON instances
      WHEN OLD.phase <> NEW.phase AND OLD.phase || '>' || NEW.phase NOT IN (
        'planned>starting','planned>gone',
        'starting>configuring','starting>deleting','starting>lost',
        'configuring>warming','configuring>deleting','configuring>lost',
        'warming>ready','warming>draining','warming>deleting','warming>lost',
        'ready>draining','ready>deleting','ready>lost',
        'draining>ready','draining>deleting','draining>lost',
        'deleting>gone','lost>gone','lost>ready','gone>ready')
      BEGIN SELECT RAISE(ABORT, 'no such move of an instance'); END`,
  ],
};

/** What a spec that was stored before these sections existed would have said of them. */
const SECTIONS = `json_insert(spec,
  '$.health.drain', NULL,
  '$.spares.schedule', json('[]'),
  '$.spares.specialDays', json('[]'),
  '$.rollout', json('{"canary":1,"maxSurge":2,"maxAgeDays":null}'),
  '$.alerts', json('{"kinds":{},"busyForHours":12,"unknownForMinutes":10,"drainingForHours":24,"protectedForHours":168,"pausedForHours":24}'),
  '$.limits.maxMonthlyUsd', NULL,
  '$.limits.maxVcpus', NULL)`;

const THIRD: Migration = {
  version: 3,
  statements: [
    "ALTER TABLE instances ADD COLUMN tagsHash TEXT",
    "ALTER TABLE instances ADD COLUMN bundle TEXT",
    "ALTER TABLE instances ADD COLUMN saysDraining INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE instances ADD COLUMN drainTold INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE instances ADD COLUMN drainHold INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE instances ADD COLUMN protectedBy TEXT",
    "ALTER TABLE instances ADD COLUMN protectedByTag INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE instances ADD COLUMN protectedSince INTEGER",
    "ALTER TABLE fleet ADD COLUMN retiredTags TEXT NOT NULL DEFAULT '[]'",
    `UPDATE fleet SET spec = ${SECTIONS}`,
    `CREATE TABLE adoptions (
      name TEXT PRIMARY KEY, since INTEGER NOT NULL, actor TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE bundles (
      id TEXT PRIMARY KEY, usdPerMonth REAL NOT NULL, vcpus INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE alerts (
      kind TEXT NOT NULL, subject TEXT NOT NULL, since INTEGER NOT NULL, severity TEXT NOT NULL,
      what TEXT NOT NULL, canDo TEXT NOT NULL, PRIMARY KEY (kind, subject)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
      severity TEXT NOT NULL CHECK (severity IN ('page','tell')),
      stands INTEGER NOT NULL, bulletin TEXT NOT NULL
    ) STRICT`,
    "CREATE INDEX eventsByTime ON events (at)",
    "CREATE INDEX eventsByInstance ON events (instance) WHERE instance IS NOT NULL",
  ],
};

const FOURTH: Migration = {
  version: 4,
  statements: [
    `CREATE TABLE ruling (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      scheduleHash TEXT NOT NULL, appliedAt INTEGER NOT NULL,
      boundaryAt INTEGER, value TEXT, source TEXT CHECK (source IN ('schedule','specialDay')),
      special INTEGER, name TEXT, timezone TEXT, edge TEXT CHECK (edge IN ('begins','ends')),
      dst TEXT CHECK (dst IN ('skipped','repeated'))
    ) STRICT`,
    `CREATE TABLE tagWrite (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      value TEXT NOT NULL, before TEXT NOT NULL, attempts INTEGER NOT NULL,
      nextAttemptAt INTEGER NOT NULL, triedAt INTEGER, command INTEGER, lastError TEXT,
      writtenAt INTEGER, readBackAt INTEGER
    ) STRICT`,
  ],
};

const FIFTH: Migration = {
  version: 5,
  statements: [
    `CREATE TABLE leases (
      id TEXT PRIMARY KEY, key TEXT, instance TEXT NOT NULL, actor TEXT NOT NULL,
      givenAt INTEGER NOT NULL, ttlMs INTEGER NOT NULL, expiresAt INTEGER NOT NULL, usedAt INTEGER
    ) STRICT, WITHOUT ROWID`,
  ],
};

const SIXTH: Migration = {
  version: 6,
  statements: [
    `CREATE TABLE samples (
      at INTEGER PRIMARY KEY,
      spares INTEGER NOT NULL, target INTEGER NOT NULL, busy INTEGER NOT NULL, unknown INTEGER NOT NULL,
      launching INTEGER NOT NULL, draining INTEGER NOT NULL, sessions INTEGER NOT NULL, usdPerHour REAL
    ) STRICT`,
    // The few events that the chart marks are found without reading all the others.
    "CREATE INDEX eventsMarked ON events (at) WHERE kind IN ('boundary', 'override', 'guard')",
  ],
};

const SEVENTH: Migration = {
  version: 7,
  statements: [
    "ALTER TABLE instances ADD COLUMN refusedSince INTEGER",
    `CREATE TABLE buckets (
      name TEXT PRIMARY KEY, ratePerSecond REAL NOT NULL, capacity REAL NOT NULL, refusedAt INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    // A lane held what its rate brought in ten seconds.
    `INSERT INTO buckets (name, ratePerSecond, capacity, refusedAt)
      SELECT lane, ratePerSecond, max(1, 10 * ratePerSecond), refusedAt FROM lanes`,
    // Nothing had shown yet which of them share one: the slowest of them stands for all.
    `INSERT INTO buckets (name, ratePerSecond, capacity, refusedAt)
      SELECT 'all', min(ratePerSecond), max(1, 10 * min(ratePerSecond)), max(refusedAt) FROM lanes
      WHERE lane <> 'ec2' HAVING count(*) > 0`,
    "DROP TABLE lanes",
    "CREATE TABLE lessons (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
  ],
};

const EIGHTH: Migration = {
  version: 8,
  statements: [
    `CREATE TABLE failing (
      call TEXT PRIMARY KEY, since INTEGER NOT NULL, count INTEGER NOT NULL, why TEXT NOT NULL, words TEXT NOT NULL
    ) STRICT, WITHOUT ROWID`,
    "ALTER TABLE instances ADD COLUMN operation TEXT",
    // A create that AWS accepted can fail afterwards.
    "DROP TRIGGER moves",
    `CREATE TRIGGER moves BEFORE UPDATE OF phase ON instances
      WHEN OLD.phase <> NEW.phase AND OLD.phase || '>' || NEW.phase NOT IN (
        'planned>starting','planned>gone',
        'starting>configuring','starting>deleting','starting>lost','starting>gone',
        'configuring>warming','configuring>deleting','configuring>lost',
        'warming>ready','warming>draining','warming>deleting','warming>lost',
        'ready>draining','ready>deleting','ready>lost',
        'draining>ready','draining>deleting','draining>lost',
        'deleting>gone','lost>gone','lost>ready','gone>ready')
      BEGIN SELECT RAISE(ABORT, 'no such move of an instance'); END`,
  ],
};

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

export const MIGRATIONS: readonly Migration[] = [
  FIRST,
  SECOND,
  THIRD,
  FOURTH,
  FIFTH,
  SIXTH,
  SEVENTH,
  EIGHTH,
  CHECKS,
  TENTH,
  OWNED,
  LEASE_LIMITS,
  ADDRESSES,
  NAMES,
  SCRIPTS_MASKED,
  AUDIT,
  READS,
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
