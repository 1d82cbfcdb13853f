import {
  CreateInstancesCommand,
  CreateDiskCommand,
  DeleteInstanceCommand,
  GetInstancesCommand,
  LightsailClient,
} from "@aws-sdk/client-lightsail";
import { describe, expect, test } from "vitest";
import { createCloud } from "./cloud/cloud.ts";
import { anInstance, BOOTED_MS, handClock, REGION, START } from "./rig.ts";
import { handlerOver } from "./sdk-handler.ts";
import { createWire, TEST_CREDENTIAL, type Wire } from "./wire/wire.ts";

/** AWS's own client over `handle`, without a socket. Its clock is real, so signatures are checked against real time. */
function clientOver(wire: Wire): LightsailClient {
  const { accessKeyId, secretAccessKey } = TEST_CREDENTIAL;
  return new LightsailClient({
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestHandler: handlerOver(wire),
  });
}

test("the wire serves a client without a socket, under AWS's own host name", async () => {
  const clock = handClock();
  const cloud = createCloud({ now: clock.now });
  const client = clientOver(createWire(cloud));

  await client.send(new CreateInstancesCommand(anInstance("media-1")));
  clock.advance(BOOTED_MS);
  const { instances } = await client.send(new GetInstancesCommand({}));

  expect(instances?.map((instance) => instance.state?.name)).toEqual(["running"]);
  expect(cloud.servers()).toMatchObject([
    {
      name: "media-1",
      region: REGION,
      publicIp: "127.16.0.1",
      privateIp: "172.26.0.1",
      runningSince: START + 45_000,
    },
  ]);
});

test("an operation that is not modelled is answered as AWS answers an unknown one", async () => {
  const client = clientOver(createWire(createCloud({ now: handClock().now })));
  const wanted = { diskName: "disk-1", availabilityZone: "ap-northeast-2a", sizeInGb: 8 };

  const call = client.send(new CreateDiskCommand(wanted));

  await expect(call).rejects.toMatchObject({
    name: "UnknownOperationException",
    $metadata: { httpStatusCode: 404 },
  });
});

describe("two runs of the same calls", () => {
  async function run(seed: number) {
    const clock = handClock();
    const cloud = createCloud({ now: clock.now, seed, timing: { bootJitterMs: 30_000 } });
    const client = clientOver(createWire(cloud));
    await client.send(new CreateInstancesCommand(anInstance("media-1", "media-2")));
    clock.advance(2 * BOOTED_MS);
    await client.send(new DeleteInstanceCommand({ instanceName: "media-1" }));
    clock.advance(BOOTED_MS);
    return JSON.stringify([cloud.everCreated(), cloud.servers(), cloud.deletions(), cloud.bill()]);
  }

  test("are the same to the letter when their seeds are", async () => {
    expect(await run(7)).toBe(await run(7));
  });

  test("are not when they are not", async () => {
    expect(await run(7)).not.toBe(await run(8));
  });
});
