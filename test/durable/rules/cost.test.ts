import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fixedUsd,
  type Life,
  peakOf,
  type Period,
  projectedUsd,
  sharesOf,
  sumOf,
} from "../../../durable/rules/cost.ts";
import { spendOf } from "../../../durable/rules/spend.ts";
import { A_MONTH, aRow, aState, MEDIUM, MINUTE_MS, NOW } from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;
const HOURLY = MEDIUM.usdPerMonth / 744;
const NEXT_MONTH = { startsAt: A_MONTH.endsAt, endsAt: A_MONTH.endsAt + 744 * HOUR_MS };
const LATER = NEXT_MONTH.endsAt + HOUR_MS;

function aLife(differently: Partial<Life> = {}): Life {
  const { id: bundle, usdPerMonth } = MEDIUM;
  return { name: "media-k3-1", bundle, usdPerMonth, from: NOW, until: null, ...differently };
}

function aPeriod(differently: Partial<Period> = {}): Period {
  return { month: A_MONTH, billing: "hour", now: NOW, ...differently };
}

/** Lives around the month, some of which still run. */
const lives = fc
  .array(
    fc.record({
      from: fc.integer({ min: -100, max: 700 * 60 }),
      minutes: fc.option(fc.integer({ min: 1, max: 60_000 })),
    }),
    { maxLength: 30 },
  )
  .map((drawn) =>
    drawn.map(({ from, minutes }, index) => {
      const begins = A_MONTH.startsAt + from * MINUTE_MS;
      const until = minutes === null ? null : begins + minutes * MINUTE_MS;
      return aLife({ name: `media-k3-${index}`, from: begins, until });
    }),
  );
const billing = fc.constantFrom("hour" as const, "none" as const);

describe("the shares of a month", () => {
  it("are of the hours that lie in it, and pay for those begun", () => {
    const life = aLife({ from: NOW - 90 * MINUTE_MS, until: NOW - HOUR_MS / 2 });

    expect(sharesOf([life], aPeriod())).toMatchObject([{ hours: 1, billedHours: 1 }]);
    const [long] = sharesOf([{ ...life, until: NOW }], aPeriod());
    expect(long).toMatchObject({ hours: 1.5, billedHours: 2 });
    expect(long?.usd).toBeCloseTo(2 * HOURLY);
  });

  it("leave out who was not there, and begin with the dearest", () => {
    const there = aLife({ name: "there", from: NOW - HOUR_MS });
    const longer = aLife({ name: "longer", from: NOW - 9 * HOUR_MS });
    const before = aLife({ from: A_MONTH.startsAt - HOUR_MS, until: A_MONTH.startsAt });
    const after = aLife({ from: NOW });

    const shares = sharesOf([before, there, longer, after], aPeriod());

    expect(shares.map(({ name }) => name)).toEqual(["longer", "there"]);
  });

  it("never cost more than the month's price, and nothing known where it has no price", () => {
    const month = { startsAt: NOW, endsAt: NOW + 800 * HOUR_MS };
    const period = aPeriod({ month, now: LATER });

    expect(sharesOf([aLife()], period)[0]?.usd).toBe(24);
    const unpriced = aLife({ usdPerMonth: null });
    expect(sumOf(sharesOf([aLife(), unpriced], period))).toMatchObject({ hours: 1600, usd: null });
    expect(projectedUsd([aLife(), unpriced], period)).toBeNull();
  });

  it("of two months are those of the life that lies in both", () => {
    fc.assert(
      fc.property(lives, billing, (drawn, billing) => {
        const both = { startsAt: A_MONTH.startsAt, endsAt: NEXT_MONTH.endsAt };
        const sum = (month: Period["month"]) =>
          sumOf(sharesOf(drawn, aPeriod({ month, billing, now: LATER })));

        const [one, other, whole] = [sum(A_MONTH), sum(NEXT_MONTH), sum(both)];

        expect(one.hours + other.hours).toBeCloseTo(whole.hours, 6);
        expect(one.billedHours + other.billedHours).toBeCloseTo(whole.billedHours, 6);
      }),
    );
  });

  it("add up, no matter which is asked for first", () => {
    fc.assert(
      fc.property(lives, billing, fc.nat({ max: 30 }), (drawn, billing, at) => {
        const shares = sharesOf(drawn, aPeriod({ billing }));
        const whole = sumOf(shares);
        const parts = sumOf([sumOf(shares.slice(0, at)), sumOf(shares.slice(at))]);

        expect(parts.hours).toBeCloseTo(whole.hours, 6);
        expect(parts.billedHours).toBeCloseTo(whole.billedHours, 6);
        expect(parts.usd).toBeCloseTo(whole.usd ?? Number.NaN, 6);
      }),
    );
  });

  it("are what the cap counts as spent and committed", () => {
    const rows = [7, 90, 3_000].map((minutes, index) =>
      aRow({ name: `media-k3-${index}`, createdAt: NOW - minutes * MINUTE_MS }),
    );
    const state = aState({ rows, spec: { retire: { billing: "hour" } } });
    const living = rows.map(({ name, createdAt }) => aLife({ name, from: createdAt ?? 0 }));

    const { spent, committed } = spendOf(state);

    expect(sumOf(sharesOf(living, aPeriod())).usd).toBeCloseTo(spent);
    expect(projectedUsd(living, aPeriod())).toBeCloseTo(committed);
  });
});

