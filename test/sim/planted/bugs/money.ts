/** Mistakes in what the fleet costs, and in the quota of vCPUs. */
import type { PlantedBug } from "../bug.ts";

const SPEND = "durable/rules/spend.ts";
const GUARD = "durable/rules/guard.ts";

export const MONEY: readonly PlantedBug[] = [
  {
    name: "spend-cap-is-not-counted-down",
    what: "a fleet that is below the spend cap may launch as many as are wanted",
    incident: "Karpenter 2011: new servers without end",
    invariants: ["I5"],
    file: SPEND,
    find: "return Math.floor((cap - committed) / each + ROUNDING);",
    replace: "return committed + each > cap ? 0 : Number.POSITIVE_INFINITY;",
  },
  {
    name: "spend-cap-on-what-was-spent",
    what: "the spend cap looks at the hours that were run, not at what runs on",
    incident: null,
    invariants: ["I5"],
    file: SPEND,
    find: "return Math.floor((cap - committed) / each + ROUNDING);",
    replace:
      "return committed < 0 ? 0 : Math.floor((cap - spendOf(state).spent) / each + ROUNDING);",
  },
  {
    name: "spend-forgets-the-launching",
    what: "what is not ready yet costs nothing",
    incident: null,
    invariants: ["I5"],
    file: SPEND,
    find: "    if (bundle === null) priced = false;\n",
    replace: "    if (row.readyAt === null) continue;\n    if (bundle === null) priced = false;\n",
  },
  {
    name: "spend-forgets-the-deleting",
    what: "what is being deleted costs nothing, though it is billed until it is gone",
    incident: null,
    invariants: ["I5"],
    file: SPEND,
    find: "    if (bundle === null) priced = false;\n",
    replace:
      '    if (row.phase === "deleting") continue;\n    if (bundle === null) priced = false;\n',
  },
  {
    name: "quota-is-ignored",
    what: "the vCPU quota of the spec does not hold",
    incident: null,
    invariants: ["I4"],
    file: GUARD,
    find: "    ...vcpuQuota(state),\n",
    replace: "    ...vcpuQuota(state).slice(9),\n",
  },
  {
    name: "quota-counts-ready-only",
    what: "the vCPU quota counts the ready servers only",
    incident: "Karpenter 2011: new servers without end",
    invariants: ["I4"],
    file: SPEND,
    find: "for (const row of state.instances.values()) vcpus += bundleOf(state, row)?.vcpus ?? assumed;",
    replace:
      'for (const row of state.instances.values())\n    if (row.phase === "ready") vcpus += bundleOf(state, row)?.vcpus ?? assumed;',
  },
];
