/** Guards that do not guard. */
import type { PlantedBug } from "../bug.ts";

const GUARD = "durable/rules/guard.ts";
const MAXIMUM = "const billed = state.instances.size;";

export const GUARDS: readonly PlantedBug[] = [
  {
    name: "maximum-counts-ready-only",
    what: "the maximum counts the ready servers only",
    incident: "Karpenter 2011: new servers without end",
    invariants: ["I4"],
    file: GUARD,
    find: MAXIMUM,
    replace:
      'const billed = [...state.instances.values()].filter(({ phase }) => phase === "ready").length;',
  },
  {
    name: "maximum-forgets-the-deleting",
    what: "the maximum does not count what is being deleted, though it is billed until it is gone",
    incident: null,
    invariants: ["I4"],
    file: GUARD,
    find: MAXIMUM,
    replace:
      'const billed = [...state.instances.values()].filter(({ phase }) => phase !== "deleting").length;',
  },
  {
    name: "planned-is-as-good-as-made",
    what: "a launch that AWS kept waiting is made, though its room was taken in the meantime",
    incident: null,
    invariants: ["I4", "I5"],
    file: "durable/rules/plan.ts",
    find: "    callOffOverbooked,\n",
    replace: "",
  },
  {
    name: "no-cap-on-launches-per-tick",
    what: "one tick may launch as many as it likes",
    incident: "Slack 2021: servers that only waited were taken for idle ones",
    invariants: ["I6"],
    file: GUARD,
    find: 'cap("maxLaunchesPerTick", thisTick, maxLaunchesPerTick, "it goes on with the next tick"),',
    replace: "",
  },
  {
    name: "no-cap-on-launches-per-hour",
    what: "failed boots are followed by others for ever: no breaker, and no cap per hour",
    incident: "Karpenter 2011: new servers without end",
    invariants: ["I6"],
    file: GUARD,
    find: "within(state, state.launchTimes) + planned.length,",
    replace: "0,",
    more: [
      {
        file: GUARD,
        find: "if (state.failedBoots < count) return [];",
        replace: "if (count > 0) return [];",
      },
    ],
  },
  {
    name: "no-cap-on-deletes-per-tick",
    what: "one tick may delete as many as it likes",
    incident: "S3 2017: one command removed too much at once",
    invariants: ["I6"],
    file: GUARD,
    find: 'cap("maxDeletesPerTick", thisTick, maxDeletesPerTick, "it goes on with the next tick"),',
    replace: "",
  },
  {
    name: "no-cap-on-deletes-per-hour",
    what: "an hour may delete as many as it likes",
    incident: "Reddit 2016: an autoscaler that was put to rest woke up, and took everything away",
    invariants: ["I6"],
    file: GUARD,
    find: 'cap("maxDeletesPerHour", lastHour, maxDeletesPerHour, "raise limits.maxDeletesPerHour"),',
    replace: "",
  },
  {
    name: "caps-forgotten-at-restart",
    what: "the launches and deletes of the last hour are counted in memory only",
    incident: null,
    invariants: ["I6"],
    file: "durable/ledger/ledger.ts",
    find: "...carriedOutSince(sql, now - HOUR_MS),",
    replace: "launchTimes: [],\n    deleteTimes: [],",
  },
  {
    name: "an-hour-is-a-minute",
    what: "the caps per hour count the last minute",
    incident: null,
    invariants: ["I6"],
    file: GUARD,
    find: "return times.filter((at) => at > state.now - HOUR_MS).length;",
    replace: "return times.filter((at) => at > state.now - HOUR_MS / 60).length;",
  },
  {
    name: "launch-before-the-first-listing",
    what: "a new ledger launches first, and looks afterwards what there is",
    incident: null,
    invariants: ["I4", "I10", "I18"],
    file: GUARD,
    find: "if (!state.listed)",
    replace: "if (state.now < 0)",
    more: [
      {
        file: "durable/rules/looks.ts",
        find: "if (!listed || listedAt === null || scan !== null) return state.now;",
        replace:
          "if (!listed || listedAt === null || scan !== null) return state.tick > 1 ? state.now : Number.POSITIVE_INFINITY;",
      },
    ],
  },
  {
    name: "deletes-while-blind",
    what: "servers are deleted while many others are silent",
    incident: null,
    invariants: ["I10"],
    file: GUARD,
    find: "caps.push(...unseeing(state, counts));",
    replace: "caps.push(...unseeing(state, { ...counts, blind: false }));",
  },
  {
    name: "deletes-after-a-failed-listing",
    what: "servers are deleted though the last listing failed or was empty",
    incident: null,
    invariants: ["I10"],
    file: GUARD,
    find: "if (memory.listingTrusted) return",
    replace: "if (counts.deleting >= 0) return",
  },
  {
    name: "delete-by-name-with-blind-eyes",
    what: "an operator's delete of one server goes through while many are silent, force or not",
    incident: null,
    invariants: ["I10"],
    file: "durable/operate-instance.ts",
    find: "if (unseen !== null && !force)",
    replace: "if (unseen !== null && !force && !isEmpty)",
  },
];
