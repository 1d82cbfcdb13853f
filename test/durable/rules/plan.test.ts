import { describe, expect, it } from "vitest";
import { plan } from "../../../durable/rules/plan.ts";
import { apply } from "../../../durable/rules/state.ts";
import {
  aCloudInstance,
  aHold,
  anAnswer,
  anObservation,
  aRow,
  aState,
  complete,
  freshFor,
  idleRows,
  NOW,
  partial,
  phases,
} from "./builders.ts";

describe("a plan", () => {
  it("is refused on an observation of another tick", () => {
    expect(() => plan(aState(), anObservation({ tick: 6 }))).toThrow(
      "observation of tick 6 refused in tick 7",
    );
  });

  it("launches and commands the create in one tick, and says why", () => {
    const state = aState({ spec: { spares: { default: "2" } } });

    const decided = plan(state, anObservation());

    const { instances } = apply(state, decided.moves);
    expect(phases([...instances.values()])).toEqual([
      "media-k3-100: planned",
      "media-k3-101: planned",
    ]);
    expect(decided.moves.commands).toMatchObject([
      { action: { kind: "create", names: ["media-k3-100"] } },
      { action: { kind: "create", names: ["media-k3-101"] } },
    ]);
    expect(decided.decision).toBe("launch 2: spares 0 < target 2, launching 0");
    expect(decided.target).toMatchObject({ spares: 2, source: "default" });
  });

  it("stands on what was seen in the same tick, and not on what was before", () => {
    const row = aRow({ phase: "warming", readyAt: null });
    const state = aState({
      rows: [row],
      spec: { spares: { default: "1" } },
      memory: freshFor(row),
    });

    const busy = plan(state, anObservation({ readings: [anAnswer(row, 1)] }));
    const idle = plan(state, anObservation({ readings: [anAnswer(row, 0)] }));

    expect(busy.decision).toContain("launch 1");
    expect(idle.decision).toContain("nothing to do");
  });

  it("does nothing where nothing is to do, and says so with its numbers", () => {
    const [rows] = [idleRows(1)];
    const state = aState({ rows, spec: { spares: { default: "1" } }, memory: freshFor(...rows) });

    const decided = plan(state, anObservation());

    expect(decided.moves).toMatchObject({ rows: [], commands: [], events: [] });
    expect(decided.decision).toBe("nothing to do: spares 1, target 1, launching 0");
  });

  it("says that it is held back where a guard binds, with one blocker for each guard", () => {
    const state = aState({
      spec: { spares: { default: "2" } },
      holds: [aHold("credentials")],
    });

    const decided = plan(state, anObservation());

    expect(decided.decision).toBe("held back: spares 0, target 2, launching 0");
    expect(decided.blockers.map(({ guard }) => guard)).toEqual(["credentials"]);
  });

  it("does not delete in the tick in which it cordons", () => {
    const rows = idleRows(2);
    const state = aState({ rows, memory: { ...freshFor(...rows), surplusSince: NOW - 60_000 } });

    const decided = plan(state, anObservation());

    expect(phases(decided.moves.rows)).toEqual(["media-k3-1: draining", "media-k3-2: draining"]);
    expect(decided.moves.commands).toEqual([]);
  });

  it("deletes what is confirmed empty, but not in a tick whose listing failed", () => {
    const row = aRow({ phase: "draining", drainReason: "surplus", cordonedAt: NOW - 45_000 });
    const state = aState({ rows: [row], memory: freshFor(row) });

    const seen = plan(state, anObservation());
    const failed = plan(state, anObservation({ listing: partial([aCloudInstance()]) }));

    expect(apply(state, seen.moves).instances.get(row.name)?.phase).toBe("deleting");
    expect(seen.moves.commands).toMatchObject([{ action: { kind: "delete", name: row.name } }]);
    expect(failed.moves).toMatchObject({ rows: [], commands: [] });
    expect(failed.blockers).toMatchObject([{ guard: "noListing" }]);
  });
});

describe("a plan in observe mode", () => {
  it("says what it would do, and gives no commands, rows or events for it", () => {
    const state = aState({ spec: { mode: "observe", spares: { default: "2" } } });

    const decided = plan(state, anObservation());

    expect(decided.moves).toMatchObject({ rows: [], commands: [], events: [], state: {} });
    expect(decided.decision).toBe("would: launch 2: spares 0 < target 2, launching 0");
  });

  it("still takes in what was seen", () => {
    const state = aState({ spec: { mode: "observe", spares: { default: "9" } } });

    const decided = plan(state, anObservation({ listing: complete([aCloudInstance()]) }));

    expect(phases(decided.moves.rows)).toEqual(["media-k3-1: ready"]);
    expect(decided.moves.events).toMatchObject([{ kind: "adopted" }]);
    expect(decided.moves.commands).toEqual([]);
  });
});
