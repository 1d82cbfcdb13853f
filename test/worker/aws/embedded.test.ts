import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Action, Command, Watch } from "../../../durable/rules/world.ts";
import { createHands } from "../../../worker/act.ts";
import { systemClock } from "../../../worker/clock.ts";
import { transportOver } from "../../../worker/health/transport.ts";
import { createEyes } from "../../../worker/observe.ts";
import { endingBy } from "../../must-end.ts";
import type { Fault } from "../../aws/hosts/answer.ts";
import { MediaServers } from "../../aws/hosts/media-servers.ts";
import { BOOTED_MS, REGION, type Rig, START, ZONE, startAws } from "../../aws/rig.ts";
import { TEST_CREDENTIAL } from "../../aws/wire/wire.ts";
import { nodeConnect } from "../health/servers.ts";
import { testConfig } from "./support.ts";

const OWNER = "default/media";
const TAG = { resource: "key-0abc1234", key: "여유_서버*목표치?" };

/** Eyes and hands as the Worker has them, but for the connections, against the embedded AWS. */
function worker(rig: Rig, env: Record<string, string> = {}) {
  const config = testConfig({
    AWS_ENDPOINT_URL: rig.endpoint,
    AWS_ACCESS_KEY_ID: TEST_CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIAL.secretAccessKey,
    ...env,
  });
  const send = (request: Request): Promise<Response> => fetch(request);
  const transport = transportOver(nodeConnect);
  const deps = { config, fetch: send, clock: systemClock, transport };
  const eyes = endingBy(createEyes(deps), "the look", systemClock);
  const hands = endingBy(createHands(deps), "the act", systemClock);
  const act = (...actions: Action[]) => hands.act(actions.map(toCommand));
  const look = (watch: Partial<Watch>) => eyes.observe({ ...WATCH, ...watch });
  return { act, look };
}

const WHOLE = { pagesMax: 100, from: null };

const WATCH: Watch = {
  tick: 1,
  region: REGION,
  owner: OWNER,
  fleet: "media",
  listing: null,
  lookUps: [],
  probes: [],
  health: {
    kind: "http",
    port: 8080,
    path: "/health",
    sessionsPointer: "/sessions",
    capacity: 1,
    intervalSeconds: 5,
    timeoutSeconds: 0.5,
    header: null,
    host: null,
    drain: { method: "POST", path: "/lightfleet/{verb}", secretRef: "DRAIN_KEY" },
    nameRequired: true,
  },
  tag: null,
  bundles: false,
};

function toCommand(action: Action, index: number): Command {
  const notAfter = Date.now() + 20_000;
  return { number: index + 1, tick: 1, region: REGION, notAfter, pace: null, action };
}

function create(names: readonly string[], owner = OWNER): Action {
  return {
    kind: "create",
    names,
    zone: ZONE,
    image: { blueprint: "ubuntu_22_04" },
    bundle: "nano_3_0",
    userData: "#!/bin/sh\necho 안녕\n",
    keyPair: null,
    tags: { "lightfleet:owner": owner, "lightfleet:spec": "t1" },
  };
}

const PORTS: Action = {
  kind: "ports",
  name: "media-a-1",
  ports: [
    { protocol: "tcp", from: 8080, to: 8080 },
    { protocol: "tcp", from: 22, to: 22, cidrListAliases: ["lightsail-connect"] },
  ],
  portsHash: "h",
};
const DELETE: Action = { kind: "delete", name: "media-a-1", arn: "arn" };

