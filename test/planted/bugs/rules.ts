/**
 * Bugs of the simulator, and a few of the rules that it does not have: each with the test that docs/safety.md
 * names for the promise which it breaks.
 */
import type { HeldBug } from "../bug.ts";
import { PLANTED } from "../../sim/planted/bugs.ts";

const RULES = "test/durable/rules";
const KIND = "a rule";

/** Names of the simulator's bugs, each with the tests that must see it too. */
const SEEN_BY: Readonly<Record<string, readonly string[]>> = {
  "leased-server-is-surplus": [`${RULES}/leased.test.ts`],
  "cordoned-server-is-leased": ["test/durable/interleavings/interleavings.test.ts"],
  "drain-word-is-ignored": [`${RULES}/participation.test.ts`],
  "readings-before-cordon-count": [`${RULES}/retire.test.ts`],
  "absent-once-is-gone": [`${RULES}/absorb-listing.test.ts`],
  "hole-keeps-the-idle-run": [`${RULES}/absorb-readings.test.ts`],
  "garbled-tag-is-zero": [`${RULES}/absorb-tag.test.ts`],
  "adopted-arrives-unprotected": [`${RULES}/absorb-adoptions.test.ts`],
  "silent-servers-are-replaced": [`${RULES}/silent.test.ts`],
  "delete-by-name-with-blind-eyes": ["test/durable/operate-instance.test.ts"],
  "order-of-probes-is-fixed": [`${RULES}/turns.test.ts`, "test/virtual/looks.test.ts"],
  "old-servers-are-asked-in-the-new-way": [
    `${RULES}/checks.test.ts`,
    "test/virtual/health-change.test.ts",
  ],
  "protected-is-surplus": [`${RULES}/protection.test.ts`],
  "rollout-deletes-first": [`${RULES}/rollout.test.ts`],
  "unknown-create-is-failed": [`${RULES}/settle.test.ts`],
  "created-without-our-tags": [`${RULES}/provision.test.ts`],
  "spend-forgets-the-launching": [`${RULES}/spend.test.ts`],
  "spend-cap-is-not-counted-down": [`${RULES}/caps.test.ts`],
  "silent-server-is-a-failed-boot": [`${RULES}/boots.test.ts`],
  "no-cap-on-launches-per-tick": [`${RULES}/guard.test.ts`],
  "adopted-takes-the-short-way": [`${RULES}/boots.test.ts`],
  "newer-ledger-is-opened": ["test/durable/ledger/fixtures.test.ts"],
  "cron-misses-the-missing": ["test/durable/fleet.workerd.test.ts"],
  "cron-forgets-who-does-not-answer": ["test/worker/cron.test.ts"],
  "every-role-is-operator": ["test/worker/api/auth.test.ts"],
  "another-servers-answer": ["test/worker/health/reading.test.ts"],
  "new-address-is-asked-at-once": [`${RULES}/addresses.test.ts`, "test/virtual/addresses.test.ts"],
  "delete-waits-for-no-word": [`${RULES}/addresses.test.ts`, "test/virtual/addresses.test.ts"],
};

function simulated(name: string, heldBy: readonly string[]): HeldBug {
  const bug = PLANTED.find((each) => each.name === name);
  if (bug === undefined) throw new Error(`the simulator has no planted bug ${name}`);
  const { what, file, find, replace, more } = bug;
  const patches = more === undefined ? {} : { more };
  return { name, kind: KIND, what, heldBy, file, find, replace, ...patches };
}

