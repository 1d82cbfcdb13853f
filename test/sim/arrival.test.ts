import { expect, test } from "vitest";
import { arrivalOf, probeMsOf } from "./arrival.ts";
import { sizedOf } from "./generate-size.ts";
import { ORDINARY_SITE, type Scenario, START } from "./scenario.ts";
import { STORIES } from "./story.ts";

const [STORY] = STORIES;
const BUCKET = { kind: "shared", capacity: 5, refillPerSecond: 0.5, refusedCost: 0 } as const;

function calm(changes: Partial<Scenario["site"]> = {}): Scenario {
  if (STORY === undefined) throw new Error("there is no story");
  const site = { ...ORDINARY_SITE, throttling: BUCKET, network: { roundTripMs: 60, lossShare: 0 } };
  return {
    ...STORY,
    spec: { ...STORY.spec, spares: { default: "100" } },
    bootMs: 40_000,
    softwareBootMs: 10_000,
    site: { ...site, ...changes },
    incidents: [],
  };
}

test("a fleet arrives no sooner than its bucket lets its ports through, and is read", () => {
  // 50 s of boot, 2 s for the address, 95 ports of 2 s each, and 100 servers twice through six sockets.
  expect(arrivalOf(calm())).toMatchObject({
    servers: 100,
    from: START,
    shortestMs: 50_000 + 2_000 + 190_000 + 4_000,
  });
});

test("another client on the bucket takes its share", () => {
  const shared = calm({ throttling: { ...BUCKET, othersPerSecond: 0.25 } });

  expect(arrivalOf(shared)?.shortestMs).toBe(50_000 + 2_000 + 380_000 + 4_000);
});

test("where no call binds, the boot does", () => {
  const friendly = calm({ throttling: { ...BUCKET, capacity: 100 } });

  expect(arrivalOf(friendly)?.shortestMs).toBe(50_000 + 10_000 + 4_000);
});

test("a run with faults is not judged", () => {
  const incident = { id: 0, when: { at: 1 }, fault: "crash", forMs: 1, n: 0 } as const;

  expect(arrivalOf({ ...calm(), incidents: [incident] })).toBeNull();
});

test("a probe is two round trips", () => {
  expect(probeMsOf(calm())).toBe(120);
});

test("scenarios of size have room for their servers, and the same seed is the same scenario", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const scenario = sizedOf(seed, 1);
    const { default: spares, max } = scenario.spec["spares"] as { default: string; max: number };
    const { maxInstances } = scenario.spec["limits"] as { maxInstances: number };

    expect(Number(spares)).toBeGreaterThanOrEqual(60);
    expect(Number(spares)).toBeLessThanOrEqual(300);
    expect(max).toBeGreaterThanOrEqual(Number(spares));
    expect(scenario.site.vcpuQuota).toBeGreaterThan(2 * maxInstances);
    expect(sizedOf(seed, 1)).toEqual(scenario);
  }
});
