/** Mistakes on the way from ready to deleted. */
import type { PlantedBug } from "../bug.ts";

const RETIRE = "durable/rules/retire.ts";
const BOOTS = "durable/rules/boots.ts";
const SHORT_WAY = "(row) => row.createdByUs && !row.adopted && !row.everRead && !isProtected(row),";

export const RETIRING: readonly PlantedBug[] = [
  {
    name: "readings-before-cordon-count",
    what: "a victim is deleted on readings that were taken before its cordon",
    incident: "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
    invariants: ["I1", "I2"],
    file: RETIRE,
    find: "fresh === undefined || fresh.phaseSince !== row.phaseSince",
    replace: "fresh === undefined",
    more: [
      {
        file: RETIRE,
        find: "fresh.idleReadings.filter((at) => at > cordonedAt + drainMs)",
        replace: "fresh.idleReadings",
      },
    ],
  },
  {
    name: "surplus-without-cordon",
    what: "a server that was idle a moment ago is deleted without being cordoned first",
    incident: "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
    invariants: ["I1", "I2"],
    file: RETIRE,
    find: '...cordoned.map((row) => cordon(state, row, "surplus"))],',
    replace:
      '...cordoned.map((row) => transition(row, "deleting", state.now, { step: "delete", deletingAt: state.now }))],',
    more: [
      {
        file: RETIRE,
        find: '    kind: "drain",\n    instance: row.name,\n',
        replace: '    kind: "delete",\n    instance: row.name,\n',
      },
    ],
  },
  {
    name: "drain-time-ignored",
    what: "the confirmation begins at the cordon, not after the drain time",
    incident: null,
    invariants: ["I1", "I2"],
    file: RETIRE,
    find: "const drainMs = drainMsOf(state, row);",
    replace: "const drainMs = 0;",
  },
  {
    name: "one-empty-reading-is-enough",
    what: "one empty reading after the drain time confirms that a server is empty",
    incident: null,
    invariants: ["I1", "I2"],
    file: RETIRE,
    find: "return after.length >= EMPTY_READINGS;",
    replace: "return after.length >= EMPTY_READINGS - 1;",
    more: [
      {
        file: RETIRE,
        find: "whileDraining + EMPTY_READINGS);",
        replace: "whileDraining + EMPTY_READINGS - 1);",
      },
    ],
  },
  {
    name: "drain-time-is-emptiness",
    what: "a drain ends in deletion when its time is over: a busy reading does not end it",
    incident: null,
    invariants: ["I1", "I2", "I9"],
    file: RETIRE,
    find: 'if (row.sessions > 0 || row.occupancy !== "idle" || row.stoppedSince !== null) return false;',
    replace: "if (row.stoppedSince !== null) return false;",
    more: [
      {
        file: RETIRE,
        find: 'return wasSeenEmpty(state, row) && occupancyOf(state, row) === "idle";',
        replace: "return wasSeenEmpty(state, row);",
      },
      {
        file: RETIRE,
        find: "if (fresh === undefined || fresh.phaseSince !== row.phaseSince) return false;",
        replace: "if (fresh === undefined) return state.now > cordonedAt + drainMs;",
      },
      {
        file: RETIRE,
        find: "if (fresh.idleReadings.length < readingsOf(state, drainMs)) return false;",
        replace: "if (readingsOf(state, drainMs) < 0) return false;",
      },
      {
        file: RETIRE,
        find: "return after.length >= EMPTY_READINGS;",
        replace: "return after.length >= 0 && state.now > cordonedAt + drainMs;",
      },
      {
        file: "durable/rules/absorb-readings.ts",
        find: 'row.drainReason === "surplus" && reading.sessions > 0)',
        replace: 'row.drainReason === "surplus" && reading.sessions < 0)',
      },
    ],
  },
  {
    name: "silence-is-emptiness",
    what: "a server that is silent when its drain time ends is taken for empty",
    incident: "Slack 2021: servers that only waited were taken for idle ones",
    invariants: ["I1", "I2", "I9"],
    file: RETIRE,
    find: 'if (row.sessions > 0 || row.occupancy !== "idle" || row.stoppedSince !== null) return false;',
    replace: 'if (row.occupancy === "busy" || row.stoppedSince !== null) return false;',
    more: [
      {
        file: RETIRE,
        find: 'return wasSeenEmpty(state, row) && occupancyOf(state, row) === "idle";',
        replace: "return wasSeenEmpty(state, row);",
      },
      {
        file: RETIRE,
        find: "if (fresh === undefined || fresh.phaseSince !== row.phaseSince) return false;",
        replace:
          'if (occupancyOf(state, row) === "unknown") return state.now > cordonedAt + drainMs;\n  if (fresh === undefined) return false;',
      },
    ],
  },
  {
    name: "surplus-counts-launching",
    what: "ready spares are taken away because others are on their way",
    incident: null,
    invariants: ["I11"],
    file: RETIRE,
    find: "Math.min(counts.spares - wanted, tooMany - cancelled.rows.length * capacity);",
    replace: "tooMany - cancelled.rows.length * capacity;",
  },
  {
    name: "draining-counts-as-spare",
    what: "a server that drains still counts as a spare",
    incident: null,
    invariants: ["I11", "I18"],
    file: "durable/rules/occupancy.ts",
    find: 'if (row.phase !== "ready" || row.saysDraining || occupancyOf(state, row) === "unknown") return 0;',
    replace:
      'if ((row.phase !== "ready" && row.phase !== "draining") || occupancyOf(state, row) === "unknown") return 0;',
  },
  {
    name: "removal-is-always-forced",
    what: "a fleet that is removed gently is deleted at once, with its sessions",
    incident: "UniSuper 2024: a parameter left blank meant delete",
    invariants: ["I1", "I2", "I6"],
    file: "durable/rules/remove.ts",
    find: "if (state.removing.force) {",
    replace: "if (state.removing.force !== null) {",
  },
  {
    name: "removal-is-forced-after-restart",
    what: "the ledger gives back a gentle removal as a forced one",
    incident: "UniSuper 2024: a parameter left blank meant delete",
    invariants: ["I1", "I2", "I6"],
    file: "durable/ledger/ledger.ts",
    find: 'removing: record.removing === null ? null : { force: record.removing === "force" },',
    replace: "removing: record.removing === null ? null : { force: record.removing !== null },",
  },
  {
    name: "silent-server-is-a-failed-boot",
    what: "a server that was ready and has not answered for a minute is deleted like a failed boot",
    incident: null,
    invariants: ["I1", "I2", "I9"],
    file: BOOTS,
    find: SHORT_WAY,
    replace: "(row) => row.createdByUs && !row.adopted && !isProtected(row),",
    more: [
      {
        file: BOOTS,
        find: '    case "planned":\n    case "ready":\n',
        replace:
          '    case "ready":\n      return state.now - (state.memory.freshness.get(row.name)?.readAt ?? state.now) >= 60_000;\n    case "planned":\n',
      },
    ],
  },
  {
    name: "adopted-takes-the-short-way",
    what: "an adopted server that has not been heard yet counts as a failed boot, for it is old",
    incident: "github-runner 3802: what had no match was taken for an orphan, and killed",
    invariants: ["I1", "I2", "I9"],
    file: BOOTS,
    find: SHORT_WAY,
    replace: "(row) => !row.everRead && !isProtected(row),",
    more: [
      {
        file: BOOTS,
        find: '    case "planned":\n    case "ready":\n',
        replace:
          '    case "ready":\n      return !row.everRead && state.now - (row.createdAt ?? row.plannedAt) >= readySeconds * 1000;\n    case "planned":\n',
      },
    ],
  },
  {
    name: "accepted-delete-is-gone",
    what: "an accepted delete counts as done, without two listings that lack the instance",
    incident: null,
    invariants: ["I2", "I4", "I6", "I7", "I12"],
    file: "durable/rules/settle.ts",
    find: "return change(row, state.now, { ...settled, nextAttemptAt: state.now + DELETE_AGAIN_MS });",
    replace: 'return transition(row, "gone", state.now, { goneAt: state.now });',
  },
  {
    name: "stopped-is-deleted-at-once",
    what: "a server that one listing shows as not running is deleted, though listings lag",
    incident: null,
    invariants: ["I1", "I2", "I9"],
    file: "durable/rules/stopped.ts",
    find: "listedAt - row.cordonedAt >= LISTING_LAG_MS;",
    replace: "listedAt - row.cordonedAt >= 0;",
    more: [
      {
        file: "durable/rules/limits.ts",
        find: "export const STOPPED_FOR_MS = 900_000;",
        replace: "export const STOPPED_FOR_MS = 0;",
      },
    ],
  },
];
