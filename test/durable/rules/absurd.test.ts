/** Numbers of sessions that no server can have. */
import { describe, expect, it } from "vitest";
import { occupancyOf, tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import { anAnswer, anObservation, aRow, aState, freshFor, NOW } from "./builders.ts";

const CAPACITY = 2;

/** After one reading of a fleet whose target is a share of its sessions. */
function after(sessions: number, capacity = CAPACITY) {
  const row = aRow();
  const spec = { health: { capacity }, spares: { default: "1+100%", max: 200 } };
  const state = aState({ rows: [row], spec, memory: freshFor(row) });
  return plan(state, anObservation({ readings: [anAnswer(row, sessions)] }));
}

describe("more sessions than a server can hold", () => {
  it("are shown as they are said, and planned with as many as it can hold", () => {
    const { after: state, target } = after(3);

    expect(tally(state)).toMatchObject({ sessions: 3, expected: CAPACITY, busy: 1 });
    expect(state.instances.get("media-k3-1")).toMatchObject({ sessions: 3, occupancy: "busy" });
    expect(target.spares).toBe(1 + CAPACITY);
  });

  it("are believed up to a hundred times its capacity", () => {
    expect(tally(after(100 * CAPACITY).after)).toMatchObject({ sessions: 200, expected: CAPACITY });
  });

  it.each([100 * CAPACITY + 1, Number.MAX_SAFE_INTEGER])(
    "are no reading where they are %i: neither busy nor empty, and the target stays",
    (sessions) => {
      const { after: state, target, moves } = after(sessions);

      expect(target.spares).toBe(1);
      expect(tally(state).sessions).toBe(0);
      expect(state.memory.freshness.get("media-k3-1")).toMatchObject({
        goodInRow: 0,
        silences: 1,
        idleReadings: [],
      });
      expect(moves.commands).toEqual([]);
    },
  );

  it("make a server unknown where it says nothing else, and it is asked like a silent one", () => {
    const { after: state } = after(Number.MAX_SAFE_INTEGER);
    const row = aRow();
    const late = { ...state, now: NOW + 16_000, tick: 9 };

    expect(occupancyOf(late, row)).toBe("unknown");
    expect(watchOf(late).probes).toMatchObject([{ name: row.name, doubtful: true }]);
  });

  it("are measured by the capacity of the server, not of its neighbours", () => {
    expect(tally(after(150, 1).after).sessions).toBe(0);
    expect(tally(after(150, 2).after).sessions).toBe(150);
  });
});
