/**
 * Figures against the embedded AWS's own bill, calls and world: metrics, history and status after launches that
 * were throttled, boots that failed, a zone that fails, and deletes that were throttled.
 */
import { describe, expect, test } from "vitest";
import { historyOf } from "../../durable/history.ts";
import { readingsOf } from "../../durable/readings.ts";
import { runningHourlyUsdOf, spendOf } from "../../durable/rules/spend.ts";
import { familiesOf } from "../../worker/metrics/families.ts";
import type { Call } from "../aws/wire/calls.ts";
import { specOf, startFleet, TICK_MS, type VirtualFleet } from "./fleet.ts";

const TICKS_PER_HOUR = 3_600_000 / TICK_MS;
const USD_PER_HOUR = 24 / 744;
const LAUNCHED = new Set(["starting", "configuring", "warming", "ready", "draining", "deleting"]);
const LANES: Readonly<Record<string, string>> = {
  CreateInstances: "create",
  PutInstancePublicPorts: "ports",
  TagResource: "tags",
  UntagResource: "tags",
  DeleteInstance: "delete",
};

function specFor(spares: number): Record<string, unknown> {
  return specOf({
    spares: { default: String(spares) },
    retire: { billing: "none", idleForSeconds: 10, drainSeconds: 5 },
    limits: { maxInstances: 100, failedBoots: { count: 20, openSeconds: 60 } },
    timeouts: { startSeconds: 60, readySeconds: 90 },
  });
}

/** Up to thirteen servers, down to four, and up again to six; it is quiet at the end. */
async function lived(): Promise<VirtualFleet> {
  const fleet = startFleet({
    spec: specFor(13),
    wire: { throttle: { shared: { capacity: 5, refillPerSecond: 0.2, refusedCost: 0 } } },
    sessionsPerHour: 30,
  });
  fleet.wire.faults.add({ op: "CreateInstances", effect: { kind: "throttled" } }, fleet.now());
  fleet.cloud.setNextBoots([{ kind: "never" }, { kind: "vanishes", afterMs: 1_000 }]);
  fleet.cloud.closeZone("ap-northeast-2c", "fail");
  await fleet.run(TICKS_PER_HOUR / 6);
  fleet.cloud.openZone("ap-northeast-2c");
  await fleet.run(TICKS_PER_HOUR / 3);
  fleet.wire.faults.add(
    { op: "DeleteInstance", times: 3, effect: { kind: "throttled" } },
    fleet.now(),
  );
  fleet.apply(specFor(4));
  await fleet.run(TICKS_PER_HOUR / 2);
  fleet.apply(specFor(6));
  await fleet.run(TICKS_PER_HOUR / 2);
  return fleet;
}

const life = lived();

function stateOf(fleet: VirtualFleet) {
  const live = fleet.engine().read(fleet.now());
  if (live === null) throw new Error("the fleet is gone");
  return live.state;
}

/** Every figure of a family, by its labels but for the fleet's name. */
function metricsOf(fleet: VirtualFleet): (family: string) => Readonly<Record<string, number>> {
  const account = { isReached: true, fleets: 1, exchanges: {} };
  const readings = readingsOf(stateOf(fleet), fleet.engine().meters, account);
  const families = familiesOf([{ status: fleet.status(), readings }], [], fleet.now());
  return (family) => {
    const samples = families.find(({ name }) => name === `lightfleet_${family}`)?.samples ?? [];
    return Object.fromEntries(
      samples.map(({ labels, value }) => [
        Object.values(labels ?? {})
          .slice(1)
          .join(" "),
        value,
      ]),
    );
  };
}

function sum(figures: Readonly<Record<string, number>>): number {
  return Object.values(figures).reduce((all, each) => all + each, 0);
}

function callsOf(fleet: VirtualFleet): readonly Call[] {
  return fleet.wire.calls.list();
}

/** What the bill holds that the fleet cannot know yet: nothing, once it is quiet. */
function billed(fleet: VirtualFleet): number {
  return fleet.cloud.everCreated().filter(({ endedAt }) => endedAt === null).length;
}

