import { describe, expect, it } from "vitest";
import {
  admitted,
  freshBucket,
  paceOf,
  refused,
  rememberedBucket,
  type TokenBucket,
  tokenAt,
  tokens,
} from "../../../durable/rules/token-bucket.ts";
import { NOW, SECOND_MS } from "./builders.ts";

const KNOWN = { ratePerSecond: 2, capacity: 10, refusedAt: NOW };

/** `count` calls, evenly over `overMs` from `from` on. */
function calls(bucket: TokenBucket, count: number, from: number, overMs: number): TokenBucket {
  let next = bucket;
  for (let index = 0; index < count; index++)
    next = admitted(next, from + (index * overMs) / count);
  return next;
}

/** Refused twice, with so many calls in between: the second refusal measures the rate. */
function measured(count: number, overMs: number): TokenBucket {
  const short = { ...rememberedBucket(KNOWN, NOW), since: "short" } as const;
  return refused(calls(short, count, NOW, overMs), NOW + overMs);
}

describe("a token bucket of which nothing is known", () => {
  it("limits nothing", () => {
    const bucket = calls(freshBucket(NOW), 500, NOW, SECOND_MS);

    expect(tokens(bucket, NOW)).toBe(Number.POSITIVE_INFINITY);
    expect(tokenAt(bucket, NOW)).toBe(NOW);
    expect(paceOf(bucket)).toBeNull();
  });

  it("takes what was admitted in the ten seconds before the first refusal for its first guess", () => {
    const bucket = refused(calls(freshBucket(NOW), 30, NOW, 5 * SECOND_MS), NOW + 5 * SECOND_MS);

    expect(bucket.ratePerSecond).toBeCloseTo(3);
    expect(tokens(bucket, NOW + 5 * SECOND_MS)).toBe(0);
  });

  it("does not let calls of long ago pass for a part of the burst", () => {
    const before = calls(freshBucket(NOW), 40, NOW, SECOND_MS);
    const at = NOW + 50 * SECOND_MS;
    const bucket = refused(calls(before, 10, at, SECOND_MS), at + SECOND_MS);

    expect(bucket.ratePerSecond).toBeCloseTo(1);
    expect(bucket.capacity).toBeLessThan(20);
  });
});

describe("the rate of a token bucket", () => {
  it("is what was admitted between two refusals", () => {
    expect(measured(40, 20 * SECOND_MS).ratePerSecond).toBeCloseTo(2, 0);
  });

  it("is not measured by a run of a few calls: it only gives way", () => {
    const bucket = rememberedBucket(KNOWN, NOW);
    const short = { ...bucket, since: "short" } as const;

    const next = refused(calls(short, 2, NOW, SECOND_MS), NOW + 2 * SECOND_MS);

    expect(next.ratePerSecond).toBeCloseTo(1.4);
  });

  it("is not measured where the bucket was full, for then tokens were lost", () => {
    const long = { ...KNOWN, refusedAt: NOW - 60 * SECOND_MS };
    const full = { ...rememberedBucket(long, NOW), level: 10 };

    const next = refused(calls(full, 6, NOW + 1, 100), NOW + 200);

    expect(next.ratePerSecond).toBeGreaterThanOrEqual(2);
    expect(next.capacity).toBeLessThan(7);
  });

  it("does not fall for refusals of one moment more than once", () => {
    const one = refused(rememberedBucket(KNOWN, NOW), NOW + 2 * SECOND_MS);

    const two = refused(one, NOW + 2 * SECOND_MS + 300);

    expect(two.ratePerSecond).toBe(one.ratePerSecond);
    expect(tokenAt(two, NOW + 3 * SECOND_MS)).toBeGreaterThan(tokenAt(one, NOW + 3 * SECOND_MS));
  });

  it("is not measured across a clock that was set back", () => {
    const bucket = calls(rememberedBucket(KNOWN, NOW), 10, NOW, SECOND_MS);

    expect(refused(bucket, NOW - 60 * SECOND_MS).ratePerSecond).toBeCloseTo(1.4);
  });

  it("stays within bounds, however often AWS refuses", () => {
    let bucket = rememberedBucket(KNOWN, NOW);
    for (let index = 1; index <= 50; index++) bucket = refused(bucket, NOW + index * 2 * SECOND_MS);

    expect(bucket.ratePerSecond).toBe(0.05);
    expect(tokenAt(bucket, bucket.levelAt)).toBeLessThan(bucket.levelAt + 60 * SECOND_MS);
  });
});

describe("the pace of a token bucket", () => {
  it("begins at the measured rate, and has risen little after some calls, and much after many", () => {
    const bucket = measured(40, 20 * SECOND_MS);
    const rate = bucket.ratePerSecond ?? 0;
    const after = (count: number): number =>
      paceOf({ ...bucket, pressed: count }) ?? Number.POSITIVE_INFINITY;

    expect(after(0)).toBeCloseTo(rate);
    expect(after(20)).toBeLessThan(1.05 * rate);
    expect(after(150)).toBeCloseTo(2 * rate);
  });

  it("does not rise while calls are not wanted", () => {
    const bucket = { ...rememberedBucket(KNOWN, NOW), level: 10 };

    expect(calls(bucket, 20, NOW, 60 * SECOND_MS).pressed).toBe(0);
  });

  it("rises no faster than some times what was admitted while it is a guess", () => {
    const guess = refused(calls(freshBucket(NOW), 10, NOW, SECOND_MS), NOW + SECOND_MS);
    const bucket = calls({ ...guess, level: 5 }, 5, NOW + 6 * SECOND_MS, 5 * SECOND_MS);

    expect(paceOf({ ...bucket, pressed: 100 })).toBeCloseTo(2);
  });
});

