import { NO_INSTANCES, ODDITIES } from "../../aws/odd-instances.ts";
import { describe, expect, it } from "vitest";
import {
  type CreateAction,
  createInstances,
  createInstancesFromSnapshot,
  deleteInstance,
  getBundles,
  getInstance,
  getInstances,
  putInstancePublicPorts,
  tagResource,
  untagResource,
} from "../../../worker/aws/lightsail.ts";
import {
  OPERATIONS,
  awsError,
  fakeAws,
  json,
  manualClock,
  siteIn,
  testConfig,
  wireInstance,
  wirePort,
} from "./support.ts";

const CREATE: CreateAction = {
  kind: "create",
  names: ["media-a-1", "media-a-2"],
  zone: "ap-northeast-2a",
  image: { blueprint: "ubuntu_22_04" },
  bundle: "medium_3_0",
  userData: "#!/bin/sh\n",
  keyPair: "ops",
  tags: { "lightfleet:owner": "default/media", team: "미디어" },
};

function given(answer: (index: number) => Response) {
  const fake = fakeAws((_seen, index) => answer(index));
  const aws = { config: testConfig(), fetch: fake.fetch, clock: manualClock() };
  const sent = (): unknown => JSON.parse(fake.seen.at(-1)?.body ?? "null");
  return { aws, fake, sent };
}

