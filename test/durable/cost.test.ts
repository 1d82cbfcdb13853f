/** What a month has cost, out of the ledger of a fleet that has lived through it. */
import { describe, expect, it } from "vitest";
import { costOfMonth } from "../../durable/cost.ts";
import type { CostView } from "../../durable/rules/cost-views.ts";
import { specOf, START, startFleet, type VirtualFleet } from "../virtual/fleet.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TICKS_PER_HOUR = 720;
const NOVEMBER = START;
const TWO = { spec: { spares: { default: "2" } } };

function asked(fleet: VirtualFleet, at = fleet.now(), ec2: number | null = null) {
  return costOfMonth(fleet.engine(), at, ec2, fleet.now());
}

function costOf(fleet: VirtualFleet, at = fleet.now(), ec2: number | null = null): CostView {
  const cost = asked(fleet, at, ec2);
  if (cost === null || "refused" in cost) throw new Error("there is no such month");
  return cost;
}

describe("the cost of the present month", () => {
  it("is what the cloud has billed, server by server", async () => {
    const fleet = startFleet(TWO);
    await fleet.run(TICKS_PER_HOUR);

    const cost = costOf(fleet, fleet.now(), 0.05);

    const billed = fleet.cloud.bill();
    expect(cost.instances).toHaveLength(2);
    const hours = cost.instances.reduce((sum, server) => sum + server.hours, 0);
    expect(cost.hours).toBeCloseTo(hours, 1);
    expect(cost).toMatchObject({ month: "2026-11", omitted: null, ec2: { hourlyUsd: 0.05 } });
    expect(cost.ec2?.usd).toBeCloseTo(cost.hours * 0.05, 1);
    expect(cost.usd).toBeCloseTo(billed.exactUsd, 1);
    expect(cost.fixedFleet?.servers).toBe(2);
    expect(cost.projectedUsd).toBeGreaterThan(cost.usd ?? Number.NaN);
    // The fleet was made within the month.
    expect(cost.knownSince).toBe(new Date(START).toISOString());
  });

  it("keeps what gone servers have cost, and ends with their lives", async () => {
    const fleet = startFleet(TWO);
    await fleet.run(TICKS_PER_HOUR / 2);
    fleet.apply(specOf({ spares: { default: "0" } }));
    await fleet.run(TICKS_PER_HOUR / 2);
    const before = costOf(fleet);

    fleet.sleep(HOUR_MS);
    const after = costOf(fleet);

    expect(before.instances.map(({ until }) => until === null)).toEqual([false, false]);
    expect(after.usd).toBe(before.usd);
    expect(after.projectedUsd).toBe(before.usd);
  });
});

describe("a month that is not the present one", () => {
  it("that is over is told without a projection", async () => {
    const fleet = startFleet(TWO);
    await fleet.run(20);
    fleet.sleep(20 * DAY_MS);

    const cost = costOf(fleet, NOVEMBER);

    expect(cost).toMatchObject({ month: "2026-11", projectedUsd: null });
    expect(cost.until).toBe("2026-12-01T00:00:00.000Z");
  });

  it.each([
    ["has not begun", Date.UTC(2027, 0, 1), "2027-01 has not begun"],
    ["was before the fleet", Date.UTC(2026, 9, 1), "this fleet was made at 2026-11-22"],
  ])("that %s is refused, not told as zero", (_what, at, detail) => {
    const fleet = startFleet(TWO);

    const answer = asked(fleet, at);

    expect(answer).toMatchObject({ refused: { status: 404 } });
    expect(JSON.stringify(answer)).toContain(detail);
  });

  it("of which gone servers are not known any more is refused", () => {
    const fleet = startFleet(TWO);
    fleet.sleep(120 * DAY_MS);

    expect(JSON.stringify(asked(fleet, NOVEMBER))).toContain("90 days after it is gone");
    // The horizon lies within it: what is left is told, and since when.
    expect(costOf(fleet, Date.UTC(2026, 11, 31)).knownSince).toBe(
      new Date(fleet.now() - 90 * DAY_MS).toISOString(),
    );
  });
});
