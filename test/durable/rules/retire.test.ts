import { describe, expect, it } from "vitest";
import type { Instance } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import {
  cordonSurplus,
  finishDrains,
  paidUntil,
  removeAll,
} from "../../../durable/rules/retire.ts";
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

describe("a victim", () => {
  const spared = (overrides: Partial<Instance>, spec: SpecOverrides = {}): readonly string[] =>
    phases(cordoned(tooMany([aRow(overrides)], spec), 0).rows);

  it("is a known idle server", () => {
    expect(spared({})).toEqual(["media-k3-1: draining"]);
  });

  it.each<[string, Partial<Instance>]>([
    ["one that is busy", { occupancy: "busy", sessions: 1, idleSince: null }],
    ["one that is unknown", { occupancy: "unknown", idleSince: null }],
    ["one that turned idle too lately", { idleSince: NOW - 59_999 }],
    ["one whose ARN is not known", { arn: null }],
    ["one that is not ready yet", { phase: "warming" }],
  ])("is not %s", (_what, overrides) => {
    expect(spared(overrides)).toEqual([]);
  });

  it("is not one with fewer good readings than confirmations", () => {
    const [row] = [aRow()];
    const readings = (count: number): readonly Instance[] => {
      const freshness = new Map([[row.name, idleFreshness(count)]]);
      const memory = { freshness, surplusSince: NOW - 60_000 };
      return cordoned(aState({ rows: [row], memory }), 0).rows;
    };

    expect(readings(2)).toEqual([]);
    expect(readings(3)).toHaveLength(1);
  });

  it("is not one whose paid hour goes on: only from 110 seconds before its end", () => {
    const spec: SpecOverrides = { retire: { billing: "hour" } };

    expect(spared({ createdAt: NOW - HOUR_MS + 110_001 }, spec)).toEqual([]);
    expect(spared({ createdAt: NOW - HOUR_MS + 110_000 }, spec)).toHaveLength(1);
  });

  it("is one of an outdated template whatever its hour", () => {
    const young = { createdAt: NOW - 5 * MINUTE_MS, template: "old" };

    expect(spared(young, { retire: { billing: "hour" } })).toHaveLength(1);
  });

  it("is first the outdated one, then the one whose hour ends first, then the oldest", () => {
    const rows = [
      aRow({ name: "late", createdAt: NOW - 10 * MINUTE_MS }),
      aRow({ name: "early", createdAt: NOW - 50 * MINUTE_MS }),
      aRow({ name: "older", createdAt: NOW - 110 * MINUTE_MS }),
      aRow({ name: "outdated", createdAt: NOW - MINUTE_MS, template: "old" }),
    ];

    const names = [3, 2, 1].map((target) =>
      cordoned(tooMany(rows), target).rows.map(({ name }) => name),
    );

    expect(names).toEqual([["outdated"], ["outdated", "older"], ["outdated", "older", "early"]]);
  });
});

describe("the paid hour", () => {
  it("ends with each whole hour since AWS created the instance", () => {
    const row = aRow({ createdAt: NOW });

    expect(paidUntil(row, NOW)).toBe(NOW + HOUR_MS);
    expect(paidUntil(row, NOW + HOUR_MS)).toBe(NOW + HOUR_MS);
    expect(paidUntil(row, NOW + HOUR_MS + 1)).toBe(NOW + 2 * HOUR_MS);
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
    const silent = idleRows(2).map((each) => ({ ...each, name: `${each.name}x` }));
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
    const silent = idleRows(2).map((each) => ({ ...each, name: `${each.name}x` }));
    const state = tooMany(idleRows(2));
    const blind = { ...aState({ rows: [...idleRows(2), ...silent] }), memory: state.memory };

    expect(cordoned(blind, 0).rows).toEqual([]);
  });
});

describe("a fleet that is removed", () => {
  const busy = aRow({ name: "busy", occupancy: "busy", sessions: 2 });

  it("drains all that serves, busy or not, and does not delete it", () => {
    const rows = [busy, aRow({ name: "idle" })];

    const moves = removeAll(aState({ rows, removing: { force: false } }));

    expect(phases(moves.rows)).toEqual(["busy: draining", "idle: draining"]);
    expect(moves.rows.map(({ drainReason }) => drainReason)).toEqual(["fleet", "fleet"]);
  });

  it("makes surplus drains its own, so that a session does not end them", () => {
    const draining = aRow({ phase: "draining", drainReason: "surplus", cordonedAt: NOW - 1 });

    const moves = removeAll(aState({ rows: [draining], removing: { force: false } }));

    expect(moves.rows).toMatchObject([{ drainReason: "fleet", cordonedAt: NOW - 1 }]);
  });

  it("deletes busy servers only by force", () => {
    const moves = removeAll(aState({ rows: [busy], removing: { force: true } }));

    expect(phases(moves.rows)).toEqual(["busy: deleting"]);
    expect(moves.events).toMatchObject([
      { kind: "delete", data: { reason: "force", sessions: 2 } },
    ]);
  });

  it("is left alone while retiring is paused, or when it is not removed", () => {
    const paused = { removing: { force: true }, pauses: [RETIRE_PAUSED] };

    expect(removeAll(aState({ rows: [busy], ...paused })).rows).toEqual([]);
    expect(removeAll(aState({ rows: [busy] })).rows).toEqual([]);
  });
});

