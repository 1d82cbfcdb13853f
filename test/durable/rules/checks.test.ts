/** How servers are asked that were built for another check than the spec's. */
import { describe, expect, it, test } from "vitest";
import { respecified } from "../../../durable/operate.ts";
import { absorb } from "../../../durable/rules/absorb.ts";
import {
  askedBy,
  capacityOf,
  healthOf,
  portsOf,
  takesPart,
} from "../../../durable/rules/checks.ts";
import { curlOf, curlOfSilent } from "../../../durable/rules/curl.ts";
import { TRIAL_EVERY_MS, TRIALS_PER_LOOK_MAX } from "../../../durable/rules/limits.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { slotsOf, tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { isConfirmedEmpty } from "../../../durable/rules/retire.ts";
import { apply, NO_MOVES, type State } from "../../../durable/rules/state.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import type { ProbeRequest, Reading } from "../../../durable/rules/world.ts";
import {
  aHoleOf,
  anAnswer,
  anObservation,
  aPlanned,
  aRow,
  aSpec,
  aState,
  freshFor,
  idleFreshness,
  idleRows,
  MINUTE_MS,
  NOW,
  type SpecOverrides,
} from "./builders.ts";

const OLD: SpecOverrides = { health: { path: "/health" } };
const NEW: SpecOverrides = { health: { path: "/v2/health" } };
const NEW_IMAGE: SpecOverrides = { ...NEW, userData: "#!/bin/sh\n# another\n" };
const DRAIN = { method: "POST", path: "/{verb}", secretRef: "DRAIN" } as const;
const CORDONED: Partial<Instance> = {
  phase: "draining",
  cordonedAt: NOW - 10 * MINUTE_MS,
  drainReason: "surplus",
};

/** The fleet after an operator has put another spec; every server has just answered. */
function put(rows: readonly Instance[], before: SpecOverrides, after: SpecOverrides): State {
  const state = aState({ rows, spec: before, memory: freshFor(...rows) });
  const { rows: changed, change } = respecified(state, aSpec(after));
  return { ...apply(state, { ...NO_MOVES, rows: changed }), ...change };
}

function only({ instances }: State): Instance {
  const [row] = instances.values();
  if (row === undefined) throw new Error("there is no row");
  return row;
}

function asking(state: State): readonly ProbeRequest[] {
  return watchOf({ ...state, now: state.now + 5_000 }).probes;
}

function seen(state: State, ...readings: readonly Reading[]): State {
  return apply(state, absorb(state, anObservation({ readings })));
}

/** A reading by the spec's own check, where it is tried. */
function tried(state: State, reading: Reading): Reading {
  return { ...reading, check: state.healthHash };
}

/** A reading by the check that the server was built for. */
function own(state: State, reading: Reading): Reading {
  const health = state.instances.get(reading.name)?.health ?? null;
  return health === null ? reading : { ...reading, check: health };
}

