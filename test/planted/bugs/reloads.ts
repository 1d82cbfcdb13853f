/** What is right in memory, and wrong in the tables: only a cold start shows it. */
import type { HeldBug } from "../bug.ts";

const RELOAD = "test/virtual/reload.test.ts";
const KIND = "what only a reload shows";

export const RELOADS: readonly HeldBug[] = [
  {
    name: "rate-of-aws-is-stored-once",
    kind: KIND,
    what: "a learned rate is stored when it is first learned, and never updated",
    heldBy: [RELOAD],
    file: "durable/ledger/lessons.ts",
    find: "if (refusedAt === before.buckets[name].refusedAt || ratePerSecond === null) continue;",
    replace:
      "if (before.buckets[name].refusedAt !== null || refusedAt === null || ratePerSecond === null) continue;",
  },
  {
    name: "resolved-alert-stays-stored",
    kind: KIND,
    what: "an alert that has ended comes back with the next cold start",
    heldBy: ["test/durable/outbox.test.ts"],
    file: "durable/ledger/outbox.ts",
    find: 'if (!is.has(key)) sql.rows("DELETE',
    replace: 'if (is.size === 0) sql.rows("DELETE',
  },
  {
    name: "account-forgets-how-far-it-heard",
    kind: KIND,
    what: "after a restart the account counts reports a second time",
    heldBy: ["test/durable/account-budget.workerd.test.ts"],
    file: "durable/ledger/account.ts",
    find: "if (known === undefined || known.heard !== asker.heard) return true;",
    replace: "if (known === undefined) return true;",
  },
  {
    name: "dead-fleets-live-in-memory",
    kind: KIND,
    what: "after a restart of the directory the same dead fleet is told of as a new one",
    heldBy: ["test/durable/directory.workerd.test.ts"],
    file: "durable/directory.ts",
    find: "    this.#list.dead = { ...dead };\n    await this.#list.persist();",
    replace: "    this.#list.dead = { ...dead };",
  },
  {
    name: "override-by-its-reason",
    kind: KIND,
    what: "after a restart the reason of an override stands where its author should",
    heldBy: ["test/durable/operate-target.test.ts"],
    file: "durable/ledger/records.ts",
    find: "      until,\n      reason,\n      actor,\n    );",
    replace: "      until,\n      actor,\n      reason,\n    );",
  },
  {
    name: "pause-has-no-end-after-a-restart",
    kind: KIND,
    what: "a pause of ten minutes lasts for ever if the object restarts meanwhile",
    heldBy: [RELOAD],
    file: "durable/ledger/records.ts",
    find: '"INSERT INTO pauses VALUES (?, ?, ?, ?, ?)", what, since, until, reason, actor',
    replace: '"INSERT INTO pauses VALUES (?, ?, ?, ?, ?)", what, since, null, reason, actor',
  },
  {
    name: "late-tag-value-is-a-persons",
    kind: KIND,
    what: "after a restart it is not known what stood in the tag before a write, and a late answer passes for a person's word",
    heldBy: ["test/durable/ledger/ruling.test.ts"],
    file: "durable/ledger/ruling.ts",
    find: 'before: JSON.parse(text(row, "before")) as (string | null)[],',
    replace: "before: [],",
  },
  {
    name: "used-lease-is-unused-after-a-restart",
    kind: KIND,
    what: "after a restart a lease with a session under it looks as if nobody had come",
    heldBy: ["test/virtual/reload.test.ts"],
    file: "durable/ledger/leases.ts",
    find: 'usedAt: numberOrNull(row, "usedAt"),',
    replace: "usedAt: null,",
  },
  {
    name: "renewed-lease-is-stored-once",
    kind: KIND,
    what: "a lease that was renewed is over after a restart",
    heldBy: ["test/virtual/reload.test.ts"],
    file: "durable/ledger/leases.ts",
    find: "for (const lease of leases) if (!same.has(lease)) writeLease(sql, lease);",
    replace:
      "const ids = new Set(known.map(({ id }) => id));\n    for (const lease of leases) if (!ids.has(lease.id) && !same.has(lease)) writeLease(sql, lease);",
  },
  {
    name: "adopted-server-counts-as-a-launch",
    kind: KIND,
    what: "after a restart an adopted server is taken for one whose launch was measured",
    heldBy: ["test/virtual/reload.test.ts"],
    file: "durable/ledger/instances.ts",
    find: "WHERE createdByUs = 1 AND adopted = 0 AND readyAt >= plannedAt",
    replace: "WHERE readyAt >= plannedAt",
  },
];
