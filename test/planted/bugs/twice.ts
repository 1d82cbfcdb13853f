/** What is right once, and wrong the second time, or beside another. */
import type { HeldBug } from "../bug.ts";

const POST = "durable/post.ts";
const POST_TEST = "test/durable/post.test.ts";
const KIND = "the same call twice, or two at once";

export const TWICE: readonly HeldBug[] = [
  {
    name: "backoff-is-never-reset",
    kind: KIND,
    what: "after one bad night each single failure keeps messages back for minutes",
    heldBy: [POST_TEST],
    file: POST,
    find: "        this.#failures = 0;\n",
    replace: "",
  },
  {
    name: "two-deliveries-at-once",
    kind: KIND,
    what: "a slow delivery and the next tick's send the same messages twice",
    heldBy: [POST_TEST],
    file: POST,
    find: "    if (now() < this.#busyUntil) return;\n",
    replace: "",
  },
  {
    name: "second-outcome-forgets-the-first",
    kind: KIND,
    what: "of two outcomes of one tick that touch the same hold only the last counts",
    heldBy: ["test/durable/settle-law.test.ts"],
    file: "durable/engine.ts",
    find: "settled.take((state) => settleCommand(state, command, outcome));",
    replace: "settled.take(() => settleCommand(base, command, outcome));",
  },
  {
    name: "outcome-heard-twice-counts-twice",
    kind: KIND,
    what: "an outcome that arrives once more is settled once more",
    heldBy: ["test/durable/settle-law.test.ts"],
    file: "durable/engine.ts",
    find: "firstOfEach(outcomes.filter(({ number }) => this.#open.has(number)));",
    replace: "outcomes.filter(({ number }) => this.#open.has(number));",
  },
  {
    name: "key-of-another-dispatcher",
    kind: KIND,
    what: "two dispatchers that choose the same key get the same server",
    heldBy: ["test/durable/operate-lease.test.ts"],
    file: "durable/operate-lease.ts",
    find: "each.key === wish.key && each.actor === actor);",
    replace: "each.key === wish.key);",
  },
  {
    name: "merged-messages-are-lost",
    kind: KIND,
    what: "messages are lost that were merged into one while it was on its way",
    heldBy: ["test/durable/outbox.test.ts"],
    file: "durable/ledger/outbox.ts",
    find: '"DELETE FROM outbox WHERE id = ? AND stands = ?", id, stands',
    replace: '"DELETE FROM outbox WHERE id = ? AND stands <= ?", id, stands + OUTBOX_MAX',
  },
  {
    name: "same-spec-is-a-new-version",
    kind: KIND,
    what: "a pipeline that puts the same spec again and again resets the breaker of failed boots each time",
    heldBy: ["test/durable/fleet.workerd.test.ts"],
    file: "durable/operate.ts",
    find: "if (same && state.removing === null) return appliedAs(record, false, state);",
    replace: "if (same && state.removing !== null) return appliedAs(record, false, state);",
  },
  {
    name: "calls-are-reported-again",
    kind: KIND,
    what: "a fleet reports to its account calls that it has reported before",
    heldBy: ["test/durable/sharing.test.ts"],
    file: "durable/sharing.ts",
    find: "    engine.calls.heard(reply.heard);\n",
    replace: "",
  },
  {
    name: "refused-lane-is-tried-on",
    kind: KIND,
    what: "after a throttle the other calls of the same bucket are sent, and refused, all the same",
    heldBy: ["test/worker/act.test.ts"],
    file: "worker/lanes.ts",
    find: 'if (result.kind === "throttled") throttled.add(bucket);',
    replace: 'if (result.kind === "throttled") throttled.add(lane);',
  },
  {
    name: "protecting-twice-changes-the-owner",
    kind: KIND,
    what: "the second to protect a server is named as the one who protects it",
    heldBy: ["test/durable/operate-instance.test.ts"],
    file: "durable/operate-instance.ts",
    find: "  if (row.protectedBy !== null) return { row, event };\n",
    replace: "",
  },
  {
    name: "one-stuck-fleet-hides-the-others",
    kind: KIND,
    what: "a fleet that cannot be visited keeps the cron from all others",
    heldBy: ["test/worker/cron.test.ts"],
    file: "worker/cron.ts",
    find: "const visits = await Promise.allSettled(names.map(async (name) => fleet(name).visit()));",
    replace:
      "const visits = (await Promise.all(names.map(async (name) => fleet(name).visit()))).map((value) => ({ status: 'fulfilled' as const, value, reason: '' }));",
  },
];
