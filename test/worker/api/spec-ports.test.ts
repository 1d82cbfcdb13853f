import { describe, expect, it } from "vitest";
import { parseSpec } from "../../../worker/api/spec.ts";
import { LEAST } from "./fakes.ts";

const HEALTH = { protocol: "tcp", from: 8080, to: 8080 };

function problemsOf(ports: unknown): string[] {
  const parsed = parseSpec({ ...LEAST, ports });
  return parsed.ok ? [] : parsed.errors.map(({ field, message }) => `${field}: ${message}`);
}

function fieldsOf(ports: unknown): string[] {
  return problemsOf(ports).map((problem) => problem.slice(0, problem.indexOf(": ")));
}

describe("the rule that opens the health port", () => {
  it.each([
    ["is the port alone", HEALTH],
    ["may be a range around it", { protocol: "tcp", from: 8000, to: 9000 }],
    ["may be for everything", { protocol: "all", from: 0, to: 65_535 }],
    ["may name the world among its sources", { ...HEALTH, cidrs: ["10.0.0.0/8", "0.0.0.0/0"] }],
    ["may have strings for its ports", { protocol: "tcp", from: "8080", to: "8080" }],
  ])("%s", (_, rule) => {
    expect(problemsOf([rule])).toEqual([]);
  });

  it.each([
    ["missing", []],
    ["for UDP", [{ protocol: "udp", from: 8080, to: 8080 }]],
    ["beside the port", [{ protocol: "tcp", from: 8081, to: 8090 }]],
    ["for some addresses only", [{ ...HEALTH, cidrs: ["203.0.113.0/24"] }]],
    ["for IPv6 only", [{ ...HEALTH, ipv6Cidrs: ["::/0"] }]],
    ["for AWS's console only", [{ ...HEALTH, cidrListAliases: ["lightsail-connect"] }]],
  ])("must not be %s", (_, rules) => {
    expect(problemsOf(rules)).toEqual([
      expect.stringMatching(/^ports: does not open health\.port \(8080\) to the world/u),
    ]);
  });
});

describe("a port rule", () => {
  it.each([
    ["ports[1].protocol", { protocol: "sctp", from: 1, to: 1 }],
    ["ports[1].to", { protocol: "tcp", from: 20, to: 10 }],
    ["ports[1].from", { protocol: "tcp", from: -1, to: 10 }],
    ["ports[1].to", { protocol: "udp", from: 1, to: 65_536 }],
    ["ports[1].to", { protocol: "udp", from: 1 }],
    ["ports[1].from", { protocol: "icmp", from: 256, to: 0 }],
    ["ports[1].port", { protocol: "tcp", from: 1, to: 1, port: 1 }],
    ["ports[1].cidrs", { protocol: "tcp", from: 1, to: 1, cidrs: [] }],
    ["ports[1].cidrs[0]", { protocol: "tcp", from: 1, to: 1, cidrs: ["10.0.0.0/33"] }],
    ["ports[1].cidrs[0]", { protocol: "tcp", from: 1, to: 1, cidrs: ["10.0.0.1"] }],
    ["ports[1].cidrs[0]", { protocol: "tcp", from: 1, to: 1, cidrs: ["::/0"] }],
    ["ports[1].ipv6Cidrs[1]", { protocol: "tcp", from: 1, to: 1, ipv6Cidrs: ["::/0", "g::/1"] }],
    ["ports[1].cidrListAliases[0]", { protocol: "tcp", from: 1, to: 1, cidrListAliases: ["all"] }],
    ["ports[1]", HEALTH],
  ])("is checked: %s", (field, rule) => {
    expect(fieldsOf([HEALTH, rule])).toEqual([field]);
  });

  it("for ping is type 8, any code", () => {
    expect(problemsOf([HEALTH, { protocol: "icmp", from: 8, to: -1 }])).toEqual([]);
  });

  it("does not have more sources than AWS takes", () => {
    const sources = (count: number) => Array.from({ length: count }, (_, i) => `10.0.${i}.0/24`);

    expect(problemsOf([HEALTH, { protocol: "tcp", from: 1, to: 1, cidrs: sources(60) }])).toEqual(
      [],
    );
    expect(fieldsOf([HEALTH, { protocol: "tcp", from: 1, to: 1, cidrs: sources(61) }])).toEqual([
      "ports[1].cidrs",
    ]);
  });
});
