import { describe, expect, it } from "vitest";
import {
  freshPurse,
  LANES,
  learn,
  rememberedPurse,
  tokenAt,
  tokens,
  tokensMax,
} from "../../../durable/rules/budget.ts";
import type { Purse } from "../../../durable/rules/model.ts";
import type { CallReport } from "../../../durable/rules/world.ts";
import { coldPurses, NOW } from "./builders.ts";

const admittedAt = (startedAt: number): CallReport => ({
  lane: "list",
  startedAt,
  throttled: false,
});
const refusedAt = (startedAt: number): CallReport => ({ lane: "list", startedAt, throttled: true });

function after(purse: Purse, ...calls: readonly CallReport[]): Purse {
  return learn({ ...coldPurses(), list: purse }, calls).list;
}

/** A burst of `count` calls over `overMs`, and then the first refusal. */
function burst(count: number, overMs: number): readonly CallReport[] {
  const calls = Array.from({ length: count }, (_, index) =>
    admittedAt(NOW + (index * overMs) / count),
  );
  return [...calls, refusedAt(NOW + overMs)];
}

describe("a purse", () => {
  it("is not limited before the first refusal", () => {
    const purse = after(freshPurse(NOW), admittedAt(NOW), admittedAt(NOW + 1));

    expect(tokens(purse, NOW + 1)).toBe(Number.POSITIVE_INFINITY);
    expect(tokenAt(purse, NOW + 1)).toBe(NOW + 1);
  });

  it("learns its rate at the first refusal, from what was admitted", () => {
    const purse = after(freshPurse(NOW), ...burst(40, 20_000));

    expect(purse.ratePerSecond).toBeCloseTo(2);
    expect(tokens(purse, NOW + 20_000)).toBe(0);
  });

  it("does not take a short burst for the rate", () => {
    const purse = after(freshPurse(NOW), ...burst(20, 1_000));

    expect(purse.ratePerSecond).toBeCloseTo(2);
  });

  it("does not count what was admitted before a long pause", () => {
    const before = Array.from({ length: 100 }, (_, index) => admittedAt(NOW - 60_000 + index));

    const purse = after(freshPurse(NOW - 60_000), ...before, ...burst(10, 10_000));

    expect(purse.ratePerSecond).toBeCloseTo(1);
  });

  it("paces at its rate, and does not hoard more than ten seconds of it", () => {
    const purse = rememberedPurse(2, NOW);

    expect(tokens(purse, NOW + 1_400)).toBe(2);
    expect(tokens(purse, NOW + 3_600_000)).toBe(20);
  });

  it("says when it will have a token", () => {
    const purse = rememberedPurse(0.5, NOW);

    const at = tokenAt(purse, NOW + 500);

    expect(at).toBe(NOW + 2_000);
    expect([tokens(purse, at - 1), tokens(purse, at)]).toEqual([0, 1]);
  });

  it("holds after a cold start only what it can have regained", () => {
    expect(tokens(rememberedPurse(1, NOW), NOW)).toBe(0);
    expect(tokens(rememberedPurse(1, NOW), NOW + 3_000)).toBe(3);
  });

  it("gives way by a third at each further refusal", () => {
    const purse = after(rememberedPurse(2, NOW), refusedAt(NOW + 5_000), refusedAt(NOW + 10_000));

    expect(purse.ratePerSecond).toBeCloseTo(2 * 0.7 * 0.7);
  });

  it("does not give way twice for refusals within one second", () => {
    const purse = after(rememberedPurse(2, NOW - 60_000), refusedAt(NOW), refusedAt(NOW + 999));

    expect(purse.ratePerSecond).toBeCloseTo(1.4);
  });

  it("probes upward with each admitted call, which costs a token", () => {
    const purse = after(rememberedPurse(10, NOW), admittedAt(NOW + 1_000));

    expect(purse.ratePerSecond).toBeCloseTo(10.2);
    expect(tokens(purse, NOW + 1_000)).toBe(9);
  });

  it("of a slow lane probes upward by more than a share, or it would stay slow for hours", () => {
    const purse = after(rememberedPurse(0.1, NOW - 60_000), admittedAt(NOW));

    expect(purse.ratePerSecond).toBeCloseTo(0.15);
  });

  it("stays between its least and greatest rate", () => {
    const refusals = Array.from({ length: 50 }, (_, index) => refusedAt(NOW + index * 2_000));
    const admissions = Array.from({ length: 500 }, (_, index) => admittedAt(NOW + index * 2_000));

    expect(after(rememberedPurse(2, NOW), ...refusals).ratePerSecond).toBe(0.1);
    expect(after(rememberedPurse(2, NOW), ...admissions).ratePerSecond).toBe(20);
  });

  it("does not learn from the calls of another lane", () => {
    const purses = learn(coldPurses(), burst(40, 20_000));

    expect(purses.create).toEqual(coldPurses().create);
  });
});

describe("what a lane can save up for", () => {
  it("is ten seconds of its rate, and at least one call; without a rate there is no end", () => {
    expect(tokensMax(rememberedPurse(2, NOW))).toBe(20);
    expect(tokensMax(rememberedPurse(0.01, NOW))).toBe(1);
    expect(tokensMax(freshPurse(NOW))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a lane that has a token", () => {
  it.each([1, 1.5, 7])("with %d in hand can be used now, and not before now", (inHand) => {
    const purse = rememberedPurse(1, NOW - inHand * 1_000);

    expect(tokenAt(purse, NOW)).toBe(NOW);
  });
});

describe("the bounds of what counts together", () => {
  it("a call ten seconds after the last still belongs to the same run", () => {
    const early = Array.from({ length: 29 }, () => admittedAt(NOW));
    const late = [admittedAt(NOW + 10_000), refusedAt(NOW + 10_000)];

    expect(after(freshPurse(NOW), ...early, ...late).ratePerSecond).toBeCloseTo(3);
  });

  it("a refusal one second after the last is another one", () => {
    const purse = after(rememberedPurse(2, NOW - 60_000), refusedAt(NOW), refusedAt(NOW + 1_000));

    expect(purse.ratePerSecond).toBeCloseTo(2 * 0.7 * 0.7);
  });
});

describe("the lanes", () => {
  it("are all that have a purse", () => {
    expect(LANES.toSorted()).toEqual(Object.keys(coldPurses()).toSorted());
  });
});