describe("the life of an instance, on the embedded AWS", () => {
  it("goes from its creation over its ports to its end", async () => {
    const rig = await startAws();
    const { act, look } = worker(rig);

    expect(await act(create(["media-a-1"]))).toMatchObject([{ kind: "done", number: 1 }]);
    expect((await look({ listing: WHOLE })).listing).toMatchObject({
      kind: "complete",
      instances: [
        { name: "media-a-1", state: "pending", owner: OWNER, template: "t1", createdAt: START },
      ],
    });
    expect(await act(PORTS)).toMatchObject([{ kind: "rejected", rejection: "notNow" }]);

    rig.clock.advance(BOOTED_MS);
    expect(await act(PORTS)).toMatchObject([{ kind: "done" }]);
    expect((await look({ lookUps: ["media-a-1"] })).lookUps).toMatchObject([
      { kind: "found", instance: { state: "running", publicIp: "127.16.0.1", zone: ZONE } },
    ]);
    expect(rig.cloud.servers()[0]?.openPorts).toHaveLength(2);
    expect((await look({ listing: WHOLE })).listing).toMatchObject({
      instances: [
        {
          ports: [
            { protocol: "tcp", from: 8080, to: 8080, cidrs: ["0.0.0.0/0"], ipv6Cidrs: ["::/0"] },
            { protocol: "tcp", from: 22, to: 22, cidrListAliases: ["lightsail-connect"] },
          ],
        },
      ],
    });

    expect(await act(DELETE)).toMatchObject([{ kind: "done" }]);
    rig.clock.advance(BOOTED_MS);
    expect((await look({ lookUps: ["media-a-1"] })).lookUps).toMatchObject([{ kind: "absent" }]);
    expect(await act(DELETE)).toMatchObject([{ kind: "rejected", rejection: "notFound" }]);
  });

  it("begins from a snapshot too", async () => {
    const rig = await startAws({
      snapshots: [{ name: "media-v3", blueprintId: "ubuntu_22_04", sizeGb: 20 }],
    });
    const action = { ...create(["media-a-1"]), image: { snapshot: "media-v3" } };

    expect(await worker(rig).act(action)).toMatchObject([{ kind: "done" }]);
    expect(rig.wire.calls.list({ op: "CreateInstancesFromSnapshot" })).toHaveLength(1);
  });
});

describe("a listing of the embedded AWS", () => {
  it("follows the pages, and leaves out the instances of others", async () => {
    const rig = await startAws();
    const { act, look } = worker(rig);
    const names = Array.from({ length: 25 }, (_none, index) => `media-a-${index + 10}`);
    await act(create(names), create(["other-1"], "staging/media"));

    const { listing, calls } = await look({ listing: WHOLE });

    expect(listing.kind).toBe("complete");
    expect(
      listing.kind === "none" ? [] : listing.instances.map(({ name }) => name).toSorted(),
    ).toEqual(names);
    expect(calls).toHaveLength(2);
  });

  it("is partial where the second page is lost", async () => {
    const rig = await startAws();
    const { act, look } = worker(rig);
    await act(create(Array.from({ length: 25 }, (_none, index) => `media-a-${index + 10}`)));
    rig.wire.faults.add({ op: "GetInstances", page: 2, effect: { kind: "lost" } }, START);

    const { listing } = await look({ listing: WHOLE });

    expect(listing).toMatchObject({ kind: "partial", hole: { why: "unknown" } });
    expect(listing.kind === "none" ? [] : listing.instances).toHaveLength(20);
  });
});

describe("the strangers on the embedded AWS", () => {
  it("are named like ours, and nobody's or of this deployment", async () => {
    const rig = await startAws();
    const { act, look } = worker(rig);
    await act(
      create(["media-abc123-1"]),
      create(["media-abc123-2"], "staging/media"),
      create(["media-abc123-3"], "default/other"),
      create(["media-web"], "somebody"),
    );

    expect((await look({ listing: WHOLE })).listing).toMatchObject({
      kind: "complete",
      instances: [{ name: "media-abc123-1" }],
      strangers: [{ name: "media-abc123-3", owner: "default/other" }],
    });
  });
});