describe("the projection", () => {
  it("lets run to the month's end what runs now, and nothing else", () => {
    const gone = aLife({ name: "gone", from: NOW - 3 * HOUR_MS, until: NOW - HOUR_MS });
    const runs = aLife({ from: NOW - HOUR_MS });

    expect(projectedUsd([gone, runs], aPeriod())).toBeCloseTo((2 + 481) * HOURLY);
  });

  it("is never less than what is spent", () => {
    fc.assert(
      fc.property(lives, billing, (drawn, billing) => {
        const period = aPeriod({ billing });
        const known = drawn.filter(({ from, until }) => from <= NOW && (until ?? 0) <= NOW);
        const spent = sumOf(sharesOf(known, period)).usd ?? Number.NaN;
        expect(projectedUsd(known, period)).toBeGreaterThanOrEqual(spent - 1e-9);
      }),
    );
  });
});

describe("the peak", () => {
  it("is when most were there at once, for the first time", () => {
    const one = aLife({ name: "one", from: NOW - 9 * HOUR_MS, until: NOW - 5 * HOUR_MS });
    const two = aLife({ name: "two", from: NOW - 6 * HOUR_MS, until: NOW - 4 * HOUR_MS });
    const three = aLife({ name: "three", from: NOW - 5 * HOUR_MS });

    const peak = peakOf([one, two, three], aPeriod());

    expect(peak).toEqual({ at: NOW - 6 * HOUR_MS, lives: [one, two] });
  });

  it("does not count one that ends at the moment in which another begins", () => {
    const one = aLife({ name: "one", from: NOW - 2 * HOUR_MS, until: NOW - HOUR_MS });
    const two = aLife({ name: "two", from: NOW - HOUR_MS });

    expect(peakOf([one, two], aPeriod())?.lives).toHaveLength(1);
  });

  it("is of no month in which none was there", () => {
    expect(peakOf([], aPeriod())).toBeNull();
    expect(peakOf([aLife({ until: A_MONTH.startsAt, from: 0 })], aPeriod())).toBeNull();
  });

  it("is as many as a count at every moment finds", () => {
    fc.assert(
      fc.property(lives, (drawn) => {
        const period = aPeriod({ now: LATER });
        const there = (at: number): number =>
          drawn.filter(({ from, until }) => from <= at && at < (until ?? LATER)).length;
        const moments = [A_MONTH.startsAt, ...drawn.map(({ from }) => from)].filter(
          (at) => at >= A_MONTH.startsAt && at < A_MONTH.endsAt,
        );

        expect(peakOf(drawn, period)?.lives.length ?? 0).toBe(Math.max(0, ...moments.map(there)));
      }),
    );
  });

  it("kept for all of the time costs no less than what was run", () => {
    fc.assert(
      fc.property(lives, (drawn) => {
        const period = aPeriod({ billing: "none", now: LATER });
        const peak = peakOf(drawn, period);
        fc.pre(peak !== null);
        const fixed = fixedUsd(peak, A_MONTH.startsAt, period) ?? 0;
        const run = sumOf(sharesOf(drawn, period)).usd ?? Number.NaN;
        expect(fixed).toBeGreaterThanOrEqual(run - 1e-6);
      }),
    );
  });
});