describe("GetInstances", () => {
  it("gives what the fleet needs of each, with times in milliseconds", async () => {
    const { aws, fake, sent } = given(() =>
      json({ instances: [wireInstance("media-a-1")], nextPageToken: "p2", extra: true }),
    );

    const result = await getInstances(aws, siteIn(), "p1");

    expect(fake.seen[0]?.headers.get("x-amz-target")).toBe("Lightsail_20161128.GetInstances");
    expect(sent()).toEqual({ pageToken: "p1" });
    expect(result).toEqual({
      kind: "done",
      requestId: "req-1",
      value: {
        nextPageToken: "p2",
        instances: [
          {
            name: "media-a-1",
            arn: "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/media-a-1",
            state: "running",
            zone: "ap-northeast-2a",
            publicIp: "3.34.0.5",
            privateIp: "172.26.0.5",
            ipv6: "2406:da12::1",
            createdAt: 1569447986061,
            bundle: "medium_3_0",
            owner: "default/media",
            template: "t1",
            tags: { "lightfleet:owner": "default/media", "lightfleet:spec": "t1" },
            ports: [
              { protocol: "tcp", from: 22, to: 22, cidrs: ["0.0.0.0/0"], ipv6Cidrs: ["::/0"] },
            ],
          },
        ],
        odd: [],
      },
    });
  });

  it("gives every tag of each, and those without a value an empty one", async () => {
    const tags = [
      { key: "여유_서버", value: "3" },
      { key: "lightfleet:protect" },
      { key: "lightfleet:owner", value: null },
    ];
    const { aws } = given(() => json({ instances: [{ ...wireInstance("x"), tags }] }));

    expect(await getInstances(aws, siteIn(), null)).toMatchObject({
      value: {
        instances: [
          {
            tags: { 여유_서버: "3", "lightfleet:protect": "", "lightfleet:owner": "" },
            owner: null,
            template: null,
          },
        ],
      },
    });
  });

  const OURS = { key: "lightfleet:owner", value: "default/media" };

  it.each([
    ["no list", { "lightfleet:owner": "default/media" }, undefined],
    ["not there", undefined, undefined],
    ["a value that is no text", [{ key: "lightfleet:owner", value: 3 }], undefined],
    ["a tag without a key", [{ value: "default/media" }], undefined],
    ["a tag without a key beside the owner's", [OURS, { value: "x" }], "default/media"],
    ["a tag that is null after another's", [{ ...OURS, value: "a/b" }, null], "a/b"],
  ])(
    "says of one whose tags are %s what can be said; the page stands",
    async (_what, tags, owner) => {
      const { aws } = given(() =>
        json({ instances: [{ ...wireInstance("odd"), tags }, wireInstance("good")] }),
      );

      const result = await getInstances(aws, siteIn(), null);

      expect(result).toMatchObject({
        kind: "done",
        value: { instances: [{ name: "good" }], odd: [{ name: "odd", owner }] },
      });
    },
  );

  it.each([...ODDITIES, ...NO_INSTANCES])(
    "reads the others of a page on which one has $what",
    async ({ spoil }) => {
      const odd = spoil({ ...wireInstance("odd") });
      const { aws } = given(() => json({ instances: [odd, wireInstance("good")] }));

      const result = await getInstances(aws, siteIn(), null);

      if (result.kind !== "done") throw new Error(result.message);
      expect(result.value.instances.at(-1)?.name).toBe("good");
      expect(result.value.instances.length + result.value.odd.length).toBe(2);
    },
  );

  it("gives port rules in the spec's words, and leaves out sources that are not named", async () => {
    const ports = [
      wirePort({ fromPort: 8, toPort: -1, protocol: "icmp", ipv6Cidrs: [] }),
      wirePort({ cidrs: null, ipv6Cidrs: undefined, cidrListAliases: ["lightsail-connect"] }),
      wirePort({ fromPort: 0, toPort: 65535, protocol: "all", cidrs: [], ipv6Cidrs: [] }),
    ];
    const { aws } = given(() =>
      json({ instances: [{ ...wireInstance("x"), networking: { ports } }] }),
    );

    const result = await getInstances(aws, siteIn(), null);

    expect(result.kind === "done" ? result.value.instances[0]?.ports : null).toEqual([
      { protocol: "icmp", from: 8, to: -1, cidrs: ["0.0.0.0/0"] },
      { protocol: "tcp", from: 22, to: 22, cidrListAliases: ["lightsail-connect"] },
      { protocol: "all", from: 0, to: 65535 },
    ]);
  });

  it("tells a firewall that lets nobody in from one that is not told", async () => {
    const { networking: _none, ...silent } = { networking: null, ...wireInstance("silent") };
    const closed = { ...wireInstance("closed"), networking: { ports: [] } };
    const { aws } = given(() => json({ instances: [closed, silent] }));

    expect(await getInstances(aws, siteIn(), null)).toMatchObject({
      value: { instances: [{ ports: [] }, { ports: null }] },
    });
  });

  it.each([
    ["no networking", null],
    ["networking without ports", { monthlyTransfer: {} }],
    ["no list", { ports: {} }],
    ["a protocol that we do not know", { ports: [wirePort(), wirePort({ protocol: "sctp" })] }],
    ["a rule without its ports", { ports: [wirePort({ fromPort: null })] }],
    ["a rule for what goes out", { ports: [wirePort({ accessDirection: "outbound" })] }],
    ["sources that are no list", { ports: [wirePort({ cidrs: "0.0.0.0/0" })] }],
  ])("says nothing of a firewall of %s; the instance stands", async (_what, networking) => {
    const { aws } = given(() => json({ instances: [{ ...wireInstance("x"), networking }] }));

    expect(await getInstances(aws, siteIn(), null)).toMatchObject({
      kind: "done",
      value: { instances: [{ name: "x", owner: "default/media", ports: null }], odd: [] },
    });
  });

  it("takes an instance without addresses and tags, in a state it does not know", async () => {
    const { aws } = given(() =>
      json({
        instances: [
          {
            ...wireInstance("x"),
            tags: [],
            publicIpAddress: null,
            privateIpAddress: "",
            ipv6Addresses: [],
            state: { code: 99, name: "hibernating" },
          },
        ],
      }),
    );

    const result = await getInstances(aws, siteIn(), null);

    expect(result).toMatchObject({
      value: {
        nextPageToken: null,
        instances: [
          { state: "hibernating", publicIp: null, privateIp: null, ipv6: null, owner: null },
        ],
      },
    });
  });

  it("is not an empty fleet where the list is missing", async () => {
    const missing = given(() => json({}));

    expect((await getInstances(missing.aws, siteIn(), null)).kind).toBe("malformed");
  });
});

