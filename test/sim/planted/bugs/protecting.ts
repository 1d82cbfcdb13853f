/** Mistakes in what protects a server, in whose it is, and in what operators may do to it. */
import type { PlantedBug } from "../bug.ts";

const RETIRE = "durable/rules/retire.ts";
const VICTIMS = "durable/rules/victims.ts";
const ADOPTIONS = "durable/rules/absorb-adoptions.ts";
const OPERATE = "durable/operate-instance.ts";

export const PROTECTING: readonly PlantedBug[] = [
  {
    name: "protected-is-surplus",
    what: "a protected server goes like any other when there are too many",
    incident: null,
    invariants: ["I1"],
    file: VICTIMS,
    find: "if (isProtected(row)) return false;\n",
    replace: "",
    more: [
      {
        file: RETIRE,
        find: "const empty = drained.filter((row) => !isProtected(row));",
        replace: "const empty = drained;",
      },
    ],
  },
  {
    name: "protected-while-draining",
    what: "protection that comes after the cordon comes too late",
    incident: "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
    invariants: ["I1"],
    file: RETIRE,
    find: "const empty = drained.filter((row) => !isProtected(row));",
    replace: "const empty = drained;",
  },
  {
    name: "protected-is-a-failed-boot",
    what: "a boot that fails is deleted, protected or not",
    incident: null,
    invariants: ["I1"],
    file: "durable/rules/boots.ts",
    find: "!row.everRead && !isProtected(row),",
    replace: "!row.everRead,",
  },
  {
    name: "force-takes-the-protected",
    what: "a fleet that is removed by force takes its protected servers with it",
    incident: "UniSuper 2024: a parameter left blank meant delete",
    invariants: ["I1"],
    file: "durable/rules/remove.ts",
    find: "[alive.filter(isProtected), alive.filter((row) => !isProtected(row))];",
    replace: "[alive.slice(alive.length), alive];",
  },
  {
    name: "forced-delete-takes-the-protected",
    what: "an operator's force overrules protection",
    incident: "S3 2017: one command removed too much at once",
    invariants: ["I1"],
    file: OPERATE,
    find: "if (isProtected(row))\n",
    replace: "if (isProtected(row) && !force)\n",
  },
  {
    name: "rollout-lifts-protection",
    what: "a rollout takes the protection off what it replaces",
    incident: null,
    invariants: ["I1"],
    file: "durable/rules/rollout.ts",
    find: "const idle = outdated.filter((row) => !isProtected(row) && canGo(state, row));",
    replace:
      "const idle = outdated\n    .filter((row) => canGo(state, row))\n    .map((row) => ({ ...row, protectedBy: null, protectedByTag: false, protectedSince: null }));",
  },
  {
    name: "protection-lives-in-memory",
    what: "who protected a server is not read back from the ledger",
    incident: "Reddit 2016: an autoscaler that was put to rest woke up, and took everything away",
    invariants: ["I1", "I13"],
    file: "durable/ledger/instances.ts",
    find: 'return { ...TEMPLATE, ...decoded, phase: row["phase"] as Phase };',
    replace: 'return { ...TEMPLATE, ...decoded, phase: row["phase"] as Phase, protectedBy: null };',
  },
  {
    name: "adopted-arrives-unprotected",
    what: "what an operator wants adopted is not protected",
    incident: null,
    invariants: ["I1"],
    file: ADOPTIONS,
    find: "{ ...row, protectedBy: actor, protectedSince: state.now };",
    replace: "{ ...row, lastError: actor };",
  },
  {
    name: "adopted-must-answer",
    what: "an adopted server that has not answered within the time of a boot is deleted",
    incident: "github-runner 3802: what had no match was taken for an orphan, and killed",
    invariants: ["I1", "I2", "I9"],
    file: "durable/rules/boots.ts",
    find: "(row) => row.createdByUs && !row.adopted && !row.everRead && !isProtected(row),",
    replace: "(row) => !row.everRead,",
    more: [
      {
        file: "durable/rules/boots.ts",
        find: '    case "planned":\n    case "ready":\n',
        replace:
          '    case "ready":\n      return row.adopted && state.now - row.plannedAt >= readySeconds * 1000;\n    case "planned":\n',
      },
    ],
  },
  {
    name: "ports-before-it-is-ours",
    what: "the firewall of an instance is changed before it is listed with our tags",
    incident: null,
    invariants: ["I3"],
    file: "durable/rules/wanted-calls.ts",
    find: "  if (!isListed(state, row) || isBeingAdopted(state, row)) return false;\n",
    replace: "",
  },
  {
    name: "adoption-lives-in-memory",
    what: "what is to be adopted is forgotten as soon as the object starts anew",
    incident: null,
    invariants: ["I13"],
    file: "durable/ledger/ledger.ts",
    find: "if (before.adoptions !== after.adoptions) writeAdoptions(sql, after.adoptions);",
    replace: "",
  },
  {
    name: "deleted-as-asked",
    what: "an operator's delete without force takes a server with its sessions",
    incident: "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
    invariants: ["I1", "I2"],
    file: OPERATE,
    find: "if (!isEmpty && !force)",
    replace: "if (!isEmpty && !force && row.sessions < 0)",
  },
];
