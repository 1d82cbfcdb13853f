import { describe, expect, it } from "vitest";
import { apply, join, NO_MOVES } from "../../../durable/rules/state.ts";
import type { Phase } from "../../../durable/rules/model.ts";
import { aHold, aPlanned, aRow, aState, NOW } from "./builders.ts";

describe("the state after moves", () => {
  it("has the new rows, and neither what is gone nor another order of things", () => {
    const [stays, goes] = [aRow({ name: "stays" }), aRow({ name: "goes" })];
    const state = aState({ rows: [stays, goes] });

    const after = apply(state, {
      ...NO_MOVES,
      rows: [{ ...goes, phase: "gone" }, aPlanned({ name: "new" })],
      state: { failedBoots: 2 },
      memory: { listingTrusted: false },
    });

    expect([...after.instances.keys()]).toEqual(["stays", "new"]);
    expect(after).toMatchObject({ failedBoots: 2, tick: state.tick });
    expect(after.memory).toEqual({ ...state.memory, listingTrusted: false });
    expect([...state.instances.keys()]).toEqual(["stays", "goes"]);
  });

  it("shares its rows with the state before where none moved: an idle tick copies nothing", () => {
    const state = aState({ rows: [aRow()] });

    expect(apply(state, NO_MOVES).instances).toBe(state.instances);
  });
});

describe("moves that are joined", () => {
  it("keep the order of the steps, and the later word on the state", () => {
    const [first, second] = [aRow({ name: "a" }), aRow({ name: "b" })];

    const joined = join(
      { ...NO_MOVES, rows: [first], state: { failedBoots: 1, listed: true } },
      { ...NO_MOVES, rows: [second, first], state: { failedBoots: 2, holds: [aHold("quota")] } },
    );

    expect(joined.rows).toEqual([first, second, first]);
    expect(joined.state).toEqual({ failedBoots: 2, listed: true, holds: [aHold("quota")] });
  });
});

describe("the times of the last hour", () => {
  const [before, after] = [[NOW - 1], [NOW - 1, NOW]];
  const counted = (from: Phase, to: Phase) => {
    const row = aRow({ phase: from });
    const state = aState({ rows: [row], launchTimes: before, deleteTimes: before });
    const { launchTimes, deleteTimes } = apply(state, {
      ...NO_MOVES,
      rows: [{ ...row, phase: to }],
    });
    return { launchTimes, deleteTimes };
  };

  it("count a launch once it was carried out, and a delete once it is gone", () => {
    expect(counted("planned", "starting")).toEqual({ launchTimes: after, deleteTimes: before });
    expect(counted("deleting", "gone")).toEqual({ launchTimes: before, deleteTimes: after });
  });

  it.each<[Phase, Phase]>([
    ["planned", "planned"],
    ["planned", "gone"],
    ["starting", "starting"],
    ["ready", "deleting"],
    ["deleting", "deleting"],
    ["lost", "gone"],
  ])("do not count a move from %s to %s", (from, to) => {
    expect(counted(from, to)).toEqual({ launchTimes: before, deleteTimes: before });
  });
});
