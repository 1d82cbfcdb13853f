import {
  CreateInstancesCommand,
  GetBlueprintsCommand,
  GetBundlesCommand,
  GetRegionsCommand,
} from "@aws-sdk/client-lightsail";
import { expect, test } from "vitest";
import { anInstance, startAws } from "./rig.ts";

test("bundles have their monthly price and size; retired ones only show when asked for", async () => {
  const { lightsail } = await startAws();

  const { bundles } = await lightsail.send(new GetBundlesCommand({}));
  const all = await lightsail.send(new GetBundlesCommand({ includeInactive: true }));

  expect(bundles?.map(({ bundleId, price, cpuCount }) => [bundleId, price, cpuCount])).toEqual([
    ["nano_3_0", 5, 2],
    ["micro_3_0", 7, 2],
    ["small_3_0", 12, 2],
    ["medium_3_0", 24, 2],
    ["large_3_0", 44, 2],
    ["xlarge_3_0", 84, 4],
    ["2xlarge_3_0", 164, 8],
    ["4xlarge_3_0", 384, 16],
  ]);
  expect(
    all.bundles?.filter((bundle) => bundle.isActive !== true).map((bundle) => bundle.bundleId),
  ).toContain("nano_2_0");
});

test("a region may have bundle ids of its own, and does not sell those of others", async () => {
  const { lightsailWith } = await startAws();
  const sydney = lightsailWith({ region: "ap-southeast-2" });

  const { bundles } = await sydney.send(new GetBundlesCommand({}));
  const foreign = sydney.send(
    new CreateInstancesCommand({ ...anInstance("media-1"), availabilityZone: "ap-southeast-2a" }),
  );

  expect(bundles?.[0]?.bundleId).toBe("nano_3_2");
  await expect(foreign).rejects.toThrow("nano_3_0 is not available");
});

test("blueprints are systems and applications", async () => {
  const { lightsail } = await startAws();

  const { blueprints } = await lightsail.send(new GetBlueprintsCommand({}));
  const research = await lightsail.send(new GetBlueprintsCommand({ appCategory: "LfR" }));

  const ids = blueprints?.map((blueprint) => blueprint.blueprintId);
  expect(ids).toEqual(
    expect.arrayContaining(["ubuntu_22_04", "ubuntu_24_04", "debian_12", "nginx", "wordpress"]),
  );
  expect(ids).not.toContain("ubuntu_20_04");
  expect(research.blueprints).toEqual([]);
});

test("there are twenty regions, with their zones when asked for", async () => {
  const { lightsail } = await startAws();

  const bare = await lightsail.send(new GetRegionsCommand({}));
  const zoned = await lightsail.send(new GetRegionsCommand({ includeAvailabilityZones: true }));

  const seoul = zoned.regions?.find((region) => region.name === "ap-northeast-2");
  expect(bare.regions).toHaveLength(20);
  expect(bare.regions?.[0]?.availabilityZones).toEqual([]);
  expect(seoul?.displayName).toBe("Seoul");
  expect(seoul?.availabilityZones?.[0]).toEqual({
    zoneName: "ap-northeast-2a",
    state: "available",
  });
});
