import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import {
  CreateInstancesCommand,
  GetBundlesCommand,
  GetInstancesCommand,
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
});