describe("a spec with another image and another health check", () => {
  it("leaves each server that is there its own, and is for those that come", () => {
    const state = put([aRow(), aPlanned({ name: "media-k3-2" })], OLD, NEW_IMAGE);
    const [there, planned] = [...state.instances.values()];

    expect(healthOf(state, only(state)).path).toBe("/health");
    expect(there?.health).not.toBeNull();
    expect(planned?.health).toBeNull();
    expect(askedBy(state, only(state))).toBe("built");
    expect(watchOf({ ...state, now: NOW + 5_000 }).checks).toEqual(
      expect.objectContaining({ [there?.health ?? ""]: aSpec(OLD).health }),
    );
  });

  it("leaves its check also to a server whose create is under way", () => {
    const state = put(
      [aPlanned({ command: 7 }), aPlanned({ name: "b", mayExist: true })],
      OLD,
      NEW_IMAGE,
    );

    for (const row of state.instances.values()) expect(healthOf(state, row).path).toBe("/health");
  });

  it("does not ask a server in the new way that has answered in its own, however silent it is", () => {
    const before = put([aRow()], OLD, NEW_IMAGE);
    const state = seen(before, own(before, aHoleOf(only(before))));

    expect(asking(state).map(({ check }) => check)).toEqual([only(state).health]);
  });

  it("does not believe an old server's answer to the new check", () => {
    const state = put([aRow({ sessions: 3, occupancy: "busy" })], OLD, NEW_IMAGE);

    const after = seen(state, tried(state, anAnswer(only(state), 0)));

    expect(only(after)).toMatchObject({ occupancy: "busy", sessions: 3 });
    expect(healthOf(after, only(after)).path).toBe("/health");
  });

  it("asks a server both ways that has never answered, and remembers which it answers", () => {
    const warming = aRow({ phase: "warming", everRead: false, occupancy: "unknown" });
    const state = put([warming], OLD, NEW_IMAGE);

    expect(asking(state).map(({ check }) => check)).toEqual([only(state).health, state.healthHash]);
    const old = seen(state, own(state, anAnswer(only(state), 0)));
    expect(askedBy(old, only(old))).toBe("built");
    const moved = seen(
      state,
      own(state, aHoleOf(only(state))),
      tried(state, anAnswer(only(state), 0)),
    );
    expect(askedBy(moved, only(moved))).toBe("spec");
    expect(moved.checks.size).toBe(0);
  });

  it("gives an old server its own time to answer, where the new one is shorter", () => {
    const slow: SpecOverrides = { health: { timeoutSeconds: 3 } };
    const state = put([aRow()], slow, { ...NEW_IMAGE, health: { timeoutSeconds: 1 } });

    expect(healthOf(state, only(state)).timeoutSeconds).toBe(3);
  });

  it("gives dispatchers no slot on an old server that it has not", () => {
    const state = put([aRow()], OLD, { ...NEW_IMAGE, health: { capacity: 4 } });

    expect(capacityOf(state, only(state))).toBe(1);
    expect(slotsOf(state, only(state))).toBe(1);
  });

  it("forgets a check when no server is left that was built for it", () => {
    const state = put([aRow()], OLD, NEW_IMAGE);
    expect(state.checks.size).toBe(1);

    const gone = { ...state, instances: new Map<string, Instance>() };

    expect(apply(gone, absorb(gone, anObservation())).checks.size).toBe(0);
  });

  it("is put back, and nothing is left of it", () => {
    const state = put([aRow()], OLD, NEW_IMAGE);
    const { rows, change } = respecified(state, aSpec(OLD));

    const back = { ...apply(state, { ...NO_MOVES, rows }), ...change };

    expect(only(back).health).toBeNull();
    expect(back.checks.size).toBe(0);
  });

  it("keeps the port of the old servers open, and closes it on no other", () => {
    const open = (port: number) => ({ protocol: "tcp", from: port, to: port }) as const;
    const state = put(
      [aRow()],
      { ports: [open(8080), open(22)] },
      {
        ...NEW_IMAGE,
        health: { port: 9090 },
        ports: [open(9090)],
      },
    );

    expect(portsOf(state, only(state))).toEqual([open(9090), open(8080)]);
    expect(portsOf(state, aPlanned())).toEqual([open(9090)]);
    const { moves } = plan(state, anObservation());
    expect(moves.commands).toMatchObject([
      { action: { kind: "ports", ports: [open(9090), open(8080)] } },
    ]);
  });

  it("opens the old port to everybody again, where its own rules let fewer in", () => {
    const rule = { protocol: "tcp", from: 8080, to: 8080 } as const;
    const office = { ...rule, cidrs: ["198.51.100.0/24"] };
    const next = { protocol: "tcp", from: 9090, to: 9090 } as const;
    const state = put(
      [aRow()],
      { ports: [rule] },
      {
        ...NEW_IMAGE,
        health: { port: 9090 },
        ports: [next, office],
      },
    );

    expect(portsOf(state, only(state))).toEqual([next, rule]);
  });
});

describe("a spec that has drain calls for the first time", () => {
  const after = { ...NEW_IMAGE, health: { drain: DRAIN }, retire: { drainSeconds: 5 } };
  const before: SpecOverrides = { retire: { drainSeconds: 300 } };

  it("waits for no word of the servers that were built before, and calls none of them", () => {
    const state = put([aRow({ ...CORDONED, cordonedAt: NOW - 20 * MINUTE_MS })], before, after);

    expect(takesPart(state, only(state))).toBe(false);
    const freshness = new Map([["media-k3-1", idleFreshness(20)]]);
    const heard = { ...state, memory: { ...state.memory, freshness } };
    expect(isConfirmedEmpty(heard, only(state))).toBe(true);
    const calls = plan(state, anObservation()).moves.commands.map(({ action }) => action.kind);
    expect(calls).not.toContain("drain");
  });

  it("does not shorten the drain time of those that give no word", () => {
    const cordonedAt = NOW - MINUTE_MS;
    const phaseSince = NOW - 10 * MINUTE_MS;
    const state = put([aRow({ ...CORDONED, cordonedAt, phaseSince })], before, after);

    expect(isConfirmedEmpty(state, only(state))).toBe(false);
    const later = { ...state, now: NOW + 5 * MINUTE_MS };
    const row = only(state);
    const fresh = { ...idleFreshness(20, later.now), phaseSince: row.phaseSince };
    const waited = {
      ...later,
      memory: { ...later.memory, freshness: new Map([[row.name, fresh]]) },
    };
    expect(isConfirmedEmpty(waited, row)).toBe(true);
  });

  it("waits for the word of the servers that are launched under it", () => {
    const state = put([], before, after);

    expect(takesPart(state, aRow())).toBe(true);
  });
});

describe("drain calls that change while the image stays", () => {
  const called = (path: string): SpecOverrides => ({ health: { drain: { ...DRAIN, path } } });

  it("are made as the server was built, and as the spec says where that was refused", () => {
    const row = aRow({ ...CORDONED, drainTold: true });
    const state = put([row], called("/{verb}"), called("/lightfleet/{verb}"));
    const paths = (attempts: number): readonly (string | undefined)[] => {
      const rows = new Map([[row.name, { ...only(state), attempts }]]);
      return plan({ ...state, instances: rows }, anObservation()).moves.commands.map(({ action }) =>
        action.kind === "drain" ? action.health.drain?.path : action.kind,
      );
    };

    expect(paths(0)).toEqual(["/{verb}"]);
    expect(paths(1)).toEqual(["/lightfleet/{verb}"]);
  });

  it("are given up at once where the operator takes them out of the spec", () => {
    const state = put([aRow(CORDONED)], called("/{verb}"), OLD);

    expect(isConfirmedEmpty(state, only(state))).toBe(true);
  });
});

