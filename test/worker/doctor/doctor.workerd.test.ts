/** The doctor in the runtime that he ships to, against the embedded AWS and real servers. */
import { afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import type { Checkup } from "../../../durable/rules/checkup-views.ts";
import type { HealthSpec, Spec } from "../../../durable/rules/spec.ts";
import { systemClock } from "../../../worker/clock.ts";
import { createDoctor } from "../../../worker/doctor/doctor.ts";
import { type Check, type DoctorReport, verdictOf } from "../../../worker/doctor/report.ts";
import { parseConfig } from "../../../worker/env.ts";
import { tcpTransport } from "../../../worker/health/tcp.ts";
import { aSpec, type SpecOverrides } from "../../durable/rules/spec-builder.ts";

/** As in test/aws/wire/wire.ts, which needs Node. */
const KEY = {
  accessKeyId: "AKIDLIGHTFLEETTEST",
  secretAccessKey: "not-a-secret/for-the-embedded-aws-only",
};
const TAG = { resource: "key-0abc1234", key: "target" };
const MORNING = { name: null, cron: "0 9 * * *", timezone: "UTC", spares: "20", until: null };

async function control(method: string, path: string, body: unknown): Promise<unknown> {
  const url = `${inject("awsEndpoint")}/_control/${path}`;
  const response = await fetch(url, { method, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

async function deny(op: string, type = "AccessDeniedException"): Promise<void> {
  const message = `User: arn:aws:iam::123456789012:user/fleet is not authorized to perform: ${op} on resource: * because no identity-based policy allows it`;
  const name = op.split(":")[1];
  await control("POST", "faults", {
    op: name,
    times: null,
    effect: { kind: "error", when: "before", type, status: 403, message },
  });
}

async function setTag(value: string | null): Promise<void> {
  await control("POST", "ec2-tag", {
    region: "ap-northeast-2",
    resourceId: TAG.resource,
    key: TAG.key,
    value,
  });
}

function healthAt(port: number): Partial<HealthSpec> {
  return { port, path: "/health", timeoutSeconds: 0.5 };
}

function goodSpec(overrides: SpecOverrides = {}): Spec {
  return aSpec({
    keyPair: "ops",
    health: healthAt(inject("probePorts").keepAlive),
    limits: { maxInstances: 10 },
    spares: { tag: TAG, schedule: [MORNING] },
    ...overrides,
  });
}

function aCheckup(spec: Spec, differently: Partial<Checkup> = {}): Checkup {
  return {
    spec,
    lastTickAt: new Date().toISOString(),
    lastTickError: null,
    evidence: [],
    quotaHeld: null,
    candidate: { name: "media-a-1", address: "127.0.0.1", health: spec.health },
    earlier: [],
    answering: 0,
    probed: 1,
    probeMs: null,
    ...differently,
  };
}

interface Asked {
  readonly spec?: Spec;
  readonly checkup?: Partial<Checkup> | null;
  readonly env?: Readonly<Record<string, string>>;
}

async function examine({ spec = goodSpec(), checkup = {}, env = {} }: Asked = {}) {
  const doctor = createDoctor({
    config: parseConfig({
      AWS_ENDPOINT_URL: inject("awsEndpoint"),
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
      ...env,
    }),
    fetch: (request: Request) => fetch(request),
    clock: systemClock,
    transport: tcpTransport,
  });
  const told = checkup === null ? null : aCheckup(spec, checkup);
  return doctor({ fleet: "media", spec, checkup: told });
}

function checkOf(report: DoctorReport, name: string): Check | undefined {
  return report.checks.find((check) => check.name === name);
}

function namesOf(report: DoctorReport, status: Check["status"]): string[] {
  return report.checks.filter((check) => check.status === status).map(({ name }) => name);
}

const WRITES = [
  "lightsail:CreateInstances",
  "lightsail:PutInstancePublicPorts",
  "lightsail:TagResource",
  "lightsail:UntagResource",
  "lightsail:DeleteInstance",
];

afterEach(async () => {
  await control("DELETE", "faults", {});
  await control("POST", "credentials", [KEY]);
  await control("POST", "throttle", {
    lane: "list",
    bucket: { capacity: 100, refillPerSecond: 20, refusedCost: 0 },
  });
  await setTag(null);
});

/** What he says where nothing is wrong: a check that goes wrong there is found by its own test, and by no other. */
let well: DoctorReport;
beforeAll(async () => {
  await setTag("10");
  well = await examine();
  await setTag(null);
});

/** The checks that have this status, and another one where nothing is wrong. */
function newly(report: DoctorReport, status: Check["status"]): string[] {
  return namesOf(report, status).filter((name) => checkOf(well, name)?.status !== status);
}

describe("the doctor of a fleet that is well", () => {
  const GOOD: Readonly<Record<string, string>> = {
    key: "AWS accepts the key",
    "lightsail:GetInstances": "",
    "lightsail:GetInstance": "",
    "lightsail:GetBundles": "",
    "lightsail:GetRegions": "",
    "lightsail:GetBlueprints": "",
    "lightsail:GetKeyPair": "",
    "lightsail:GetOperation": "",
    "ec2:DescribeTags": "",
    "ec2:CreateTags": "",
    zones: "ap-northeast-2a, ap-northeast-2c: available.",
    image: "The blueprint ubuntu_22_04 is there.",
    bundle: "medium_3_0: 2 vCPUs",
    prices: "$24 a month, $0.0323 an hour",
    quota: "vCPUs",
    keyPair: "The key pair ops is there.",
    tag: "says 10",
    tick: "",
    probe: "media-a-1 answered: 2 sessions.",
    looks: "",
  };

  it.each(Object.entries(GOOD))("finds nothing wrong with %s", (name, words) => {
    expect(checkOf(well, name)).toMatchObject({ status: "ok", fix: null });
    expect(checkOf(well, name)?.what).toContain(words);
  });

  it.each([...WRITES, "secrets"])("cannot prove %s without changing something", (name) => {
    expect(checkOf(well, name)).toMatchObject({ status: "skipped" });
  });

  it("says so of all together, and has no other check", () => {
    expect(well.checks.map(({ name }) => name).sort()).toEqual(
      [...Object.keys(GOOD), ...WRITES, "secrets"].sort(),
    );
    expect(well).toMatchObject({ fleet: "media", region: "ap-northeast-2" });
    expect(well.verdict).toBe(verdictOf(well.checks));
    expect(well.durationMs).toBeLessThan(6_000);
    expect(checkOf(well, "lightsail:CreateInstances")?.what).toContain(
      "not provable without making an instance",
    );
  });

  it("that a server answers which was built for another check than the spec's", async () => {
    const spec = goodSpec({ health: healthAt(inject("probePorts").silent) });
    const health = goodSpec().health;

    const report = await examine({
      spec,
      checkup: { candidate: { name: "media-a-1", address: "127.0.0.1", health } },
    });

    expect(checkOf(report, "probe")?.what).toBe("media-a-1 answered: 2 sessions.");
  });

  it("reads alone, but for one dry run", async () => {
    await setTag("10");
    const calls = async () =>
      (await control("GET", "calls?after=0", undefined)) as { op: string; params: object }[];
    const before = (await calls()).length;

    await examine();

    const made = (await calls()).slice(before);
    const writes = made.filter(({ op }) => !/^(Get|Describe)/u.test(op));
    expect(writes.map(({ op }) => op)).toEqual(["CreateTags"]);
    expect(writes[0]?.params).toMatchObject({ DryRun: "true", "Tag.1.Value": "10" });
  });

  it("takes what the fleet has done for proof", async () => {
    const at = "2026-11-22T09:00:00.000Z";
    const evidence = (["create", "ports", "tags", "delete"] as const).map((action) => ({
      action,
      at,
      refusal: null,
    }));

    const report = await examine({ checkup: { evidence } });

    for (const right of WRITES)
      expect(checkOf(report, right)).toMatchObject({
        status: "ok",
        what: `AWS did it for the fleet at ${at}.`,
      });
  });

  it("looks at a spec before there is a fleet", async () => {
    const report = await examine({ checkup: null });

    expect(checkOf(report, "tick")).toMatchObject({ status: "skipped" });
    expect(checkOf(report, "probe")).toMatchObject({ status: "skipped" });
    expect(checkOf(report, "image")).toMatchObject({ status: "ok" });
  });

  it("knows a snapshot for an image", async () => {
    const spec = goodSpec({ image: { snapshot: "golden-7" } });

    const report = await examine({ spec });

    expect(checkOf(report, "image")).toMatchObject({ status: "ok" });
    expect(checkOf(report, "lightsail:GetInstanceSnapshot")).toMatchObject({ status: "ok" });
    expect(checkOf(report, "lightsail:CreateInstancesFromSnapshot")?.status).toBe("skipped");
  });
});

describe("the doctor finds", () => {
  it.each([
    ["lightsail:GetInstances", "fail"],
    ["lightsail:GetInstance", "fail"],
    ["lightsail:GetBlueprints", "warn"],
    ["lightsail:GetRegions", "warn"],
    ["lightsail:GetKeyPair", "warn"],
    ["lightsail:GetBundles", "warn"],
  ] as const)("that the key has no right to %s", async (right, status) => {
    await setTag("10");
    await deny(right);

    const report = await examine();

    expect(checkOf(report, right)).toMatchObject({ status });
    expect(checkOf(report, right)?.fix).toContain(`Add ${right} to the policy`);
    expect(newly(report, "fail")).toEqual(status === "fail" ? [right] : []);
    expect(checkOf(report, "key")?.status).toBe("ok");
  });

  it("that prices are needed where there is a cap", async () => {
    await deny("lightsail:GetBundles");
    const spec = goodSpec({ limits: { maxInstances: 10, maxMonthlyUsd: 100 } });

    expect(checkOf(await examine({ spec }), "lightsail:GetBundles")?.status).toBe("fail");
  });

  it("by EC2's dry run that the tag may not be written", async () => {
    await setTag("10");
    await deny("ec2:CreateTags", "UnauthorizedOperation");

    const report = await examine();

    expect(newly(report, "fail")).toEqual(["ec2:CreateTags"]);
    expect(checkOf(report, "ec2:CreateTags")?.fix).toContain("ec2:CreateTags");
  });

  it("that AWS refused the fleet a right when it last tried", async () => {
    const refusal = {
      rejection: "credentials" as const,
      code: "AccessDeniedException",
      message:
        "User: arn:aws:iam::1:user/fleet is not authorized to perform: lightsail:DeleteInstance on resource: * with an explicit deny in an identity-based policy",
    };
    const evidence = [{ action: "delete" as const, at: "2026-11-22T09:00:00.000Z", refusal }];

    const check = checkOf(await examine({ checkup: { evidence } }), "lightsail:DeleteInstance");

    expect(check).toMatchObject({ status: "fail" });
    expect(check?.fix).toContain("look for its Deny");
  });

  it("a key that has expired, once and not twenty times", async () => {
    await control("POST", "credentials", [{ ...KEY, isExpired: true }]);

    const report = await examine();

    expect(newly(report, "fail")).toEqual(["key"]);
    expect(checkOf(report, "key")?.what).toContain("expired");
    expect(checkOf(report, "image")).toMatchObject({
      status: "skipped",
      what: "Not checked: AWS does not accept the key, see `key`.",
    });
    expect(JSON.stringify(report)).not.toContain(KEY.secretAccessKey);
  });

  it("that there is no key at all", async () => {
    const report = await examine({ env: { AWS_SECRET_ACCESS_KEY: "" } });

    expect(newly(report, "fail")).toEqual(["key"]);
    expect(checkOf(report, "key")?.fix).toContain("wrangler secret put AWS_SECRET_ACCESS_KEY");
    expect(checkOf(report, "probe")?.status).toBe("ok");
  });

  it.each([
    ["bundle", { bundle: "huge_3_0" }, "Set `bundle` to one of nano_3_0"],
    ["bundle", { bundle: "nano_2_0" }, "Set `bundle` to one of nano_3_0"],
    ["image", { image: { blueprint: "ubuntu_06_06" } }, "ubuntu_24_04, ubuntu_22_04"],
    ["image", { image: { blueprint: "ubuntu_20_04" } }, "ubuntu_24_04, ubuntu_22_04"],
    ["image", { image: { snapshot: "golden-8" } }, "get-instance-snapshots"],
    ["image", { image: { snapshot: "golden-7" }, bundle: "nano_3_0" }, "larger `bundle`"],
    ["zones", { availabilityZones: ["ap-northeast-2z"] }, "ap-northeast-2a"],
    ["keyPair", { keyPair: "nobody" }, "Upload the key"],
    ["secrets", { health: { header: { name: "X-Key", secretRef: "PROBE_KEY" } } }, "put PROBE_KEY"],
  ] as const)("what is wrong with %s of %j", async (name, overrides: SpecOverrides, fix) => {
    const health = { ...healthAt(inject("probePorts").keepAlive), ...overrides.health };

    const report = await examine({ spec: goodSpec({ ...overrides, health }), checkup: null });

    expect(newly(report, "fail")).toEqual([name]);
    expect(checkOf(report, name)?.fix).toContain(fix);
  });

  it("that a secret is missing with which servers of an earlier spec are still asked", async () => {
    const header = { name: "X-Key", secretRef: "PROBE_KEY_OLD" };

    const report = await examine({ checkup: { earlier: [{ ...goodSpec().health, header }] } });

    expect(checkOf(report, "secrets")).toMatchObject({ status: "fail" });
    expect(checkOf(report, "secrets")?.fix).toContain("put PROBE_KEY_OLD");
  });

  it("that nobody knows whether the tag's resource is there", async () => {
    const report = await examine();

    expect(newly(report, "warn")).toEqual(["tag"]);
    expect(checkOf(report, "tag")?.what).toContain("has no tags, if it is there at all");
  });

  it("that EC2 knows no such resource, where its dry run says so", async () => {
    const message = `The key pair ID '${TAG.resource}' does not exist`;
    const type = "InvalidKeyPair.NotFound";
    await control("POST", "faults", {
      op: "CreateTags",
      effect: { kind: "error", when: "before", type, status: 400, message },
    });

    const report = await examine();

    expect(newly(report, "fail")).toEqual(["tag"]);
  });

  it("that the tag's value is no target", async () => {
    await setTag("many");

    expect(checkOf(await examine(), "tag")).toMatchObject({ status: "warn" });
  });

  it("a quota that may be too small, or is used up", async () => {
    const spec = goodSpec({ limits: { maxInstances: 100 } });

    const small = checkOf(await examine({ spec }), "quota");
    const held = checkOf(await examine({ checkup: { quotaHeld: "AWS says so." } }), "quota");

    expect(small).toMatchObject({ status: "warn" });
    expect(small?.what).toContain("200 vCPUs");
    expect(held).toMatchObject({ status: "fail" });
  });

  it("a server that is silent; among others that answer it is a warning", async () => {
    const spec = goodSpec({ health: healthAt(inject("probePorts").silent) });

    const alone = checkOf(await examine({ spec }), "probe");
    const among = checkOf(await examine({ spec, checkup: { answering: 3 } }), "probe");

    expect(alone).toMatchObject({ status: "fail" });
    expect(alone?.what).toContain("no end within 0.5 s");
    expect(alone?.fix).toContain("curl http://127.0.0.1:");
    expect(among).toMatchObject({ status: "warn" });
  });

  it("a fleet that does not tick", async () => {
    const lastTickAt = new Date(Date.now() - 120_000).toISOString();

    expect(checkOf(await examine({ checkup: { lastTickAt } }), "tick")?.status).toBe("fail");
  });
});

describe("a look that brought nothing", () => {
  it("is not held against the fleet where AWS throttles", async () => {
    await setTag("10");
    const bucket = { capacity: 1, refillPerSecond: 0, refusedCost: 0 };
    await control("POST", "throttle", { lane: "list", bucket });

    const report = await examine();

    expect(newly(report, "fail")).toEqual([]);
    expect(newly(report, "warn")).toContain("image");
    expect(checkOf(report, "image")).toEqual({
      name: "image",
      status: "warn",
      what: "Not checked: AWS throttles the calls of this account now.",
      fix: "Try again in a minute.",
    });
  });

  /** Longer than the doctor waits. */
  const HELD_MS = 8_000;

  it("is over in time where AWS does not answer", async () => {
    await setTag("10");
    await control("POST", "faults", {
      op: "GetBlueprints",
      effect: { kind: "delay", when: "after", ms: HELD_MS },
    });

    const report = await examine();

    expect(report.durationMs).toBeLessThan(HELD_MS);
    expect(checkOf(report, "image")).toMatchObject({ status: "warn" });
    expect(checkOf(report, "keyPair")).toEqual(checkOf(well, "keyPair"));
  });
});