describe("what a token bucket holds", () => {
  it("is half of its capacity after a cold start, or less where it cannot have regained as much", () => {
    expect(tokens(rememberedBucket(KNOWN, NOW), NOW)).toBe(0);
    expect(tokens(rememberedBucket(KNOWN, NOW + 2 * SECOND_MS), NOW + 2 * SECOND_MS)).toBe(4);
    expect(tokens(rememberedBucket(KNOWN, NOW + 3_600_000), NOW + 3_600_000)).toBe(5);
  });

  it("grows where all that it was thought to hold was there", () => {
    const bucket = { ...rememberedBucket(KNOWN, NOW), level: 10 };

    expect(calls(bucket, 11, NOW + 1, 100).capacity).toBeCloseTo(12.5);
  });

  it("is at least one call of now, where the clock was set back", () => {
    const bucket = refused(rememberedBucket(KNOWN, NOW), NOW + 3_600_000);

    expect(tokens(bucket, NOW)).toBe(1);
  });
});

describe("against a real bucket, whatever its rate", () => {
  const REAL = [
    [5, 0.5],
    [2, 0.2],
    [10, 2],
    [3, 1],
    [50, 2],
    [20, 5],
    [100, 20],
  ] as const;

  /** As many calls as the pace lets through until `count` are admitted, one tick a second at the earliest. */
  function demand(burst: number, perSecond: number, cost: 0 | 1, count: number) {
    let bucket = freshBucket(0);
    let level: number = burst;
    let at = 0;
    let [left, refusals, now] = [count, 0, 0];
    const meet = (time: number): boolean => {
      level = Math.min(burst, level + ((time - at) * perSecond) / SECOND_MS);
      at = time;
      const isAdmitted = level >= 1;
      level = isAdmitted ? level - 1 : Math.max(-burst, level - cost);
      return isAdmitted;
    };
    while (left > 0 && now < 10_000_000) {
      let inHand = Math.min(left, 100, tokens(bucket, now));
      let time = now;
      for (; inHand > 0; inHand--, time += 50) {
        const isAdmitted = meet(time);
        bucket = isAdmitted ? admitted(bucket, time) : refused(bucket, time);
        if (isAdmitted) left--;
        else refusals++;
        if (!isAdmitted) break;
      }
      now = Math.max(time, now + SECOND_MS, tokenAt(bucket, time));
    }
    return { seconds: now / SECOND_MS, refusals };
  }

  it.each(REAL.flatMap(([burst, rate]) => ([0, 1] as const).map((cost) => [burst, rate, cost])))(
    "one of %d and %d a second, whose refusals cost %d, is used nearly whole with few refusals",
    (burst = 0, rate = 0, cost = 0) => {
      const count = Math.max(200, 10 * burst);

      const { seconds, refusals } = demand(burst, rate, cost === 0 ? 0 : 1, count);

      expect(seconds).toBeLessThan(1.15 * ((count - burst) / rate) + 5);
      expect(refusals).toBeLessThan(0.1 * count);
    },
  );

  it("is found again soon after its rate has changed, to either side", () => {
    let bucket = rememberedBucket({ ratePerSecond: 2, capacity: 10, refusedAt: 0 }, 0);
    const settle = (perSecond: number, from: number): number => {
      let level = 0;
      let at = from;
      let now = from;
      while (now < from + 300 * SECOND_MS) {
        if (tokens(bucket, now) >= 1) {
          level = Math.min(10, level + ((now - at) * perSecond) / SECOND_MS);
          at = now;
          const isAdmitted = level >= 1;
          if (isAdmitted) level--;
          bucket = isAdmitted ? admitted(bucket, now) : refused(bucket, now);
        }
        now += 100;
      }
      return bucket.ratePerSecond ?? 0;
    };

    expect(settle(0.5, 0)).toBeCloseTo(0.5, 0);
    settle(8, 300 * SECOND_MS);
    expect(settle(8, 600 * SECOND_MS)).toBeGreaterThan(5);
  });
});

describe("a call that is reported after a refusal that came later", () => {
  const refusal = NOW + 5 * SECOND_MS;
  const before = refused(calls(freshBucket(NOW), 10, NOW, 4 * SECOND_MS), refusal);

  it("has not flowed in since, and does not raise the pace", () => {
    const after = calls(before, 9, NOW + 3 * SECOND_MS, SECOND_MS);

    expect(paceOf(after)).toBe(paceOf(before));
    const next = refusal + 3 * SECOND_MS;
    expect(paceOf(refused(after, next))).toBe(paceOf(refused(before, next)));
  });

  it("counts in the second in which it was made", () => {
    const after = admitted(before, NOW + 3 * SECOND_MS);
    const inOrder = [0, 1, 2, 3].map((second) => NOW + second * SECOND_MS);

    expect(after.recent.map(({ at }) => at)).toEqual(inOrder);
    expect(after.recent.reduce((sum, { calls: each }) => sum + each, 0)).toBe(11);
  });

  it("is no new refusal where it was refused too", () => {
    expect(refused(before, refusal - 2 * SECOND_MS)).toEqual(before);
  });

  it("is of a clock that was set back where it lies far before, and then counts", () => {
    const after = admitted(before, refusal - 60 * SECOND_MS);

    expect(after.admitted).toBe(before.admitted + 1);
  });
});
