import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Spec } from "../../../durable/rules/spec.ts";
import { parseSpec } from "../../../worker/api/spec.ts";
import { LEAST } from "./fakes.ts";

/** Every problem of a spec as `field: message`; none for a good one. */
function problemsOf(input: unknown): string[] {
  const parsed = parseSpec(input);
  return parsed.ok ? [] : parsed.errors.map(({ field, message }) => `${field}: ${message}`);
}

function fieldsOf(input: unknown): string[] {
  const parsed = parseSpec(input);
  return parsed.ok ? [] : parsed.errors.map(({ field }) => field);
}

function specOf(input: unknown): Spec {
  const parsed = parseSpec(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value;
}

const FULL: Spec = {
  mode: "observe",
  timezone: "Asia/Seoul",
  region: "ap-northeast-2",
  availabilityZones: ["ap-northeast-2a", "ap-northeast-2c"],
  image: { snapshot: "golden-2026.11" },
  bundle: "medium_3_0",
  userData: "#!/bin/sh\n",
  keyPair: "ops",
  ports: [
    { protocol: "tcp", from: 443, to: 443, cidrs: ["0.0.0.0/0"], ipv6Cidrs: ["::/0"] },
    { protocol: "tcp", from: 8080, to: 8080 },
    { protocol: "udp", from: 10_000, to: 20_000 },
    { protocol: "icmp", from: 8, to: -1 },
    { protocol: "tcp", from: 22, to: 22, cidrListAliases: ["lightsail-connect"] },
  ],
  tags: { team: "media" },
  spares: {
    default: "10+20%",
    min: 2,
    max: 50,
    tag: { resource: "key-0abc1234", key: "여유_서버_목표치" },
    schedule: [],
    specialDays: [],
  },
  adopt: { ports: true },
  health: {
    kind: "http",
    port: 8080,
    path: "/health?full=1",
    sessionsPointer: "/stats/a~1b",
    capacity: 4,
    intervalSeconds: 0.5,
    timeoutSeconds: 1.5,
    header: { name: "X-Probe-Key", secretRef: "PROBE_KEY" },
    host: "{ip-dashed}.example.org",
    drain: { method: "PUT", path: "/{verb}", secretRef: "DRAIN_KEY" },
    nameRequired: false,
  },
  retire: { idleForSeconds: 0, confirmations: 2, drainSeconds: 0.5, billing: "none" },
  rollout: { canary: 3, maxSurge: 1, maxAgeDays: 30 },
  alerts: {
    kinds: { stranger: "off", noSpares: "tell", busyForLong: "page" },
    busyForHours: 0.5,
    unknownForMinutes: 1.5,
    drainingForHours: 2.5,
    protectedForHours: 3.5,
    pausedForHours: 4.5,
  },
  limits: {
    maxInstances: 7,
    maxMonthlyUsd: 2_999.5,
    maxVcpus: 14,
    maxLaunchesPerTick: 1,
    maxDeletesPerTick: 2,
    maxLaunchesPerHour: 3,
    maxDeletesPerHour: 4,
    jumpMax: 2.5,
    leasesPerToken: 50,
    leaseMaxSeconds: 3_600,
    unknownShareMax: 0,
    failedBoots: { count: 1, openSeconds: 60 },
  },
  timeouts: { startSeconds: 10, readySeconds: 20 },
};

describe("a spec", () => {
  it("needs only region, image, bundle, health and limits.maxInstances", () => {
    expect(fieldsOf({})).toEqual(["region", "image", "bundle", "health", "limits"]);
    expect(problemsOf({ ...LEAST, health: {}, limits: {} })).toEqual([
      "health.port: is required",
      "health.path: is required",
      "limits.maxInstances: is required",
    ]);
    expect(problemsOf(LEAST)).toEqual([]);
  });

  it("gets a default for everything else", () => {
    expect(specOf(LEAST)).toEqual({
      mode: "active",
      timezone: "UTC",
      region: "ap-northeast-2",
      availabilityZones: ["ap-northeast-2a"],
      image: { blueprint: "ubuntu_22_04" },
      bundle: "medium_3_0",
      userData: "",
      keyPair: null,
      ports: [
        { protocol: "tcp", from: 8080, to: 8080 },
        { protocol: "tcp", from: 22, to: 22, cidrListAliases: ["lightsail-connect"] },
      ],
      tags: {},
      spares: { default: "1", min: 0, max: 200, tag: null, schedule: [], specialDays: [] },
      adopt: { ports: false },
      health: {
        kind: "http",
        port: 8080,
        path: "/health",
        sessionsPointer: "/sessions",
        capacity: 1,
        intervalSeconds: 5,
        timeoutSeconds: 2,
        header: null,
        host: null,
        drain: null,
        nameRequired: false,
      },
      retire: { idleForSeconds: 60, confirmations: 3, drainSeconds: 30, billing: "hour" },
      rollout: { canary: 1, maxSurge: 2, maxAgeDays: null },
      alerts: {
        kinds: {},
        busyForHours: 12,
        unknownForMinutes: 10,
        drainingForHours: 24,
        protectedForHours: 168,
        pausedForHours: 24,
      },
      limits: {
        maxInstances: 100,
        maxMonthlyUsd: null,
        maxVcpus: null,
        maxLaunchesPerTick: 20,
        maxDeletesPerTick: 5,
        maxLaunchesPerHour: 200,
        maxDeletesPerHour: 60,
        jumpMax: 3,
        leasesPerToken: null,
        leaseMaxSeconds: 86_400,
        unknownShareMax: 0.2,
        failedBoots: { count: 3, openSeconds: 1800 },
      },
      timeouts: { startSeconds: 300, readySeconds: 900 },
    } satisfies Spec);
  });

  it("that is complete is kept as it is, with no key more", () => {
    expect(specOf(FULL)).toEqual(FULL);
  });

  it("that was read back can be put again", () => {
    for (const written of [LEAST, FULL]) {
      const stored = specOf(written);
      expect(specOf(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
    }
  });

  it("may write whole numbers as strings", () => {
    const spec = specOf({
      ...LEAST,
      health: { ...LEAST.health, port: "8080" },
      limits: { maxInstances: "12" },
      spares: { default: 10, min: "1" },
    });

    expect(spec.health.port).toBe(8080);
    expect(spec.limits.maxInstances).toBe(12);
    expect(spec.spares).toMatchObject({ default: "10", min: 1 });
  });

  it("does not take for a number what merely looks like one", () => {
    for (const maxInstances of ["", " ", "1e2", "0x10", "10.0", "ten", null, true, [5], 1.5, -1, 0])
      expect(fieldsOf({ ...LEAST, limits: { maxInstances } })).toEqual(["limits.maxInstances"]);
  });

  it("tells all of its problems at once, each with its path", () => {
    const problems = fieldsOf({
      ...FULL,
      region: "ap-northeast-2",
      availabilityZones: ["us-east-1a"],
      bundle: "",
      colour: "red",
      ports: [{ protocol: "tcp", from: 20, to: 10, cidrs: ["1.2.3.4"] }],
      spares: { default: "many", min: 5, max: 2, tag: { resource: "x", key: "aws:x" } },
      limits: { maxInstances: 0, failedBoots: { counts: 3 } },
    });

    expect(problems.sort()).toEqual(
      [
        "availabilityZones[0]",
        "bundle",
        "colour",
        "limits.failedBoots.counts",
        "limits.maxInstances",
        "ports[0].cidrs[0]",
        "ports[0].to",
        "spares.default",
        "spares.tag.key",
        "spares.tag.resource",
      ].sort(),
    );
  });

  it("refuses unknown keys by name, and says which are known", () => {
    expect(problemsOf({ ...LEAST, limits: { maxInstances: 1, maxInstance: 2 } })[0]).toMatch(
      /^limits\.maxInstance: is not a known key; known here: maxInstances, .*failedBoots$/u,
    );
    expect(fieldsOf({ ...LEAST, "a b": 1 })).toEqual(['["a b"]']);
    expect(fieldsOf(JSON.parse(JSON.stringify(LEAST).replace("{", '{"__proto__":{},')))).toEqual([
      "__proto__",
    ]);
  });

  it("is refused whole when it is no object", () => {
    for (const input of [null, [], "spec", 5, true])
      expect(problemsOf(input)).toEqual(["body: must be a JSON object"]);
  });
});

describe("each value of a spec", () => {
  const health = (more: object) => ({ ...LEAST, health: { ...LEAST.health, ...more } });

  it.each([
    ["mode", { ...LEAST, mode: "on" }],
    ["timezone", { ...LEAST, timezone: "Asia/Soul" }],
    ["timezone", { ...LEAST, timezone: "+09:00" }],
    ["region", { ...LEAST, region: "af-south-1" }],
    ["image", { ...LEAST, image: {} }],
    ["image", { ...LEAST, image: { blueprint: "a", snapshot: "bb" } }],
    ["image.blueprint", { ...LEAST, image: { blueprint: "a b" } }],
    ["bundle", { ...LEAST, bundle: "medium 3" }],
    ["keyPair", { ...LEAST, keyPair: "-ops" }],
    ["keyPair", { ...LEAST, keyPair: "op\u212a" }],
    ["userData", { ...LEAST, userData: "가".repeat(5_462) }],
    ["availabilityZones", { ...LEAST, availabilityZones: [] }],
    ["availabilityZones[0]", { ...LEAST, availabilityZones: ["ap-northeast-1a"] }],
    [
      "availabilityZones[1]",
      { ...LEAST, availabilityZones: ["ap-northeast-2a", "ap-northeast-2a"] },
    ],
    ["health.kind", health({ kind: "grpc" })],
    ["health.port", health({ port: 0 })],
    ["health.port", health({ port: 65_536 })],
    ["health.path", health({ path: "health" })],
    ["health.path", health({ path: "/a b" })],
    ["health.path", health({ path: "/a\r\nX: y" })],
    ["health.sessionsPointer", health({ sessionsPointer: "sessions" })],
    ["health.sessionsPointer", health({ sessionsPointer: "/a~2" })],
    ["health.capacity", health({ capacity: 0 })],
    ["health.intervalSeconds", health({ intervalSeconds: 0.1 })],
    ["health.timeoutSeconds", health({ timeoutSeconds: 3.6 })],
    ["health.header.name", health({ header: { name: "Host", secretRef: "PROBE_KEY" } })],
    ["health.header.name", health({ header: { name: "X:Y", secretRef: "PROBE_KEY" } })],
    ["health.header.secretRef", health({ header: { name: "X-Key", secretRef: "key" } })],
    ["health.host", health({ host: "media.example.org" })],
    ["health.host", health({ host: "{ip-dashed}.example.org/x" })],
    ["health.host", health({ host: "{ip-dashed}" })],
    ["health.host", health({ host: "{region}.{ip}.example.org" })],
    ["retire.confirmations", { ...LEAST, retire: { confirmations: 0 } }],
    ["retire.drainSeconds", { ...LEAST, retire: { drainSeconds: 3_601 } }],
    ["retire.billing", { ...LEAST, retire: { billing: "second" } }],
    ["rollout", { ...LEAST, rollout: null }],
    ["rollout.canary", { ...LEAST, rollout: { canary: 51 } }],
    ["rollout.canary", { ...LEAST, rollout: { canary: -1 } }],
    ["rollout.maxSurge", { ...LEAST, rollout: { maxSurge: 0 } }],
    ["rollout.maxSurge", { ...LEAST, rollout: { maxSurge: 1.5 } }],
    ["rollout.maxAgeDays", { ...LEAST, rollout: { maxAgeDays: 0 } }],
    ["rollout.maxAgeDays", { ...LEAST, rollout: { maxAgeDays: 366 } }],
    ["rollout.surge", { ...LEAST, rollout: { surge: 1 } }],
    ["limits.unknownShareMax", { ...LEAST, limits: { maxInstances: 1, unknownShareMax: 1.1 } }],
    ["limits.maxInstances", { ...LEAST, limits: { maxInstances: 1_001 } }],
    ["adopt.ports", { ...LEAST, adopt: { ports: "yes" } }],
    ["spares.default", { ...LEAST, spares: { default: "auto" } }],
    ["spares.default", { ...LEAST, spares: { default: 1.5 } }],
    ["spares.default", { ...LEAST, spares: { default: 201 } }],
    ["spares.default", { ...LEAST, spares: { default: 1, min: 2 } }],
    ["spares.min", { ...LEAST, spares: { min: 5, max: 4 } }],
    ["spares.tag.resource", { ...LEAST, spares: { tag: { resource: "key_1", key: "a" } } }],
    ["spares.tag.key", { ...LEAST, spares: { tag: { resource: "key-0abc1234", key: "" } } }],
    [
      "spares.tag.key",
      { ...LEAST, spares: { tag: { resource: "pg-0abc1234", key: "a".repeat(128) } } },
    ],
  ])("is checked: %s", (field, input) => {
    expect(fieldsOf(input)).toEqual([field]);
  });

  it("does not let a probe send one of the Worker's own secrets", () => {
    for (const secretRef of [
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "OPERATOR_TOKEN",
      "SLACK_WEBHOOK_URL",
    ])
      expect(fieldsOf(health({ header: { name: "X-Key", secretRef } }))).toEqual([
        "health.header.secretRef",
      ]);
  });

  it("may be null where nothing is meant", () => {
    expect(
      problemsOf({ ...health({ header: null, host: null }), keyPair: null, spares: { tag: null } }),
    ).toEqual([]);
  });

  it("takes the longest that AWS takes", () => {
    expect(problemsOf({ ...LEAST, userData: "a".repeat(16_384) })).toEqual([]);
    expect(
      problemsOf({
        ...LEAST,
        spares: { tag: { resource: "key-0123456789abcdef0", key: "여".repeat(127) } },
      }),
    ).toEqual([]);
  });

  it("may ask for more canaries than the surge, which then bounds them", () => {
    const rollout = { canary: "50", maxSurge: "1", maxAgeDays: "365" };

    expect(specOf({ ...LEAST, rollout }).rollout).toEqual({
      canary: 50,
      maxSurge: 1,
      maxAgeDays: 365,
    });
  });

  it("keeps the default of spares within its bounds", () => {
    expect(specOf({ ...LEAST, spares: { min: 3 } }).spares.default).toBe("3");
    expect(specOf({ ...LEAST, spares: { max: 0 } }).spares.default).toBe("0");
  });
});

describe("a spec that can never work", () => {
  const specWith = (changes: object): object => ({ ...LEAST, ...changes });

  it.each([
    ["nano_ipv6_3_0", "bundle"],
    ["medium_win_3_0", "bundle"],
    ["large_win_ipv6_3_2", "bundle"],
  ])("is refused for the bundle %s", (bundle, field) => {
    expect(fieldsOf(specWith({ bundle }))).toEqual([field]);
  });

  it.each(["windows_server_2022", "windows_server_2019_sql_express"])(
    "is refused for the blueprint %s",
    (blueprint) => {
      expect(fieldsOf(specWith({ image: { blueprint } }))).toEqual(["image.blueprint"]);
    },
  );

  it.each([25, "25"])("is refused for the health port %j, which Cloudflare blocks", (port) => {
    expect(problemsOf(specWith({ health: { port, path: "/health" } })).join()).toContain(
      "Cloudflare makes no connection to port 25",
    );
  });

  it("has CRLF in its launch script made LF, and is measured after that", () => {
    const line = `${"x".repeat(6)}\r\n`;
    const userData = line.repeat(16_384 / 7);

    expect(specOf(specWith({ userData: "#!/bin/sh\r\necho a\rb\r\n" })).userData).toBe(
      "#!/bin/sh\necho a\rb\n",
    );
    expect(specOf(specWith({ userData })).userData).toHaveLength(7 * Math.floor(16_384 / 7));
  });
});

describe("tags", () => {
  const tags = (written: unknown) => fieldsOf({ ...LEAST, tags: written });

  it("may be any letters of the world", () => {
    expect(tags({ 팀: "미디어", "cost:center": "a/b c@d", empty: "" })).toEqual([]);
  });

  it("do not take a key that AWS or Lightfleet keeps to itself", () => {
    expect(tags({ "aws:x": "1" })).toEqual(['tags["aws:x"]']);
    expect(tags({ "AWS:x": "1" })).toEqual(['tags["AWS:x"]']);
    expect(tags({ "lightfleet:owner": "prod/media" })).toEqual(['tags["lightfleet:owner"]']);
    expect(tags(JSON.parse('{"__proto__": "1"}'))).toEqual(["tags.__proto__"]);
  });

  it("do not take what AWS would refuse", () => {
    expect(tags({ a: 5 })).toEqual(["tags.a"]);
    expect(tags({ a: "x".repeat(257) })).toEqual(["tags.a"]);
    expect(tags({ a: "<b>" })).toEqual(["tags.a"]);
    expect(tags({ "": "a" })).toEqual(['tags[""]']);
    expect(tags([])).toEqual(["tags"]);
    expect(tags(Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, ""])))).toEqual([
      "tags",
    ]);
  });
});

describe("any JSON at all", () => {
  it("is either a spec that can be put again, or a list of problems", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearlyASpec()), (input) => {
        const parsed = parseSpec(input);
        if (parsed.ok) expect(parseSpec(parsed.value)).toEqual(parsed);
        else {
          expect(parsed.errors.length).toBeGreaterThan(0);
          for (const { field, message } of parsed.errors) expect(field && message).not.toBe("");
        }
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });
});

/** The full spec with some of its values replaced, so that the deeper checks are reached. */
function nearlyASpec(): fc.Arbitrary<unknown> {
  const replaced = fc.dictionary(fc.constantFrom(...Object.keys(FULL)), fc.jsonValue(), {
    maxKeys: 2,
  });
  return replaced.map((values) => ({ ...FULL, ...values }));
}