describe("a spec in which only the health check is another", () => {
  it("is tried beside the servers' own, which are as known as before", () => {
    const state = put([aRow()], OLD, NEW);

    expect(askedBy(state, only(state))).toBe("both");
    expect(asking(state)).toMatchObject([
      { check: only(state).health },
      { check: state.healthHash, doubtful: true },
    ]);
    const after = seen(
      { ...state, beganAt: NOW + 5_000 },
      own(state, anAnswer(only(state), 0)),
      tried(state, aHoleOf(only(state))),
    );
    expect(tally(after)).toMatchObject({ idle: 1, unknown: 0, blind: false, spares: 1 });
    expect(after.memory.turns.expected).toEqual({ asked: 1, silent: 0 });
  });

  it("moves a server over that answers it, and believes it from then on", () => {
    const state = put([aRow()], OLD, NEW);

    const after = seen(
      state,
      own(state, anAnswer(only(state), 0)),
      tried(state, anAnswer(only(state), 2)),
    );

    expect(only(after)).toMatchObject({ health: null, occupancy: "busy", sessions: 2 });
    expect(after.memory.freshness.get("media-k3-1")).toMatchObject({ idleReadings: [] });
  });

  test("a count that was read at a wrong pointer deletes nobody before the right one was tried", () => {
    const state = put([aRow(CORDONED)], OLD, { health: { sessionsPointer: "/active" } });

    expect(isConfirmedEmpty(state, only(state))).toBe(false);
    const hole = tried(state, aHoleOf(only(state)));
    const once = seen(state, hole);
    const twice = seen(once, hole);
    expect(isConfirmedEmpty(once, only(once))).toBe(false);
    expect(isConfirmedEmpty(twice, only(twice))).toBe(true);
  });

  it("is not tried any more, for a while, on a server that was silent to it twice", () => {
    const state = put([aRow()], OLD, NEW);
    const hole = tried(state, aHoleOf(only(state)));

    const after = seen(seen(state, hole), hole);

    expect(asking(after)).toHaveLength(1);
    const fresh = { ...idleFreshness(2, NOW + TRIAL_EVERY_MS), phaseSince: only(state).phaseSince };
    const later: State = {
      ...after,
      now: NOW + TRIAL_EVERY_MS,
      memory: { ...after.memory, freshness: new Map([["media-k3-1", fresh]]) },
    };
    expect(asking(later)).toHaveLength(2);
  });

  it("is tried on a few servers in one look", () => {
    const state = put(idleRows(50), OLD, NEW);

    const trials = asking(state).filter(({ check }) => check === state.healthHash);

    expect(trials).toHaveLength(TRIALS_PER_LOOK_MAX);
  });

  it("is tried on a silent server each time that it is asked", () => {
    const state = put([aRow()], OLD, NEW);
    let after = state;
    for (let look = 0; look < 5; look++)
      after = seen(after, own(state, aHoleOf(only(after))), tried(state, aHoleOf(only(after))));

    expect(asking(after).map(({ check }) => check)).toEqual([only(after).health, state.healthHash]);
  });

  it("is not taken for the next one, where an answer to it comes late", () => {
    const state = put([aRow()], OLD, NEW);
    const late = tried(state, anAnswer(only(state), 5));
    const { rows, change } = respecified(state, aSpec({ health: { path: "/v3" } }));
    const next = { ...apply(state, { ...NO_MOVES, rows }), ...change };

    const after = seen(next, { ...late, revision: only(next).revision });

    expect(only(after)).toEqual(only(next));
  });
});

describe("what people are told to ask by hand", () => {
  it("has the port and the path of that server", () => {
    const state = put([aRow()], OLD, NEW_IMAGE);

    expect(curlOf(state, only(state))).toBe("curl http://203.0.113.7:8080/health");
    expect(curlOf(state, aRow({ publicIp: null }))).toBe("curl http://ADDRESS:8080/v2/health");
  });

  it("has a line for each way in which silent servers are asked", () => {
    const old = put(idleRows(2), OLD, { ...NEW_IMAGE, health: { port: 9090, path: "/v2/health" } });
    const rows = [...old.instances.values(), aRow({ name: "media-k3-9" })];
    const state: State = {
      ...old,
      instances: new Map(rows.map((row) => [row.name, row])),
      memory: { ...old.memory, freshness: new Map() },
    };

    expect(curlOfSilent(state)).toEqual({
      lines:
        "curl http://ADDRESS:8080/health (media-k3-1 and 1 other) or curl http://ADDRESS:9090/v2/health (media-k3-9)",
      ports: "8080 or 9090",
    });
  });
});
