/** The settings of tokens, as somebody writes them in a hurry, and as somebody attacks them. */
import { describe, expect, it } from "vitest";
import { readTokens } from "../../worker/env-tokens.ts";

/** As `openssl rand -hex 16` gives them. */
const ONE = "0123456789abcdef0123456789abcdef";
const TWO = "fedcba9876543210fedcba9876543210";
const HEX = "a".repeat(64);
const NONE = { OPERATOR_TOKEN: null, VIEWER_TOKEN: null, DISPATCHER_TOKEN: null };

function read(settings: Partial<Record<keyof typeof NONE, string>>, people: string[] = []) {
  const { tokens, refused, secrets } = readTokens({ ...NONE, ...settings }, people);
  const named = tokens.map(({ role, name }) => `${role} ${name}`);
  return { tokens, named, refused, secrets };
}

describe("tokens in the settings", () => {
  it("may be several for each role, each with its name", () => {
    const { named, refused } = read({
      OPERATOR_TOKEN: ` olga : ${ONE} , ops-2026-11:${TWO}`,
      VIEWER_TOKEN: `vera@example.org:${ONE}x`,
      DISPATCHER_TOKEN: `${TWO}x`,
    });

    expect(named).toEqual([
      "operator olga",
      "operator ops-2026-11",
      "viewer vera@example.org",
      "dispatcher dispatcher",
    ]);
    expect(refused).toEqual([]);
  });

  it("may be given by their SHA-256, with a name or without", () => {
    const { tokens } = read({
      OPERATOR_TOKEN: `sha256:${HEX.toUpperCase()}`,
      VIEWER_TOKEN: `ci:sha256:${"b".repeat(64)},vera:${ONE}`,
    });

    expect(tokens.map(({ name, value }) => [name, value])).toEqual([
      ["operator", `sha256:${HEX}`],
      ["ci", `sha256:${"b".repeat(64)}`],
      ["vera", ONE],
    ]);
  });

  it("may end at a moment, and be for some fleets alone", () => {
    const { tokens, refused } = read({
      DISPATCHER_TOKEN: `dan:${ONE};exp=2027-01-01;fleets=media, staging,eve:${TWO};fleets=media;exp=2027-01-01T09:00+09:00`,
    });

    expect(refused).toEqual([]);
    expect(tokens).toEqual([
      {
        role: "dispatcher",
        name: "dan",
        value: ONE,
        expiresAt: Date.UTC(2027, 0, 1),
        fleets: ["media", "staging"],
      },
      {
        role: "dispatcher",
        name: "eve",
        value: TWO,
        expiresAt: Date.UTC(2027, 0, 1),
        fleets: ["media"],
      },
    ]);
  });
});

describe("a setting of tokens that can be read in two ways", () => {
  it.each([
    ["a comma inside a token, whose tail would be a token", `${ONE},z`],
    ["a comma inside a token, whose tail is long enough", `${ONE},${TWO}`],
    ["a comma inside a named token", `olga:${ONE},${TWO}`],
    ["a comma at its end", `olga:${ONE},`],
    ["a colon inside a token, which would publish its head", `kJ8x2mQp9Zr4:${ONE}`],
    ["a colon inside a token of hex", `0a1b2c3d4e5f:${ONE}`],
    ["a colon inside a named token", `olga:abc:${ONE}`],
    ["a colon and no token", "olga:"],
    ["a colon and no name", `:${ONE}`],
    ["a digest that is cut short", `sha256:${"a".repeat(63)}`],
    ["a space inside a token", `olga:${ONE} ${TWO}`],
  ])("opens nothing: %s", (_, OPERATOR_TOKEN) => {
    const { tokens, refused } = read({ OPERATOR_TOKEN, VIEWER_TOKEN: TWO.toUpperCase() });

    expect(tokens.map(({ role }) => role)).toEqual(["viewer"]);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatch(/^OPERATOR_TOKEN: entry \d .*accepted$/u);
  });

  it.each(["exp=2027-02-30", "exp=soon", "exp=", "fleets=", "fleets=Media", "role=viewer", ""])(
    "opens nothing by an entry with the option %j",
    (option) => {
      const { named, refused } = read({
        OPERATOR_TOKEN: `olga:${ONE};${option},otto:${TWO}`,
      });

      expect(named).toEqual(["operator otto"]);
      expect(refused).toHaveLength(1);
      expect(refused[0]).toContain("OPERATOR_TOKEN: entry 1");
    },
  );

  it("opens nothing by an option that stands twice", () => {
    const { named } = read({ VIEWER_TOKEN: `${ONE};fleets=media;fleets=staging` });

    expect(named).toEqual([]);
  });
});

