import { describe, expect, it } from "vitest";
import { parseSpec } from "../../../worker/api/spec.ts";
import { settingNames } from "../sentinels.ts";
import { LEAST } from "./fakes.ts";

const DRAIN = { path: "/lightfleet/{verb}", secretRef: "DRAIN_KEY" };

function parsed(health: object) {
  return parseSpec({ ...LEAST, health: { ...LEAST.health, ...health } });
}

function drainOf(drain: unknown) {
  const spec = parsed({ drain });
  if (!spec.ok) throw new Error(JSON.stringify(spec.errors));
  return spec.value.health.drain;
}

function problemsOf(health: object): string[] {
  const spec = parsed(health);
  return spec.ok ? [] : spec.errors.map(({ field, message }) => `${field}: ${message}`);
}

describe("a server's part in draining", () => {
  it("is none unless the spec says how to call it", () => {
    expect(drainOf(undefined)).toBeNull();
    expect(drainOf(null)).toBeNull();
  });

  it("is called by POST unless PUT is asked for, and the path may be the same for both verbs", () => {
    expect(drainOf(DRAIN)).toEqual({ ...DRAIN, method: "POST" });
    expect(drainOf({ ...DRAIN, method: "PUT", path: "/drain" })).toEqual({
      method: "PUT",
      path: "/drain",
      secretRef: "DRAIN_KEY",
    });
  });

  it.each([
    ["health.drain", true],
    ["health.drain", []],
    ["health.drain.method", { ...DRAIN, method: "GET" }],
    ["health.drain.method", { ...DRAIN, method: "post" }],
    ["health.drain.path", { ...DRAIN, path: "{verb}" }],
    ["health.drain.path", { ...DRAIN, path: "/a b" }],
    ["health.drain.path", { ...DRAIN, path: "/a#b" }],
    ["health.drain.path", { ...DRAIN, path: "/a\r\nX: y" }],
    ["health.drain.path", { ...DRAIN, path: `/${"a".repeat(1_024)}` }],
    ["health.drain.path", { secretRef: "DRAIN_KEY" }],
    ["health.drain.secretRef", { path: "/drain" }],
    ["health.drain.secretRef", { ...DRAIN, secretRef: "drain_key" }],
    ["health.drain.secret", { ...DRAIN, secret: "s3cret" }],
  ])("is checked: %s %j", (field, drain) => {
    expect(problemsOf({ drain })).toEqual([expect.stringContaining(`${field}: `)]);
  });

  it("is not signed for with the secret that every probe carries in the clear", () => {
    const header = { name: "X-Probe-Key", secretRef: "DRAIN_KEY" };

    expect(problemsOf({ drain: DRAIN, header })).toEqual([
      expect.stringMatching(/^health\.drain\.secretRef: must be another secret/u),
    ]);
    expect(problemsOf({ drain: DRAIN, header: { ...header, secretRef: "PROBE_KEY" } })).toEqual([]);
    expect(problemsOf({ drain: null, header })).toEqual([]);
  });
});

describe("a server's name in its reply", () => {
  const required = (health: object): boolean | undefined => {
    const spec = parsed(health);
    return spec.ok ? spec.value.health.nameRequired : undefined;
  };

  it("is required where the server takes part in draining, unless the spec says otherwise", () => {
    expect(required({})).toBe(false);
    expect(required({ drain: DRAIN })).toBe(true);
    expect(required({ drain: DRAIN, nameRequired: false })).toBe(false);
    expect(required({ nameRequired: true })).toBe(true);
  });

  it("is required or not, and nothing else", () => {
    expect(problemsOf({ nameRequired: "yes" })).toEqual([
      "health.nameRequired: must be true or false",
    ]);
  });
});

it("a probe's header does not take the name of one that is signed", () => {
  const header = { name: "x-lightfleet-Time", secretRef: "PROBE_KEY" };

  expect(problemsOf({ header })).toEqual([expect.stringContaining("health.header.name: ")]);
});

it.each([...settingNames(), "AWS_PROFILE", "ACCESS_CLIENT_SECRET", "NPM_TOKEN", "KEY", "PROBE_"])(
  "the Worker's own %s is neither sent with probes nor signed with",
  (secretRef) => {
    const refused = (field: string): unknown[] => [
      expect.stringMatching(new RegExp(`^health\\.${field}\\.secretRef: must be the name of`, "u")),
    ];

    expect(problemsOf({ header: { name: "X-Probe-Key", secretRef } })).toEqual(refused("header"));
    expect(problemsOf({ drain: { ...DRAIN, secretRef } })).toEqual(refused("drain"));
  },
);

it.each([
  "Host",
  "connection",
  "Content-Length",
  "transfer-encoding",
  "Upgrade",
  "TE",
  "trailer",
  "Expect",
])("a probe's header is none that the probe writes itself: %s", (name) => {
  const header = { name, secretRef: "PROBE_KEY" };

  expect(problemsOf({ header })).toEqual([expect.stringContaining("health.header.name: ")]);
});
