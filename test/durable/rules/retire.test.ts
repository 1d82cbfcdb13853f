import { describe, expect, it } from "vitest";
import type { Instance } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { cordonSurplus, finishDrains } from "../../../durable/rules/retire.ts";
import type { Moves, State } from "../../../durable/rules/state.ts";
import {
  aHold,
  aPlanned,
  aRow,
  aState,
  aTarget,
  freshFor,
  idleFreshness,
  idleRows,
  MINUTE_MS,
  NOW,
  phases,
  type SpecOverrides,
} from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;
const RETIRE_PAUSED = {
  what: "retire",
  since: NOW,
  until: null,
  reason: "r",
  actor: "op",
} as const;

function cordoned(state: State, target: number): Moves {
  return cordonSurplus(state, tally(state), aTarget(target));
}

/** Servers that all answer, and of which there have been too many for long enough. */
function tooMany(rows: readonly Instance[], spec: SpecOverrides = {}): State {
  return aState({ rows, spec, memory: { ...freshFor(...rows), surplusSince: NOW - 60_000 } });
}

describe("a surplus", () => {
  it("is cordoned, and not deleted yet", () => {
    const moves = cordoned(tooMany(idleRows(2)), 1);

    expect(moves.rows).toMatchObject([
      { name: "media-k3-1", phase: "draining", cordonedAt: NOW, drainReason: "surplus" },
    ]);
    expect(moves.events[0]?.message).toBe("drain media-k3-1: spares 2 > target 1");
    expect(moves.commands).toEqual([]);
  });

  it("is not cordoned before it has lasted for idleForSeconds", () => {
    const state = tooMany(idleRows(2));
    const since = (surplusSince: number | null) =>
      cordoned({ ...state, memory: { ...state.memory, surplusSince } }, 1);

    expect(since(null)).toMatchObject({ rows: [], memory: { surplusSince: NOW } });
    expect(since(NOW - 59_999)).toMatchObject({ rows: [], memory: { surplusSince: NOW - 59_999 } });
  });

  it("is forgotten once it is over", () => {
    expect(cordoned(tooMany(idleRows(2)), 2).memory).toEqual({ surplusSince: null });
  });

  it("never takes the spares below the target", () => {
    expect(cordoned(tooMany(idleRows(5)), 3).rows).toHaveLength(2);
  });

  it("does not take a server whose slots are more than is too many", () => {
    const state = tooMany(idleRows(2), { health: { capacity: 4 } });

    expect(cordoned(state, 5).rows).toEqual([]);
    expect(cordoned(state, 4).rows).toHaveLength(1);
  });

  it("does not count on what is still launching to take what is ready", () => {
    const launching = aRow({ name: "warming", phase: "warming", occupancy: "unknown" });

    expect(cordoned(tooMany([...idleRows(2), launching]), 2).rows).toEqual([]);
  });

  it("calls off planned rows at once, but not those whose create may have been made", () => {
    const rows = [
      aPlanned({ name: "a" }),
      aPlanned({ name: "b", command: 9 }),
      aPlanned({ name: "c", mayExist: true }),
    ];

    const moves = cordoned(aState({ rows }), 0);

    expect(phases(moves.rows)).toEqual(["a: gone"]);
    expect(moves.events).toMatchObject([{ kind: "cancelled", instance: "a" }]);
  });
});

