/** Mistakes in how outdated servers are replaced, and how drift is put right. */
import type { PlantedBug } from "../bug.ts";

const ROLLOUT = "durable/rules/rollout.ts";
const DRIFT = "durable/rules/drift.ts";
const WANTED = "durable/rules/wanted-calls.ts";

export const ROLLOUTS: readonly PlantedBug[] = [
  {
    name: "rollout-without-canary",
    what: "outdated servers are replaced before one of the new template was ever ready",
    incident: null,
    invariants: ["I11"],
    file: ROLLOUT,
    find: 'return canariesAreReady ? "replacing" : "canary";',
    replace: 'return canariesAreReady ? "replacing" : "replacing";',
  },
  {
    name: "rollout-deletes-first",
    what: "outdated servers are drained before there are others in their place",
    incident: "S3 2017: one command removed too much at once",
    invariants: ["I11"],
    file: ROLLOUT,
    find: "const tooMany = have - sparesWanted(target);",
    replace: "const tooMany = sparesWanted(target) >= 0 ? have : 0;",
  },
  {
    name: "rollout-without-cordon",
    what: "outdated servers that were idle a moment ago are deleted without being cordoned first",
    incident: "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
    invariants: ["I1", "I2"],
    file: ROLLOUT,
    find: 'rows: cordoned.map((row) => cordon(state, row, "replace")),',
    replace:
      'rows: cordoned.map((row) => ({ ...cordon(state, row, "replace"), phase: "deleting", step: "delete", deletingAt: state.now })),',
    more: [
      {
        file: ROLLOUT,
        find: '      kind: "drain",\n',
        replace: '      kind: "delete",\n',
      },
    ],
  },
  {
    name: "rollout-replaces-the-busy",
    what: "outdated servers are drained while they have sessions",
    incident: null,
    invariants: ["I11"],
    file: ROLLOUT,
    find: "const victims = chooseVictims(state, rollout.idle, tooMany);",
    replace:
      "const victims = rollout.outdated.filter((row) => !isProtected(row) && row.sessions > 0 && tooMany >= 0);",
  },
  {
    name: "rollout-goes-on-after-failed-boots",
    what: "new servers that fail to boot do not stop the rollout",
    incident: null,
    invariants: ["I11"],
    file: "durable/rules/boots.ts",
    find: '...(rolloutOf(state) === null ? [] : [hold("rollout")]),',
    replace: "...(rolloutOf(state) === null ? [] : []),",
  },
  {
    name: "surge-is-unbounded",
    what: "a rollout launches as many besides as are to be replaced",
    incident: "Karpenter 2011: new servers without end",
    invariants: ["I11"],
    file: ROLLOUT,
    find: "surge: Math.min(surgeOf[stage], idle.length) };",
    replace: "surge: surgeOf[stage] > 0 ? idle.length : 0 };",
  },
  {
    name: "drift-is-left",
    what: "ports and tags that somebody changed by hand stay as they are",
    incident: null,
    invariants: ["I18"],
    file: DRIFT,
    find: "if (startedAt - since >= LISTING_LAG_MS)",
    replace: "if (startedAt - since < 0)",
  },
  {
    name: "drift-of-ports-is-left",
    what: "a firewall that somebody changed by hand is not seen",
    incident: null,
    invariants: ["I18"],
    file: DRIFT,
    find: "return !sameRules(portsOf(state, row), ports);",
    replace: "return !sameRules(ports, ports);",
  },
  {
    name: "drift-of-tags-is-left",
    what: "tags that somebody changed by hand are not seen",
    incident: "GitLab cattle-ops 450: servers without tags, seen by no cleanup",
    invariants: ["I18"],
    file: DRIFT,
    find: "wanted.some(([key, value]) => tags[key] !== value) ||",
    replace: "wanted.some(([key]) => tags[key] === undefined) ||",
  },
  {
    name: "drift-of-the-adopted-is-left",
    what: "an adopted server that keeps its own ports is not looked at for its tags either",
    incident: "GitLab cattle-ops 450: servers without tags, seen by no cleanup",
    invariants: ["I18"],
    file: DRIFT,
    find: "(row.portsHash === null && !keepsItsPorts(state, row));",
    replace: "row.portsHash === null;",
  },
  {
    name: "tags-of-another-fleet",
    what: "drift is put right with the tags of another fleet",
    incident: "GitLab cattle-ops 450: servers without tags, seen by no cleanup",
    invariants: ["I2", "I3", "I4", "I7", "I18"],
    file: DRIFT,
    find: "[OWNER_TAG]: state.identity.owner, ...template };",
    replace: '[OWNER_TAG]: `${state.identity.owner.split("/")[0]}/other`, ...template };',
  },
  {
    name: "tags-are-put-back",
    what: "a server that somebody took out of the fleet by its tags is given ours again",
    incident: "github-runner 3802: what had no match was taken for an orphan, and killed",
    invariants: ["I3"],
    file: WANTED,
    find: "  if (row.arn === null || row.tagsHash === state.tagsHash) return false;\n",
    replace:
      "  if (row.arn === null) return false;\n  if (!isListed(state, row) && state.now - row.changedAt >= 160_000) return true;\n  if (row.tagsHash === state.tagsHash) return false;\n",
  },
];
