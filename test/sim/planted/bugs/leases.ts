/** Mistakes with leases. */
import type { PlantedBug } from "../bug.ts";

const OCCUPANCY = "durable/rules/occupancy.ts";
const SWEEP = "durable/rules/absorb-leases.ts";

export const LEASES: readonly PlantedBug[] = [
  {
    name: "cordoned-server-is-leased",
    what: "a server that drains still has slots to lease",
    incident: "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
    invariants: ["I1"],
    file: "durable/rules/lease.ts",
    find: ".flatMap((row) => Array.from({ length: slotsOf(state, row) }, () => row))",
    replace: `.flatMap((row) => {
      const isCordoned = row.phase === "draining";
      const left = Math.max(0, state.spec.health.capacity - takenOn(state, row));
      return Array.from({ length: isCordoned ? left : slotsOf(state, row) }, () => row);
    })`,
  },
  {
    name: "lease-is-forgotten-after-restart",
    what: "an object that is born again knows nothing of the leases in its ledger",
    incident: null,
    invariants: ["I1"],
    file: "durable/ledger/ledger.ts",
    find: "leases: readLeases(sql),",
    replace: "leases: new Map(),",
  },
  {
    name: "slot-is-leased-twice",
    what: "a leased slot counts as free until its session shows",
    incident: "Slack 2021: servers that only waited were taken for idle ones",
    invariants: ["I1"],
    file: OCCUPANCY,
    find: "return row.sessions + leasesOn(state, row.name).length;",
    replace: "return row.sessions;",
  },
  {
    name: "leased-server-is-surplus",
    what: "a lease does not keep a server from being cordoned, nor from being confirmed empty",
    incident: "Slack 2021: servers that only waited were taken for idle ones",
    invariants: ["I1"],
    file: "durable/rules/victims.ts",
    find: 'if (row.phase !== "ready" || takenOn(state, row) > 0) return false;',
    replace: 'if (row.phase !== "ready" || row.sessions > 0) return false;',
    more: [
      {
        file: "durable/rules/retire.ts",
        find: "  if (leasesOn(state, row.name).length > 0) return false;\n",
        replace: "",
      },
    ],
  },
  {
    name: "lease-ends-with-an-older-reading",
    what: "a lease that is over gives its slot back by a reading from before",
    incident: null,
    invariants: ["I1"],
    file: SWEEP,
    find: "return reading !== undefined && isAnswerTo(row, reading) ? reading.sessions : null;",
    replace: "return row.sessions;",
  },
  {
    name: "key-is-not-looked-up",
    what: "a request that is repeated under its key gets another slot",
    incident: null,
    invariants: ["I1"],
    file: "durable/operate-lease.ts",
    find: "if (wish.key !== null && known.length > 0)",
    replace: "if (wish.key === null && known.length > 0)",
  },
];
