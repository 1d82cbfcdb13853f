import { describe, expect, it } from "vitest";
import type { Instance } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { size } from "../../../durable/rules/size.ts";
import { type Moves, NO_MOVES, type State } from "../../../durable/rules/state.ts";
import {
  aHold,
  aPlanned,
  aRow,
  aState,
  aTarget,
  freshFor,
  idleRows,
  MINUTE_MS,
  NOW,
  phases,
} from "./builders.ts";

function sized(state: State, target: number): Moves {
  return size(state, tally(state), aTarget(target));
}

function drainOf(name: string, cordonedAt: number, overrides: Partial<Instance> = {}): Instance {
  return aRow({ name, phase: "draining", drainReason: "surplus", cordonedAt, ...overrides });
}

describe("too few spares", () => {
  it("launch what is missing, under names that were never used, zone by zone", () => {
    const rows = idleRows(1);

    const moves = sized(aState({ rows, memory: freshFor(...rows) }), 3);

    expect(moves.rows).toMatchObject([
      {
        name: "media-k3-100",
        phase: "planned",
        zone: "ap-northeast-2a",
        createdByUs: true,
        occupancy: "unknown",
      },
      { name: "media-k3-101", phase: "planned", zone: "ap-northeast-2c", step: "create" },
    ]);
    expect(moves.state).toMatchObject({ nextInstance: 102 });
    expect(moves.events[0]?.message).toBe("launch 2: spares 1 < target 3, launching 0");
  });

  it("do not launch again what is on its way", () => {
    const rows = [aPlanned({ name: "a" }), aRow({ name: "b", phase: "warming" })];

    expect(sized(aState({ rows }), 2).rows).toEqual([]);
    expect(sized(aState({ rows }), 3).rows).toHaveLength(1);
  });

  it("count slots, not servers, and round up", () => {
    const state = aState({ spec: { health: { capacity: 4 } } });

    expect(sized(state, 9).rows).toHaveLength(3);
  });

  it("count unknown servers as idle while the eyes are blind, and not while they see", () => {
    const blind = aState({ rows: idleRows(3) });
    const seeing = aState({ rows: idleRows(1) });

    expect(sized(blind, 3).rows).toEqual([]);
    expect(sized(seeing, 1).rows).toHaveLength(1);
  });

  it("do not launch while the fleet is removed", () => {
    expect(sized(aState({ removing: { force: false } }), 3).rows).toEqual([]);
  });
});

describe("surplus drains", () => {
  const early = drainOf("early", NOW - 60_000);
  const late = drainOf("late", NOW - 10_000);

  it("are taken back before anything is launched, the last cordoned first", () => {
    const state = aState({ rows: [early, late], memory: freshFor(early, late) });

    expect(phases(sized(state, 1).rows)).toEqual(["late: ready"]);
    expect(phases(sized(state, 3).rows)).toEqual([
      "late: ready",
      "early: ready",
      "media-k3-100: planned",
    ]);
  });

  it("are taken back whole: no cordon is left on them", () => {
    const state = aState({ rows: [late], memory: freshFor(late) });

    expect(sized(state, 1).rows).toMatchObject([{ cordonedAt: null, drainReason: null }]);
  });

  it("are not taken back where they are unknown", () => {
    expect(phases(sized(aState({ rows: [late] }), 1).rows)).toEqual(["media-k3-100: planned"]);
  });

  it.each(["replace", "operator", "fleet"] as const)("are not those for %s", (drainReason) => {
    const other = drainOf("other", NOW, { drainReason });
    const state = aState({ rows: [other], memory: freshFor(other) });

    expect(phases(sized(state, 1).rows)).toEqual(["media-k3-100: planned"]);
  });
});

describe("a launch guard", () => {
  it("holds the fleet at its maximum over all phases, and names the fix", () => {
    const rows = [aRow({ name: "a", phase: "deleting" }), aRow({ name: "b", phase: "lost" })];

    const moves = sized(aState({ rows, spec: { limits: { maxInstances: 3 } } }), 5);

    expect(moves.rows).toHaveLength(1);
    expect(moves.blockers).toMatchObject([
      { guard: "maxInstances", value: 2, limit: 3, fix: "raise limits.maxInstances" },
    ]);
  });

  it("does not block what fits exactly", () => {
    const moves = sized(aState({ spec: { limits: { maxInstances: 5 } } }), 5);

    expect(moves.rows).toHaveLength(5);
    expect(moves.blockers).toEqual([]);
  });

  it("caps the launches of a tick, and of an hour", () => {
    const tick = sized(aState({ spec: { limits: { maxLaunchesPerTick: 2 } } }), 5);
    const hour = sized(
      aState({
        spec: { limits: { maxLaunchesPerHour: 2 } },
        launchTimes: [NOW - 60 * MINUTE_MS, NOW - 59 * MINUTE_MS],
      }),
      5,
    );

    expect([tick.rows.length, hour.rows.length]).toEqual([2, 1]);
    expect(tick.blockers).toMatchObject([{ guard: "maxLaunchesPerTick" }]);
    expect(hour.blockers).toMatchObject([{ guard: "maxLaunchesPerHour", value: 1, limit: 2 }]);
  });

  it("counts a launch that AWS keeps waiting, however long ago it was decided", () => {
    const waiting = aPlanned({ plannedAt: NOW - 120 * MINUTE_MS });
    const spec = { limits: { maxLaunchesPerHour: 1 } };

    expect(sized(aState({ rows: [waiting], spec }), 5).rows).toEqual([]);
  });

  it("lets nothing be launched before one complete listing was seen", () => {
    const moves = sized(aState({ listed: false }), 5);

    expect(moves.rows).toEqual([]);
    expect(moves.blockers).toMatchObject([{ guard: "noListing" }]);
  });

  it("lets nothing be launched while launching is paused, and does not outlast its end", () => {
    const paused = (until: number | null) =>
      sized(
        aState({ pauses: [{ what: "launch", since: NOW, until, reason: "r", actor: "op" }] }),
        1,
      );

    expect(paused(null)).toMatchObject({ rows: [], blockers: [{ guard: "paused" }] });
    expect(paused(NOW + 1).rows).toEqual([]);
    expect(paused(NOW).rows).toHaveLength(1);
  });

  it.each(["quota", "rejected", "credentials"] as const)(
    "lets nothing be launched while %s holds, and says until when",
    (guard) => {
      const moves = sized(aState({ holds: [aHold(guard)] }), 1);

      expect(moves.rows).toEqual([]);
      expect(moves.blockers).toMatchObject([{ guard, retryAt: NOW + MINUTE_MS }]);
    },
  );
});

