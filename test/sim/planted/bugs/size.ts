/** Mistakes that show where a fleet is large, and AWS slow. They are hunted on scenarios of size alone. */
import type { Patch, PlantedBug } from "../bug.ts";

const BOOTS = "durable/rules/boots.ts";
const BUDGET = "durable/rules/budget.ts";
const LOOKS = "durable/rules/looks.ts";
const TURNS = "durable/rules/turns.ts";

/** Shards would make good what goes wrong in one look. */
const WITHOUT_SHARDS: Patch = {
  file: "worker/health/shared.ts",
  find: "const names = deps.shards === undefined ? [] : share.shards;",
  replace: "const names: readonly string[] = [];",
};

export const SIZE: readonly PlantedBug[] = [
  {
    name: "boot-runs-while-we-wait",
    what: "the time for a boot runs while the server waits for our call",
    incident: null,
    isOfSize: true,
    invariants: ["I19"],
    file: BOOTS,
    find: "return askedAt !== null && askedAt - row.phaseSince >= readySeconds * 1000;",
    replace:
      "return askedAt !== null && askedAt - (row.createdAt ?? row.plannedAt) >= readySeconds * 1000;",
  },
  {
    name: "waiting-for-ports-is-a-failed-boot",
    what: "a server that waits for its ports is given up",
    incident: null,
    isOfSize: true,
    invariants: ["I19"],
    file: BOOTS,
    find: "        row.refusedSince !== null &&\n        refusedMs(state, row.refusedSince, row) >= readySeconds * 1000 &&\n        row.attempts >= REFUSALS_OF_ITS_OWN &&\n",
    replace: "        state.now - (row.createdAt ?? row.plannedAt) >= readySeconds * 1000 &&\n",
  },
  {
    name: "boots-fail-unlooked",
    what: "a server that nobody has looked at had no address in time",
    incident: null,
    isOfSize: true,
    invariants: ["I19"],
    file: BOOTS,
    find: "return pendingAt !== null && pendingAt - row.phaseSince >= startSeconds * 1000;",
    replace: "return state.now - row.phaseSince >= startSeconds * 1000;",
  },
  {
    name: "not-asked-is-silent",
    what: "a server whose turn did not come counts as silent",
    incident: "Slack 2021: servers that only waited were taken for idle ones",
    isOfSize: true,
    invariants: ["I10", "I18", "I19", "I22"],
    file: TURNS,
    find: "return turns.missedSince.has(row.name) && !isSilent(freshness.get(row.name));",
    replace: "return turns.missedSince.has(row.name) && row.name === '';",
    more: [
      {
        file: TURNS,
        find: "return Math.max(specIntervalMs(state), state.memory.turns.roundMs ?? 0);",
        replace: "return specIntervalMs(state);",
      },
      WITHOUT_SHARDS,
    ],
  },
  {
    name: "order-of-probes-is-fixed",
    what: "each look asks the servers in the same order, and stops at the same place",
    incident: null,
    isOfSize: true,
    invariants: ["I20"],
    file: TURNS,
    find: "...expected.sort(oldestFirst).map(ask),",
    replace: "...expected.map(ask),",
    more: [WITHOUT_SHARDS],
  },
  {
    name: "each-lane-has-its-own-bucket",
    what: "each kind of call learns its own rate, though AWS counts them together",
    incident: "Metastable failures: retries kept the overload alive",
    isOfSize: true,
    invariants: ["I21", "I22"],
    file: BUDGET,
    find: 'if (lane === "ec2" || apart.writes >= APART_AFTER) return lane;',
    replace: 'if (lane === "ec2" || apart.writes >= 0) return lane;',
  },
  {
    name: "listing-eats-the-bucket",
    what: "a listing is always due, and takes every call that there is",
    incident: null,
    isOfSize: true,
    invariants: ["I21", "I22"],
    file: LOOKS,
    find: "if (!listed || listedAt === null || scan !== null) return state.now;",
    replace: "if (!listed || listedAt === null || scan !== null || tickMs > 0) return state.now;",
    more: [
      {
        file: BUDGET,
        find: "if (!isShared || wanted === 0) return inHand;",
        replace: "if (!isShared || wanted >= 0) return inHand;",
      },
    ],
  },
  {
    name: "refusals-teach-nothing",
    what: "a refusal by AWS changes nothing in the pace of the calls",
    incident: "Metastable failures: retries kept the overload alive",
    isOfSize: true,
    invariants: ["I21", "I22"],
    file: "durable/rules/token-bucket.ts",
    find: "return { ...bucket, ...emptied, ...learned(bucket, at) };",
    replace: "return { ...bucket, refusedAt: at };",
  },
  {
    name: "deletes-are-repeated-for-ever",
    what: "what is long gone is deleted again and again, and no listing is left a call to see it",
    incident: "Metastable failures: retries kept the overload alive",
    isOfSize: true,
    invariants: ["I18", "I21"],
    file: "durable/rules/wanted-calls.ts",
    find: "if (isAnswered(row)) return isStillThere(state, row);",
    replace: "if (isAnswered(row)) return true;",
  },
];
