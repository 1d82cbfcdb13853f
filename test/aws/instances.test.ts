import {
  CreateInstancesCommand,
  CreateInstancesFromSnapshotCommand,
  DeleteInstanceCommand,
  GetInstanceCommand,
  GetInstancesCommand,
  GetInstanceStateCommand,
  InvalidInputException,
  NotFoundException,
  OperationFailureException,
  type LightsailClient,
} from "@aws-sdk/client-lightsail";
import { describe, expect, test } from "vitest";
import { anInstance, BOOTED_MS, REGION, startAws, START, ZONE } from "./rig.ts";

describe("creating", () => {
  test("answers with one started operation for each name", async () => {
    const { lightsail } = await startAws();

    const { operations } = await lightsail.send(
      new CreateInstancesCommand(anInstance("media-1", "media-2")),
    );

    expect(operations?.map((operation) => operation.resourceName)).toEqual(["media-1", "media-2"]);
    expect(operations?.[0]).toMatchObject({
      operationType: "CreateInstance",
      resourceType: "Instance",
      status: "Started",
      isTerminal: false,
      createdAt: new Date(START),
      location: { availabilityZone: ZONE, regionName: REGION },
    });
  });

  test("gives the instance the tags, key pair and bundle that were asked for, and never shows user data", async () => {
    const { lightsail, cloud } = await startAws({ keyPairs: [{ name: "ops" }] });
    const tags = [{ key: "여유_서버_목표치", value: "3" }, { key: "key-only" }];

    const wanted = {
      ...anInstance("media-1"),
      bundleId: "medium_3_0",
      keyPairName: "ops",
      tags,
      userData: "#!/bin/sh\n",
    };
    await lightsail.send(new CreateInstancesCommand(wanted));
    const { instance } = await lightsail.send(new GetInstanceCommand({ instanceName: "media-1" }));

    expect(instance).toMatchObject({
      tags,
      sshKeyName: "ops",
      bundleId: "medium_3_0",
      username: "ubuntu",
    });
    expect(instance?.hardware).toMatchObject({ cpuCount: 2, ramSizeInGb: 4 });
    expect(JSON.stringify(instance)).not.toContain("#!/bin/sh");
    expect(cloud.instance("media-1")?.instance.userData).toBe("#!/bin/sh\n");
  });

  test("is pending first, then running without an address, then running with one", async () => {
    const { lightsail, clock } = await startAws({
      timing: { bootMs: 45_000, addressLagMs: 5_000 },
    });
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    const look = async () => {
      const { instance } = await lightsail.send(
        new GetInstanceCommand({ instanceName: "media-1" }),
      );
      return [instance?.state?.code, instance?.state?.name, instance?.publicIpAddress];
    };

    const seen = [await look()];
    clock.advance(45_000);
    seen.push(await look());
    clock.advance(5_000);
    seen.push(await look());

    expect(seen).toEqual([
      [0, "pending", undefined],
      [16, "running", undefined],
      [16, "running", "127.16.0.1"],
    ]);
  });

  test("refuses the whole call when one of its names is taken", async () => {
    const { lightsail, cloud } = await startAws();
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));

    const again = lightsail.send(new CreateInstancesCommand(anInstance("media-0", "media-1")));

    await expect(again).rejects.toThrow(InvalidInputException);
    await expect(again).rejects.toThrow("Some names are already in use: media-1");
    expect(cloud.everCreated().map((created) => created.name)).toEqual(["media-1"]);
  });

  test("refuses the whole call when it has more names than the bound that was asked for", async () => {
    const { lightsail, cloud } = await startAws({ namesPerCreate: 2 });

    const three = lightsail.send(new CreateInstancesCommand(anInstance("one", "two", "three")));
    await expect(three).rejects.toThrow(InvalidInputException);
    await expect(three).rejects.toThrow("must be at most 2, but is 3");
    await lightsail.send(new CreateInstancesCommand(anInstance("four", "five")));

    expect(cloud.everCreated().map((created) => created.name)).toEqual(["four", "five"]);
  });

  test.each([
    ["key pair", { keyPairs: [{ name: "taken" }] }],
    ["static IP", { staticIps: [{ name: "taken" }] }],
    ["snapshot", { snapshots: [{ name: "taken", blueprintId: "ubuntu_22_04", sizeGb: 20 }] }],
  ])("refuses a name that a %s has in that region", async (_what, seeds) => {
    const { lightsail } = await startAws(seeds);

    const create = lightsail.send(new CreateInstancesCommand(anInstance("taken")));

    await expect(create).rejects.toThrow("Some names are already in use: taken");
  });

  test("does not mind a name that is taken in another region", async () => {
    const { lightsail, lightsailWith, cloud } = await startAws();
    const tokyo = lightsailWith({ region: "ap-northeast-1" });

    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    await tokyo.send(
      new CreateInstancesCommand({ ...anInstance("media-1"), availabilityZone: "ap-northeast-1a" }),
    );

    expect(cloud.everCreated().map((created) => created.region)).toEqual([
      "ap-northeast-2",
      "ap-northeast-1",
    ]);
  });

  test("is held back by the quota of vCPUs, which stopped instances use up too", async () => {
    const { lightsail, cloud, clock } = await startAws({ vcpuQuota: 4 });
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    clock.advance(BOOTED_MS);
    cloud.stopInstance(REGION, "media-1");
    clock.advance(BOOTED_MS);

    const tooMany = lightsail.send(new CreateInstancesCommand(anInstance("media-2", "media-3")));
    await expect(tooMany).rejects.toThrow(
      "you've reached the maximum number of instances for your account",
    );
    const enough = await lightsail.send(new CreateInstancesCommand(anInstance("media-2")));

    expect(enough.operations).toHaveLength(1);
  });

  test.each([
    ["a bundle that is not sold", { bundleId: "nano_9_9" }],
    ["a bundle that is retired", { bundleId: "nano_2_0" }],
    ["a blueprint that does not exist", { blueprintId: "beos_5" }],
    ["a zone of another region", { availabilityZone: "us-east-1a" }],
    ["IPv6 alone with a bundle that has IPv4", { ipAddressType: "ipv6" as const }],
    ["no names", { instanceNames: [] }],
    ["a name with a space", { instanceNames: ["media 1"] }],
    ["the same name twice", { instanceNames: ["media-1", "media-1"] }],
    ["user data over 16 kB", { userData: "x".repeat(16_385) }],
    ["a tag key of AWS's own", { tags: [{ key: "aws:owner", value: "me" }] }],
    ["51 tags", { tags: Array.from({ length: 51 }, (_, n) => ({ key: `k${n}`, value: "" })) }],
  ])("refuses %s", async (_what, change) => {
    const { lightsail, cloud } = await startAws();

    const create = lightsail.send(
      new CreateInstancesCommand({ ...anInstance("media-1"), ...change }),
    );

    await expect(create).rejects.toThrow(InvalidInputException);
    expect(cloud.everCreated()).toEqual([]);
  });

  test("refuses a key pair that does not exist", async () => {
    const { lightsail } = await startAws();

    const create = lightsail.send(
      new CreateInstancesCommand({ ...anInstance("media-1"), keyPairName: "ops" }),
    );

    await expect(create).rejects.toThrow(NotFoundException);
  });

  test("works from a snapshot, which brings its image along", async () => {
    const { lightsail } = await startAws({
      snapshots: [{ name: "media-v3", blueprintId: "debian_12", sizeGb: 40 }],
    });
    const { instanceNames, availabilityZone } = anInstance("media-1");
    const from = { instanceNames, availabilityZone, instanceSnapshotName: "media-v3" };

    const tooSmall = lightsail.send(
      new CreateInstancesFromSnapshotCommand({ ...from, bundleId: "nano_3_0" }),
    );
    await expect(tooSmall).rejects.toThrow(InvalidInputException);
    const { operations } = await lightsail.send(
      new CreateInstancesFromSnapshotCommand({ ...from, bundleId: "micro_3_0" }),
    );
    const { instance } = await lightsail.send(new GetInstanceCommand({ instanceName: "media-1" }));

    expect(operations?.[0]?.operationType).toBe("CreateInstancesFromSnapshot");
    expect(instance?.blueprintId).toBe("debian_12");
  });

  test("refuses a snapshot that does not exist, and a call that names no source", async () => {
    const { lightsail } = await startAws();
    const { instanceNames, availabilityZone, bundleId } = anInstance("media-1");
    const from = { instanceNames, availabilityZone, bundleId };

    const unknown = lightsail.send(
      new CreateInstancesFromSnapshotCommand({ ...from, instanceSnapshotName: "none" }),
    );
    const neither = lightsail.send(new CreateInstancesFromSnapshotCommand(from));

    await expect(unknown).rejects.toThrow(NotFoundException);
    await expect(neither).rejects.toThrow(InvalidInputException);
  });

  test("fails in a zone without capacity, at once or later", async () => {
    const { lightsail, cloud, clock } = await startAws();
    cloud.closeZone(ZONE);

    const refused = lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    await expect(refused).rejects.toThrow(OperationFailureException);
    await expect(refused).rejects.toThrow("insufficient capacity");
    cloud.closeZone(ZONE, "fail");
    const { operations } = await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    clock.advance(BOOTED_MS);

    const operation = cloud.operations(REGION).find(operations?.[0]?.id ?? "");
    expect(operation?.failure?.code).toBe("InsufficientInstanceCapacity");
    expect(cloud.instance("media-1")).toBeNull();
  });
});

