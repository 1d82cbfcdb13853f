/** Mistakes with servers that take part in draining, and with the drains of operators. */
import type { PlantedBug } from "../bug.ts";

const WANTED = "durable/rules/wanted-calls.ts";

export const DRAINS: readonly PlantedBug[] = [
  {
    name: "drain-word-is-ignored",
    what: "a server that still takes sessions counts as empty as soon as it has none",
    incident: "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
    invariants: ["I1", "I2"],
    file: "durable/rules/absorb-readings.ts",
    find: "return reading.sessions === 0 && (reading.draining || !waitsForItsWord);",
    replace: "return reading.sessions === 0;",
  },
  {
    name: "drain-call-is-its-word",
    what: "a drain call that was made counts as the server's own word, heard or not",
    incident: null,
    invariants: ["I1", "I2"],
    file: "durable/rules/absorb-readings.ts",
    find: "return reading.sessions === 0 && (reading.draining || !waitsForItsWord);",
    replace: "return reading.sessions === 0 && (row.drainTold || !waitsForItsWord);",
  },
  {
    name: "undrain-is-never-sent",
    what: "a server whose drain was taken back is not told",
    incident: null,
    invariants: ["I18"],
    file: WANTED,
    find: 'return row.phase === "ready" && row.drainTold && row.saysDraining ? "undrain" : null;',
    replace: "return null;",
  },
  {
    name: "drain-is-told-once",
    what: "a drain call that was lost is not made again",
    incident: null,
    invariants: ["I18"],
    file: WANTED,
    find: 'if (row.phase === "draining") return row.saysDraining ? null : "drain";',
    replace: 'if (row.phase === "draining") return row.drainTold ? null : "drain";',
    more: [
      {
        file: "durable/rules/absorb-readings.ts",
        find: "const drainTold = row.drainTold && (reading.draining || mayStillBeTold(row, now));",
        replace: "const { drainTold } = row;",
      },
    ],
  },
  {
    name: "operators-drain-is-taken-back",
    what: "the fleet takes an operator's drain back when it needs a spare",
    incident: null,
    invariants: ["I13"],
    file: "durable/rules/size.ts",
    find: '(row) => row.phase === "draining" && row.drainReason === "surplus")',
    replace: '(row) => row.phase === "draining" && row.drainReason !== "fleet")',
  },
  {
    name: "busy-ends-any-drain",
    what: "a session ends an operator's drain too",
    incident: null,
    invariants: ["I13"],
    file: "durable/rules/absorb-readings.ts",
    find: 'if (row.phase === "draining" && row.drainReason === "surplus" && reading.sessions > 0)',
    replace: 'if (row.phase === "draining" && reading.sessions > 0)',
  },
  {
    name: "held-drain-is-deleted",
    what: "a server that an operator wants held is deleted when it is empty",
    incident: "UniSuper 2024: a parameter left blank meant delete",
    invariants: ["I13"],
    file: "durable/rules/retire.ts",
    find: "return !row.drainHold && wasSeenEmpty(state, row);",
    replace: "return wasSeenEmpty(state, row);",
  },
  {
    name: "hold-is-not-stored",
    what: "that a server is to be held is lost on the way to the ledger",
    incident: "UniSuper 2024: a parameter left blank meant delete",
    invariants: ["I13"],
    file: "durable/operate-instance.ts",
    find: "const cordoned = { cordonedAt: state.now, drainReason, drainHold } as const;",
    replace: "const cordoned = { cordonedAt: state.now, drainReason, drainHold: false } as const;",
  },
];
