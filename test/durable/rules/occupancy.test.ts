import { describe, expect, it } from "vitest";
import { occupancyOf, slotsOf, tally } from "../../../durable/rules/occupancy.ts";
import { aPlanned, aRow, aState, freshFor, idleFreshness, idleRows, NOW } from "./builders.ts";

/** Three intervals of the default probe. */
const STALE_MS = 15_000;

describe("the occupancy of a server", () => {
  const row = aRow();
  const readAt = (at: number) =>
    aState({ rows: [row], memory: { freshness: new Map([[row.name, idleFreshness(1, at)]]) } });

  it("is what was last read, up to three intervals later", () => {
    expect(occupancyOf(readAt(NOW - STALE_MS), row)).toBe("idle");
  });

  it("is unknown after three intervals, and gives no slot", () => {
    const state = readAt(NOW - STALE_MS - 1);

    expect(occupancyOf(state, row)).toBe("unknown");
    expect(slotsOf(state, row)).toBe(0);
  });

  it("is not what the row says where this object never read it", () => {
    expect(occupancyOf(aState({ rows: [row] }), row)).toBe("unknown");
  });
});

describe("the slots of a server", () => {
  it("are its capacity less its sessions, and never negative", () => {
    const [some, over] = [1, 9].map((sessions) => aRow({ sessions, occupancy: "busy" }));
    const slots = (row = aRow()): number =>
      slotsOf(aState({ spec: { health: { capacity: 4 } }, memory: freshFor(row) }), row);

    expect([slots(), slots(some), slots(over)]).toEqual([4, 3, 0]);
  });

  it("are not given while it drains", () => {
    const row = aRow({ phase: "draining", drainReason: "surplus" });

    expect(slotsOf(aState({ memory: freshFor(row) }), row)).toBe(0);
  });
});

describe("the tally", () => {
  it("counts each instance once", () => {
    const rows = [
      aRow({ name: "idle" }),
      aRow({ name: "busy", occupancy: "busy", sessions: 2 }),
      aRow({ name: "drains", phase: "draining" }),
      aPlanned({ name: "planned" }),
      aRow({ name: "warming", phase: "warming" }),
      aRow({ name: "deleting", phase: "deleting" }),
      aRow({ name: "lost", phase: "lost" }),
    ];
    const silent = aRow({ name: "silent" });

    const counts = tally(aState({ rows: [...rows, silent], memory: freshFor(...rows) }));

    expect(counts).toMatchObject({ idle: 1, busy: 1, unknown: 1, launching: 2, draining: 1 });
    expect(counts).toMatchObject({ deleting: 1, lost: 1, spares: 1, sessions: 2 });
  });

  it("is blind where more than a fifth, and at least two, are silent; it hopes for them", () => {
    const [seen, silent] = [idleRows(7), idleRows(2).map(({ name }) => aRow({ name: `${name}x` }))];

    const counts = tally(aState({ rows: [...seen, ...silent], memory: freshFor(...seen) }));

    expect(counts).toMatchObject({ blind: true, unknown: 2, hoped: 2, spares: 7 });
  });

  it("is not blind for a fifth, nor for a single silent server", () => {
    const rows = idleRows(10);

    const fifth = tally(aState({ rows, memory: freshFor(...rows.slice(2)) }));
    const single = tally(aState({ rows: rows.slice(0, 1) }));

    expect(fifth).toMatchObject({ blind: false, unknown: 2, hoped: 0 });
    expect(single).toMatchObject({ blind: false, unknown: 1, hoped: 0 });
  });
});

describe("a server that drains", () => {
  it("still counts with its sessions, and among those that can be silent", () => {
    const drains = aRow({ phase: "draining", occupancy: "busy", sessions: 2 });
    const silent = ["a", "b"].map((name) => aRow({ name, phase: "draining" }));

    expect(tally(aState({ rows: [drains], memory: freshFor(drains) })).sessions).toBe(2);
    expect(tally(aState({ rows: silent })).blind).toBe(true);
  });

  it("is not hoped for as a spare while the eyes are blind", () => {
    const rows = [aRow({ name: "a" }), aRow({ name: "b", phase: "draining" })];

    expect(tally(aState({ rows }))).toMatchObject({ blind: true, hoped: 1 });
  });
});
