import {
  CreateInstancesCommand,
  GetInstancesCommand,
  GetInstanceCommand,
} from "@aws-sdk/client-lightsail";
import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { anInstance, BOOTED_MS, REGION, startAws, ZONE, type Rig } from "../rig.ts";

async function ask(
  { endpoint }: Rig,
  method: string,
  name: string,
  body?: unknown,
): Promise<[status: number, body: unknown]> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${endpoint}/_control/${name}`, init);
  return [response.status, await response.json()];
}

test("what there is can be looked at", async () => {
  const rig = await startAws();
  await rig.lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
  rig.clock.advance(BOOTED_MS);

  expect(await ask(rig, "GET", "state")).toMatchObject([
    200,
    { servers: 1, created: 1, counts: { "CreateInstances/ok": 1 } },
  ]);
  expect(await ask(rig, "GET", "servers")).toMatchObject([
    200,
    [{ name: "media-1", publicIp: "127.16.0.1" }],
  ]);
  expect(await ask(rig, "GET", `instances?region=${REGION}`)).toMatchObject([
    200,
    [{ name: "media-1", state: "running" }],
  ]);
  expect(await ask(rig, "GET", "instances?region=us-east-1")).toEqual([200, []]);
  expect(await ask(rig, "GET", "created")).toMatchObject([
    200,
    [{ name: "media-1", endedAt: null }],
  ]);
  expect(await ask(rig, "GET", "bill")).toMatchObject([200, { seconds: 60, startedHours: 1 }]);
  expect(await ask(rig, "GET", "deletions")).toEqual([200, []]);
});

test("calls are told from an index on, and of one operation only", async () => {
  const rig = await startAws();
  await rig.lightsail.send(
    new CreateInstancesCommand({ ...anInstance("media-1"), userData: "a secret script" }),
  );
  await rig.lightsail.send(new GetInstancesCommand({}));

  const [, all] = await ask(rig, "GET", "calls");
  const [, later] = await ask(rig, "GET", "calls?after=1");
  const [, creates] = await ask(rig, "GET", "calls?op=CreateInstances");

  expect(all).toMatchObject([
    { index: 1, outcome: "ok" },
    { index: 2, outcome: "ok" },
  ]);
  expect(later).toMatchObject([{ op: "GetInstances" }]);
  expect(creates).toMatchObject([
    { resources: ["media-1"], params: { userData: "(15 characters)" } },
  ]);
});

test("faults can be added, seen and taken back", async () => {
  const rig = await startAws();
  const fault = {
    op: "GetInstances",
    times: null,
    effect: { kind: "error", type: "ServiceException" },
  };

  const [, added] = await ask(rig, "POST", "faults", fault);
  await expect(rig.lightsail.send(new GetInstancesCommand({}))).rejects.toMatchObject({
    name: "ServiceException",
  });
  const [, standing] = await ask(rig, "GET", "faults");
  const [, removed] = await ask(rig, "DELETE", "faults", added);

  expect(standing).toMatchObject([{ op: "GetInstances", struck: 1 }]);
  expect(removed).toEqual({ done: true });
  await expect(rig.lightsail.send(new GetInstancesCommand({}))).resolves.toBeDefined();
});

test("a fault of a share of the calls can be added, and a share that is none is refused", async () => {
  const rig = await startAws();
  const fault = { op: "*", times: null, share: 0.05, seed: 3, effect: { kind: "throttled" } };

  const [status] = await ask(rig, "POST", "faults", fault);
  const [refused] = await ask(rig, "POST", "faults", { ...fault, share: 5 });
  const [, standing] = await ask(rig, "GET", "faults");

  expect([status, refused]).toEqual([200, 400]);
  expect(standing).toMatchObject([{ op: "*", share: 0.05, seed: 3 }]);
});

test("throttles, quota and zones can be changed", async () => {
  const rig = await startAws();
  const create = (name: string) => rig.lightsail.send(new CreateInstancesCommand(anInstance(name)));

  await ask(rig, "POST", "quota", { vcpus: 0 });
  await expect(create("media-1")).rejects.toThrow("maximum number of instances");
  await ask(rig, "POST", "quota", { vcpus: 20 });
  await ask(rig, "POST", "zone", { zone: ZONE, capacity: "refuse" });
  await expect(create("media-1")).rejects.toThrow("insufficient capacity");
  await ask(rig, "POST", "zone", { zone: ZONE, capacity: "ok" });
  await ask(rig, "POST", "throttle", {
    lane: "create",
    bucket: { capacity: 1, refillPerSecond: 0 },
  });
  await create("media-1");

  await expect(create("media-2")).rejects.toMatchObject({ name: "ThrottlingException" });
});

test("reads and writes can be put on buckets of their own, and taken off again", async () => {
  const rig = await startAws();
  const create = (name: string) => rig.lightsail.send(new CreateInstancesCommand(anInstance(name)));
  const bucket = { capacity: 1, refillPerSecond: 0, othersPerSecond: 0 };

  await ask(rig, "POST", "throttle", { apart: { reads: bucket, writes: bucket } });
  await rig.lightsail.send(new GetInstancesCommand({}));
  await create("media-1");
  await expect(create("media-2")).rejects.toMatchObject({ name: "ThrottlingException" });
  await ask(rig, "POST", "throttle", { apart: null });

  await create("media-2");
});

test("instances can be stopped, started and taken away from outside", async () => {
  const rig = await startAws();
  await ask(rig, "POST", "timing", { bootMs: 1_000, addressLagMs: 0, stopMs: 1_000 });
  await rig.lightsail.send(new CreateInstancesCommand(anInstance("media-1")));
  const state = async () => {
    rig.clock.advance(1_000);
    const { instance } = await rig.lightsail.send(
      new GetInstanceCommand({ instanceName: "media-1" }),
    );
    return instance?.state?.name;
  };

  const states = [await state()];
  for (const verb of ["stop", "start"]) {
    expect(await ask(rig, "POST", verb, { name: "media-1" })).toEqual([200, { done: true }]);
    states.push(await state());
  }

  expect(states).toEqual(["running", "stopped", "running"]);
  expect(await ask(rig, "POST", "start", { name: "media-1" })).toMatchObject([
    200,
    { refused: "OperationFailureException" },
  ]);
  expect(await ask(rig, "POST", "vanish", { name: "media-1" })).toEqual([200, { done: true }]);
  expect(await ask(rig, "POST", "vanish", { name: "media-1" })).toEqual([200, { done: false }]);
});

test("boots, tags, key pairs, snapshots and credentials can be set", async () => {
  const rig = await startAws();
  const tag = { region: REGION, resourceId: "key-0abc1234", key: "여유_서버_목표치", value: "12" };

  await ask(rig, "POST", "ec2-tag", tag);
  await ask(rig, "POST", "key-pair", { name: "ops" });
  await ask(rig, "POST", "snapshot", { name: "media-v3", blueprintId: "debian_12" });
  await ask(rig, "POST", "boots", [{ kind: "never" }]);
  await rig.lightsail.send(
    new CreateInstancesCommand({ ...anInstance("media-1"), keyPairName: "ops" }),
  );
  rig.clock.advance(BOOTED_MS);
  const { Tags } = await rig.ec2.send(new DescribeTagsCommand({}));
  await ask(rig, "POST", "credentials", []);

  expect(Tags).toMatchObject([{ Value: "12" }]);
  expect(rig.cloud.instance("media-1")?.state).toBe("pending");
  await expect(rig.ec2.send(new DescribeTagsCommand({}))).rejects.toMatchObject({
    name: "AuthFailure",
  });
});

test("what makes no sense is refused with what would", async () => {
  const rig = await startAws();

  const [badQuota, quotaAnswer] = await ask(rig, "POST", "quota", { cpus: 3 });
  const [badLane, laneAnswer] = await ask(rig, "POST", "throttle", { lane: "fast", bucket: {} });
  const [unknown, unknownAnswer] = await ask(rig, "GET", "weather");

  expect([badQuota, badLane, unknown]).toEqual([400, 400, 404]);
  expect(JSON.stringify(quotaAnswer)).toContain("vcpus");
  expect(JSON.stringify(laneAnswer)).toContain("Invalid input");
  expect(JSON.stringify(unknownAnswer)).toContain("GET servers");
  const notJson = await fetch(`${rig.endpoint}/_control/quota`, { method: "POST", body: "{" });
  expect(notJson.status).toBe(400);
});
