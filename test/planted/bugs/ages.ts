/** What goes wrong only in an object that lives for weeks, or in a ledger that is old. */
import type { HeldBug } from "../bug.ts";

const ENGINE = "durable/engine.ts";
const EVENTS = "durable/ledger/events.ts";
const RECORDS = "durable/ledger/records.ts";
const SAMPLES = "durable/ledger/samples.ts";
const RETENTION = "test/durable/ledger/retention.test.ts";

export const AGES: readonly HeldBug[] = [
  {
    name: "month-never-turns",
    kind: "a long time in one life",
    what: "a living object counts the costs of its first month for ever",
    heldBy: ["test/virtual/reload.test.ts"],
    file: ENGINE,
    find: "if (month.startsAt <= now && now < month.endsAt) return {};",
    replace: "if (month.startsAt <= now) return {};",
  },
  {
    name: "hash-leaves-the-actor-out",
    kind: "a rule",
    what: "the audit trail can name another person for what was done, and its chain still holds",
    heldBy: ["test/durable/ledger/chain.test.ts"],
    file: "durable/rules/audit.ts",
    find: "JSON.stringify([id, at, tick, kind, instance, actor, message, data, chain])",
    replace: "JSON.stringify([id, at, tick, kind, instance, message, data, chain])",
  },
  {
    name: "missing-end-is-not-seen",
    kind: "the end of something",
    what: "the newest rows of the audit trail can be removed, and its chain still holds",
    heldBy: ["test/durable/ledger/chain.test.ts"],
    file: "durable/rules/audit.ts",
    find: "if (last?.id !== headId || last.hash !== headHash)",
    replace: "if (last === undefined)",
  },
  {
    name: "thinning-leaves-a-gap",
    kind: "a long time in one life",
    what: "the chain of the audit trail breaks as soon as old rows are forgotten",
    heldBy: ["test/durable/ledger/chain.test.ts"],
    file: "durable/ledger/chain.ts",
    find: 'text(last, "hash"),',
    replace: '"0".repeat(64),',
  },
  {
    name: "retentions-are-swapped",
    kind: "a long time in one life",
    what: "routine events stay for ninety days, and the audit of deletes for seven",
    heldBy: [RETENTION],
    file: EVENTS,
    find: "const LASTING_KEPT_MS = 90 * DAY_MS;\nconst ROUTINE_KEPT_MS = 7 * DAY_MS;",
    replace: "const LASTING_KEPT_MS = 7 * DAY_MS;\nconst ROUTINE_KEPT_MS = 90 * DAY_MS;",
  },
  {
    name: "gone-servers-for-nine-days",
    kind: "a long time in one life",
    what: "servers that are gone are forgotten after nine days, and the month's bill with them",
    heldBy: [RETENTION],
    file: ENGINE,
    find: "export const HISTORY_MS = 90 * DAY_MS;",
    replace: "export const HISTORY_MS = 9 * DAY_MS;",
  },
  {
    name: "unheard-commands-are-forgotten",
    kind: "a long time in one life",
    what: "a command that nobody has heard of for a day is forgotten, and its row waits for ever",
    heldBy: [RETENTION],
    file: RECORDS,
    find: "DELETE FROM commands WHERE outcome IS NOT NULL AND issuedAt < ?",
    replace: "DELETE FROM commands WHERE issuedAt < ?",
  },
  {
    name: "history-is-never-thinned",
    kind: "a long time in one life",
    what: "the samples of the history pile up until the object's storage is full",
    heldBy: [RETENTION],
    file: ENGINE,
    find: "      forgetSamples(this.#sql, now);\n",
    replace: "",
  },
  {
    name: "history-keeps-the-best-of-an-hour",
    kind: "a long time in one life",
    what: "of an old hour the best sample is kept, so that no lack of spares is seen later",
    heldBy: ["test/durable/ledger/samples.test.ts"],
    file: SAMPLES,
    find: "(SELECT at FROM (SELECT at, min(spares - target) FROM samples",
    replace: "(SELECT at FROM (SELECT at, max(spares - target) FROM samples",
  },
  {
    name: "calls-unheard-of-pile-up",
    kind: "a long time in one life",
    what: "while the account does not answer, every call is kept in memory, for days",
    heldBy: ["test/durable/sharing.test.ts"],
    file: "durable/call-log.ts",
    find: "[...earlier, { tick, calls: all }].slice(-TICKS_MAX)",
    replace: "[...earlier, { tick, calls: all }]",
  },
  {
    name: "status-of-a-set-back-clock",
    kind: "a long time in one life",
    what: "after the clock was set back, people are shown the old status until it has caught up",
    heldBy: ["test/durable/memo.test.ts"],
    file: "durable/memo.ts",
    find: "now >= made.at && now - made.at < this.#keepMs",
    replace: "now - made.at < this.#keepMs",
  },
  {
    name: "launches-of-the-day-count",
    kind: "a long time in one life",
    what: "the memory keeps the launches of a day for the caps of an hour, and grows",
    heldBy: ["test/virtual/loop.test.ts"],
    file: ENGINE,
    find: "times.filter((at) => at > now - HOUR_MS);",
    replace: "times.filter((at) => at > now - 24 * HOUR_MS);",
  },
];
