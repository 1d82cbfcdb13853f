import {
  CreateInstancesCommand,
  CreateInstancesFromSnapshotCommand,
  CreateInstanceSnapshotCommand,
  GetBlueprintsCommand,
  GetBundlesCommand,
  GetInstancesCommand,
  GetInstanceSnapshotCommand,
  GetInstanceSnapshotsCommand,
  GetKeyPairsCommand,
  GetRegionsCommand,
  InvalidInputException,
  NotFoundException,
} from "@aws-sdk/client-lightsail";
import { expect, test } from "vitest";
import { anInstance, BOOTED_MS, startAws } from "./rig.ts";

test("bundles have their monthly price and size; retired ones only show when asked for", async () => {
  const { lightsail } = await startAws();

  const { bundles, nextPageToken } = await lightsail.send(new GetBundlesCommand({}));
  const everything = { includeInactive: true };
  const first = await lightsail.send(new GetBundlesCommand(everything));
  const pageToken = first.nextPageToken;
  const second = await lightsail.send(new GetBundlesCommand({ ...everything, pageToken }));
  const all = [...(first.bundles ?? []), ...(second.bundles ?? [])];

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
  expect(nextPageToken).toBeUndefined();
  expect([first.bundles?.length, second.bundles?.length]).toEqual([10, 2]);
  expect(second.nextPageToken).toBeUndefined();
  expect(
    all
      .filter((bundle) => bundle.isActive !== true)
      .map(({ bundleId, price }) => [bundleId, price]),
  ).toEqual([
    ["nano_2_0", 3.5],
    ["micro_2_0", 5],
    ["small_2_0", 10],
    ["medium_2_0", 20],
  ]);
});

test("a page token of another listing, or none at all, is no page of the bundles", async () => {
  const { lightsail } = await startAws();
  await lightsail.send(
    new CreateInstancesCommand(anInstance(...Array.from({ length: 21 }, (_, n) => `media-${n}`))),
  );
  const { nextPageToken } = await lightsail.send(new GetInstancesCommand({}));

  const foreign = lightsail.send(new GetBundlesCommand({ pageToken: nextPageToken }));
  const garbled = lightsail.send(new GetBundlesCommand({ pageToken: "x" }));

  await expect(foreign).rejects.toThrow(InvalidInputException);
  await expect(garbled).rejects.toThrow(InvalidInputException);
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

test("a snapshot is there by its name in its region, and says which disk it needs", async () => {
  const snapshot = { name: "golden-7", region: "ap-northeast-2", blueprintId: "ubuntu_22_04" };
  const { lightsail, lightsailWith } = await startAws({ snapshots: [{ ...snapshot, sizeGb: 60 }] });
  const wanted = new GetInstanceSnapshotCommand({ instanceSnapshotName: "golden-7" });

  const { instanceSnapshot } = await lightsail.send(wanted);
  const elsewhere = lightsailWith({ region: "us-east-1" }).send(wanted);

  expect(instanceSnapshot).toMatchObject({
    name: "golden-7",
    state: "available",
    sizeInGb: 60,
    fromBlueprintId: "ubuntu_22_04",
    resourceType: "InstanceSnapshot",
  });
  await expect(elsewhere).rejects.toThrow(NotFoundException);
});

test("a snapshot of an instance is pending, then available, and makes instances only then", async () => {
  const { lightsail, clock } = await startAws({ timing: { snapshotMs: 60_000 } });
  const { blueprintId: _none, ...order } = anInstance("media-2");
  const fromSnapshot = new CreateInstancesFromSnapshotCommand({
    ...order,
    instanceSnapshotName: "golden-8",
  });
  const stateOf = async () => {
    const { instanceSnapshots } = await lightsail.send(new GetInstanceSnapshotsCommand({}));
    return instanceSnapshots?.map(({ name, state }) => `${name} ${state}`);
  };
  await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
  const take = new CreateInstanceSnapshotCommand({
    instanceName: "media-1",
    instanceSnapshotName: "golden-8",
    tags: [{ key: "team", value: "media" }],
  });
  await expect(lightsail.send(take)).rejects.toThrow("while it is pending");
  clock.advance(BOOTED_MS);

  const { operations } = await lightsail.send(take);

  expect(operations).toMatchObject([
    { operationType: "CreateInstanceSnapshot", resourceName: "golden-8", status: "Started" },
  ]);
  expect(await stateOf()).toEqual(["golden-8 pending"]);
  await expect(lightsail.send(fromSnapshot)).rejects.toThrow("golden-8 is in the pending state");
  await expect(lightsail.send(take)).rejects.toThrow("already in use: golden-8");
  clock.advance(60_000);
  expect(await stateOf()).toEqual(["golden-8 available"]);
  const { instanceSnapshot } = await lightsail.send(
    new GetInstanceSnapshotCommand({ instanceSnapshotName: "golden-8" }),
  );
  expect(instanceSnapshot).toMatchObject({
    fromInstanceName: "media-1",
    fromBundleId: "nano_3_0",
    fromBlueprintId: "ubuntu_22_04",
    tags: [{ key: "team", value: "media" }],
  });
  await lightsail.send(fromSnapshot);
});

test("key pairs and snapshots are listed page by page, in the order in which they came", async () => {
  const names = Array.from({ length: 21 }, (_, index) => `pair-${index + 1}`);
  const snapshots = names.map((name) => ({
    name: `of-${name}`,
    blueprintId: "debian_12",
    sizeGb: 20,
  }));
  const { lightsail } = await startAws({ keyPairs: names.map((name) => ({ name })), snapshots });

  const first = await lightsail.send(new GetKeyPairsCommand({}));
  const pageToken = first.nextPageToken;
  const second = await lightsail.send(new GetKeyPairsCommand({ pageToken }));
  const others = await lightsail.send(new GetInstanceSnapshotsCommand({}));

  expect(first.keyPairs?.map(({ name }) => name)).toEqual(names.slice(0, 20));
  expect(second.keyPairs?.map(({ name }) => name)).toEqual(["pair-21"]);
  expect(second.nextPageToken).toBeUndefined();
  expect(others.instanceSnapshots).toHaveLength(20);
  const foreign = lightsail.send(new GetInstanceSnapshotsCommand({ pageToken }));
  await expect(foreign).rejects.toThrow("The page token is not valid");
});