describe("after throttled launches and deletes, failed boots and a zone that failed", () => {
  test("all of that has happened", async () => {
    const fleet = await life;
    const failed = callsOf(fleet).filter(({ outcome }) => outcome !== "ok");

    for (const op of ["CreateInstances", "DeleteInstance"])
      expect(failed.some((call) => call.op === op)).toBe(true);
    expect(metricsOf(fleet)("events")["bootFailed"]).toBeGreaterThan(0);
    expect(billed(fleet)).toBeGreaterThan(5);
  });

  test("the metrics count each call of the fleet as AWS has logged it", async () => {
    const fleet = await life;
    const told = metricsOf(fleet)("aws_calls");

    for (const lane of new Set(Object.values(LANES))) {
      const calls = callsOf(fleet).filter(({ op }) => LANES[op] === lane);
      const throttled = calls.filter(({ outcome }) => /throttl/iu.test(outcome ?? "")).length;
      expect([lane, told[`${lane} throttled`]]).toEqual([lane, throttled]);
      expect([lane, told[`${lane} admitted`]]).toEqual([lane, calls.length - throttled]);
    }
  });

  test("the metrics count deletes and servers as AWS has them", async () => {
    const fleet = await life;
    const metrics = metricsOf(fleet);
    const now = Object.entries(metrics("instances")).filter(([key]) =>
      LAUNCHED.has(key.split(" ")[0] ?? ""),
    );

    const [deleted, created] = [fleet.cloud.deletions().length, fleet.cloud.everCreated().length];
    expect(metrics("deletes")["surplus"]).toBe(deleted);
    expect(metrics("commands")["delete done"]).toBe(deleted);
    expect(metrics("events")).toMatchObject({ created, deleted });
    expect(sum(Object.fromEntries(now))).toBe(billed(fleet));
    expect(metrics("sessions")[""]).toBe(fleet.status().sessions);
    const hosts = fleet.cloud.servers().map(({ name }) => fleet.demand.sessionsOn(name));
    expect(metrics("sessions")[""]).toBe(hosts.reduce((all, each) => all + each, 0));
  });

  test("metrics, status and spend are the same money, to the cent", async () => {
    const fleet = await life;
    const { spent, committed } = spendOf(stateOf(fleet));
    const cents = (usd: number): number => Math.round(usd * 100) / 100;
    const metrics = metricsOf(fleet);

    expect(metrics("spend_spent_usd")).toEqual({ "": cents(spent) });
    expect(metrics("spend_committed_usd")).toEqual({ "": cents(committed) });
    const restHours = (Date.UTC(2026, 11, 1) - fleet.now()) / 3_600_000;
    expect(committed).toBeCloseTo(spent + billed(fleet) * restHours * USD_PER_HOUR, 6);
    expect(fleet.status().spend).toMatchObject({
      spentUsd: cents(spent),
      committedUsd: cents(committed),
      capUsd: null,
    });
  });

  test("the newest point of the history is the world, and its money is today's", async () => {
    const fleet = await life;
    const { points, today } = historyOf(fleet.engine(), stateOf(fleet), 24);
    const last = points.at(-1);
    const status = fleet.status();

    expect(last?.usdPerHour).toBeCloseTo(billed(fleet) * USD_PER_HOUR, 9);
    expect(runningHourlyUsdOf(stateOf(fleet))).toBeCloseTo(billed(fleet) * USD_PER_HOUR, 9);
    expect([last?.draining, last?.launching, last?.unknown]).toEqual([0, 0, 0]);
    expect([last?.busy, last?.spares, last?.sessions]).toEqual([
      status.counts.busy,
      status.spares,
      status.sessions,
    ]);
    // A sample is a minute old at the most when something changes: so much of each server's price is not in it.
    const changes = 2 * fleet.cloud.everCreated().length;
    const blurUsd = (changes * USD_PER_HOUR) / 60 + 0.005;
    expect(Math.abs((today.usd ?? 0) - fleet.cloud.bill().exactUsd)).toBeLessThan(blurUsd);
  });
});