describe("a token that is refused", () => {
  it("has fewer than 24 characters, and the others of its setting go on", () => {
    const { named, refused, secrets } = read({
      OPERATOR_TOKEN: `olga:${ONE},ops:abcde`,
      VIEWER_TOKEN: "a".repeat(23),
      DISPATCHER_TOKEN: "a".repeat(24),
    });

    expect(named).toEqual(["operator olga", "dispatcher dispatcher"]);
    expect(refused).toEqual([
      "OPERATOR_TOKEN: entry 2 has fewer than 24 characters and is not accepted; `openssl rand -hex 32` makes a good one",
      "VIEWER_TOKEN: entry 1 has fewer than 24 characters and is not accepted; `openssl rand -hex 32` makes a good one",
    ]);
    expect(secrets).toEqual(expect.arrayContaining(["abcde", ONE]));
  });

  it.each(["lightfleet", "Lightfleet", "unknown", "tag", "token", "access", "viewer", "operator"])(
    "is named %s, which means something else in the audit trail",
    (name) => {
      const { tokens, refused } = read({ DISPATCHER_TOKEN: `${name}:${ONE}` });

      expect(tokens).toEqual([]);
      expect(refused).toEqual([
        "DISPATCHER_TOKEN: entry 1 has a name that means something else here: give it another one",
      ]);
    },
  );

  it("has the name of another one, of whatever role and in whatever case, and so is that one", () => {
    const { named, refused } = read({
      OPERATOR_TOKEN: `olga:${ONE}`,
      VIEWER_TOKEN: `Olga:${TWO},vera:${TWO}x`,
    });

    expect(named).toEqual(["viewer vera"]);
    expect(refused).toEqual([
      "OPERATOR_TOKEN: entry 1 has the name of another token (VIEWER_TOKEN: entry 1): give each its own; until then neither is accepted",
      "VIEWER_TOKEN: entry 1 has the name of another token (OPERATOR_TOKEN: entry 1): give each its own; until then neither is accepted",
    ]);
  });

  it.each([
    [ONE, ONE],
    [`sha256:${HEX}`, `sha256:${HEX.toUpperCase()}`],
  ])("is another one's too: %s and %s", (one, other) => {
    const { tokens, refused } = read({ OPERATOR_TOKEN: `a:${one}`, VIEWER_TOKEN: `b:${other}` });

    expect(tokens).toEqual([]);
    expect(refused[0]).toContain("is the same token as another (VIEWER_TOKEN: entry 1)");
  });

  it("is said without any part of it", () => {
    const parts = ["Hid1den2Head3", "hid4den5tail6", "hid7den8value9"];
    const settings = [
      `${parts[0]}:${ONE}`,
      `${ONE}${parts[0]},${parts[1]}`,
      `olga:${parts[2]}`,
      `olga:${ONE};exp=${parts[2]}`,
      `olga:${ONE};${parts[1]}=1`,
      `olga:${ONE};fleets=${parts[0]}`,
    ];

    for (const OPERATOR_TOKEN of settings) {
      const { refused, secrets } = read({ OPERATOR_TOKEN });

      expect(refused).not.toEqual([]);
      for (const part of [...parts, ONE]) expect(refused.join()).not.toContain(part);
      expect(secrets).toContain(OPERATOR_TOKEN);
    }
  });

  it("is no operator's of Cloudflare Access either: an address that is a token's name is reported", () => {
    const { named, refused } = read({ VIEWER_TOKEN: `olga@example.org:${ONE}` }, [
      "olga@example.org",
    ]);

    expect(named).toEqual(["viewer olga@example.org"]);
    expect(refused).toEqual([
      "ACCESS_OPERATORS: an address is the name of a token: rename the token; until then that person is not let in",
    ]);
  });
});
