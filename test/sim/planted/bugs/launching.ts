/** Mistakes on the way from planned to ready. */
import type { PlantedBug } from "../bug.ts";

const SIZE = "durable/rules/size.ts";
const SETTLE = "durable/rules/settle.ts";
const WANTED = "durable/rules/wanted-calls.ts";

export const LAUNCHING: readonly PlantedBug[] = [
  {
    name: "launching-does-not-count",
    what: "what is on its way is not counted, so every tick launches again",
    incident: "Karpenter 2011: new servers without end",
    invariants: ["I4", "I6", "I10", "I18"],
    file: SIZE,
    find: "return counts.spares + counts.launching * state.spec.health.capacity + counts.hoped;",
    replace: "return counts.spares + counts.hoped;",
  },
  {
    name: "silent-servers-are-replaced",
    what: "while the eyes are blind, every silent server is replaced",
    incident: "Slack 2021: servers that only waited were taken for idle ones",
    invariants: ["I10"],
    file: "durable/rules/occupancy.ts",
    find: "const waitedFor = isGeneral ? silent : silent.slice(SILENT_REPLACED_MAX);",
    replace: "const waitedFor = isGeneral ? [] : silent.slice(SILENT_REPLACED_MAX);",
  },
  {
    name: "unknown-create-is-failed",
    what: "a create without an answer counts as failed, and its name is given up",
    incident: "karpenter-hetzner 53: died between create and record, billed for ever",
    invariants: ["I4", "I7", "I8"],
    file: SETTLE,
    find: '    case "unknown": {\n',
    replace:
      '    case "unknown": {\n      if (command.action.kind === "create") return burnt(state, rows, outcome.message);\n',
  },
  {
    name: "server-fault-is-failed",
    what: "a create that AWS broke off in the middle counts as refused",
    incident: null,
    invariants: ["I4", "I7", "I8"],
    file: "worker/aws/errors.ts",
    find: 'return { kind: "unknown", message: `${code}: ${message}` };',
    replace: 'return { kind: "rejected", rejection: "other", code, message, requestId: null };',
  },
  {
    name: "lost-create-is-never-looked-up",
    what: "a create that may have happened is waited for, and never looked up",
    incident: null,
    invariants: ["I18"],
    file: "durable/rules/watch.ts",
    find: "row.mayExist && row.command === null && row.nextAttemptAt <= state.now)",
    replace: "row.mayExist && row.command !== null && row.nextAttemptAt <= state.now)",
  },
  {
    name: "hands-retry-under-a-new-name",
    what: "a create without an answer is sent again at once, under another name",
    incident: "karpenter-hetzner 53: died between create and record, billed for ever",
    invariants: ["I2", "I4", "I7", "I8", "I13"],
    file: "worker/act.ts",
    find: "  return toOutcome(number, calls, await carry());\n",
    replace: `  const result = await carry();
  if (result.kind === "unknown" && action.kind === "create") {
    const names = action.names.map((name) => \`\${name}-again\`);
    const again = await call("create", () => send(deps, site, { ...action, names }));
    return toOutcome(number, calls, again);
  }
  return toOutcome(number, calls, result);
`,
  },
  {
    name: "ports-step-is-missing",
    what: "a server that has an address counts as configured",
    incident: null,
    invariants: ["I18"],
    file: "durable/rules/absorb-listing.ts",
    find: 'transition(row, "configuring", state.now, { ...facts, step: "ports" });',
    replace:
      'transition(row, "warming", state.now, { ...facts, step: "health", portsHash: state.portsHash });',
  },
  {
    name: "created-without-our-tags",
    what: "instances are created without the tags by which they are known",
    incident: "GitLab cattle-ops 450: servers without tags, seen by no cleanup",
    invariants: ["I3", "I4", "I7", "I13", "I18"],
    file: WANTED,
    find: "tags: { ...tags, ...ours },",
    replace: "tags,",
  },
  {
    name: "rebuilt-fleet-repeats-names",
    what: "the incarnation is the same for every ledger, so a rebuilt fleet takes its own old names",
    incident: "Karpenter 2734: a reused name led to the wrong server",
    invariants: ["I1", "I2", "I8", "I9"],
    file: "durable/operate.ts",
    find: "recordOfNew(fleet, word(), now)",
    replace: 'recordOfNew(fleet, "a", now)',
  },
  {
    name: "lowest-free-number",
    what: "the number of a server that is gone is used again",
    incident: "Karpenter 2734: a reused name led to the wrong server",
    invariants: ["I8", "I18", "crash"],
    file: SIZE,
    find: "plannedRow(state, state.nextInstance + index),",
    replace: "plannedRow(state, freeNumbers(state)[index] ?? state.nextInstance + index),",
    more: [
      {
        file: SIZE,
        find: "/** By code unit, so that the order is the same everywhere. */",
        replace: `function freeNumbers(state: State): number[] {
  const { fleet, incarnation } = state.identity;
  const numbers = Array.from({ length: 200 }, (_, index) => index + 1);
  return numbers.filter((number) => !state.instances.has(\`\${fleet}-\${incarnation}-\${number}\`));
}

/** By code unit, so that the order is the same everywhere. */`,
      },
    ],
  },
  {
    name: "failed-boots-are-waited-for",
    what: "a boot has no time limit, so a server that never comes up counts for ever",
    incident: null,
    invariants: ["I18"],
    file: "durable/rules/boots.ts",
    find: "if (overdue.length === 0 || counts.blind) return NO_MOVES;",
    replace: "if (overdue.length >= 0) return NO_MOVES;",
  },
];
