import {
  CreateInstancesCommand,
  DeleteInstanceCommand,
  GetInstanceCommand,
  GetInstancesCommand,
  GetRegionsCommand,
} from "@aws-sdk/client-lightsail";
import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { anInstance, BOOTED_MS, startAws, START } from "./rig.ts";

const create = (name: string) => new CreateInstancesCommand(anInstance(name));

test("an error before the effect leaves nothing behind; one after it does", async () => {
  const { lightsail, wire, cloud } = await startAws();
  const type = "ServiceException";
  wire.faults.add(
    { op: "CreateInstances", effect: { kind: "error", when: "before", type } },
    START,
  );
  wire.faults.add(
    { op: "CreateInstances", skip: 1, effect: { kind: "error", when: "after", type } },
    START,
  );

  await expect(lightsail.send(create("media-1"))).rejects.toMatchObject({
    name: type,
    $metadata: { httpStatusCode: 500 },
  });
  await expect(lightsail.send(create("media-2"))).rejects.toMatchObject({ name: type });

  expect(cloud.everCreated().map((created) => created.name)).toEqual(["media-2"]);
  expect(wire.calls.list().map((call) => call.hadEffect)).toEqual([false, true]);
});

test("a reply that is lost breaks the connection, and the instance is there all the same", async () => {
  const { lightsail, wire, cloud } = await startAws();
  wire.faults.add({ op: "CreateInstances", effect: { kind: "lost", when: "after" } }, START);

  await expect(lightsail.send(create("media-1"))).rejects.toMatchObject({ code: "ECONNRESET" });

  expect(cloud.instance("media-1")?.state).toBe("pending");
  expect(wire.calls.list()).toMatchObject([
    { op: "CreateInstances", outcome: "dropped", hadEffect: true },
  ]);
});

test("a retried create whose first reply was lost meets its own name", async () => {
  const { lightsailWith, wire } = await startAws();
  wire.faults.add({ op: "CreateInstances", effect: { kind: "lost", when: "after" } }, START);

  const call = lightsailWith({ maxAttempts: 3 }).send(create("media-1"));

  await expect(call).rejects.toThrow("Some names are already in use: media-1");
});

test("a request that is lost before its effect leaves nothing behind", async () => {
  const { lightsail, wire, cloud } = await startAws();
  wire.faults.add({ op: "*", effect: { kind: "lost", when: "before" } }, START);

  await expect(lightsail.send(create("media-1"))).rejects.toMatchObject({ code: "ECONNRESET" });

  expect(cloud.everCreated()).toEqual([]);
});

test("a delay holds the effect up, or only the reply", async () => {
  const { lightsail, wire, cloud } = await startAws();
  const heldUp = {
    op: "CreateInstances",
    resource: "media-1",
    effect: { kind: "delay", when: "before", ms: 60 },
  } as const;
  wire.faults.add(heldUp, START);
  wire.faults.add(
    { op: "CreateInstances", resource: "media-2", effect: { kind: "delay", ms: 60 } },
    START,
  );
  const there = (name: string) => cloud.instance(name) !== null;

  const calls = [lightsail.send(create("media-1")), lightsail.send(create("media-2"))];
  await expect.poll(() => there("media-2"), { interval: 2 }).toBe(true);
  const wasHeldUp = !there("media-1");
  await Promise.all(calls);

  expect(wasHeldUp).toBe(true);
  expect(there("media-1")).toBe(true);
});

test("the n-th call alone is struck", async () => {
  const { lightsail, wire } = await startAws();
  wire.faults.add(
    { op: "GetRegions", skip: 2, effect: { kind: "error", type: "InternalFailure" } },
    START,
  );

  for (let call = 1; call <= 4; call++) {
    await lightsail
      .send(new GetRegionsCommand({}))
      .catch(() => "refused, and recorded by the wire");
  }

  expect(wire.calls.list({ op: "GetRegions" }).map((call) => call.outcome)).toEqual([
    "ok",
    "ok",
    "InternalFailure",
    "ok",
  ]);
});

test("a share of the calls is throttled, each in the words of its service, and by the same draw again", async () => {
  const throttled = {
    op: "*",
    times: null,
    share: 0.2,
    seed: 7,
    effect: { kind: "throttled" },
  } as const;
  const outcomes = async (): Promise<(string | null)[]> => {
    const { lightsail, ec2, wire } = await startAws();
    wire.faults.add(throttled, START);
    for (let call = 1; call <= 50; call++) {
      await lightsail.send(new GetRegionsCommand({})).catch(() => "recorded by the wire");
      await ec2.send(new DescribeTagsCommand({})).catch(() => "recorded by the wire");
    }
    return wire.calls.list().map(({ outcome }) => outcome);
  };

  const met = await outcomes();

  const struck = met.filter((outcome) => outcome !== "ok");
  expect(struck.length).toBeGreaterThan(8);
  expect(struck.length).toBeLessThan(35);
  expect(new Set(struck)).toEqual(new Set(["ThrottlingException", "RequestLimitExceeded"]));
  expect(await outcomes()).toEqual(met);
});

test("a call that an injected throttle refuses has no effect", async () => {
  const { lightsail, wire, cloud } = await startAws();
  wire.faults.add({ op: "CreateInstances", effect: { kind: "throttled" } }, START);

  await expect(lightsail.send(create("media-1"))).rejects.toMatchObject({
    name: "ThrottlingException",
    $metadata: { httpStatusCode: 400 },
  });

  expect(cloud.everCreated()).toEqual([]);
});