describe("GetInstance", () => {
  it("gives one by its name", async () => {
    const { aws, sent } = given(() => json({ instance: wireInstance("media-a-1", null) }));

    const result = await getInstance(aws, siteIn(), "media-a-1");

    expect(sent()).toEqual({ instanceName: "media-a-1" });
    expect(result).toMatchObject({
      kind: "done",
      value: { kind: "read", instance: { name: "media-a-1", owner: null } },
    });
  });

  it("says notFound for an unknown name", async () => {
    const { aws } = given(() => awsError("NotFoundException", "does not exist", 404));

    expect(await getInstance(aws, siteIn(), "x")).toMatchObject({ rejection: "notFound" });
  });

  it("gives one that cannot be read as an odd one", async () => {
    const { aws } = given(() => json({ instance: { ...wireInstance("x"), state: null } }));

    expect(await getInstance(aws, siteIn(), "x")).toMatchObject({
      kind: "done",
      value: {
        kind: "odd",
        name: "x",
        arn: "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/x",
        owner: "default/media",
        what: "state: Invalid input: expected object, received null",
      },
    });
  });
});

describe("GetBundles", () => {
  it("asks for the retired ones too, and gives price and size of each", async () => {
    const bundle = { bundleId: "nano_3_0", price: 5, cpuCount: 2, isActive: true, power: 298 };
    const { aws, fake, sent } = given(() => json({ bundles: [bundle], nextPageToken: "p2" }));

    const result = await getBundles(aws, siteIn(), "p1");

    expect(fake.seen[0]?.headers.get("x-amz-target")).toBe("Lightsail_20161128.GetBundles");
    expect(sent()).toEqual({ includeInactive: true, pageToken: "p1" });
    expect(result).toEqual({
      kind: "done",
      requestId: "req-1",
      value: { bundles: [{ id: "nano_3_0", usdPerMonth: 5, vcpus: 2 }], nextPageToken: "p2" },
    });
  });

  it("leaves out what has no price, no size or no name", async () => {
    const good = { bundleId: "micro_2_0", price: 3.5, cpuCount: 1 };
    const odd = [{ ...good, price: null }, { ...good, cpuCount: "2" }, { price: 1 }, "x", null];
    const { aws, sent } = given(() => json({ bundles: [...odd, good] }));

    const result = await getBundles(aws, siteIn(), null);

    expect(sent()).toEqual({ includeInactive: true });
    expect(result).toMatchObject({
      value: { bundles: [{ id: "micro_2_0", usdPerMonth: 3.5, vcpus: 1 }], nextPageToken: null },
    });
  });

  it("is not an empty shop where the list is missing", async () => {
    const { aws } = given(() => json({}));

    expect((await getBundles(aws, siteIn(), null)).kind).toBe("malformed");
  });
});

describe("CreateInstances", () => {
  it("sends names, template and tags in one call", async () => {
    const { aws, fake, sent } = given(() => json(OPERATIONS));

    const result = await createInstances(aws, siteIn(), CREATE, "ubuntu_22_04");

    expect(result.kind).toBe("done");
    expect(fake.seen[0]?.operation).toBe("CreateInstances");
    expect(sent()).toEqual({
      instanceNames: ["media-a-1", "media-a-2"],
      availabilityZone: "ap-northeast-2a",
      blueprintId: "ubuntu_22_04",
      bundleId: "medium_3_0",
      userData: "#!/bin/sh\n",
      keyPairName: "ops",
      tags: [
        { key: "lightfleet:owner", value: "default/media" },
        { key: "team", value: "미디어" },
      ],
    });
  });

  it("leaves out what is not wanted, and names a snapshot instead of a blueprint", async () => {
    const { aws, fake, sent } = given(() => json(OPERATIONS));

    await createInstancesFromSnapshot(
      aws,
      siteIn(),
      { ...CREATE, userData: "", keyPair: null },
      "media-v3",
    );

    expect(fake.seen[0]?.operation).toBe("CreateInstancesFromSnapshot");
    expect(sent()).toMatchObject({ instanceSnapshotName: "media-v3" });
    expect(sent()).not.toHaveProperty("blueprintId");
    expect(sent()).not.toHaveProperty("userData");
    expect(sent()).not.toHaveProperty("keyPairName");
  });

  it("is rejected where every operation failed, HTTP 200 or not", async () => {
    const failed = { status: "Failed", errorCode: "X", errorDetails: "Insufficient capacity" };
    const { aws } = given(() => json({ operations: [failed, failed] }));

    expect(await createInstances(aws, siteIn(), CREATE, "ubuntu_22_04")).toMatchObject({
      kind: "rejected",
      rejection: "zoneCapacity",
    });
  });

  it("is unknown where only some failed", async () => {
    const { aws } = given(() =>
      json({ operations: [{ status: "Started" }, { status: "Failed", errorDetails: "no" }] }),
    );

    expect(await createInstances(aws, siteIn(), CREATE, "ubuntu_22_04")).toMatchObject({
      kind: "unknown",
      message: "1 of 2 operations failed: no",
    });
  });

  it("is not done where AWS names no operation", async () => {
    const { aws } = given(() => json({ operations: [] }));

    expect((await createInstances(aws, siteIn(), CREATE, "ubuntu_22_04")).kind).toBe("malformed");
  });
});

