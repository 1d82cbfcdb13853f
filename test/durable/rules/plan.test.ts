import { describe, expect, it } from "vitest";
import { plan } from "../../../durable/rules/plan.ts";
import { apply } from "../../../durable/rules/state.ts";
import {
  aCloudInstance,
  aHold,
  anAnswer,
  anObservation,
  aPlanned,
  aRow,
  aState,
  complete,
  freshFor,
  idleRows,
  MINUTE_MS,
  NOW,
  partial,
  phases,
} from "./builders.ts";
import { freshAndSilent } from "./silence.ts";

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

    expect(decided.decision).toBe(
      "held back: spares 0, target 2, launching 0: check the AWS key, its rights and its account: refused",
    );
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

describe("the line that says what was decided", () => {
  it("does not tell what was merely seen", () => {
    const bornAt = NOW - 240 * MINUTE_MS;
    const stray = aCloudInstance({ name: "media-old-9", createdAt: bornAt });

    const decided = plan(aState(), anObservation({ listing: complete([stray]) }));

    expect(decided.moves.events).toMatchObject([{ kind: "adopted" }]);
    expect(decided.decision).toBe("nothing to do: spares 0, target 0, launching 0");
  });

  it("does not tell which boots failed: the deletes say so", () => {
    const row = aPlanned({ phase: "warming", arn: "arn:1", phaseSince: NOW - 900_000 });
    const state = aState({ rows: [row], memory: freshAndSilent([], [row]) });

    const { decision } = plan(state, anObservation());

    expect(decision).toMatch(/^delete media-k3-1: its boot failed, [^;]*$/u);
  });

  it("tells five things at most", () => {
    const rows = Array.from({ length: 7 }, (_, index) => aPlanned({ name: `p${index}` }));

    const { decision, moves } = plan(aState({ rows }), anObservation());

    expect(moves.events).toHaveLength(7);
    expect(decision).toContain("p4 is not needed");
    expect(decision).not.toContain("p5");
  });

  it("says that it waits where enough is launching", () => {
    const state = aState({
      rows: [aPlanned({ command: 9 })],
      spec: { spares: { default: "1" } },
    });

    expect(plan(state, anObservation()).decision).toBe("waiting: spares 0, target 1, launching 1");
  });
});

describe("a guard that binds twice", () => {
  it("is one blocker, with the fix of the first step that it bound", () => {
    const row = aRow({ phase: "draining", drainReason: "replace", cordonedAt: NOW - 45_000 });
    const state = aState({
      rows: [row],
      listed: false,
      spec: { spares: { default: "1" } },
      memory: { ...freshFor(row), listingTrusted: false },
    });

    const { blockers } = plan(state, anObservation());

    expect(blockers).toHaveLength(1);
    expect(blockers[0]?.fix).toContain("no complete listing was seen yet");
  });
});

describe("drains", () => {
  const draining = aRow({ name: "b", phase: "draining", drainReason: "surplus", cordonedAt: NOW });

  it("are told as decisions, one after the other", () => {
    const rows = idleRows(2);
    const state = aState({ rows, memory: { ...freshFor(...rows), surplusSince: NOW - 60_000 } });

    expect(plan(state, anObservation()).decision).toBe(
      "drain media-k3-1: spares 2 > target 0; drain media-k3-2: spares 2 > target 0",
    );
  });

  it("that are taken back are told, too", () => {
    const state = aState({
      rows: [draining],
      spec: { spares: { default: "1" } },
      memory: freshFor(draining),
    });

    expect(plan(state, anObservation()).decision).toBe(
      "b is needed again: its drain is taken back",
    );
  });
});
