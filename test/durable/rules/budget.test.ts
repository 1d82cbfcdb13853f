import { describe, expect, it } from "vitest";
import {
  APART_AFTER,
  atOnce,
  bucketOf,
  BUCKETS,
  type Budget,
  freshBudget,
  LANES,
  learn,
  looksNow,
  pace,
  rememberedBudget,
  tokens,
} from "../../../durable/rules/budget.ts";
import type { CallReport, Lane } from "../../../durable/rules/world.ts";
import { NOW, SECOND_MS } from "./builders.ts";

const call = (lane: Lane, startedAt: number, throttled = false): CallReport => ({
  lane,
  startedAt,
  throttled,
});

/** Bursts of a lane, each of which ends with a refusal; `then` says what follows right after. */
function bursts(count: number, lane: Lane, then: (at: number) => readonly CallReport[]): Budget {
  let budget = freshBudget(NOW);
  for (let index = 0; index < count; index++) {
    const at = NOW + index * 60 * SECOND_MS;
    const burst = [1, 2, 3, 4, 5].map((each) => call(lane, at + each * 10));
    budget = learn(budget, [...burst, call(lane, at + 60, true), ...then(at + 61)]);
  }
  return budget;
}

/** A budget whose one bucket for all has so many calls in hand, at half a call a second. */
function scarce(inHand: number): Budget {
  const known = { name: "all", ratePerSecond: 0.5, capacity: 100, refusedAt: NOW } as const;
  return rememberedBudget([known], { reads: 0, writes: 0 }, NOW + inHand * 2 * SECOND_MS);
}

describe("a budget of which nothing is known", () => {
  it("takes all operations of Lightsail to share one bucket, and EC2 to be apart", () => {
    const budget = freshBudget(NOW);

    expect(LANES.map((lane) => bucketOf(budget, lane))).toEqual([
      "all",
      "all",
      "all",
      "all",
      "all",
      "ec2",
    ]);
    expect(tokens(budget, "ports", NOW)).toBe(Number.POSITIVE_INFINITY);
  });

  it("paces every operation of Lightsail after the first refusal of one", () => {
    const budget = bursts(1, "list", () => []);

    expect(tokens(budget, "create", NOW + 60)).toBe(0);
    expect(tokens(budget, "ec2", NOW + 60)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("which operations share a bucket", () => {
  const admitted = (lane: Lane) => (at: number) => [call(lane, at)];

  it("is shown by calls that are admitted right after another lane was refused", () => {
    const few = bursts(APART_AFTER - 1, "ports", admitted("list"));
    const enough = bursts(APART_AFTER, "ports", admitted("list"));

    expect(bucketOf(few, "list")).toBe("all");
    expect(bucketOf(enough, "list")).toBe("reads");
    expect(bucketOf(enough, "ports")).toBe("writes");
    expect(bucketOf(enough, "create")).toBe("writes");
  });

  it("is each lane's own where two kinds of writes do not share", () => {
    const budget = bursts(APART_AFTER, "ports", admitted("create"));

    expect(LANES.map((lane) => bucketOf(budget, lane))).toEqual(LANES);
  });

  it("is one for all again where both are refused", () => {
    const apart = bursts(APART_AFTER, "ports", admitted("list"));
    const at = NOW + 1_000 * SECOND_MS;

    const next = learn(apart, [call("ports", at, true), call("list", at + 1, true)]);

    expect(bucketOf(next, "list")).toBe("all");
  });

  it("is not shown by a call long after the refusal, when tokens have flowed in again", () => {
    const budget = bursts(APART_AFTER, "ports", (at) => [call("list", at + 5 * SECOND_MS)]);

    expect(bucketOf(budget, "list")).toBe("all");
  });

  it("is not shown by the same lane, nor by EC2", () => {
    const same = bursts(APART_AFTER, "ports", (at) => [call("ports", at), call("ec2", at)]);

    expect(same.apart).toEqual({ reads: 0, writes: 0 });
  });

  it("is learned whatever the order in which the calls are reported", () => {
    const calls = [call("list", NOW + 61), call("ports", NOW + 60, true), call("ports", NOW)];

    expect(learn(freshBudget(NOW), calls)).toEqual(learn(freshBudget(NOW), calls.toReversed()));
  });
});

describe("every bucket", () => {
  it("learns from each call that could drink from it", () => {
    const { buckets } = bursts(1, "create", () => []);

    const limited = BUCKETS.filter((name) => buckets[name].ratePerSecond !== null);
    expect(limited).toEqual(["create", "all", "writes"]);
  });

  it("is there after a cold start as it was kept", () => {
    const budget = scarce(10);

    expect(pace(budget, "delete")).toBe(0.5);
    expect(tokens(budget, "delete", NOW + 20 * SECOND_MS)).toBe(10);
  });
});

describe("the eyes", () => {
  it("have every call in hand while the hands want none", () => {
    expect(looksNow(scarce(10), 0, NOW + 20 * SECOND_MS)).toBe(10);
  });

  it("have what the hands leave over", () => {
    expect(looksNow(scarce(10), 4, NOW + 20 * SECOND_MS)).toBe(6);
  });

  it("have their share where there is not enough for both, and earn it by the calls of the hands", () => {
    const at = NOW + 20 * SECOND_MS;
    const looked = learn(scarce(10), [call("list", at), call("list", at)]);
    const earned = (count: number): number =>
      looksNow(
        learn(
          looked,
          Array.from({ length: count }, () => call("ports", at)),
        ),
        100,
        at,
      );

    expect(looksNow(looked, 100, at)).toBe(0);
    expect([earned(15), earned(16)]).toEqual([0, 0]);
    expect(
      looksNow(
        learn(
          looked,
          Array.from({ length: 16 }, () => call("ports", at - 60_000)),
        ),
        100,
        at + 60_000,
      ),
    ).toBe(1);
  });

  it("earn their share by calls of the hands that AWS refuses too, and are never kept waiting by them", () => {
    const at = NOW + 20 * SECOND_MS;
    const looked = learn(scarce(10), [call("list", at)]);
    const refusals = Array.from({ length: 16 }, (_, index) => call("ports", at + index, true));

    expect(looksNow(looked, 100, at)).toBe(0);
    expect(looksNow(learn(looked, refusals), 100, at + 10 * 60_000)).toBe(1);
  });

  it("have calls of their own where reads are apart", () => {
    const { buckets } = scarce(0);
    const own = { buckets, apart: { reads: APART_AFTER, writes: 0 }, looks: 0 };

    expect(looksNow(own, 100, NOW)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("calls that go out at once", () => {
  it("are few while nothing is known, for all of them meet the first refusal", () => {
    const budget = freshBudget(NOW);

    expect([1, 20, 21, 100, 1_000].map((wanted) => atOnce(budget, "ports", wanted))).toEqual([
      1, 1, 2, 5, 6,
    ]);
  });

  it("are as many as the pace needs, once it is known", () => {
    expect(atOnce(scarce(50), "ports", 1_000)).toBe(1);
    const fast = { name: "all", ratePerSecond: 20, capacity: 100, refusedAt: NOW } as const;
    expect(atOnce(rememberedBudget([fast], { reads: 0, writes: 0 }, NOW), "ports", 5)).toBe(6);
  });
});