describe("listing", () => {
  async function listAll(lightsail: LightsailClient): Promise<(string | undefined)[][]> {
    const pages: (string | undefined)[][] = [];
    let pageToken: string | undefined;
    do {
      const page = await lightsail.send(
        new GetInstancesCommand(pageToken === undefined ? {} : { pageToken }),
      );
      pages.push((page.instances ?? []).map((instance) => instance.name));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return pages;
  }

  test.each([
    [0, [0]],
    [19, [19]],
    [20, [20]],
    [21, [20, 1]],
    [45, [20, 20, 5]],
  ])("shows %i instances in pages of twenty", async (count, sizes) => {
    const { lightsail } = await startAws();
    const names = Array.from({ length: count }, (_, index) => `media-${index}`);
    if (count > 0) await lightsail.send(new CreateInstancesCommand(anInstance(...names)));

    const pages = await listAll(lightsail);

    expect(pages.map((page) => page.length)).toEqual(sizes);
    expect(pages.flat()).toEqual(names);
  });

  test("does not skip a row when one of an earlier page goes between two pages", async () => {
    const { lightsail, clock } = await startAws({
      timing: { shuttingDownMs: 0 },
      pending: "accept",
    });
    const names = Array.from({ length: 25 }, (_, index) => `media-${index}`);
    await lightsail.send(new CreateInstancesCommand(anInstance(...names)));
    const first = await lightsail.send(new GetInstancesCommand({}));

    await lightsail.send(new DeleteInstanceCommand({ instanceName: "media-3" }));
    clock.advance(1);
    const second = await lightsail.send(
      new GetInstancesCommand({ pageToken: first.nextPageToken }),
    );

    expect(second.instances?.map((instance) => instance.name)).toEqual(names.slice(20));
  });

  test("refuses a page token that it did not give", async () => {
    const { lightsail } = await startAws();

    for (const pageToken of ["nonsense!", "R2V0T3BlcmF0aW9ucy8xLzI"]) {
      await expect(lightsail.send(new GetInstancesCommand({ pageToken }))).rejects.toThrow(
        InvalidInputException,
      );
    }
  });

  test("does not find an instance that is not there", async () => {
    const { lightsail } = await startAws();

    const get = lightsail.send(new GetInstanceCommand({ instanceName: "media-1" }));
    const state = lightsail.send(new GetInstanceStateCommand({ instanceName: "media-1" }));

    await expect(get).rejects.toThrow(NotFoundException);
    await expect(state).rejects.toMatchObject({
      name: "NotFoundException",
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe("deleting", () => {
  test("lingers as shutting down, then is gone and gives its name free", async () => {
    const { lightsail, cloud, clock } = await startAws({ timing: { shuttingDownMs: 5_000 } });
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    clock.advance(BOOTED_MS);

    const { operations } = await lightsail.send(
      new DeleteInstanceCommand({ instanceName: "media-1" }),
    );
    const { state } = await lightsail.send(
      new GetInstanceStateCommand({ instanceName: "media-1" }),
    );
    const tooSoon = lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    await expect(tooSoon).rejects.toThrow("already in use");
    clock.advance(5_000);
    const { instances } = await lightsail.send(new GetInstancesCommand({}));
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));

    expect(operations).toMatchObject([
      { operationType: "DeleteInstance", status: "Succeeded", isTerminal: true },
    ]);
    expect(state).toEqual({ code: 32, name: "shutting-down" });
    expect(instances).toEqual([]);
    expect(cloud.deletions()).toMatchObject([
      { name: "media-1", region: REGION, at: START + BOOTED_MS },
    ]);
    expect(cloud.everCreated()).toHaveLength(2);
  });

  test("is told of when it is accepted, and not when it is refused", async () => {
    const { lightsail, cloud, clock } = await startAws();
    const told: unknown[] = [];
    cloud.watchDeletions((deletion) => told.push(deletion));
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    clock.advance(BOOTED_MS);

    await lightsail.send(new DeleteInstanceCommand({ instanceName: "media-1" }));
    await expect(
      lightsail.send(new DeleteInstanceCommand({ instanceName: "media-1" })),
    ).rejects.toThrow(OperationFailureException);

    expect(told).toEqual(cloud.deletions());
  });

  test("does not delete what is not there, nor twice", async () => {
    const { lightsail, cloud, clock } = await startAws();
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    clock.advance(BOOTED_MS);
    await lightsail.send(new DeleteInstanceCommand({ instanceName: "media-1" }));

    const twice = lightsail.send(new DeleteInstanceCommand({ instanceName: "media-1" }));
    const absent = lightsail.send(new DeleteInstanceCommand({ instanceName: "media-2" }));

    await expect(twice).rejects.toThrow(OperationFailureException);
    await expect(absent).rejects.toThrow(NotFoundException);
    expect(cloud.deletions()).toHaveLength(1);
  });
});
