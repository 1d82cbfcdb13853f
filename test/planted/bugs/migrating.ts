/** What a new version makes of an old ledger. */
import type { HeldBug } from "../bug.ts";

const EARLY = "durable/ledger/early-migrations.ts";
const MIGRATIONS = "durable/ledger/migrations.ts";
const KIND = "a migration that fails";
const TEST = "test/durable/ledger/migrations.test.ts";
const FIXTURES = "test/durable/ledger/fixtures.test.ts";

export const MIGRATING: readonly HeldBug[] = [
  {
    name: "version-is-written-outside",
    kind: KIND,
    what: "a migration whose version could not be written is made again, and fails for ever",
    heldBy: [TEST],
    file: MIGRATIONS,
    find: '  for (const migration of migrations.filter(({ version }) => version > current))\n    sql.transaction(() => {\n      for (const statement of migration.statements) carryOut(sql, statement);\n      sql.rows("INSERT INTO schema_versions VALUES (?, ?)", migration.version, now);\n    });',
    replace:
      '  for (const migration of migrations.filter(({ version }) => version > current)) {\n    sql.transaction(() => {\n      for (const statement of migration.statements) carryOut(sql, statement);\n    });\n    sql.rows("INSERT INTO schema_versions VALUES (?, ?)", migration.version, now);\n  }',
  },
  {
    name: "statements-one-by-one",
    kind: KIND,
    what: "a migration that fails in its middle leaves a half of it",
    heldBy: [TEST],
    file: MIGRATIONS,
    find: "    sql.transaction(() => {\n      for (const statement of migration.statements) carryOut(sql, statement);",
    replace:
      "    for (const statement of migration.statements) carryOut(sql, statement);\n  for (const migration of migrations.filter(({ version }) => version > current))\n    sql.transaction(() => {",
  },
  {
    name: "old-scripts-stay-in-the-trail",
    kind: KIND,
    what: "the launch scripts that older code put into the audit trail stay there, for all to read",
    heldBy: [FIXTURES],
    file: "durable/ledger/mask-scripts.ts",
    find: "json_type(data, '$.spec.userData') = 'text'",
    replace: "json_type(data, '$.userData') = 'text'",
  },
  {
    name: "old-lanes-burst",
    kind: KIND,
    what: "the rates that an old ledger has learned come over as buckets that are ten times too large",
    heldBy: [FIXTURES],
    file: EARLY,
    find: "SELECT lane, ratePerSecond, max(1, 10 * ratePerSecond), refusedAt FROM lanes`,",
    replace: "SELECT lane, ratePerSecond, max(1, 100 * ratePerSecond), refusedAt FROM lanes`,",
  },
  {
    name: "old-spec-lacks-a-limit",
    kind: KIND,
    what: "a spec that was stored by the first version has no limit of vCPUs, not even none",
    heldBy: [FIXTURES],
    file: EARLY,
    find: "  '$.limits.maxMonthlyUsd', NULL,\n  '$.limits.maxVcpus', NULL)`;",
    replace: "  '$.limits.maxMonthlyUsd', NULL)`;",
  },
  {
    name: "newest-version-is-made-again",
    kind: KIND,
    what: "a cold start makes the last migration once more, and the fleet never wakes",
    heldBy: [TEST],
    file: MIGRATIONS,
    find: "migrations.filter(({ version }) => version > current))",
    replace: "migrations.filter(({ version }) => version >= Math.max(1, current)))",
  },
];