describe("the breaker of failed boots", () => {
  it("stops launching while it is open", () => {
    const moves = sized(aState({ failedBoots: 3, holds: [aHold("failedBoots")] }), 5);

    expect(moves.rows).toEqual([]);
    expect(moves.blockers).toMatchObject([{ guard: "failedBoots", retryAt: NOW + MINUTE_MS }]);
  });

  it("lets one trial through after that, and not a second beside it", () => {
    const first = sized(aState({ failedBoots: 3 }), 5);
    const second = sized(aState({ failedBoots: 3, rows: [aPlanned()] }), 5);

    expect(first.rows).toHaveLength(1);
    expect(second.rows).toEqual([]);
  });

  it("does not bind below its count", () => {
    expect(sized(aState({ failedBoots: 2 }), 5).rows).toHaveLength(5);
  });
});

describe("with room for four sessions on each server", () => {
  const spec = { health: { capacity: 4 } };

  it("what is launching counts with all of its slots", () => {
    const state = aState({ rows: [aPlanned({ name: "a" })], spec });

    expect(sized(state, 4).rows).toEqual([]);
    expect(sized(state, 5).rows).toHaveLength(1);
  });

  it("no more drains are taken back than are needed, and they count with all of their slots", () => {
    const rows = [drainOf("a", NOW - 3), drainOf("b", NOW - 2), drainOf("c", NOW - 1)];
    const state = aState({ rows, spec, memory: freshFor(...rows) });

    expect(phases(sized(state, 4).rows)).toEqual(["c: ready"]);
    expect(phases(sized(state, 8).rows)).toEqual(["c: ready", "b: ready"]);
  });
});

describe("a surplus drain that is not needed", () => {
  it("goes on, however many more spares there are than wanted", () => {
    const rows = [...idleRows(3), drainOf("a", NOW - 2), drainOf("b", NOW - 1)];
    const state = aState({ rows, memory: freshFor(...rows) });

    expect(sized(state, 2)).toEqual(NO_MOVES);
    expect(sized(state, 3)).toEqual(NO_MOVES);
  });

  it("is not looked for in a server that is ready again", () => {
    const ready = aRow({ drainReason: "surplus", occupancy: "busy", sessions: 1 });
    const state = aState({ rows: [ready], memory: freshFor(ready) });

    expect(phases(sized(state, 1).rows)).toEqual(["media-k3-100: planned"]);
  });
});

describe("taking a drain back", () => {
  it("uses up no name, and is told", () => {
    const drain = drainOf("late", NOW - 10_000);
    const moves = sized(aState({ rows: [drain], memory: freshFor(drain) }), 1);

    expect(moves.state).toEqual({});
    expect(moves.events).toEqual([
      {
        kind: "drainEnded",
        instance: "late",
        message: "late is needed again: its drain is taken back",
      },
    ]);
  });

  it("begins with the last cordoned, whatever their order in the ledger", () => {
    const rows = [drainOf("late", NOW - 1), drainOf("early", NOW - 2)];

    for (const order of [rows, rows.toReversed()]) {
      const state = aState({ rows: order, memory: freshFor(...order) });
      expect(phases(sized(state, 1).rows)).toEqual(["late: ready"]);
    }
  });

  it("goes by name among those that were cordoned together", () => {
    const [a, b, c] = [drainOf("a", NOW - 1), drainOf("b", NOW - 1), drainOf("c", NOW - 1)];

    for (const rows of [
      [a, b, c],
      [c, b, a],
      [b, a, c],
    ]) {
      const state = aState({ rows, memory: freshFor(...rows) });
      expect(phases(sized(state, 2).rows)).toEqual(["a: ready", "b: ready"]);
    }
  });

  it("happens while retiring is paused too: it keeps a server", () => {
    const drain = drainOf("late", NOW - 10_000);
    const pause = { what: "retire", since: NOW, until: null, reason: "", actor: "op" } as const;
    const state = aState({ rows: [drain], memory: freshFor(drain), pauses: [pause] });

    expect(phases(sized(state, 1).rows)).toEqual(["late: ready"]);
  });
});

describe("the event of a launch", () => {
  it("names what is launched, with the numbers that it stands on", () => {
    expect(sized(aState(), 2).events).toMatchObject([
      {
        kind: "launch",
        data: { names: ["media-k3-100", "media-k3-101"], spares: 0, launching: 0, target: 2 },
      },
    ]);
  });

  it("is not told where a guard lets nothing through", () => {
    expect(sized(aState({ listed: false }), 2).events).toEqual([]);
  });
});