test("only the calls on one resource are struck", async () => {
  const { lightsail, wire, cloud, clock } = await startAws();
  await lightsail.send(new CreateInstancesCommand(anInstance("media-1", "media-2")));
  clock.advance(BOOTED_MS);
  const type = "AccessDeniedException";
  wire.faults.add(
    { op: "DeleteInstance", resource: "media-2", times: null, effect: { kind: "error", type } },
    START,
  );

  await lightsail.send(new DeleteInstanceCommand({ instanceName: "media-1" }));
  for (let attempt = 0; attempt < 2; attempt++) {
    const call = lightsail.send(new DeleteInstanceCommand({ instanceName: "media-2" }));
    await expect(call).rejects.toMatchObject({ name: type, $metadata: { httpStatusCode: 403 } });
  }

  expect(cloud.deletions().map((deletion) => deletion.name)).toEqual(["media-1"]);
});

test("one page of a listing fails while the others come", async () => {
  const { lightsail, wire } = await startAws();
  const names = Array.from({ length: 45 }, (_, index) => `media-${index}`);
  await lightsail.send(new CreateInstancesCommand(anInstance(...names)));
  wire.faults.add(
    {
      op: "GetInstances",
      page: 2,
      times: null,
      effect: { kind: "error", type: "ServiceException" },
    },
    START,
  );

  const first = await lightsail.send(new GetInstancesCommand({}));
  const second = lightsail.send(new GetInstancesCommand({ pageToken: first.nextPageToken }));

  expect(first.instances).toHaveLength(20);
  await expect(second).rejects.toMatchObject({ name: "ServiceException" });
});

describe("a stale view", () => {
  test("shows what was, for a while", async () => {
    const { lightsail, wire, clock } = await startAws({ timing: { shuttingDownMs: 0 } });
    await lightsail.send(create("old-1"));
    clock.advance(BOOTED_MS);
    await lightsail.send(new DeleteInstanceCommand({ instanceName: "old-1" }));
    await lightsail.send(create("new-1"));
    wire.faults.add(
      { op: "*", forMs: 10_000, effect: { kind: "stale", agoMs: 5_000 } },
      clock.now(),
    );
    const names = async () => {
      const { instances } = await lightsail.send(new GetInstancesCommand({}));
      return instances?.map((instance) => `${instance.name} ${instance.state?.name}`);
    };

    const stale = await names();
    const get = lightsail.send(new GetInstanceCommand({ instanceName: "new-1" }));
    await expect(get).rejects.toMatchObject({ name: "NotFoundException" });
    clock.advance(10_000);
    const fresh = await names();

    expect(stale).toEqual(["old-1 running"]);
    expect(fresh).toEqual(["new-1 pending"]);
  });

  test("does not make writes see the past", async () => {
    const { lightsail, wire } = await startAws();
    await lightsail.send(create("media-1"));
    wire.faults.add({ op: "*", times: null, effect: { kind: "stale", agoMs: 5_000 } }, START);

    await expect(lightsail.send(create("media-1"))).rejects.toThrow("already in use");
  });
});

test("a garbled reply is what it was told to be, and the effect has happened", async () => {
  const { lightsail, wire, cloud } = await startAws();
  const body = "<html>502 Bad Gateway</html>";
  wire.faults.add({ op: "CreateInstances", effect: { kind: "garbled", body } }, START);

  await expect(lightsail.send(create("media-1"))).rejects.toThrow(SyntaxError);

  expect(cloud.everCreated()).toHaveLength(1);
});

test("EC2's errors come in its own form", async () => {
  const { ec2, wire } = await startAws();
  wire.faults.add(
    { op: "DescribeTags", effect: { kind: "error", type: "UnauthorizedOperation" } },
    START,
  );

  const call = ec2.send(new DescribeTagsCommand({}));

  await expect(call).rejects.toMatchObject({
    name: "UnauthorizedOperation",
    $metadata: { httpStatusCode: 403 },
  });
});

test("faults can be taken back", async () => {
  const { lightsail, wire } = await startAws();
  const id = wire.faults.add(
    { op: "*", times: null, effect: { kind: "error", type: "ServiceException" } },
    START,
  );

  expect([wire.faults.remove(id), wire.faults.remove(id)]).toEqual([true, false]);

  await expect(lightsail.send(new GetRegionsCommand({}))).resolves.toBeDefined();
});

test("an instance can vanish without a call, and no delete is on record", async () => {
  const { lightsail, cloud, clock } = await startAws();
  cloud.setNextBoots([{ kind: "boots" }, { kind: "vanishes", afterMs: 90_000 }]);
  await lightsail.send(new CreateInstancesCommand(anInstance("media-1", "media-2")));
  clock.advance(BOOTED_MS);

  const vanished = cloud.vanish("media-1");
  const then = cloud.servers().map((server) => server.name);
  clock.advance(30_000);

  expect(vanished).toBe(true);
  expect(then).toEqual(["media-2"]);
  expect(cloud.servers()).toEqual([]);
  expect(cloud.deletions()).toEqual([]);
  expect(cloud.everCreated().map((created) => created.endedAt)).toEqual([
    START + BOOTED_MS,
    START + 90_000,
  ]);
});
