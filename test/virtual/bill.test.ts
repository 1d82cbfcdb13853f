/**
 * Each figure of money against the bill of the embedded AWS, after launches that were throttled, boots that
 * failed and a server that vanished before it was ever listed.
 */
import { describe, expect, test } from "vitest";
import { costOfMonth } from "../../durable/cost.ts";
import type { CostView } from "../../durable/rules/cost-views.ts";
import { spendOf } from "../../durable/rules/spend.ts";
import { specOf, startFleet, TICK_MS, type VirtualFleet } from "./fleet.ts";

const HOUR_MS = 3_600_000;
const TICKS_PER_HOUR = HOUR_MS / TICK_MS;
/** An end is seen by two listings. */
const ABSENCE_SEEN_MS = 60_000;
const LOST_MS = 15 * 60_000;
/** Of dollars. */
const DIGITS = 6;
const USD_PER_MONTH = 24;
const HOURS_PER_MONTH = 744;

function specFor(billing: "none" | "hour", spares: number): Record<string, unknown> {
  return specOf({
    spares: { default: String(spares) },
    retire: { billing, idleForSeconds: 10, drainSeconds: 5 },
    limits: { maxInstances: 100, failedBoots: { count: 20, openSeconds: 60 } },
    timeouts: { startSeconds: 60, readySeconds: 90 },
  });
}

/** An hour of one fleet, with all that makes a plan and its creation two moments. */
async function lived(billing: "none" | "hour"): Promise<VirtualFleet> {
  const fleet = startFleet({
    spec: specFor(billing, 12),
    wire: { throttle: { shared: { capacity: 5, refillPerSecond: 0.4, refusedCost: 0 } } },
  });
  const { cloud } = fleet;
  cloud.setNextBoots([{ kind: "never" }, { kind: "vanishes", afterMs: 1_000 }]);
  await fleet.run(TICKS_PER_HOUR / 3);
  fleet.apply(specFor(billing, 3));
  await fleet.run(TICKS_PER_HOUR / 2);
  fleet.apply(specFor(billing, 5));
  await fleet.run(TICKS_PER_HOUR / 6);
  return fleet;
}

function costOf(fleet: VirtualFleet, ec2HourlyUsd: number | null = null): CostView {
  const cost = costOfMonth(fleet.engine(), fleet.now(), ec2HourlyUsd, fleet.now());
  if (cost === null || "refused" in cost) throw new Error("there is no such month");
  return cost;
}

describe.each(["none", "hour"] as const)("of a fleet that pays by %s", (billing) => {
  const life = lived(billing);

  test("each server costs from the second of its creation until its end was seen", async () => {
    const fleet = await life;

    const cost = costOf(fleet);

    const known = new Map(cost.instances.map((server) => [server.name, server]));
    expect(known.size).toBe(fleet.cloud.everCreated().length);
    for (const { name, createdAt, endedAt } of fleet.cloud.everCreated()) {
      const server = known.get(name);
      expect(server).toBeDefined();
      // Nobody was told when one was made that vanished before it was listed: its create was decided by then.
      const early = createdAt - Date.parse(server?.from ?? "");
      expect(early).toBeLessThanOrEqual(endedAt === createdAt + 1_000 ? 2 * TICK_MS : 0);
      expect(early).toBeGreaterThanOrEqual(0);
      if (endedAt === null) expect(server?.until).toBeNull();
      else {
        const late = Date.parse(server?.until ?? "") - endedAt;
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThan(endedAt === createdAt + 1_000 ? LOST_MS : ABSENCE_SEEN_MS);
      }
    }
  });

  test("EC2 is compared by the second, whatever Lightsail bills", async () => {
    const { hours, billedHours, ec2 } = costOf(await life, 100);

    expect(ec2?.usd).toBeCloseTo(hours * 100, -1);
    expect(billedHours).toBeGreaterThanOrEqual(hours);
    if (billing === "hour") expect(billedHours).toBeGreaterThan(hours + 0.5);
  });

  test("the month's sum, what was spent and the status are that bill to the cent", async () => {
    const fleet = await life;
    const { instances, usd } = costOf(fleet);
    // Each ends when its absence was seen, which is later than its end.
    const livedMs = instances.reduce(
      (sum, { from, until }) =>
        sum + (until === null ? fleet.now() : Date.parse(until)) - Date.parse(from),
      0,
    );
    const billed =
      billing === "hour"
        ? fleet.cloud.bill().startedHoursUsd
        : (livedMs / HOUR_MS) * (USD_PER_MONTH / HOURS_PER_MONTH);
    const state = fleet.engine().read(fleet.now())?.state;
    if (state === undefined) throw new Error("the fleet is gone");

    expect(spendOf(state).spent).toBeCloseTo(billed, DIGITS);
    expect(usd).toBe(Math.round(billed * 100) / 100);
    expect(fleet.status().spend.spentUsd).toBe(usd);
  });
});