describe("a drained server", () => {
  const row = aRow({ phase: "draining", drainReason: "surplus", cordonedAt: NOW - 45_000 });
  /** The end of the drain time; the default is thirty seconds after the cordon. */
  const drained = NOW - 15_000;
  const finished = (
    readings: readonly number[],
    overrides: Partial<Instance> = {},
    state: Partial<State> = {},
  ): Moves => {
    const whole = { ...row, ...overrides };
    const readAt = readings.at(-1) ?? NOW;
    // One each interval since the cordon, and then those that the test is about.
    const during = [44, 39, 34, 29, 24, 19].map((seconds) => NOW - seconds * 1000);
    const idleReadings = readings.length === 0 ? [] : [...during, ...readings];
    const { phaseSince } = whole;
    const fresh = { phaseSince, askedAt: NOW, readAt, idleReadings, goodInRow: 8 };
    const memory = { freshness: new Map([[row.name, fresh]]) };
    const now = { ...aState({ rows: [whole], memory }), ...state };
    return finishDrains(now, tally(now));
  };

  it("is deleted after two idle readings that began after the drain time", () => {
    const moves = finished([drained + 1, NOW]);

    expect(moves.rows).toMatchObject([{ phase: "deleting", step: "delete", deletingAt: NOW }]);
    expect(moves.events).toMatchObject([{ kind: "delete", instance: row.name }]);
  });

  it.each<[string, readonly number[], Partial<Instance>]>([
    ["after one such reading", [NOW], {}],
    ["by readings that began with the end of the drain time", [drained, NOW], {}],
    ["by readings from before its cordon", [NOW - 60_000, NOW - 55_000, NOW], {}],
    ["after a missing reading has ended the run", [], {}],
    ["while it is busy", [drained + 1, NOW], { occupancy: "busy", sessions: 1 }],
    ["while its row has sessions", [drained + 1, NOW], { sessions: 1 }],
    ["while it is unknown", [drained + 1, NOW], { occupancy: "unknown" }],
    ["by readings that are stale", [drained - 2, drained - 1], { cordonedAt: NOW - 90_000 }],
    ["without a cordon", [drained + 1, NOW], { cordonedAt: null }],
    ["once it is ready again", [drained + 1, NOW], { phase: "ready" }],
  ])("is not deleted %s", (_what, readings, overrides) => {
    expect(finished(readings, overrides).rows).toEqual([]);
  });

  it("is not deleted by readings that were counted in another phase", () => {
    const fresh = { ...idleFreshness(20), phaseSince: row.phaseSince - 1 };
    const state = aState({ rows: [row], memory: { freshness: new Map([[row.name, fresh]]) } });

    expect(finishDrains(state, tally(state)).rows).toEqual([]);
  });

  it.each([
    [7, []],
    [8, ["deleting"]],
  ])(
    "with %d readings since its cordon becomes %j, if the clock says that it is time",
    (n, told) => {
      const freshness = new Map([[row.name, idleFreshness(n)]]);
      const state = aState({ rows: [{ ...row, cordonedAt: 0 }], memory: { freshness } });

      expect(finishDrains(state, tally(state)).rows.map(({ phase }) => phase)).toEqual(told);
    },
  );

  it("is not deleted on a listing that is not trusted", () => {
    const { memory } = aState({ memory: freshFor(row) });
    const state = aState({ rows: [row], memory: { ...memory, listingTrusted: false } });

    const moves = finishDrains(state, tally(state));

    expect(moves.rows).toEqual([]);
    expect(moves.blockers).toMatchObject([{ guard: "noListing" }]);
  });

  it("is not deleted while the eyes are blind", () => {
    const silent = idleRows(2).map(({ name }) => aRow({ name: `${name}x` }));
    const state = aState({ rows: [row, ...silent], memory: freshFor(row) });

    const moves = finishDrains(state, tally(state));

    expect(moves.rows).toEqual([]);
    expect(moves.blockers).toMatchObject([{ guard: "blindEyes" }]);
  });

  it("is not deleted while retiring is paused, nor without credentials", () => {
    const paused = finished([drained + 1, NOW], {}, { pauses: [RETIRE_PAUSED] });
    const refused = finished([drained + 1, NOW], {}, { holds: [aHold("credentials")] });

    expect(paused).toMatchObject({ rows: [], blockers: [{ guard: "paused" }] });
    expect(refused).toMatchObject({ rows: [], blockers: [{ guard: "credentials" }] });
  });

  it("waits for the caps of deletes per tick and per hour", () => {
    const rows = idleRows(4, { phase: "draining", drainReason: "surplus", cordonedAt: 0 });
    const deleted = (
      spec: SpecOverrides,
      deleteTimes: readonly number[],
      also: Instance[] = [],
    ) => {
      const state = aState({
        rows: [...rows, ...also],
        spec,
        deleteTimes,
        memory: freshFor(...rows),
      });
      return finishDrains(state, tally(state));
    };
    const going = aRow({ name: "media-k3-9", phase: "deleting", deletingAt: NOW });

    const tick = deleted({ limits: { maxDeletesPerTick: 3 } }, [], [going]);
    const hour = deleted({ limits: { maxDeletesPerHour: 3 } }, [NOW - HOUR_MS, NOW - 1, NOW - 2]);

    expect([tick.rows.length, hour.rows.length]).toEqual([2, 1]);
    expect(tick.blockers).toMatchObject([{ guard: "maxDeletesPerTick", value: 1, limit: 3 }]);
    expect(hour.blockers).toMatchObject([{ guard: "maxDeletesPerHour", value: 2, limit: 3 }]);
  });

  it("counts a delete that AWS keeps waiting, however long ago it was decided", () => {
    const rows = idleRows(2, { phase: "draining", drainReason: "surplus", cordonedAt: 0 });
    const waiting = aRow({ name: "media-k3-9", phase: "deleting", deletingAt: NOW - 2 * HOUR_MS });
    const spec = { limits: { maxDeletesPerHour: 1 } };
    const state = aState({ rows: [...rows, waiting], spec, memory: freshFor(...rows) });

    expect(finishDrains(state, tally(state)).rows).toEqual([]);
  });
});