describe("beside two servers that may go, a third", () => {
  /** There are slots enough for it, and its last readings all said idle. */
  const chosen = (overrides: Partial<Instance>): readonly string[] => {
    const rows = [...idleRows(2), aRow({ name: "third", ...overrides })];
    const freshness = new Map(rows.map(({ name }) => [name, idleFreshness()]));
    const state = aState({ rows, memory: { freshness, surplusSince: NOW - 60_000 } });
    return cordoned(state, 0).rows.map(({ name }) => name);
  };

  it("goes with them where it has been idle for just long enough", () => {
    expect(chosen({ idleSince: NOW - 60_000 })).toContain("third");
  });

  it.each<[string, Partial<Instance>]>([
    ["has a session", { sessions: 1 }],
    ["is busy", { occupancy: "busy" }],
    ["is unknown", { occupancy: "unknown" }],
    ["is warming", { phase: "warming" }],
    ["drains already", { phase: "draining", drainReason: "replace", cordonedAt: NOW - 1 }],
    ["is lost", { phase: "lost" }],
    ["was idle since nobody knows when", { idleSince: null }],
  ])("does not go where it %s", (_what, overrides) => {
    expect(chosen(overrides)).toEqual(["media-k3-1", "media-k3-2"]);
  });
});

describe("of servers whose hour ends together", () => {
  const first = (...rows: readonly Instance[]): readonly string[] =>
    cordoned(tooMany(rows), rows.length - 1).rows.map(({ name }) => name);

  it("the oldest goes first, by AWS's creation time and not by that of its adoption", () => {
    const adopted = (name: string, hours: number): Instance =>
      aRow({ name, createdAt: NOW - hours * HOUR_MS - 1, plannedAt: NOW - HOUR_MS });

    expect(first(adopted("older", 5), adopted("younger", 3))).toEqual(["older"]);
    expect(first(adopted("younger", 3), adopted("older", 5))).toEqual(["older"]);
  });

  it("and of the same age, they go by name, whatever their order in the ledger", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => aRow({ name }));
    if (a === undefined || b === undefined || c === undefined) throw new Error("three rows");

    expect(first(c, b, a)).toEqual(["a"]);
    expect(first(b, a, c)).toEqual(["a"]);
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
        message: "delete media-k3-1: seen empty 2 times after its cordon (replace)",
        data: {
          reason: "replace",
          cordonedAt: NOW - 45_000,
          idleReadings: idleFreshness().idleReadings,
        },
      },
    ]);
  });

  it("say of a removal what is drained for it, and what was never created", () => {
    const rows = [aPlanned({ name: "planned" }), aRow({ name: "ready" })];

    expect(removeAll(aState({ rows, removing: { force: false } })).events).toMatchObject([
      { kind: "cancelled", instance: "planned" },
      {
        kind: "drain",
        instance: "ready",
        message: "drain ready: the fleet is being removed",
        data: { reason: "fleet" },
      },
    ]);
  });

  it("say of a removal by force how many sessions it ended", () => {
    const busy = aRow({ name: "busy", occupancy: "busy", sessions: 2 });

    expect(removeAll(aState({ rows: [busy], removing: { force: true } })).events).toMatchObject([
      { message: "delete busy: the fleet is removed by force, with 2 sessions on it" },
    ]);
  });
});

describe("a removal", () => {
  it.each(["replace", "operator", "fleet"] as const)(
    "does not write again a drain for %s: no session ends it anyhow",
    (drainReason) => {
      const draining = aRow({ phase: "draining", drainReason, cordonedAt: NOW - 1 });

      expect(removeAll(aState({ rows: [draining], removing: { force: false } })).rows).toEqual([]);
    },
  );

  it("by force deletes whatever exists, and nothing that is gone from us or may not exist", () => {
    const exists = ["starting", "configuring", "warming", "ready", "draining"] as const;
    const left = ["deleting", "lost"] as const;
    const rows = [
      ...[...exists, ...left].map((phase) => aRow({ name: phase, phase })),
      aRow({ name: "nameless", arn: null }),
      aPlanned({ name: "planned" }),
      aPlanned({ name: "perhaps", mayExist: true }),
    ];

    const moves = removeAll(aState({ rows, removing: { force: true } }));

    expect(phases(moves.rows)).toEqual([
      ...exists.map((phase) => `${phase}: deleting`),
      "planned: gone",
    ]);
    expect(moves.blockers).toEqual([]);
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

  it("is not deleted by force either", () => {
    const rows = idleRows(2);
    const state = aState({ rows, removing: { force: true }, memory: { unlisted } });

    expect(phases(removeAll(state).rows)).toEqual(["media-k3-2: deleting"]);
  });
});