describe("PutInstancePublicPorts", () => {
  it("sends the whole set in Lightsail's words", async () => {
    const { aws, sent } = given(() => json({ operation: { status: "Succeeded" } }));

    const result = await putInstancePublicPorts(aws, siteIn(), "media-a-1", [
      { protocol: "tcp", from: 443, to: 443, cidrs: ["0.0.0.0/0"], ipv6Cidrs: ["::/0"] },
      { protocol: "tcp", from: 22, to: 22, cidrListAliases: ["lightsail-connect"] },
      { protocol: "udp", from: 10000, to: 20000 },
    ]);

    expect(result.kind).toBe("done");
    expect(sent()).toEqual({
      instanceName: "media-a-1",
      portInfos: [
        {
          protocol: "tcp",
          fromPort: 443,
          toPort: 443,
          cidrs: ["0.0.0.0/0"],
          ipv6Cidrs: ["::/0"],
        },
        { protocol: "tcp", fromPort: 22, toPort: 22, cidrListAliases: ["lightsail-connect"] },
        { protocol: "udp", fromPort: 10000, toPort: 20000 },
      ],
    });
  });
});

describe("TagResource and UntagResource", () => {
  const ARN = "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/1-2-3";

  it("name the resource twice, and what is put on it or taken off", async () => {
    const { aws, fake, sent } = given(() => json(OPERATIONS));

    const put = await tagResource(aws, siteIn(), "media-a-1", ARN, { team: "미디어", bare: "" });
    expect(sent()).toEqual({
      resourceName: "media-a-1",
      resourceArn: ARN,
      tags: [
        { key: "team", value: "미디어" },
        { key: "bare", value: "" },
      ],
    });
    const removed = await untagResource(aws, siteIn(), "media-a-1", ARN, ["team", "bare"]);
    expect(sent()).toEqual({
      resourceName: "media-a-1",
      resourceArn: ARN,
      tagKeys: ["team", "bare"],
    });

    expect([put, removed]).toMatchObject([
      { kind: "done", requestId: "req-1" },
      { kind: "done", requestId: "req-1" },
    ]);
    expect(fake.seen.map((call) => call.operation)).toEqual(["TagResource", "UntagResource"]);
  });

  it("are rejected where their operation failed", async () => {
    const { aws } = given(() => json({ operations: [{ status: "Failed", errorCode: "Oops" }] }));
    const failed = { kind: "rejected", code: "Oops" };

    expect(await tagResource(aws, siteIn(), "x", ARN, { a: "1" })).toMatchObject(failed);
    expect(await untagResource(aws, siteIn(), "x", ARN, ["a"])).toMatchObject(failed);
  });
});

describe("DeleteInstance", () => {
  it("names one instance, and takes its add-ons along", async () => {
    const { aws, fake, sent } = given(() => json(OPERATIONS));

    expect((await deleteInstance(aws, siteIn(), "media-a-1")).kind).toBe("done");
    expect(fake.seen[0]?.operation).toBe("DeleteInstance");
    expect(sent()).toEqual({ instanceName: "media-a-1", forceDeleteAddOns: true });
  });

  it("is rejected where its operation failed", async () => {
    const { aws } = given(() => json({ operations: [{ status: "Failed", errorCode: "Oops" }] }));

    expect(await deleteInstance(aws, siteIn(), "x")).toMatchObject({
      kind: "rejected",
      code: "Oops",
    });
  });
});