describe("nothing is cordoned for surplus", () => {
  it("while retiring is paused, and the blocker says so", () => {
    const moves = cordoned({ ...tooMany(idleRows(2)), pauses: [RETIRE_PAUSED] }, 0);

    expect(moves).toMatchObject({ rows: [], blockers: [{ guard: "paused" }] });
  });

  it("while the eyes are blind", () => {
    const silent = idleRows(2).map(({ name }) => aRow({ name: `${name}x` }));
    const state = tooMany(idleRows(2));
    const blind = { ...aState({ rows: [...idleRows(2), ...silent] }), memory: state.memory };

    expect(cordoned(blind, 0).rows).toEqual([]);
  });
});

describe("planned rows that are called off", () => {
  it("are as many whole servers as are too many, and end at once", () => {
    const rows = ["a", "b", "c"].map((name) => aPlanned({ name }));
    const state = aState({ rows, spec: { health: { capacity: 4 } } });

    const moves = cordoned(state, 5);

    expect(moves.rows).toMatchObject([{ name: "a", phase: "gone", goneAt: NOW }]);
  });
});

describe("the events of retiring", () => {
  it("say of a drain which numbers it stands on", () => {
    expect(cordoned(tooMany(idleRows(2)), 1).events).toMatchObject([
      {
        kind: "drain",
        instance: "media-k3-1",
        data: { reason: "surplus", spares: 2, target: 1, idleSince: NOW - 10 * MINUTE_MS },
      },
    ]);
  });

  it("say of a delete which readings it stands on", () => {
    const row = aRow({ phase: "draining", drainReason: "replace", cordonedAt: NOW - 45_000 });
    const state = aState({ rows: [row], memory: freshFor(row) });

    expect(finishDrains(state, tally(state)).events).toEqual([
      {
        kind: "delete",
        instance: row.name,
        message:
          "delete media-k3-1: seen empty 10 times after its cordon, 3 of them after its drain time (replace)",
        data: {
          reason: "replace",
          cordonedAt: NOW - 45_000,
          idleReadings: idleFreshness().idleReadings,
        },
      },
    ]);
  });
});

describe("a server that the last listing lacked", () => {
  const unlisted = new Set(["media-k3-1"]);

  it("is not cordoned: it may not be ours any more", () => {
    const state = tooMany(idleRows(2));

    expect(phases(cordoned({ ...state, memory: { ...state.memory, unlisted } }, 0).rows)).toEqual([
      "media-k3-2: draining",
    ]);
  });

  it("is not deleted, however empty it answers", () => {
    const row = aRow({ phase: "draining", drainReason: "surplus", cordonedAt: NOW - 45_000 });
    const state = aState({ rows: [row], memory: { ...freshFor(row), unlisted } });

    expect(finishDrains(state, tally(state)).rows).toEqual([]);
  });
});

describe("a drained server that is empty", () => {
  const row = aRow({ phase: "draining", drainReason: "operator", cordonedAt: NOW - 45_000 });
  const finished = (overrides: Partial<Instance>): Moves => {
    const state = aState({ rows: [{ ...row, ...overrides }], memory: freshFor(row) });
    return finishDrains(state, tally(state));
  };

  it("stays where it is protected, and that is shown", () => {
    expect(phases(finished({}).rows)).toEqual(["media-k3-1: deleting"]);
    for (const guarded of [{ protectedBy: "olga" }, { protectedByTag: true }])
      expect(finished(guarded)).toMatchObject({
        rows: [],
        blockers: [{ guard: "protected", value: 1 }],
      });
  });

  it("stays where an operator holds it, and holds nothing back", () => {
    expect(finished({ drainHold: true })).toMatchObject({ rows: [], blockers: [] });
  });
});
