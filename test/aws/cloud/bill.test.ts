import { describe, expect, test } from "vitest";
import { createCloud, type Cloud } from "./cloud.ts";
import type { CloudOptions } from "./options.ts";

const REGION = "ap-northeast-2";
const HOUR_MS = 3_600_000;
const MEDIUM_USD_PER_HOUR = 24 / 744;

function cloudAt(options: Partial<CloudOptions> = {}) {
  let now = 1_000_000;
  const cloud = createCloud({ ...options, now: () => now });
  return { cloud, advance: (ms: number) => void (now += ms) };
}

function create(cloud: Cloud, ...names: string[]): void {
  cloud.createInstances(REGION, {
    names,
    zone: `${REGION}a`,
    image: { blueprintId: "ubuntu_22_04" },
    bundleId: "medium_3_0",
    userData: "",
    keyPairName: null,
    tags: [],
    ipAddressType: "dualstack",
  });
}

describe("the bill", () => {
  test("counts to the second and by started hours, at the month's price by 744", () => {
    const { cloud, advance } = cloudAt();
    create(cloud, "media-1");
    advance(1.5 * HOUR_MS);

    const bill = cloud.bill();

    expect(bill.seconds).toBe(5_400);
    expect(bill.startedHours).toBe(2);
    expect(bill.exactUsd).toBeCloseTo(1.5 * MEDIUM_USD_PER_HOUR, 10);
    expect(bill.startedHoursUsd).toBeCloseTo(2 * MEDIUM_USD_PER_HOUR, 10);
  });

  test.each([
    [0, 1],
    [1, 1],
    [HOUR_MS, 1],
    [HOUR_MS + 1, 2],
  ])("takes %i ms for %i started hours", (ms, hours) => {
    const { cloud, advance } = cloudAt();
    create(cloud, "media-1");
    advance(ms);

    expect(cloud.bill().startedHours).toBe(hours);
  });

  test("goes on for a stopped instance, and for one that never boots", () => {
    const { cloud, advance } = cloudAt();
    cloud.setNextBoots([{ kind: "boots" }, { kind: "never" }]);
    create(cloud, "media-1", "media-2");
    advance(HOUR_MS / 2);
    cloud.stopInstance(REGION, "media-1");
    advance(HOUR_MS / 2);

    expect(cloud.bill().lines.map((line) => [line.name, line.seconds, line.endedAt])).toEqual([
      ["media-1", 3_600, null],
      ["media-2", 3_600, null],
    ]);
  });

  test("ends when the delete is accepted, not when the instance is gone", () => {
    const { cloud, advance } = cloudAt({ timing: { shuttingDownMs: HOUR_MS } });
    create(cloud, "media-1");
    advance(HOUR_MS);
    cloud.deleteInstance(REGION, "media-1");
    advance(10 * HOUR_MS);

    expect(cloud.bill()).toMatchObject({ seconds: 3_600, startedHours: 1 });
  });

  test("does not forget what went long ago", () => {
    const { cloud, advance } = cloudAt({ pending: "accept" });
    create(cloud, "media-1");
    cloud.deleteInstance(REGION, "media-1");
    advance(1_000 * HOUR_MS);
    create(cloud, "media-2");

    expect(cloud.bill().lines.map((line) => line.name)).toEqual(["media-1", "media-2"]);
    expect(cloud.list(REGION).map((view) => view.instance.name)).toEqual(["media-2"]);
  });
});

describe("public addresses", () => {
  test("of a small range come back when their holder is gone", () => {
    const { cloud, advance } = cloudAt({
      publicRange: "198.18.0.0/29",
      timing: { shuttingDownMs: 0 },
    });
    create(cloud, "a-1", "a-2", "a-3", "a-4", "a-5", "a-6");
    advance(HOUR_MS);
    cloud.deleteInstance(REGION, "a-2");
    advance(1);

    create(cloud, "b-1");
    advance(HOUR_MS);

    expect(cloud.instance("b-1")?.publicIp).toBe("198.18.0.2");
    expect(new Set(cloud.servers().map((server) => server.publicIp)).size).toBe(6);
  });

  test("do not come from a range that is none", () => {
    expect(() => createCloud({ now: () => 0, publicRange: "10.0.0.0" })).toThrow("IPv4 range");
  });
});
