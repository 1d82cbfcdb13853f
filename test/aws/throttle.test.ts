import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import {
  CreateInstancesCommand,
  GetBundlesCommand,
  GetInstancesCommand,
  TagResourceCommand,
} from "@aws-sdk/client-lightsail";
import { describe, expect, test } from "vitest";
import { anInstance, startAws } from "./rig.ts";
import { Throttle } from "./wire/throttle.ts";

const tight = { capacity: 2, refillPerSecond: 1, refusedCost: 0 } as const;

describe("over the wire", () => {
  test("Lightsail throttles with HTTP 400, and lets calls in again as its bucket fills", async () => {
    const { lightsail, clock } = await startAws({}, { throttle: { lanes: { list: tight } } });
    const list = () => lightsail.send(new GetInstancesCommand({}));
    await list();
    await list();

    await expect(list()).rejects.toMatchObject({
      name: "ThrottlingException",
      $metadata: { httpStatusCode: 400 },
    });
    clock.advance(1_000);

    await expect(list()).resolves.toBeDefined();
    await expect(list()).rejects.toMatchObject({ name: "ThrottlingException" });
  });

  test("a lane that is throttled does not hold up another, nor another region", async () => {
    const { lightsail, lightsailWith } = await startAws(
      {},
      { throttle: { lanes: { create: { ...tight, capacity: 1 } } } },
    );
    const create = (name: string) => lightsail.send(new CreateInstancesCommand(anInstance(name)));
    await create("media-1");

    await expect(create("media-2")).rejects.toMatchObject({ name: "ThrottlingException" });

    await lightsail.send(new GetInstancesCommand({}));
    const tokyo = lightsailWith({ region: "ap-northeast-1" });
    await tokyo.send(
      new CreateInstancesCommand({ ...anInstance("media-1"), availabilityZone: "ap-northeast-1a" }),
    );
  });

  test("one bucket can be shared by all of Lightsail's calls, and EC2's keep their own", async () => {
    const { lightsail, ec2 } = await startAws({}, { throttle: { shared: tight } });
    await lightsail.send(new GetInstancesCommand({}));
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));

    await expect(lightsail.send(new GetBundlesCommand({}))).rejects.toMatchObject({
      name: "ThrottlingException",
    });
    await expect(ec2.send(new DescribeTagsCommand({}))).resolves.toBeDefined();
  });

  test("reads and writes can have a bucket each", async () => {
    const one = { ...tight, capacity: 1 };
    const { lightsail, wire } = await startAws(
      {},
      { throttle: { apart: { reads: one, writes: tight } } },
    );
    const list = () => lightsail.send(new GetInstancesCommand({}));
    const refused = { name: "ThrottlingException" };
    await list();

    await expect(lightsail.send(new GetBundlesCommand({}))).rejects.toMatchObject(refused);
    await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
    await lightsail.send(
      new TagResourceCommand({ resourceName: "media-1", tags: [{ key: "a", value: "b" }] }),
    );
    await expect(
      lightsail.send(new CreateInstancesCommand(anInstance("media-2"))),
    ).rejects.toMatchObject(refused);
    wire.throttle.setApart(null);

    await expect(list()).resolves.toBeDefined();
  });

  test("EC2 throttles with HTTP 503 after a hundred calls at once", async () => {
    const { ec2 } = await startAws();
    const describeTags = () => ec2.send(new DescribeTagsCommand({}));
    for (let call = 0; call < 100; call++) await describeTags();

    await expect(describeTags()).rejects.toMatchObject({
      name: "RequestLimitExceeded",
      $metadata: { httpStatusCode: 503 },
    });
  });

  test("the SDK's standard retry gets through when it is throttled twice", async () => {
    const { lightsailWith, wire, clock } = await startAws();
    const client = lightsailWith({ maxAttempts: 3 });
    const type = "ThrottlingException";
    wire.faults.add({ op: "GetInstances", times: 2, effect: { kind: "error", type } }, clock.now());

    const { $metadata } = await client.send(new GetInstancesCommand({}));

    expect($metadata.attempts).toBe(3);
    expect(wire.calls.list().map((call) => call.outcome)).toEqual([type, type, "ok"]);
  });

  test("a call that is not let in costs no token when its key is wrong", async () => {
    const { lightsail, lightsailWith } = await startAws(
      {},
      { throttle: { lanes: { list: tight } } },
    );
    const stranger = lightsailWith({ secretAccessKey: "another" });
    for (let call = 0; call < 3; call++) {
      await expect(stranger.send(new GetInstancesCommand({}))).rejects.toMatchObject({
        name: "InvalidSignatureException",
      });
    }

    await expect(lightsail.send(new GetInstancesCommand({}))).resolves.toBeDefined();
  });
});

describe("the bucket", () => {
  const admitted = (throttle: Throttle, times: readonly number[]) =>
    times.map((at) => throttle.admit("r", "list", at));

  test("never holds more than its capacity", () => {
    const throttle = new Throttle({ lanes: { list: tight } });

    expect(admitted(throttle, [0, 3_600_000, 3_600_000, 3_600_000])).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test("fills by fractions", () => {
    const throttle = new Throttle({
      lanes: { list: { ...tight, capacity: 1, refillPerSecond: 0.3 } },
    });

    expect(admitted(throttle, [0, 3_000, 3_400])).toEqual([true, false, true]);
  });

  test("lets a refused call cost nothing, or a token", () => {
    const patient = new Throttle({ lanes: { list: { ...tight, capacity: 1 } } });
    const strict = new Throttle({ lanes: { list: { ...tight, capacity: 1, refusedCost: 1 } } });
    const times = [0, 100, 1_100];

    expect(admitted(patient, times)).toEqual([true, false, true]);
    expect(admitted(strict, times)).toEqual([true, false, false]);
  });

  test("is full again when it is set anew", () => {
    const throttle = new Throttle({ lanes: { list: tight } });
    admitted(throttle, [0, 0, 0]);

    throttle.setLane("list", { ...tight, capacity: 1 });

    expect(admitted(throttle, [0, 0])).toEqual([true, false]);
  });

  test("cannot be one for all calls and two apart at once", () => {
    expect(() => new Throttle({ shared: tight, apart: { reads: tight, writes: tight } })).toThrow(
      "not both",
    );
  });

  test("gives a token to another client that asks for it first", () => {
    const shared = { ...tight, capacity: 1, othersPerSecond: 1 };
    const throttle = new Throttle({ shared });

    // The other client calls at each whole second, when the token comes.
    expect(admitted(throttle, [0, 1_000, 1_999, 2_500])).toEqual([true, false, false, false]);
  });

  test("leaves to us what flows in faster than another client takes it", () => {
    const throttle = new Throttle({ shared: { ...tight, refillPerSecond: 2, othersPerSecond: 1 } });
    const everyTenth = Array.from({ length: 1_000 }, (_, index) => 100 * index);

    const ours = admitted(throttle, everyTenth).filter(Boolean).length;

    expect(ours).toBeGreaterThanOrEqual(99);
    expect(ours).toBeLessThanOrEqual(102);
  });

  test("does not depend on how often we look for what another client took", () => {
    const options = { shared: { ...tight, capacity: 20, refillPerSecond: 1, othersPerSecond: 3 } };
    const last = (times: readonly number[]) => {
      const throttle = new Throttle(options);
      for (const at of times) throttle.admit("r", "ec2", at);
      return admitted(throttle, [0, 5_000, 5_000, 5_000, 5_000, 5_000]);
    };

    expect(last([0, 1_000, 2_000])).toEqual(last([]));
  });
});
