/** Which ports a new spec would close. */
import { describe, expect, it } from "vitest";
import { closedPorts } from "../../../durable/rules/closed-ports.ts";
import type { PortRule, Protocol } from "../../../durable/rules/spec.ts";
import { aSpec } from "./builders.ts";

function rule(protocol: Protocol, from: number, to = from): PortRule {
  return { protocol, from, to };
}

function closed(before: readonly PortRule[] | null, after: readonly PortRule[]): string[] {
  return closedPorts(before === null ? null : aSpec({ ports: before }), aSpec({ ports: after }));
}

describe("the ports that a spec would close", () => {
  it("are Lightsail's own, of a new fleet", () => {
    expect(closed(null, [rule("tcp", 8080)])).toEqual(["tcp 22", "tcp 80"]);
  });

  it("are not those of Lightsail's that it names", () => {
    expect(closed(null, [rule("tcp", 22), rule("tcp", 8080)])).toEqual(["tcp 80"]);
    expect(closed(null, [rule("tcp", 20, 90)])).toEqual([]);
  });

  it("are those of the spec before, of a fleet that lives; Lightsail's are closed already", () => {
    expect(closed([rule("tcp", 443), rule("udp", 10_000, 20_000)], [rule("tcp", 443)])).toEqual([
      "udp 10000-20000",
    ]);
  });

  it("are none where nothing changes, nor where more is opened", () => {
    expect(closed([rule("tcp", 443)], [rule("tcp", 443)])).toEqual([]);
    expect(closed([rule("tcp", 443)], [rule("tcp", 443), rule("udp", 443)])).toEqual([]);
  });

  it.each<[string, PortRule, PortRule]>([
    ["another protocol", rule("udp", 443), rule("tcp", 443)],
    ["a range that begins later", rule("tcp", 443, 500), rule("tcp", 444, 500)],
    ["a range that ends sooner", rule("tcp", 443, 500), rule("tcp", 443, 499)],
    ["one protocol instead of all", rule("all", 0, 65_535), rule("tcp", 0, 65_535)],
  ])("are told whole where what is left is %s", (_what, before, after) => {
    expect(closed([before], [after])).toHaveLength(1);
  });

  it.each<[string, PortRule, PortRule]>([
    ["the same range", rule("tcp", 443, 500), rule("tcp", 443, 500)],
    ["a wider one", rule("tcp", 443, 500), rule("tcp", 442, 501)],
    ["all protocols", rule("udp", 443), rule("all", 0, 65_535)],
  ])("are not those that are open by %s", (_what, before, after) => {
    expect(closed([before], [after])).toEqual([]);
  });
});

describe("faults that were found", () => {
  it("ICMP, whose types are no ports, is open where all is", () => {
    expect(closed([rule("icmp", -1)], [rule("all", 0, 65_535)])).toEqual([]);
  });
});
