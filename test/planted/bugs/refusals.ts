/** Calls that AWS does not carry out, and what must follow from it. */
import type { HeldBug } from "../bug.ts";

const KIND = "a refusal that lasts";
const HELD_BY = ["test/virtual/refusals.test.ts"];

export const REFUSALS: readonly HeldBug[] = [
  {
    name: "a-hold-ends-by-the-clock",
    kind: KIND,
    what: "a refusal that lasts is over each time its hold is, and begins again",
    heldBy: HELD_BY,
    file: "durable/rules/holds.ts",
    find: "hold.until > now - HOLD_UNTRIED_MS",
    replace: "hold.until > now",
  },
  {
    name: "calls-that-fail-are-not-counted",
    kind: KIND,
    what: "a call that fails for an hour is shown nowhere",
    heldBy: HELD_BY,
    file: "durable/rules/failing.ts",
    find: "      const since = before?.since ?? now;",
    replace: "      const since = now;",
  },
  {
    name: "refused-ports-are-launched-into",
    kind: KIND,
    what: "servers are launched and deleted in turn while AWS refuses their ports",
    heldBy: HELD_BY,
    file: "durable/rules/failing.ts",
    find: "  return failed >= state.spec.limits.failedBoots.count ? failing : null;",
    replace: "  return failed > 1_000 ? failing : null;",
  },
  {
    name: "accepted-is-made",
    kind: KIND,
    what: "a create that AWS accepted and that failed afterwards is waited for until it is lost",
    heldBy: HELD_BY,
    file: "durable/rules/absorb-operations.ts",
    find: 'if (reading.kind !== "failed" ||',
    replace: 'if (reading.kind !== "open" ||',
  },
  {
    name: "a-silent-aws-is-well",
    kind: KIND,
    what: "AWS shows no server for an hour, and nobody hears of it",
    heldBy: HELD_BY,
    file: "durable/rules/guard.ts",
    find: "    ...unseen(state),\n",
    replace: "",
  },
  {
    name: "a-tag-that-is-not-read-is-well",
    kind: KIND,
    what: "EC2 does not show the tag for an hour, and nobody hears of it",
    heldBy: HELD_BY,
    file: "durable/rules/guard.ts",
    find: "    ...tagUnread(state),\n",
    replace: "",
  },
  {
    name: "throttled-without-end-is-well",
    kind: KIND,
    what: "AWS throttles a kind of call for an hour, and nobody hears of it",
    heldBy: HELD_BY,
    file: "durable/rules/failing.ts",
    find: '(why === "throttled" ? THROTTLED_STUCK_AFTER_MS : CALL_STUCK_AFTER_MS)',
    replace: '(why === "throttled" ? 100 * THROTTLED_STUCK_AFTER_MS : CALL_STUCK_AFTER_MS)',
  },
  {
    name: "the-zone-of-the-row-outlives-the-spec",
    kind: KIND,
    what: "a zone that was taken out of the spec is still used by rows that were planned before",
    heldBy: ["test/durable/rules/provision.test.ts"],
    file: "durable/rules/wanted-calls.ts",
    find: "if (zones.includes(own) && !full.has(own)) return own;",
    replace: "if (!full.has(own)) return own;",
  },
];