export const RULE_BUGS: readonly HeldBug[] = [
  ...Object.entries(SEEN_BY).map(([name, heldBy]) => simulated(name, heldBy)),
  {
    name: "planned-delete-goes-on",
    kind: KIND,
    what: "a delete that was planned at another address is made all the same",
    heldBy: [`${RULES}/addresses.test.ts`],
    file: "durable/rules/addresses.ts",
    find: "return movedTick !== null || (facts.movedTick ?? null) !== null;",
    replace: "return movedTick !== null && facts.movedTick === 0;",
  },
  {
    name: "one-address-of-two-is-asked",
    kind: KIND,
    what: "one machine answers for two servers, and both are believed",
    heldBy: [`${RULES}/addresses.test.ts`],
    file: "durable/rules/addresses.ts",
    find: "if (once.has(publicIp)) shared.add(publicIp);",
    replace: "if (once.has(publicIp)) shared.delete(publicIp);",
  },
  {
    name: "nameless-reply-is-believed",
    kind: KIND,
    what: "a reply without the server's name leads to its deletion, though the spec wants the name",
    heldBy: [`${RULES}/participation.test.ts`],
    file: "durable/rules/absorb-readings.ts",
    find: "needsName(state, row) && reading.named !== true) return false;",
    replace: "needsName(state, row) && reading.named === false) return false;",
  },
  {
    name: "any-number-is-believed",
    kind: KIND,
    what: "one absurd number of sessions is a reading, and makes the fleet full",
    heldBy: [`${RULES}/absurd.test.ts`],
    file: "durable/rules/absurd.ts",
    find: "return sessions > SESSIONS_PER_CAPACITY_MAX * capacity;",
    replace: "return sessions < -SESSIONS_PER_CAPACITY_MAX * capacity;",
  },
  {
    name: "second-value-of-a-key-wins",
    kind: KIND,
    what: "of two numbers of sessions in a reply the last one is believed",
    heldBy: ["test/worker/health/reading.test.ts"],
    file: "worker/health/json.ts",
    find: "return hasRepeatedKey(text) ? undefined : document;",
    replace: "return hasRepeatedKey(text) ? document : document;",
  },
  {
    name: "nonce-is-always-the-same",
    kind: KIND,
    what: "media servers that remember nonces take one drain call, and refuse all others",
    heldBy: ["test/worker/health/drain.test.ts"],
    file: "worker/health/drain.ts",
    find: "hexOf(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));",
    replace: "hexOf(new Uint8Array(NONCE_BYTES));",
  },
  {
    name: "lease-ends-with-its-time",
    kind: KIND,
    what: "a lease that has expired gives its slot back, though its session may be there and not seen yet",
    heldBy: [`${RULES}/absorb-leases.test.ts`, "test/durable/operate-lease.test.ts"],
    file: "durable/rules/absorb-leases.ts",
    find: "  if (said === null) return [];\n  const expired = leases.filter(({ expiresAt }) => expiresAt <= beganAt);\n",
    replace:
      "  const expired = leases.filter(({ expiresAt }) => expiresAt <= beganAt);\n  if (said === null) return expired;\n",
  },
  {
    name: "old-absence-is-believed",
    kind: KIND,
    what: "a create is made again, though its name was looked up before it was made",
    heldBy: [`${RULES}/absorb.test.ts`],
    file: "durable/rules/absorb.ts",
    find: "    if (lookUp.startedAt <= row.changedAt) return NO_MOVES;\n",
    replace: "",
  },
  {
    name: "blind-eyes-are-not-shown",
    kind: KIND,
    what: "nobody is shown why nothing is deleted while most servers are silent",
    heldBy: [`${RULES}/guards-show.test.ts`],
    file: "durable/rules/guard.ts",
    find: "const caps = [...blindEyes(counts), ...silentServers(counts)];",
    replace: "const caps = [...silentServers(counts)];",
  },
  {
    name: "what-has-no-room-is-launched",
    kind: KIND,
    what: "a launch that AWS had kept waiting is made beyond the maximum, after a server was adopted",
    heldBy: [`${RULES}/faults-found.test.ts`],
    file: "durable/rules/retire.ts",
    find: '...cancelPlanned(state, overbooked(state), "has no room any more") };',
    replace: '...cancelPlanned(state, overbooked(state) - 1, "has no room any more") };',
  },
  {
    name: "temporary-key-ids-are-shown",
    kind: KIND,
    what: "the id of a temporary AWS key stands in what people are told of a refusal",
    heldBy: [`${RULES}/advice.test.ts`],
    file: "durable/rules/advice.ts",
    find: '.replace(/(?:AKIA|ASIA)[A-Z0-9]{4,}/g, "(a key)");',
    replace: '.replace(/AKIA[A-Z0-9]{4,}/g, "(a key)");',
  },
  {
    name: "keys-in-an-error-are-shown",
    kind: KIND,
    what: "the address of the webhook stands in what people are told of an error",
    heldBy: ["test/durable/post.test.ts"],
    file: "durable/rules/redact.ts",
    find: '    .replace(WEBHOOK, "(hidden)")\n    .replace(BEARER, "$1 (hidden)")\n',
    replace: "",
  },
  {
    name: "tag-jump-is-not-held",
    kind: KIND,
    what: "a typing error in the tag launches a hundred servers at once",
    heldBy: ["test/durable/tag-jump.test.ts"],
    file: "durable/rules/absorb-tag.ts",
    find: "if (!isOurs && isJump(state, said)) return held(state, said);",
    replace: "",
  },
  {
    name: "refused-jump-rules-in-time",
    kind: KIND,
    what: "a value of the tag that a person has refused rules after two minutes all the same",
    heldBy: ["test/durable/tag-jump.test.ts"],
    file: "durable/rules/absorb-tag.ts",
    find: "if (jump.refusedBy !== null || now < jumpRulesAt(jump)) return NO_MOVES;",
    replace: "if (now < jumpRulesAt(jump)) return NO_MOVES;",
  },
];
