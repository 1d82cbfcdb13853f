/** The first eight versions of the ledger (migrations.ts). */
import type { Migration } from "./migration.ts";

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

export const EARLY: readonly Migration[] = [
  FIRST,
  SECOND,
  THIRD,
  FOURTH,
  FIFTH,
  SIXTH,
  SEVENTH,
  EIGHTH,
];
