import {
  CreateInstancesCommand,
  GetOperationCommand,
  GetOperationsCommand,
  GetOperationsForResourceCommand,
  NotFoundException,
  StopInstanceCommand,
} from "@aws-sdk/client-lightsail";
import { expect, test } from "vitest";
import { anInstance, BOOTED_MS, startAws, START } from "./rig.ts";

test("a create is started until the instance runs, then succeeded", async () => {
  const { lightsail, clock } = await startAws({ timing: { bootMs: 45_000 } });
  const { operations } = await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
  const get = async () => {
    const { operation } = await lightsail.send(
      new GetOperationCommand({ operationId: operations?.[0]?.id }),
    );
    return [operation?.status, operation?.isTerminal, operation?.statusChangedAt?.getTime()];
  };

  const before = await get();
  clock.advance(45_000);
  const after = await get();

  expect(before).toEqual(["Started", false, START]);
  expect(after).toEqual(["Succeeded", true, START + 45_000]);
});

test("a boot that fails is told with its code", async () => {
  const { lightsail, cloud, clock } = await startAws();
  cloud.setNextBoots([
    { kind: "fails", afterMs: 5_000, code: "InternalError", details: "It broke." },
  ]);
  const { operations } = await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));

  clock.advance(5_000);
  const { operation } = await lightsail.send(
    new GetOperationCommand({ operationId: operations?.[0]?.id }),
  );

  expect(operation).toMatchObject({
    status: "Failed",
    isTerminal: true,
    errorCode: "InternalError",
    errorDetails: "It broke.",
  });
  expect(cloud.instance("media-1")).toBeNull();
});

test("a create that never boots stays started", async () => {
  const { lightsail, cloud, clock } = await startAws();
  cloud.setNextBoots([{ kind: "never" }]);
  const { operations } = await lightsail.send(new CreateInstancesCommand(anInstance("media-1")));

  clock.advance(30 * 24 * 3_600_000);
  const { operation } = await lightsail.send(
    new GetOperationCommand({ operationId: operations?.[0]?.id }),
  );

  expect(operation?.status).toBe("Started");
  expect(cloud.instance("media-1")?.state).toBe("pending");
});

test("operations are listed oldest first, for all and for one resource", async () => {
  const { lightsail, clock } = await startAws();
  await lightsail.send(new CreateInstancesCommand(anInstance("media-1", "media-2")));
  clock.advance(BOOTED_MS);
  await lightsail.send(new StopInstanceCommand({ instanceName: "media-1" }));

  const all = await lightsail.send(new GetOperationsCommand({}));
  const one = await lightsail.send(
    new GetOperationsForResourceCommand({ resourceName: "media-1" }),
  );

  const told = (operations = all.operations) =>
    operations?.map(({ resourceName, operationType }) => `${operationType} ${resourceName}`);
  expect(told()).toEqual([
    "CreateInstance media-1",
    "CreateInstance media-2",
    "StopInstance media-1",
  ]);
  expect(told(one.operations)).toEqual(["CreateInstance media-1", "StopInstance media-1"]);
});

test("operations come in pages of two hundred", async () => {
  const { lightsail } = await startAws({ vcpuQuota: 1000 });
  const names = Array.from({ length: 201 }, (_, index) => `media-${index}`);
  await lightsail.send(new CreateInstancesCommand(anInstance(...names)));

  const first = await lightsail.send(new GetOperationsCommand({}));
  const second = await lightsail.send(new GetOperationsCommand({ pageToken: first.nextPageToken }));

  expect(first.operations).toHaveLength(200);
  expect(second.operations?.map((operation) => operation.resourceName)).toEqual(["media-200"]);
  expect(second.nextPageToken).toBeUndefined();
});

test("an operation that never was is not found", async () => {
  const { lightsail } = await startAws();

  const get = lightsail.send(
    new GetOperationCommand({ operationId: "9c2b0b3c-0000-4000-8000-000000000000" }),
  );

  await expect(get).rejects.toThrow(NotFoundException);
});