describe("the tags of an instance of the embedded AWS", () => {
  it("are put and taken off, and AWS's own number of the call is kept", async () => {
    const rig = await startAws();
    const { act, look } = worker(rig);
    await act(create(["media-a-1"]));
    const { listing } = await look({ listing: WHOLE });
    const [instance] = listing.kind === "none" ? [] : listing.instances;
    const retag: Action = {
      kind: "tags",
      name: "media-a-1",
      arn: instance?.arn ?? "",
      put: { team: "미디어", "lightfleet:spec": "t2", bare: "" },
      remove: ["lightfleet:owner", "nothing"],
      tagsHash: "h",
    };

    const outcomes = await act(retag);

    expect(outcomes).toMatchObject([{ kind: "done", calls: [{ lane: "tags" }, { lane: "tags" }] }]);
    expect(outcomes).toEqual([
      expect.objectContaining({ requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown }),
    ]);
    expect((await look({ lookUps: ["media-a-1"] })).lookUps).toMatchObject([
      {
        instance: {
          owner: null,
          template: "t2",
          tags: { team: "미디어", "lightfleet:spec": "t2", bare: "" },
        },
      },
    ]);
    expect(await act({ ...retag, arn: `${retag.arn}0` })).toMatchObject([
      { kind: "rejected", rejection: "invalid", calls: [{ lane: "tags" }] },
    ]);
  });

  it("may have been put where the answer is lost, and are not taken off then", async () => {
    const rig = await startAws();
    const { act } = worker(rig);
    await act(create(["media-a-1"]));
    rig.wire.faults.add({ op: "TagResource", effect: { kind: "lost", when: "after" } }, START);
    const { arn } = rig.cloud.list(REGION)[0]?.instance ?? { arn: "" };
    const put = { team: "media" };

    expect(
      await act({ kind: "tags", name: "media-a-1", arn, put, remove: ["x"], tagsHash: "h" }),
    ).toMatchObject([{ kind: "unknown" }]);
    expect(rig.wire.calls.list({ op: "UntagResource" })).toHaveLength(0);
  });
});

describe("the prices of the embedded AWS", () => {
  it("are those of every page, retired bundles too", async () => {
    const rig = await startAws();

    const { bundles, calls } = await worker(rig).look({ bundles: true });

    expect(bundles).toMatchObject({ kind: "read" });
    expect(bundles.kind === "read" ? bundles.bundles : []).toHaveLength(12);
    expect(bundles.kind === "read" ? bundles.bundles : []).toEqual(
      expect.arrayContaining([
        { id: "nano_3_0", usdPerMonth: 5, vcpus: 2 },
        { id: "4xlarge_3_0", usdPerMonth: 384, vcpus: 16 },
        { id: "nano_2_0", usdPerMonth: 3.5, vcpus: 1 },
      ]),
    );
    expect(calls.map((call) => call.lane)).toEqual(["list", "list"]);
  });

  it("are a hole where the second page is lost", async () => {
    const rig = await startAws();
    rig.wire.faults.add({ op: "GetBundles", page: 2, effect: { kind: "lost" } }, START);

    expect((await worker(rig).look({ bundles: true })).bundles).toMatchObject({
      kind: "hole",
      hole: { why: "unknown" },
    });
  });
});

describe("what the embedded AWS refuses", () => {
  it("a name that is taken, a full quota, a zone without capacity", async () => {
    const rig = await startAws({ vcpuQuota: 4 });
    const { act } = worker(rig);
    await act(create(["media-a-1"]));

    const taken = await act(create(["media-a-1"]));
    const full = await act(create(["media-a-2", "media-a-3", "media-a-4"]));
    rig.cloud.closeZone(ZONE);
    const closed = await act(create(["media-a-5"]));

    expect([...taken, ...full, ...closed]).toMatchObject([
      { kind: "rejected", rejection: "nameInUse" },
      { kind: "rejected", rejection: "quota" },
      { kind: "rejected", rejection: "zoneCapacity" },
    ]);
  });

  it("a wrong secret, an unknown key", async () => {
    const rig = await startAws();
    const wrong = worker(rig, { AWS_SECRET_ACCESS_KEY: "wrong" });
    const unknown = worker(rig, { AWS_ACCESS_KEY_ID: "AKIDNOBODY" });
    const refused = { kind: "rejected", rejection: "credentials" };

    expect(await wrong.act(DELETE)).toMatchObject([refused]);
    expect(await unknown.act(DELETE)).toMatchObject([refused]);
    const seen = await unknown.look({ listing: WHOLE, lookUps: ["x"], tag: TAG });
    const hole = { why: "rejected", rejection: "credentials" };
    expect(seen).toMatchObject({
      listing: { kind: "partial", hole },
      lookUps: [{ kind: "hole", hole }],
      tag: { kind: "hole", hole },
    });
  });

  it("too many calls", async () => {
    const rig = await startAws();
    rig.wire.throttle.setLane("delete", { capacity: 0, refillPerSecond: 0, refusedCost: 0 });
    rig.wire.throttle.setLane("ec2", { capacity: 0, refillPerSecond: 0, refusedCost: 0 });
    const { act, look } = worker(rig);

    expect(await act(DELETE)).toMatchObject([{ kind: "throttled", code: "ThrottlingException" }]);
    expect((await look({ tag: TAG })).tag).toMatchObject({ hole: { why: "throttled" } });
  });
});

