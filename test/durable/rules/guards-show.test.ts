/** Each guard holds something back in a tick, and people see it; and where it need not, they do not. */
import { describe, expect, it } from "vitest";
import type { GuardName, Instance, Pausable, Pause } from "../../../durable/rules/model.ts";
import { type Plan, plan } from "../../../durable/rules/plan.ts";
import type { State } from "../../../durable/rules/state.ts";
import { HOUR_MS } from "../../../durable/rules/limits.ts";
import {
  aFailing,
  aHold,
  anObservation,
  aPlanned,
  aRow,
  aRuling,
  aState,
  freshFor,
  idleRows,
  MINUTE_MS,
  laneOf,
  NOW,
  type SpecOverrides,
} from "./builders.ts";
import { freshAndSilent } from "./silence.ts";

interface Case {
  /** A state in which the guard holds something back. */
  readonly binds: State;
  /** A state in which it is about the same, and the guard holds nothing back. */
  readonly twin: State;
  /** Phases that no row may come to while it binds. */
  readonly never: readonly Instance["phase"][];
}

/** A fleet that wants so many, with so many idle. */
function wants(
  count: number,
  spec: SpecOverrides = {},
  rest: Parameters<typeof aState>[0] = {},
): State {
  const rows = rest.rows ?? [];
  return aState({
    ...rest,
    spec: { ...spec, spares: { default: String(count), ...spec.spares } },
    memory: { ...freshFor(...rows), ...rest.memory },
  });
}

/** Servers whose drain is over: they would be deleted now. */
function drained(count: number, overrides: Partial<Instance> = {}): Instance[] {
  return idleRows(count, {
    phase: "draining",
    cordonedAt: NOW - 10 * MINUTE_MS,
    drainReason: "surplus",
    ...overrides,
  });
}

function empties(
  count: number,
  spec: SpecOverrides = {},
  rest: Parameters<typeof aState>[0] = {},
): State {
  return wants(0, spec, { rows: drained(count), ...rest });
}

function pauseOf(what: Pausable): Pause {
  return { what, since: NOW, until: null, reason: "", actor: "op" };
}

/** So many servers, of which so many do not answer. */
function silentOf(all: number, silent: number): State {
  const rows = idleRows(all);
  const memory = freshAndSilent(rows.slice(silent), rows.slice(0, silent));
  const spec = { limits: { maxInstances: 500 }, spares: { default: String(all) } };
  return aState({ rows, spec, memory });
}

/** Servers that AWS refuses to open. */
function refusedPorts(count: number, refusedSince = NOW - MINUTE_MS): Instance[] {
  return Array.from({ length: count }, (_, index) =>
    aRow({
      name: `closed-${index}`,
      phase: "configuring",
      portsHash: null,
      refusedSince,
      nextAttemptAt: NOW + MINUTE_MS,
    }),
  );
}

function deleting(): Instance[] {
  return [aRow({ phase: "deleting", deletingAt: NOW - MINUTE_MS })];
}

/** A boundary whose value was not written to the tag. */
function pendingWrite(): State["ruling"] {
  return aRuling({
    write: {
      value: "3",
      before: ["2"],
      attempts: 3,
      nextAttemptAt: NOW + MINUTE_MS,
      triedAt: NOW - MINUTE_MS,
      command: null,
      lastError: "AWS says: no.",
      writtenAt: null,
      readBackAt: null,
    },
  });
}

/** A limit of leases that refused a dispatcher just now, or a minute ago. */
function refusing(guard: "leasesPerToken" | "leaseMaxSeconds"): Case {
  const refusedAt = (at: number): State =>
    wants(
      1,
      {},
      { memory: { leasesRefused: [{ guard, actor: "token:dan", value: 3, limit: 2, at }] } },
    );
  return { binds: refusedAt(NOW - 1_000), twin: refusedAt(NOW - MINUTE_MS), never: [] };
}

const WITH_DRAIN: SpecOverrides = {
  health: { drain: { method: "POST", path: "/{verb}", secretRef: "DRAIN" } },
};
const TAGGED: SpecOverrides = { spares: { tag: { resource: "i-0abc1234", key: "spares" } } };
const LAUNCH = ["planned"] as const;
const DELETE = ["deleting"] as const;
const OLD = idleRows(2, { template: "an older one" });
const zone = (subject: string) => aHold("zoneCapacity", { subject });

