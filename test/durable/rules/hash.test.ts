import { describe, expect, it } from "vitest";
import { hash, portsHash, templateHash } from "../../../durable/rules/hash.ts";
import { aSpec, type SpecOverrides } from "./builders.ts";

describe("a hash", () => {
  /** From the test vectors of the authors of FNV-1a. */
  it.each([
    ["", "cbf29ce484222325"],
    ["a", "af63dc4c8601ec8c"],
    ["foobar", "85944171f73967e8"],
  ])("of %j is %s", (text, expected) => {
    expect(hash(text)).toBe(expected);
  });

  it("has sixteen digits, also where it begins with zeros", () => {
    const hashes = Array.from({ length: 200 }, (_, index) => hash(String(index)));

    expect(hashes.filter((each) => each.startsWith("0"))).not.toEqual([]);
    expect(new Set(hashes.map(({ length }) => length))).toEqual(new Set([16]));
  });
});

describe("the template", () => {
  const differs = (overrides: SpecOverrides): boolean =>
    templateHash(aSpec(overrides)) !== templateHash(aSpec());

  it.each<[string, SpecOverrides]>([
    ["image", { image: { snapshot: "media-2" } }],
    ["bundle", { bundle: "large_3_0" }],
    ["userData", { userData: "#!/bin/sh" }],
    ["keyPair", { keyPair: "ops" }],
  ])("is another one where the %s differs: the servers are replaced", (_what, overrides) => {
    expect(differs(overrides)).toBe(true);
  });

  it.each<[string, SpecOverrides]>([
    ["ports", { ports: [] }],
    ["tags", { tags: { team: "media" } }],
    ["spares", { spares: { default: "9" } }],
    ["limits", { limits: { maxInstances: 1 } }],
  ])("does not differ by %s: no server is replaced for them", (_what, overrides) => {
    expect(differs(overrides)).toBe(false);
  });
});

describe("the ports", () => {
  it("are told apart by every part of a rule", () => {
    const rule = { protocol: "tcp", from: 443, to: 443 } as const;
    const others = [
      [],
      [{ ...rule, protocol: "udp" as const }],
      [{ ...rule, to: 444 }],
      [{ ...rule, cidrs: ["10.0.0.0/8"] }],
      [rule, rule],
    ];

    const hashes = new Set([[rule], ...others].map((ports) => portsHash(ports)));

    expect(hashes.size).toBe(others.length + 1);
    expect(portsHash([rule])).toBe(portsHash([{ ...rule }]));
  });
});
