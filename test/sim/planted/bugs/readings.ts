/** Mistakes in what a media server said, or did not say. */
import type { PlantedBug } from "../bug.ts";

const READING = "worker/health/reading.ts";
const OCCUPANCY = "durable/rules/occupancy.ts";
const CHECKS = "durable/rules/checks.ts";
const ABSORB = "durable/rules/absorb-readings.ts";

export const READINGS: readonly PlantedBug[] = [
  {
    name: "garbled-json-is-zero",
    what: "an answer that breaks off is read as no sessions",
    incident: null,
    invariants: ["I1", "I2", "I9", "I11"],
    file: READING,
    find: 'if (document === undefined) return hole("its answer is not JSON, or says a key twice");',
    replace:
      'if (document === undefined) return { kind: "answer", sessions: 0, draining: false, named: true };',
  },
  {
    name: "error-page-is-an-answer",
    what: "the body of an HTTP 503 is believed",
    incident: null,
    invariants: ["I1", "I2", "I9", "I11"],
    file: READING,
    find: "if (status !== 200)",
    replace: "if (status >= 600)",
  },
  {
    name: "another-servers-answer",
    what: "an answer in another server's name is believed",
    incident: "Karpenter 2734: a reused name led to the wrong server",
    invariants: ["I1", "I2", "I9", "I11"],
    file: READING,
    find: 'if (typeof instance === "string" && instance !== name)',
    replace: 'if (typeof instance === "string" && instance === "")',
  },
  {
    name: "no-answer-is-zero",
    what: "a server that cannot be reached has no sessions",
    incident: "Slack 2021: servers that only waited were taken for idle ones",
    invariants: ["I1", "I2", "I9", "I11"],
    file: "worker/health/probe.ts",
    find: 'if (result.kind === "failed") return hole(result.detail);',
    replace:
      'if (result.kind === "failed")\n      return { kind: "answer", name, revision, startedAt, sessions: 0, draining: false };',
  },
  {
    name: "old-servers-are-asked-in-the-new-way",
    what: "another image with another health check silences all servers that run",
    incident: null,
    invariants: ["I18", "I20"],
    file: CHECKS,
    find: "const isKept = wasMade(row) && differs(",
    replace: "const isKept = !wasMade(row) && differs(",
  },
  {
    name: "port-of-old-servers-is-closed",
    what: "the firewall of the new spec closes the health port of the servers that run",
    incident: null,
    invariants: ["I18", "I20"],
    file: CHECKS,
    find: "return own === null ? state.spec.ports : portsWith(",
    replace: "return own !== undefined ? state.spec.ports : portsWith(",
  },
  {
    name: "hole-keeps-the-idle-run",
    what: "a missing reading does not restart the confirmation",
    incident: null,
    invariants: ["I2", "I9"],
    file: ABSORB,
    find: "      idleReadings: [],\n      goodInRow: 0,",
    replace: "      idleReadings: before?.idleReadings ?? [],\n      goodInRow: 0,",
  },
  {
    name: "busy-keeps-the-idle-run",
    what: "a busy reading neither ends a drain nor restarts the confirmation",
    incident: null,
    invariants: ["I1", "I2", "I9"],
    file: ABSORB,
    find: "return reading.sessions === 0 && (reading.draining || !waitsForItsWord);",
    replace: "return reading.draining || !waitsForItsWord;",
    more: [
      {
        file: ABSORB,
        find: 'row.drainReason === "surplus" && reading.sessions > 0)',
        replace: 'row.drainReason === "surplus" && reading.sessions < 0)',
      },
      {
        file: "durable/rules/retire.ts",
        find: 'if (row.sessions > 0 || row.occupancy !== "idle" || row.stoppedSince !== null) return false;',
        replace: "if (row.stoppedSince !== null) return false;",
      },
      {
        file: "durable/rules/retire.ts",
        find: 'wasSeenEmpty(state, row) && occupancyOf(state, row) === "idle"',
        replace: 'wasSeenEmpty(state, row) && occupancyOf(state, row) !== "unknown"',
      },
    ],
  },
  {
    name: "stale-reading-counts",
    what: "a reading never grows old",
    incident: "Slack 2021: servers that only waited were taken for idle ones",
    invariants: ["I9", "I10", "I11", "I18"],
    file: OCCUPANCY,
    find: 'return state.now - readAt > staleAfterMs ? "unknown" : row.occupancy;',
    replace: 'return staleAfterMs > 0 ? row.occupancy : "unknown";',
  },
  {
    name: "never-read-is-idle",
    what: "a server of which nothing is known counts as idle",
    incident: "github-runner 3802: what had no match was taken for an orphan, and killed",
    invariants: ["I9", "I10", "I11", "I18"],
    file: OCCUPANCY,
    find: 'if (readAt === null || row.stoppedSince !== null || isDoubted(state, row)) return "unknown";',
    replace: 'if (readAt === null) return row.sessions > 0 ? "busy" : "idle";',
  },
];