describe("what may have happened on the embedded AWS", () => {
  it.each([
    ["a lost reply", { kind: "lost", when: "after" }],
    ["a failing server", { kind: "error", when: "after", type: "ServiceException" }],
    ["a proxy's page", { kind: "garbled", body: "<html>ok</html>" }],
    ["half an answer", { kind: "garbled", body: '{"operations":[{"id' }],
  ] as const)("is unknown after %s, and then found by its name", async (_what, effect) => {
    const rig = await startAws();
    const { act, look } = worker(rig);
    rig.wire.faults.add({ op: "CreateInstances", effect }, START);

    expect(await act(create(["media-a-1"]))).toMatchObject([{ kind: "unknown" }]);

    expect((await look({ lookUps: ["media-a-1"] })).lookUps).toMatchObject([{ kind: "found" }]);
    expect(rig.wire.calls.list({ op: "CreateInstances" })).toHaveLength(1);
  });
});

describe("the tag, on the embedded EC2", () => {
  it("is read as it was written, and missing is missing", async () => {
    const rig = await startAws();
    const { look } = worker(rig);
    expect((await look({ tag: TAG })).tag.kind).toBe("missing");

    const tags = new Map([
      [TAG.key, " 010 & <20>%"],
      ["여유_서버xx목표치y", "99"],
    ]);
    rig.cloud.ec2Tags.set(REGION, TAG.resource, tags, START);

    expect((await look({ tag: TAG })).tag).toMatchObject({ kind: "value", value: " 010 & <20>%" });
  });
});

describe("the tag that is written, on the embedded EC2", () => {
  const WRITE: Action = { kind: "targetTag", tag: TAG, value: "10+20%" };

  it("is read back as it was written, and the other tags stay", async () => {
    const rig = await startAws();
    const { act, look } = worker(rig);
    rig.cloud.ec2Tags.set(REGION, TAG.resource, new Map([["team", "미디어"]]), START);

    expect(await act(WRITE)).toMatchObject([{ kind: "done", calls: [{ lane: "ec2" }] }]);
    expect((await look({ tag: TAG })).tag).toMatchObject({ kind: "value", value: "10+20%" });
    expect(await act({ ...WRITE, value: "3" })).toMatchObject([{ kind: "done" }]);
    expect((await look({ tag: TAG })).tag).toMatchObject({ kind: "value", value: "3" });
    expect(rig.cloud.ec2Tags.of(REGION, TAG.resource, START)).toEqual(
      new Map([
        ["team", "미디어"],
        [TAG.key, "3"],
      ]),
    );
  });

  it("may be read as what was there before, for a while", async () => {
    const rig = await startAws({ timing: { ec2TagLagMs: 30_000 } });
    const { act, look } = worker(rig);

    expect(await act(WRITE)).toMatchObject([{ kind: "done" }]);
    expect((await look({ tag: TAG })).tag.kind).toBe("missing");
    rig.clock.advance(30_000);
    expect((await look({ tag: TAG })).tag).toMatchObject({ value: "10+20%" });
  });

  it.each([
    ["lost before it", { kind: "lost", when: "before" }, "unknown", false],
    ["lost after it", { kind: "lost", when: "after" }, "unknown", true],
    [
      "throttled",
      { kind: "error", when: "before", type: "RequestLimitExceeded" },
      "throttled",
      false,
    ],
    ["garbled", { kind: "garbled", body: "<html>ok</html>" }, "unknown", true],
  ] as const)("is %s: what is told of it is what is known", async (_what, effect, kind, landed) => {
    const rig = await startAws();
    const { act } = worker(rig);
    rig.wire.faults.add({ op: "CreateTags", effect }, START);

    expect(await act(WRITE)).toMatchObject([{ kind }]);

    expect(rig.cloud.ec2Tags.of(REGION, TAG.resource, START).has(TAG.key)).toBe(landed);
    expect(rig.wire.calls.list({ op: "CreateTags" })).toHaveLength(1);
  });

  it("is refused to a wrong key", async () => {
    const rig = await startAws();
    const wrong = worker(rig, { AWS_SECRET_ACCESS_KEY: "wrong" });

    expect(await wrong.act(WRITE)).toMatchObject([
      { kind: "rejected", rejection: "credentials", calls: [{ lane: "ec2" }] },
    ]);
  });
});

