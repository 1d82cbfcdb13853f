import { describe, expect, it } from "vitest";
import { Meters } from "../../durable/meters.ts";
import type { Instance } from "../../durable/rules/model.ts";
import { type EventDraft, type Moves, NO_MOVES, type State } from "../../durable/rules/state.ts";
import { aRow, aState } from "./rules/builders.ts";

function metered(state: State, moves: Partial<Moves>) {
  const meters = new Meters();
  meters.moved(state, { ...NO_MOVES, ...moves });
  return meters.read();
}

function deletesOf(
  row: Instance,
  rest: Parameters<typeof aState>[0] = {},
  events: EventDraft[] = [],
) {
  const state = aState({ ...rest, rows: [row] });
  return metered(state, { rows: [{ ...row, phase: "deleting" }], events }).deletes;
}

function aLaunch(data: Readonly<Record<string, unknown>>): EventDraft {
  const numbers = { spares: 4, launching: 1, hoped: 0, target: 5, early: null, surge: 0 };
  return { kind: "launch", instance: null, message: "launch", data: { ...numbers, ...data } };
}

describe("a delete is counted", () => {
  const forced: EventDraft = { kind: "forced", instance: aRow().name, message: "by force" };

  it.each(["surplus", "replace", "operator", "fleet"] as const)(
    "by the reason of its drain: %s",
    (drainReason) => {
      expect(deletesOf(aRow({ phase: "draining", drainReason }))).toEqual({ [drainReason]: 1 });
    },
  );

  it("as forced where somebody forced it, whatever it drained for", () => {
    const row = aRow({ phase: "draining", drainReason: "surplus" });

    expect(deletesOf(row, {}, [forced])).toEqual({ forced: 1 });
  });

  it("as a failed boot where it was never ready", () => {
    expect(deletesOf(aRow({ phase: "warming" }))).toEqual({ bootFailed: 1 });
  });

  it("as the fleet's while the fleet is being removed", () => {
    expect(deletesOf(aRow({ phase: "warming" }), { removing: { force: false } })).toEqual({
      fleet: 1,
    });
  });

  it("once, and not by each further row of the same server", () => {
    const row = aRow({ phase: "draining", drainReason: "surplus" });
    const deleting: Instance = { ...row, phase: "deleting" };

    expect(metered(aState({ rows: [row] }), { rows: [deleting, deleting] }).deletes).toEqual({
      surplus: 1,
    });
    expect(metered(aState({ rows: [deleting] }), { rows: [deleting] }).deletes).toEqual({});
  });
});

describe("a launch is counted", () => {
  it.each([
    ["spares", { target: 6, names: ["a"] }],
    ["schedule", { early: 9, names: ["a", "b", "c"] }],
    ["rollout", { surge: 2, names: ["a", "b"] }],
  ] as const)("for what the target alone does not want: %s", (reason, data) => {
    const { launches } = metered(aState(), { events: [aLaunch(data)] });

    expect(launches).toEqual({ [reason]: data.names.length });
  });
});

describe("a tick is counted", () => {
  it("in each bucket that it is short enough for, and in no shorter one", () => {
    const meters = new Meters();

    meters.ticked({ parts: { observe: 600, act: 100 }, totalMs: 700, failed: false });
    meters.ticked({ parts: { observe: 30_000 }, totalMs: 30_000, failed: true });
    // Bounds are inclusive.
    meters.ticked({ parts: {}, totalMs: 10_000, failed: false });

    const { ticks, failedTicks, parts } = meters.read();
    expect(ticks).toMatchObject({ count: 3, seconds: 40.7 });
    expect(ticks.atMost.map(({ count }) => count)).toEqual([0, 0, 0, 1, 1, 1, 2, 2]);
    expect(ticks.atMost[3]).toEqual({ seconds: 1, count: 1 });
    expect(failedTicks).toBe(1);
    expect(parts.observe).toEqual({ count: 2, seconds: 30.6 });
    expect(parts.settle).toEqual({ count: 0, seconds: 0 });
  });

  it("and does not change what was read before", () => {
    const meters = new Meters();
    const before = meters.read();

    meters.ticked({ parts: { observe: 600 }, totalMs: 700, failed: false });

    expect(before.parts.observe.count).toBe(0);
    expect(before.ticks.atMost.every(({ count }) => count === 0)).toBe(true);
  });
});
