import { describe, expect, it } from "vitest";
import { absorbReadings } from "../../../durable/rules/absorb-readings.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { apply, type Moves } from "../../../durable/rules/state.ts";
import type { Reading } from "../../../durable/rules/world.ts";
import { aHoleOf, anAnswer, aRow, aState, freshFor, idleFreshness, NOW } from "./builders.ts";

function read(row: Instance, reading: Reading): Moves {
  return absorbReadings(aState({ rows: [row], memory: freshFor(row) }), [reading]);
}

const WARMING = aRow({ phase: "warming", readyAt: null, everRead: false, occupancy: "unknown" });

describe("a warming server", () => {
  it("is ready after two good readings, and not after one", () => {
    const state = aState({ rows: [WARMING], failedBoots: 2 });

    const once = apply(state, absorbReadings(state, [anAnswer(WARMING, 0)]));
    const asked = once.instances.get(WARMING.name) ?? WARMING;
    const moves = absorbReadings(once, [anAnswer(asked, 0)]);

    expect(asked).toMatchObject({ phase: "warming", everRead: true, occupancy: "idle" });
    expect(moves.rows).toMatchObject([{ phase: "ready", readyAt: NOW }]);
    expect(moves.events).toMatchObject([{ kind: "ready" }]);
    expect(moves.state).toEqual({ failedBoots: 0 });
  });

  it("is not ready where a hole lies between its good readings", () => {
    const state = aState({ rows: [WARMING] });
    let now = state;

    for (const reading of [anAnswer, aHoleOf, anAnswer]) {
      const row = now.instances.get(WARMING.name) ?? WARMING;
      now = apply(now, absorbReadings(now, [reading(row, 0)]));
    }

    expect(now.instances.get(WARMING.name)?.phase).toBe("warming");
  });
});

describe("a reading", () => {
  it("turns an idle server busy, and marks when", () => {
    const moves = read(aRow(), anAnswer(aRow(), 2));

    expect(moves.rows).toMatchObject([
      { occupancy: "busy", sessions: 2, busySince: NOW, idleSince: null },
    ]);
    expect(moves.memory.freshness?.get("media-k3-1")?.idleReadings).toEqual([]);
  });

  it("turns a busy server idle from now on", () => {
    const busy = aRow({ occupancy: "busy", sessions: 2, idleSince: null, busySince: NOW - 1 });

    expect(read(busy, anAnswer(busy, 0)).rows).toMatchObject([
      { occupancy: "idle", sessions: 0, idleSince: NOW, busySince: null },
    ]);
  });

  it("does not write a row of which it says nothing new, but is remembered", () => {
    const moves = read(aRow(), anAnswer(aRow(), 0, { startedAt: NOW + 1 }));

    expect(moves.rows).toEqual([]);
    expect(moves.memory.freshness?.get("media-k3-1")).toMatchObject({ readAt: NOW + 1 });
  });

  it("of another revision is ignored whole, good or not", () => {
    const row = aRow({ revision: 5 });

    for (const reading of [anAnswer(row, 3, { revision: 4 }), { ...aHoleOf(row), revision: 4 }]) {
      const moves = read(row, reading);

      expect(moves.rows).toEqual([]);
      expect(moves.memory.freshness?.get(row.name)).toEqual(idleFreshness());
    }
  });

  it.each(["starting", "configuring", "deleting", "lost"] as const)(
    "of a row that is %s is ignored",
    (phase) => {
      const row = aRow({ phase });

      expect(read(row, anAnswer(row, 3)).rows).toEqual([]);
    },
  );

  it("of a name without a row is ignored, and the memory of such a name is dropped", () => {
    const [known, unknown] = [aRow(), aRow({ name: "other" })];
    const state = aState({ rows: [known], memory: freshFor(known, unknown) });

    const moves = absorbReadings(state, [anAnswer(unknown, 0)]);

    expect([...(moves.memory.freshness?.keys() ?? [])]).toEqual([known.name]);
  });
});

describe("a hole", () => {
  it("ends the run of good readings, and changes neither the row nor when it was last read", () => {
    const moves = read(aRow(), aHoleOf(aRow()));

    expect(moves.rows).toEqual([]);
    expect(moves.memory.freshness?.get("media-k3-1")).toEqual({
      phaseSince: aRow().phaseSince,
      askedAt: NOW,
      readAt: NOW,
      idleReadings: [],
      goodInRow: 0,
      silences: 1,
    });
  });
});

