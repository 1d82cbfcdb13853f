/**
 * The page on security names tests that exist, and its policy refuses what a thief of the key would do. The
 * policy is judged by the few rules of IAM that it uses; AWS itself is asked nothing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/security.md"), "utf8");

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Call {
  readonly action: string;
  readonly resource: string;
  /** Tags of the server, tags of the request, and the keys that it is about. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly requested?: Readonly<Record<string, string>>;
}

const [, json = ""] = /```json\n(.*?)\n```/su.exec(PAGE) ?? [];
const { Statement: STATEMENTS } = JSON.parse(json) as { Statement: readonly Statement[] };

function allows(call: Call): boolean {
  const matching = STATEMENTS.filter((statement) => matches(statement, call));
  return (
    matching.some(({ Effect }) => Effect === "Allow") &&
    matching.every(({ Effect }) => Effect === "Allow")
  );
}

function matches({ Action, Resource, Condition = {} }: Statement, call: Call): boolean {
  return (
    [Action].flat().includes(call.action) &&
    like(Resource, call.resource) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, pattern]) => holds(operator, valuesOf(key, call), pattern)),
    )
  );
}

function valuesOf(key: string, { tags = {}, requested = {} }: Call): readonly string[] {
  if (key === "aws:TagKeys") return Object.keys(requested);
  const [, kind, tag = ""] = /^aws:(ResourceTag|RequestTag)\/(.+)$/u.exec(key) ?? [];
  const value = (kind === "ResourceTag" ? tags : requested)[tag];
  return value === undefined ? [] : [value];
}

function holds(operator: string, values: readonly string[], pattern: string): boolean {
  switch (operator) {
    case "StringLike":
      return values.some((value) => like(pattern, value));
    case "ForAnyValue:StringEquals":
      return values.includes(pattern);
    default:
      throw new Error(`the test knows no ${operator}`);
  }
}

function like(pattern: string, value: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/gu, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "u").test(value);
}

const SERVER = "arn:aws:lightsail:ap-northeast-2:111122223333:Instance/1b2c";
const OURS = { "lightfleet:owner": "default/media" };
const OTHERS = [{}, { "lightfleet:owner": "staging/media" }, { owner: "default/media" }];

describe("a stolen key", () => {
  it.each(["DeleteInstance", "PutInstancePublicPorts", "TagResource", "UntagResource"])(
    "may do %s on our servers, and on no other",
    (name) => {
      const call = { action: `lightsail:${name}`, resource: SERVER };

      expect(allows({ ...call, tags: OURS })).toBe(true);
      for (const tags of OTHERS) expect(allows({ ...call, tags })).toBe(false);
    },
  );

  it("cannot make another's server ours, so that it may delete it next", () => {
    const call = { action: "lightsail:TagResource", resource: SERVER, requested: OURS };

    for (const tags of OTHERS) expect(allows({ ...call, tags })).toBe(false);
  });

  it("cannot take the owner tag off a server", () => {
    const call = { action: "lightsail:UntagResource", resource: SERVER, tags: OURS };

    expect(allows({ ...call, requested: { team: "" } })).toBe(true);
    expect(allows({ ...call, requested: { "lightfleet:owner": "" } })).toBe(false);
  });

  it.each(["CreateInstances", "CreateInstancesFromSnapshot"])(
    "makes by %s only servers that carry the owner tag",
    (name) => {
      const call = { action: `lightsail:${name}`, resource: "*" };

      expect(allows({ ...call, requested: OURS })).toBe(true);
      for (const requested of OTHERS) expect(allows({ ...call, requested })).toBe(false);
    },
  );

  it("gets no shell on a server, and writes no tag of EC2 but the target's", () => {
    expect(allows({ action: "lightsail:GetInstanceAccessDetails", resource: SERVER })).toBe(false);
    const instance = "arn:aws:ec2:REGION:ACCOUNT:instance/i-1";
    expect(allows({ action: "ec2:CreateTags", resource: instance })).toBe(false);
  });
});

test("the bounded policy has every right that Lightfleet uses, and the README names no other", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const used = new Set(readme.match(/"(?:lightsail|ec2):\w+"/gu)?.map((name) => name.slice(1, -1)));
  const allowed = STATEMENTS.filter(({ Effect }) => Effect === "Allow").flatMap(
    ({ Action }) => Action,
  );

  used.delete("lightsail:GetInstanceAccessDetails");
  expect([...allowed].toSorted()).toEqual([...used].toSorted());
});

const HOLDS = [...PAGE.matchAll(/\| `(test\/[\w./-]+)`, "([^"]+)" \|/gu)];

test("the page names a test for each attack", () => {
  const attacks = PAGE.split("## Attacks, and what holds them")[1]?.split("\n## ")[0] ?? "";
  const rows = attacks.split("\n").filter((line) => line.startsWith("| "));

  expect(rows.length - 1).toBe(HOLDS.length);
});

test.each(HOLDS.map(([, file, name]) => [file ?? "", name ?? ""]))(
  "%s has the test that the page names: %s",
  (file, name) => {
    expect(readFileSync(join(ROOT, file), "utf8")).toContain(name);
  },
);
