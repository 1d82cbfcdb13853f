import { expect, test } from "vitest";
import { BOOTED_MS, handClock, REGION, ZONE } from "../rig.ts";
import { type Cloud, createCloud } from "./cloud.ts";

const REQUEST = {
  names: ["media-1"],
  zone: ZONE,
  image: { blueprintId: "ubuntu_22_04" },
  bundleId: "nano_3_0",
  userData: "",
  keyPairName: null,
  tags: [],
  ipAddressType: "ipv4",
} as const;

test("the servers that are up stay the same until what is planned, or until somebody acts", () => {
  const clock = handClock();
  const cloud = createCloud({ now: clock.now, timing: { bootMs: 40_000 } });
  const before = cloud.changes;

  cloud.createInstances(REGION, REQUEST);
  const bootsAt = cloud.serversHoldUntil();
  clock.advance(39_999);
  const booting = cloud.servers();
  clock.advance(1);
  const up = cloud.servers();

  expect(cloud.changes).toBeGreaterThan(before);
  expect(bootsAt).toBe(clock.now());
  expect([booting.length, up.length]).toEqual([0, 1]);
});

test.each([
  ["stops", (cloud: Cloud) => cloud.stopInstance(REGION, "media-1")],
  ["reboots", (cloud: Cloud) => cloud.rebootInstance(REGION, "media-1")],
  ["deletes", (cloud: Cloud) => cloud.deleteInstance(REGION, "media-1")],
  ["takes away", (cloud: Cloud) => cloud.vanish("media-1")],
  ["closes the ports of", (cloud: Cloud) => cloud.putPorts(REGION, "media-1", [])],
])("somebody who %s a server is seen to have acted", (_what, act) => {
  const clock = handClock();
  const cloud = createCloud({ now: clock.now });
  cloud.createInstances(REGION, REQUEST);
  clock.advance(BOOTED_MS);
  const before = cloud.changes;

  act(cloud);

  expect(cloud.changes).toBeGreaterThan(before);
});