describe("the embedded media servers", () => {
  const drainSecret = "a-drain-key-of-some-length";
  const faults = new Map<string, Fault>();
  let servers: MediaServers;
  const mediaServers = () =>
    new MediaServers({
      scene: {
        nowMs: () => START,
        sessionsOn: () => 3,
        faultOf: (name) => faults.get(name),
      },
      via: { address: "127.0.0.1", port: 0 },
      drainSecret,
    });
  const NAMES = [
    "silent",
    "garbage",
    "wrongName",
    "slow",
    "reset",
    "hugeBody",
    "notReady",
  ] as const;

  beforeEach(async () => {
    for (const name of NAMES) faults.set(name, name);
    servers = mediaServers();
    const all = ["good", ...NAMES].map((name, index) => ({
      name,
      address: `127.16.0.${index + 1}`,
      port: 8080,
      path: "/health",
    }));
    await servers.sync(all);
  });
  afterEach(() => servers.close());

  it("are told apart behind PROBE_VIA: one reading, and holes for all that are broken", async () => {
    const rig = await startAws();
    const { look } = worker(rig, { PROBE_VIA: servers.probeVia ?? "" });
    const probes = ["good", ...NAMES, "absent"].map((name, index) => ({
      name,
      revision: 1,
      address: `127.16.0.${index + 1}`,
    }));

    const { readings } = await look({ probes });

    expect(readings.map(({ name, kind }) => [name, kind])).toEqual([
      ["good", "answer"],
      ...[...NAMES, "absent"].map((name) => [name, "hole"]),
    ]);
    expect(readings[0]).toMatchObject({ sessions: 3, draining: false });
  });

  it("take no more sessions after a signed call, and take them again after another", async () => {
    const rig = await startAws();
    const env = { PROBE_VIA: servers.probeVia ?? "", DRAIN_KEY: drainSecret };
    const { act, look } = worker(rig, env);
    const { health } = WATCH;
    const address = "127.16.0.1";
    const drain: Action = { kind: "drain", verb: "drain", name: "good", address, health };
    const probes = [{ name: "good", revision: 1, address }];

    expect(await act(drain)).toMatchObject([{ kind: "done", calls: [] }]);
    expect((await look({ probes })).readings).toMatchObject([{ draining: true, sessions: 3 }]);
    expect(await act({ ...drain, verb: "undrain" })).toMatchObject([{ kind: "done" }]);
    expect((await look({ probes })).readings).toMatchObject([{ draining: false }]);
  });

  it("do not listen to a wrong key, nor to a call that is meant for another", async () => {
    const rig = await startAws();
    const via = { PROBE_VIA: servers.probeVia ?? "" };
    const { health } = WATCH;
    const address = "127.16.0.1";
    const drain: Action = { kind: "drain", verb: "drain", name: "good", address, health };
    const stranger = worker(rig, { ...via, DRAIN_KEY: "not-the-key-of-the-servers" });
    const { act } = worker(rig, { ...via, DRAIN_KEY: drainSecret });

    expect(await stranger.act(drain)).toMatchObject([{ kind: "rejected", code: "HTTP 401" }]);
    expect(await act({ ...drain, name: "other" })).toMatchObject([
      { kind: "rejected", code: "HTTP 409" },
    ]);
    expect(servers.isDraining("good")).toBe(false);
  });
});