describe("a busy reading of a draining server", () => {
  const draining = (drainReason: Instance["drainReason"]): Instance =>
    aRow({ phase: "draining", cordonedAt: NOW - 60_000, drainReason });

  it("ends a drain for surplus", () => {
    const row = draining("surplus");

    const moves = read(row, anAnswer(row, 1));

    expect(moves.rows).toMatchObject([
      { phase: "ready", occupancy: "busy", cordonedAt: null, drainReason: null },
    ]);
    expect(moves.events).toMatchObject([{ kind: "drainEnded" }]);
  });

  it.each(["replace", "operator", "fleet"] as const)("does not end a drain for %s", (reason) => {
    const row = draining(reason);

    const moves = read(row, anAnswer(row, 1));

    expect(moves.rows).toMatchObject([{ phase: "draining", drainReason: reason, sessions: 1 }]);
    expect(moves.events).toEqual([]);
  });

  it("differs from an idle one, which does not end a drain for surplus", () => {
    const row = draining("surplus");

    expect(read(row, anAnswer(row, 0)).rows).toEqual([]);
  });
});

describe("the idle readings of a server", () => {
  it("are remembered in their order, the last twenty of them", () => {
    const row = aRow();
    const kept = (before: number): readonly number[] | undefined => {
      const freshness = new Map([[row.name, idleFreshness(before, NOW - 5_000)]]);
      const moves = absorbReadings(aState({ rows: [row], memory: { freshness } }), [
        anAnswer(row, 0),
      ]);
      return moves.memory.freshness?.get(row.name)?.idleReadings;
    };

    expect(kept(2)).toEqual([NOW - 10_000, NOW - 5_000, NOW]);
    expect(kept(20)).toHaveLength(20);
    expect(kept(20)?.at(-1)).toBe(NOW);
  });

  it("begin with the first reading of this object's life", () => {
    const row = aRow();

    const [first, hole] = [anAnswer(row, 0), aHoleOf(row)].map((reading) =>
      absorbReadings(aState({ rows: [row] }), [reading]).memory.freshness?.get(row.name),
    );

    expect(first?.idleReadings).toEqual([NOW]);
    expect(hole).toEqual({
      phaseSince: row.phaseSince,
      askedAt: NOW,
      readAt: null,
      idleReadings: [],
      goodInRow: 0,
      silences: 1,
    });
  });

  it("begin anew with a cordon, whatever the clock said before it", () => {
    const row = aRow({
      phase: "draining",
      drainReason: "surplus",
      phaseSince: NOW,
      cordonedAt: NOW,
    });
    const before = { ...idleFreshness(5, NOW + 60_000), phaseSince: NOW - 60_000 };
    const state = aState({ rows: [row], memory: { freshness: new Map([[row.name, before]]) } });

    const { memory } = absorbReadings(state, [anAnswer(row, 0)]);

    expect(memory.freshness?.get(row.name)?.idleReadings).toEqual([NOW]);
  });
});

describe("a server that was lost and found again", () => {
  it("is idle from its first reading on, and not unknown for ever", () => {
    const found = aRow({ adopted: true, occupancy: "unknown", idleSince: null, sessions: 0 });

    expect(read(found, anAnswer(found, 0)).rows).toMatchObject([
      { occupancy: "idle", idleSince: NOW, busySince: null },
    ]);
  });
});

describe("a busy server whose number of sessions changes", () => {
  it("is written, and is busy since it was", () => {
    const busy = aRow({ occupancy: "busy", sessions: 1, idleSince: null, busySince: NOW - 9 });

    expect(read(busy, anAnswer(busy, 2)).rows).toMatchObject([
      { occupancy: "busy", sessions: 2, busySince: NOW - 9, idleSince: null },
    ]);
  });
});

describe("the failed boots in a row", () => {
  it("are not forgotten where a drain is called off: no new server became ready", () => {
    const row = aRow({ phase: "draining", cordonedAt: NOW - 60_000, drainReason: "surplus" });
    const state = aState({ rows: [row], memory: freshFor(row), failedBoots: 2 });

    const moves = absorbReadings(state, [anAnswer(row, 1)]);

    expect(moves.rows).toMatchObject([{ phase: "ready" }]);
    expect(moves.state).toEqual({});
  });
});

describe("a ready server with the reason of a former drain", () => {
  it("only turns busy: there is no drain to call off", () => {
    const row = aRow({ drainReason: "surplus" });

    const moves = read(row, anAnswer(row, 1));

    expect(moves.rows).toMatchObject([{ phase: "ready", occupancy: "busy" }]);
    expect(moves.events).toEqual([]);
  });
});

describe("the events of readings", () => {
  it("say how long a server took to be ready", () => {
    const freshness = new Map([[WARMING.name, idleFreshness(1)]]);
    const row = { ...WARMING, plannedAt: NOW - 90_000 };

    const moves = absorbReadings(aState({ rows: [row], memory: { freshness } }), [
      anAnswer(row, 0),
    ]);

    expect(moves.events).toMatchObject([
      { kind: "ready", message: "media-k3-1 is ready", data: { afterMs: 90_000 } },
    ]);
  });

  it("say how many sessions called a drain off", () => {
    const row = aRow({ phase: "draining", cordonedAt: NOW - 60_000, drainReason: "surplus" });

    expect(read(row, anAnswer(row, 3)).events).toMatchObject([
      {
        message: "media-k3-1 has 3 sessions again: its drain is called off",
        data: { sessions: 3 },
      },
    ]);
  });
});