/** A guard that is new does not compile without its case. */
const CASES: Readonly<Record<GuardName, Case>> = {
  maxInstances: {
    binds: wants(2, { limits: { maxInstances: 1 } }, { rows: idleRows(1) }),
    twin: wants(2, { limits: { maxInstances: 2 } }, { rows: idleRows(1) }),
    never: LAUNCH,
  },
  maxMonthlyUsd: {
    binds: wants(1, { limits: { maxMonthlyUsd: 1 } }),
    twin: wants(1, { limits: { maxMonthlyUsd: 100 } }),
    never: LAUNCH,
  },
  maxLaunchesPerTick: {
    binds: wants(1, { limits: { maxLaunchesPerTick: 0 } }),
    twin: wants(1, { limits: { maxLaunchesPerTick: 1 } }),
    never: LAUNCH,
  },
  maxLaunchesPerHour: {
    binds: wants(1, { limits: { maxLaunchesPerHour: 1 } }, { launchTimes: [NOW - MINUTE_MS] }),
    twin: wants(1, { limits: { maxLaunchesPerHour: 1 } }, { launchTimes: [NOW - 60 * MINUTE_MS] }),
    never: LAUNCH,
  },
  maxDeletesPerTick: {
    binds: empties(1, { limits: { maxDeletesPerTick: 0 } }),
    twin: empties(1, { limits: { maxDeletesPerTick: 1 } }),
    never: DELETE,
  },
  maxDeletesPerHour: {
    binds: empties(1, { limits: { maxDeletesPerHour: 1 } }, { deleteTimes: [NOW - MINUTE_MS] }),
    twin: empties(1, { limits: { maxDeletesPerHour: 1 } }, { deleteTimes: [NOW - 60 * MINUTE_MS] }),
    never: DELETE,
  },
  failedBoots: {
    binds: wants(1, {}, { failedBoots: 3, holds: [aHold("failedBoots")] }),
    twin: wants(1, {}, { failedBoots: 2 }),
    never: LAUNCH,
  },
  blindEyes: {
    binds: silentOf(5, 3),
    twin: silentOf(5, 1),
    never: DELETE,
  },
  noListing: {
    binds: wants(1, {}, { listed: false }),
    twin: wants(1),
    never: LAUNCH,
  },
  quota: {
    binds: wants(1, {}, { holds: [aHold("quota")] }),
    twin: wants(1, {}, { holds: [aHold("quota", { until: NOW })] }),
    never: LAUNCH,
  },
  zoneCapacity: {
    binds: wants(1, {}, { holds: [zone("ap-northeast-2a"), zone("ap-northeast-2c")] }),
    twin: wants(1, {}, { holds: [zone("ap-northeast-2a")] }),
    never: LAUNCH,
  },
  credentials: {
    binds: wants(1, {}, { holds: [aHold("credentials")] }),
    twin: wants(1, {}, { holds: [aHold("credentials", { until: NOW - 2 * HOUR_MS })] }),
    never: LAUNCH,
  },
  awsRequestRate: {
    binds: wants(
      1,
      {},
      {
        rows: [aPlanned()],
        memory: laneOf("create", 0),
      },
    ),
    twin: wants(1, {}, { rows: [aPlanned()] }),
    never: ["starting"],
  },
  paused: {
    binds: empties(1, {}, { pauses: [pauseOf("retire")] }),
    twin: empties(1, {}, { pauses: [pauseOf("launch")] }),
    never: DELETE,
  },
  protected: {
    binds: wants(0, {}, { rows: drained(1, { protectedBy: "alice" }) }),
    twin: empties(1),
    never: DELETE,
  },
  rollout: {
    binds: wants(2, {}, { rows: OLD, holds: [aHold("rollout")] }),
    twin: wants(2, {}, { rows: OLD }),
    never: ["planned", "draining"],
  },
  leasesPerToken: refusing("leasesPerToken"),
  leaseMaxSeconds: refusing("leaseMaxSeconds"),
  silentServers: {
    binds: silentOf(100, 6),
    twin: silentOf(100, 5),
    never: DELETE,
  },
  rejected: {
    binds: wants(1, {}, { holds: [aHold("rejected")] }),
    twin: wants(1, {}, { holds: [aHold("rejected", { until: NOW })] }),
    never: LAUNCH,
  },
  createFailing: {
    binds: wants(1, {}, { rows: [aPlanned()], failing: [aFailing("create")] }),
    twin: wants(1, {}, { rows: [aPlanned()], failing: [aFailing("create", { since: NOW })] }),
    never: LAUNCH,
  },
  portsFailing: {
    binds: wants(4, {}, { rows: refusedPorts(3), failing: [aFailing("ports")] }),
    twin: wants(
      4,
      {},
      { rows: refusedPorts(2, NOW), failing: [aFailing("ports", { since: NOW })] },
    ),
    never: LAUNCH,
  },
  tagsFailing: {
    binds: wants(1, {}, { rows: idleRows(1, { tagsHash: null }), failing: [aFailing("tags")] }),
    twin: wants(2, {}, { rows: idleRows(1), failing: [aFailing("tags")] }),
    never: LAUNCH,
  },
  deleteFailing: {
    binds: wants(0, {}, { rows: deleting(), failing: [aFailing("delete")] }),
    twin: wants(1, {}, { rows: deleting(), failing: [aFailing("delete", { since: NOW })] }),
    never: LAUNCH,
  },
  drainFailing: {
    binds: wants(0, WITH_DRAIN, { rows: drained(1), failing: [aFailing("drain")] }),
    twin: wants(1, WITH_DRAIN, { rows: drained(1), failing: [aFailing("drain", { since: NOW })] }),
    never: DELETE,
  },
  tagUnread: {
    binds: wants(0, TAGGED, {
      memory: { tagUnread: { since: NOW - MINUTE_MS, throttled: false, words: "no" } },
    }),
    twin: wants(1, TAGGED, {
      memory: { tagUnread: { since: NOW, throttled: false, words: "no" } },
    }),
    never: LAUNCH,
  },
  targetTagFailing: {
    binds: wants(0, {}, { ruling: pendingWrite(), failing: [aFailing("targetTag")] }),
    twin: wants(1, {}, { failing: [aFailing("targetTag")] }),
    never: LAUNCH,
  },
};

