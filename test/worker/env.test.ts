import { describe, expect, it } from "vitest";
import { ConfigError, isLoopback, parseConfig } from "../../worker/env.ts";
import { secretAdvice } from "../../worker/secret-names.ts";
import { sentinels, settingNames } from "./sentinels.ts";

const AWS = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "very-secret" };

/** Whether they are accepted or not: none of many forms is wrong for each setting. */
function problemsOf(env: unknown): readonly string[] {
  try {
    return parseConfig(env).refusedTokens;
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
}

function problemOf(env: unknown): string {
  try {
    parseConfig(env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
  throw new Error("the settings were accepted");
}

describe("the settings of the Worker", () => {
  it("are all optional, with a deployment named default", () => {
    const config = parseConfig({});

    expect(config).toMatchObject({
      credentials: null,
      endpoint: null,
      tokens: [],
      deployment: "default",
      publicUrl: null,
      slackWebhookUrl: null,
      heartbeatUrl: null,
      tickMs: null,
      probeVia: null,
    });
  });

  it("take an empty string for not set", () => {
    const config = parseConfig({ ...AWS, AWS_SESSION_TOKEN: "", DEPLOYMENT: " ", TICK_MS: "" });

    expect(config.credentials).toEqual({
      accessKeyId: "AKID",
      secretAccessKey: "very-secret",
      sessionToken: null,
    });
    expect(config.deployment).toBe("default");
    expect(config.credentialsAdvice).toBeNull();
  });

  it("say which credential is missing and how to set it", () => {
    expect(parseConfig({ AWS_SECRET_ACCESS_KEY: "x" }).credentialsAdvice).toBe(
      "AWS_ACCESS_KEY_ID is not set: run `wrangler secret put AWS_ACCESS_KEY_ID`",
    );
    expect(parseConfig({ AWS_ACCESS_KEY_ID: "x" }).credentialsAdvice).toBe(
      "AWS_SECRET_ACCESS_KEY is not set: run `wrangler secret put AWS_SECRET_ACCESS_KEY`",
    );
  });

  it("refuse by name what they cannot read, all at once", () => {
    const problem = problemOf({
      DEPLOYMENT: "Staging!",
      PUBLIC_URL: "fleet.example.org",
      AWS_ENDPOINT_URL: "ftp://x",
    });

    expect(problem).toContain("DEPLOYMENT must be");
    expect(problem).toContain("PUBLIC_URL must be");
    expect(problem).toContain("AWS_ENDPOINT_URL must be");
  });

  it.each(settingNames())("do not repeat %s, whatever is wrong with it", (name) => {
    for (const wrong of [
      "sentinel with spaces",
      "ftp://sentinel",
      "sentinel:\u0007",
      ",sentinel",
    ]) {
      const problems = problemsOf({ ...sentinels(), [name]: wrong });

      expect(problems.filter((problem) => /sentinel/iu.test(problem))).toEqual([]);
    }
  });

  it("do not repeat a secret that they refuse", () => {
    expect(problemOf({ ...AWS, AWS_SESSION_TOKEN: "hidden token" })).not.toContain("hidden");
    const { refusedTokens } = parseConfig({ OPERATOR_TOKEN: "not a name:hidden" });
    expect(refusedTokens.join()).not.toMatch(/hidden|not a name/);
  });
});

const LONG = "0123456789abcdef0123456789abcdef";

describe("tokens", () => {
  it("are named after their role where they have no name", () => {
    expect(parseConfig({ OPERATOR_TOKEN: LONG }).tokens).toEqual([
      { role: "operator", name: "operator", value: LONG, expiresAt: null, fleets: null },
    ]);
  });

  it("do not blind the fleets, whatever is wrong with them", () => {
    const config = parseConfig({ ...AWS, OPERATOR_TOKEN: "alice:x,bob:" });

    expect(config.credentials).not.toBeNull();
    expect(config.tokens).toEqual([]);
    expect(config.refusedTokens[0]).toContain("OPERATOR_TOKEN: entry 2 must be a token");
    expect(config.secrets).toContain("x");
  });
});

describe("the settings for development", () => {
  const LOCAL = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" };

  it("are taken with an AWS on this machine", () => {
    const config = parseConfig({ ...LOCAL, TICK_MS: "250", PROBE_VIA: "127.0.0.1:4567" });

    expect(config.tickMs).toBe(250);
    expect(config.probeVia).toEqual({ host: "127.0.0.1", port: 4567 });
  });

  it("are refused with the real AWS", () => {
    expect(problemOf({ TICK_MS: "250" })).toBe(
      "TICK_MS needs AWS_ENDPOINT_URL to be a loopback address: remove TICK_MS",
    );
    expect(
      problemOf({ PROBE_VIA: "127.0.0.1:1", AWS_ENDPOINT_URL: "https://aws.example.org" }),
    ).toContain("PROBE_VIA needs");
  });

  it.each(["0", "1.5", "fast", "600000"])("refuse TICK_MS %s", (value) => {
    expect(problemOf({ ...LOCAL, TICK_MS: value })).toContain("TICK_MS must be");
  });

  it.each(["127.0.0.1", "host:0", "host:70000", "http://host:1"])(
    "refuse PROBE_VIA %s",
    (value) => {
      expect(problemOf({ ...LOCAL, PROBE_VIA: value })).toContain("PROBE_VIA must be");
    },
  );
});

describe.each(["SLACK_WEBHOOK_URL", "HEARTBEAT_URL"])("the secret address %s", (name) => {
  it.each(["https://hooks.example.org/services/T/B/x?y=z", "http://127.0.0.1:8065/hooks/x"])(
    "may be %s",
    (value) => {
      const { slackWebhookUrl, heartbeatUrl } = parseConfig({ [name]: value });

      expect(name === "HEARTBEAT_URL" ? heartbeatUrl : slackWebhookUrl).toBe(value);
    },
  );

  it.each([
    "http://hooks.example.org/hidden",
    "hidden",
    "ftp://x/hidden",
    "https://u:hidden@x.org",
  ])("is refused where it is %s, without its value", (value) => {
    const problem = problemOf({ [name]: value });

    expect(problem).toContain(`${name} must be an https URL`);
    expect(problem).not.toContain("hidden");
  });
});

describe("an endpoint", () => {
  it.each([
    "http://127.0.0.1:1",
    "http://127.9.9.9",
    "http://localhost",
    "http://[::1]:80",
    "http://aws.localhost",
  ])("%s is this machine", (endpoint) => expect(isLoopback(endpoint)).toBe(true));

  it.each([
    null,
    "https://example.org",
    "http://127.0.0.1.example.org",
    "http://10.0.0.1",
    "nonsense",
  ])("%s is not this machine", (endpoint) => expect(isLoopback(endpoint)).toBe(false));
});

describe("a secret that a spec names", () => {
  const SLACK_WEBHOOK_URL = "https://hooks.slack.com/services/T/B/s";
  const env = { ...AWS, OPERATOR_TOKEN: "o", SLACK_WEBHOOK_URL, PROBE_TOKEN: "p", lower: "l" };

  it("is read by its name", () => {
    expect(parseConfig(env).secret("PROBE_TOKEN")).toBe("p");
  });

  it.each([...settingNames(), "AWS_PROFILE", "ACCESS_CLIENT_SECRET"])(
    "is never the Worker's own %s",
    (name) => {
      const config = parseConfig({ ...sentinels(), [name]: sentinels()[name] ?? "sentinel" });

      expect(config.secret(name)).toBeNull();
      expect(config.secret("PROBE_TOKEN")).toBe("sentinel-PROBE_TOKEN");
    },
  );

  it("is one of those that nobody may read, as are all settings that hold a sentinel", () => {
    const { secrets } = parseConfig(sentinels());

    expect(settingNames().length).toBeGreaterThan(15);
    for (const value of Object.values(sentinels()))
      if (value.includes("sentinel")) expect(secrets).toContain(value);
    expect(secrets).toEqual(
      expect.arrayContaining(["sentinel-of-OPERATOR_TOKEN", "sentinel-of-bob-the-viewer"]),
    );
    expect(secrets).not.toContain("default");
  });

  it.each([
    "NPM_TOKEN",
    "DATABASE_URL",
    "PROBE",
    "PROBES_KEY",
    "XPROBE_KEY",
    "PROBE_VIA",
    "probe_key",
  ])("is not %s, which was not made for one", (name) => {
    expect(
      parseConfig({
        ...AWS,
        [name]: "127.0.0.1:4567",
        AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      }).secret(name),
    ).toBeNull();
  });

  it.each(["PROBE_KEY", "DRAIN_KEY", "AGENT_KEY", "USERDATA_KEY_2"])("may be %s", (name) => {
    expect(parseConfig({ ...AWS, [name]: "made for it" }).secret(name)).toBe("made for it");
  });

  it("is found under its new name for specs that were stored with the old one", () => {
    const config = parseConfig({ ...AWS, MEDIA_KEY: "old", PROBE_MEDIA_KEY: "moved" });

    expect(config.secret("MEDIA_KEY")).toBe("moved");
    expect(secretAdvice("OTHER_KEY", "health.header")).toMatch(
      /OTHER_KEY .* is not set under .*PROBE_.*`wrangler secret put PROBE_OTHER_KEY`/u,
    );
  });

  it("is null where there is none, or the name is not one of a secret", () => {
    const config = parseConfig(env);

    expect(config.secret("ABSENT")).toBeNull();
    expect(config.secret("lower")).toBeNull();
    expect(config.secret("constructor")).toBeNull();
  });
});

describe("Cloudflare Access", () => {
  const ACCESS = { ACCESS_TEAM_DOMAIN: "example.cloudflareaccess.com", ACCESS_AUD: "a".repeat(64) };

  it("is not looked at unless it is set", () => {
    expect(parseConfig({}).access).toBeNull();
    expect(parseConfig({ ACCESS_TEAM_DOMAIN: "" }).access).toBeNull();
  });

  it("makes people viewers, unless the settings say more", () => {
    expect(parseConfig(ACCESS).access).toEqual({
      issuer: "https://example.cloudflareaccess.com",
      audiences: ["a".repeat(64)],
      role: "viewer",
      operators: [],
    });
    const more = parseConfig({
      ...ACCESS,
      ACCESS_AUD: `${"a".repeat(64)}, ${"b".repeat(64)}`,
      ACCESS_ROLE: "dispatcher",
      ACCESS_OPERATORS: "Olga@Example.org, paul@example.org",
    });
    expect(more.access).toMatchObject({
      audiences: ["a".repeat(64), "b".repeat(64)],
      role: "dispatcher",
      operators: ["olga@example.org", "paul@example.org"],
    });
  });

  it.each([
    ["ACCESS_TEAM_DOMAIN", "https://example.cloudflareaccess.com"],
    ["ACCESS_TEAM_DOMAIN", "example.org"],
    ["ACCESS_TEAM_DOMAIN", "evil.org/x.cloudflareaccess.com"],
    ["ACCESS_TEAM_DOMAIN", "http://127.0.0.1:8080"],
    ["ACCESS_TEAM_DOMAIN", ""],
    ["ACCESS_AUD", "abc"],
    ["ACCESS_AUD", ""],
    ["ACCESS_AUD", `${"a".repeat(64)},`],
    ["ACCESS_ROLE", "admin"],
    ["ACCESS_OPERATORS", "olga"],
  ])("is refused where %s is %j, and that is said", (name, value) => {
    expect(problemOf({ ...ACCESS, [name]: value })).toContain(`${name} must be`);
  });

  it("is half set where only the role is", () => {
    expect(problemOf({ ACCESS_ROLE: "operator" })).toContain("ACCESS_TEAM_DOMAIN must be");
  });

  it("may be on this machine where AWS is", () => {
    const development = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" };

    const { access } = parseConfig({
      ...ACCESS,
      ...development,
      ACCESS_TEAM_DOMAIN: "http://127.0.0.1:8080",
    });

    expect(access?.issuer).toBe("http://127.0.0.1:8080");
  });
});
