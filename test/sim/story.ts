/**
 * Small lives of a fleet without any incident, in which everything happens once: launch, demand, growth,
 * surplus, drain, delete. The single-fault plans break each of their effect points in turn.
 */
import { type Incident, ORDINARY_SITE, type Scenario, START } from "./scenario.ts";
import { DRAIN_SECRET, specOf } from "./spec.ts";

const MINUTE_MS = 60_000;

interface Told {
  readonly seed: number;
  readonly spares: string;
  readonly sessionsPerHour: number;
  readonly promise: Scenario["promise"];
  readonly acts: readonly Omit<Incident, "id">[];
}

function story({ seed, spares, sessionsPerHour, promise, acts }: Told): Scenario {
  return {
    seed,
    startsAt: START,
    hours: 0.11,
    spec: specOf({
      spares: { default: spares },
      health:
        promise === "server"
          ? { drain: { path: "/lightfleet/{verb}", secretRef: DRAIN_SECRET } }
          : {},
      retire: { idleForSeconds: 15, confirmations: 2, drainSeconds: 10, billing: "none" },
      limits: { maxInstances: 6 },
      timeouts: { startSeconds: 120, readySeconds: 240 },
    }),
    sessionsPerHour,
    meanLengthMs: MINUTE_MS,
    promise,
    bootMs: 20_000,
    softwareBootMs: 5_000,
    site: ORDINARY_SITE,
    signed: true,
    incidents: acts.map((act, id) => ({ id, ...act })),
  };
}

export const STORIES: readonly Scenario[] = [
  story({
    seed: 1,
    spares: "2",
    sessionsPerHour: 60,
    promise: "dispatcher",
    acts: [
      // The operator wants two more for a while, and then they are too many.
      { when: { at: 1.5 * MINUTE_MS }, fault: "override", forMs: 60_000, n: 4 },
    ],
  }),
  story({
    seed: 2,
    spares: "1",
    sessionsPerHour: 30,
    promise: "server",
    acts: [
      { when: { at: 2 * MINUTE_MS }, fault: "specChanged", forMs: 0, n: 0 },
      { when: { at: 4 * MINUTE_MS }, fault: "remove", forMs: 30_000, n: 1 },
    ],
  }),
];
