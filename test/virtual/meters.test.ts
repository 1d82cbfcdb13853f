/** What the meters count is what the cloud has seen. */
import { describe, expect, it } from "vitest";
import { readingsOf } from "../../durable/readings.ts";
import type { Readings } from "../../durable/rules/readings.ts";
import { specOf, startFleet, type VirtualFleet } from "./fleet.ts";

const ALONE = { isReached: true, fleets: 1, exchanges: {} };

function readings(fleet: VirtualFleet): Readings {
  const live = fleet.engine().read(fleet.now());
  if (live === null) throw new Error("the fleet is gone");
  return readingsOf(live.state, fleet.engine().meters, ALONE);
}

describe("the meters", () => {
  it("count launches and deletes by their reason, as the cloud has them", async () => {
    const fleet = startFleet();
    await fleet.run(60);
    fleet.apply(specOf({ spares: { default: "4" } }));
    await fleet.run(120);

    const { counters, instances } = readings(fleet);

    expect(counters.launches).toEqual({ spares: 10 });
    expect(counters.deletes).toEqual({ surplus: 6 });
    expect(fleet.cloud.everCreated()).toHaveLength(10);
    expect(fleet.cloud.deletions()).toHaveLength(6);
    expect(counters.events).toMatchObject({ created: 10, ready: 10, deleted: 6 });
    expect(counters.commands).toMatchObject({ "ports done": 10, "delete done": 6 });
    expect(instances).toEqual({ "ready idle": 4 });
  });

  it("count what a rollout launches and takes away as its own", async () => {
    const fleet = startFleet({ spec: { spares: { default: "3" } } });
    await fleet.run(60);
    fleet.apply(specOf({ spares: { default: "3" }, userData: "#!/bin/sh\nnew" }));
    await fleet.run(400);

    const { launches, deletes } = readings(fleet).counters;

    expect(launches).toMatchObject({ spares: 3 });
    expect((launches.spares ?? 0) + (launches.rollout ?? 0)).toBe(6);
    expect(launches.rollout).toBeGreaterThan(0);
    expect(deletes).toEqual({ replace: 3 });
  });

  it("count every tick once, with each of its parts, and look and probe with it", async () => {
    const fleet = startFleet();

    await fleet.run(60);

    const { ticks, failedTicks, parts, listings, probes } = readings(fleet).counters;
    expect(ticks).toMatchObject({ count: 60, seconds: 0 });
    for (const { count } of ticks.atMost) expect(count).toBe(60);
    expect(failedTicks).toBe(0);
    for (const { count } of Object.values(parts)) expect(count).toBe(60);
    expect(listings.complete).toBeGreaterThan(0);
    expect(listings.partial).toBeUndefined();
    expect(probes.answer).toBeGreaterThan(300);
  });

  it("count a tick that failed, and not the parts that it did not reach", async () => {
    const fleet = startFleet();
    let dies = true;
    fleet.beforeAct(() => {
      if (dies) throw new Error("the object died");
    });

    await fleet.run(1);
    dies = false;
    await fleet.run(1);

    const { ticks, failedTicks, parts } = readings(fleet).counters;
    expect([ticks.count, failedTicks]).toEqual([2, 1]);
    expect([parts.plan.count, parts.act.count, parts.settle.count]).toEqual([2, 1, 1]);
  });

  it("count the calls that AWS throttled, and tell the rate that was learned", async () => {
    const fleet = startFleet({
      wire: { throttle: { shared: { capacity: 5, refillPerSecond: 0.5, refusedCost: 0 } } },
    });

    await fleet.run(60);

    const { counters, lanes } = readings(fleet);
    const throttled = Object.entries(counters.calls).filter(([key]) => key.endsWith(" throttled"));
    expect(throttled.length).toBeGreaterThan(0);
    for (const [key] of throttled) expect(lanes).toHaveProperty(key.replace(" throttled", ""));
  });

  it("count a guard when it begins to bind, and not in each tick in which it does", async () => {
    const fleet = startFleet({ spec: { limits: { maxInstances: 4 } } });

    await fleet.run(60);

    expect(fleet.status().blockers).toHaveLength(1);
    expect(readings(fleet).counters.guards).toEqual({ maxInstances: 1 });
    expect(readings(fleet).instancesMax).toBe(4);
  });

  it("begin at zero when the object is born again, and write nothing to the ledger", async () => {
    const fleet = startFleet();
    await fleet.run(60);
    fleet.sql.takeWrites();
    await fleet.run(10);
    expect(fleet.sql.takeWrites()).toBe(0);

    fleet.restart();

    const { ticks, launches } = readings(fleet).counters;
    expect(ticks.count).toBe(0);
    expect(launches).toEqual({});
    await fleet.run(2);
    expect(readings(fleet).counters.ticks.count).toBe(2);
  });
});
