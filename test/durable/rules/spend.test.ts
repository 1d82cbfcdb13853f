import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { affordable, bundleOf, costOf, spendOf, vcpusOf } from "../../../durable/rules/spend.ts";
import { apply, NO_MOVES } from "../../../durable/rules/state.ts";
import { A_MONTH, aPlanned, aRow, aState, idleRows, MEDIUM, MINUTE_MS, NOW } from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;
/** Of the builders' bundle. */
const HOURLY = MEDIUM.usdPerMonth / 744;
const BY_THE_HOUR = { retire: { billing: "hour" } } as const;

describe("what a server costs", () => {
  const cost = (createdAt: number, until: number, spec = {}): number =>
    costOf(aState({ spec: { ...BY_THE_HOUR, ...spec } }), aRow({ createdAt }), MEDIUM, until);

  it("is a 744th of the month's price for each hour begun", () => {
    expect(cost(NOW, NOW)).toBe(0);
    expect(cost(NOW, NOW + 1)).toBeCloseTo(HOURLY);
    expect(cost(NOW, NOW + HOUR_MS)).toBeCloseTo(HOURLY);
    expect(cost(NOW, NOW + HOUR_MS + 1)).toBeCloseTo(2 * HOURLY);
  });

  it("is for the time run, where hours are not billed whole", () => {
    const spec = { retire: { billing: "none" } };

    expect(cost(NOW, NOW + HOUR_MS / 2, spec)).toBeCloseTo(HOURLY / 2);
  });

  it("counts hours of this month only, and never more than the month's price", () => {
    expect(cost(A_MONTH.startsAt - 5 * HOUR_MS, A_MONTH.startsAt + HOUR_MS)).toBeCloseTo(HOURLY);
    expect(cost(NOW, A_MONTH.endsAt + 99 * HOUR_MS)).toBeCloseTo(480 * HOURLY);
    const long = { startsAt: NOW, endsAt: NOW + 900 * HOUR_MS };
    const state = { ...aState({ spec: BY_THE_HOUR }), month: long };
    expect(costOf(state, aRow({ createdAt: NOW }), MEDIUM, long.endsAt)).toBe(24);
  });

  it("bills the hour on the border of two months once, in the month in which it began", () => {
    const createdAt = A_MONTH.startsAt - HOUR_MS / 2;

    expect(cost(createdAt, A_MONTH.startsAt + HOUR_MS / 2)).toBe(0);
    expect(cost(createdAt, A_MONTH.startsAt + HOUR_MS / 2 + 1)).toBeCloseTo(HOURLY);
  });

  it("never falls as the server lives on", () => {
    const offset = fc.integer({ min: -300 * HOUR_MS, max: 600 * HOUR_MS });
    fc.assert(
      fc.property(offset, offset, offset, (born, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(cost(NOW + born, NOW + less)).toBeLessThanOrEqual(cost(NOW + born, NOW + more));
      }),
    );
  });
});

describe("what the month costs", () => {
  it("is committed to its end for all that runs, and spent for what was run", () => {
    const state = aState({
      spec: BY_THE_HOUR,
      spentOnGone: 5,
      rows: idleRows(2, { createdAt: NOW - 2 * HOUR_MS }),
    });

    const { spent, committed, priced } = spendOf(state);

    expect(spent).toBeCloseTo(5 + 4 * HOURLY);
    expect(committed).toBeCloseTo(5 + 2 * 482 * HOURLY);
    expect(priced).toBe(true);
  });

  it("counts a server that is not listed yet, as the spec's bundle from its plan on", () => {
    const planned = aPlanned({ plannedAt: NOW, bundle: null });

    expect(bundleOf(aState(), planned)).toBe(MEDIUM);
    expect(spendOf(aState({ rows: [planned] })).committed).toBeCloseTo(480 * HOURLY);
  });

  it("counts a stopped one like any other", () => {
    const row = aRow({ createdAt: NOW, stoppedSince: NOW });

    expect(spendOf(aState({ rows: [row] })).committed).toBeCloseTo(480 * HOURLY);
  });

  it("is not known while one price is not", () => {
    const rows = [aRow(), aRow({ name: "media-k3-2", bundle: "unheard_of" })];

    expect(spendOf(aState({ rows })).priced).toBe(false);
    expect(affordable(aState({ rows }), 1_000)).toBeNull();
    expect(affordable(aState({ bundles: new Map() }), 1_000)).toBeNull();
  });

  it("keeps what a server has cost once it is gone, and nothing of what was never made", () => {
    const row = aRow({ phase: "deleting", createdAt: NOW - 2 * HOUR_MS });
    const planned = aPlanned({ name: "media-k3-2" });
    const state = aState({ spec: BY_THE_HOUR, rows: [row, planned] });
    const rows = [row, planned].map((each) => ({ ...each, phase: "gone" as const, goneAt: NOW }));

    expect(apply(state, { ...NO_MOVES, rows }).spentOnGone).toBeCloseTo(2 * HOURLY);
  });
});

describe("what the cap allows", () => {
  it("is never so many that all of them cost more than it by the end of the month", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.double({ min: 0, max: 200, noNaN: true }),
        fc.integer({ min: 1, max: 480 * 60 }),
        fc.constantFrom("hour" as const, "none" as const),
        (running, cap, minutesLeft, billing) => {
          const now = A_MONTH.endsAt - minutesLeft * MINUTE_MS;
          const spec = { retire: { billing } };
          const rows = idleRows(running, { createdAt: now - HOUR_MS });
          const state = { ...aState({ spec, rows }), now };
          const room = affordable(state, cap) ?? Number.NaN;
          const more = Array.from({ length: Math.max(0, room) }, (_, index) =>
            aPlanned({ name: `media-k3-${index + 50}`, plannedAt: now }),
          );

          const { committed } = spendOf({ ...aState({ spec, rows: [...rows, ...more] }), now });

          expect(room).not.toBeNaN();
          if (room < 0) expect(committed).toBeGreaterThan(cap);
          if (room > 0) expect(committed).toBeLessThanOrEqual(cap + 1e-6);
        },
      ),
    );
  });

  it("is one more for exactly the price of one, and none for a cent less", () => {
    const each = 480 * HOURLY;

    expect(affordable(aState(), each + 1e-9)).toBe(1);
    expect(affordable(aState(), each - 0.01)).toBe(0);
  });
});

describe("the vCPUs", () => {
  it("are those of everything billed", () => {
    const large = { id: "large_3_0", usdPerMonth: 44, vcpus: 4 };
    const bundles = new Map([MEDIUM, large].map((bundle) => [bundle.id, bundle]));
    const rows = [aPlanned({ name: "a" }), aRow({ name: "b", phase: "lost", bundle: large.id })];

    expect(vcpusOf(aState({ rows, bundles }))).toBe(6);
  });

  it("are those of the spec's bundle where another one is not known", () => {
    expect(vcpusOf(aState({ rows: [aRow({ bundle: "unheard_of" })] }))).toBe(2);
  });
});