function guards({ blockers }: Plan): readonly GuardName[] {
  return blockers.map(({ guard }) => guard);
}

function cases(): [GuardName, Case][] {
  return Object.entries(CASES).map(([name, each]) => [name as GuardName, each]);
}

describe.each(cases())("the guard %s", (guard, { binds, twin, never }) => {
  const made = plan(binds, anObservation());

  it("holds back what it is for", () => {
    const came = made.moves.rows.filter(
      ({ name, phase }) => binds.instances.get(name)?.phase !== phase,
    );

    expect(came.filter(({ phase }) => never.includes(phase))).toEqual([]);
  });

  it("is shown once, alone, with what to do", () => {
    expect(guards(made)).toEqual([guard]);
    expect(made.blockers[0]?.fix).not.toBe("");
  });

  it("is not shown where it holds nothing back, and something is done", () => {
    const other = plan(twin, anObservation());

    expect(guards(other)).not.toContain(guard);
    expect(other.moves.rows).not.toEqual([]);
  });

  it("is shown in `observe` mode too, where nothing is done", () => {
    const observing = { ...binds, spec: { ...binds.spec, mode: "observe" as const } };

    const { blockers, moves } = plan(observing, anObservation());

    expect(blockers.map((blocker) => blocker.guard)).toContain(guard);
    expect(moves.rows).toEqual([]);
    expect(moves.commands).toEqual([]);
  });
});

it("a guard that binds for launching and for deleting is shown once", () => {
  const rows = [...drained(1), aRow({ name: "busy", occupancy: "busy", sessions: 1 })];
  const pauses = [pauseOf("launch"), pauseOf("retire")];
  const state = wants(2, {}, { rows, pauses });

  expect(guards(plan(state, anObservation())).filter((guard) => guard === "paused")).toHaveLength(
    1,
  );
});
