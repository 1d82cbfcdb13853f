import { describe, expect, it } from "vitest";
import type { Blueprint, Offer } from "../../../worker/aws/catalogue.ts";
import type { Examined } from "../../../worker/doctor/patient.ts";
import {
  checkBundle,
  checkImage,
  checkLaunchScript,
  checkSpecialDays,
} from "../../../worker/doctor/things.ts";
import { aSpec, type SpecOverrides } from "../../durable/rules/spec-builder.ts";

const OFFER: Offer = {
  id: "medium_3_0",
  usdPerMonth: 24,
  vcpus: 2,
  power: 2000,
  diskGb: 80,
  isActive: true,
  hasPublicIpv4: true,
  runsLinux: true,
};
const IPV6: Offer = { ...OFFER, id: "nano_v6", hasPublicIpv4: false };
const WINDOWS: Offer = { ...OFFER, id: "nano_w", runsLinux: false };

function examined(spec: SpecOverrides, blueprint: Partial<Blueprint> = {}): Examined {
  const image = { id: "ubuntu_22_04", minPower: 0, isActive: true, isWindows: false, ...blueprint };
  const done = <T>(value: T) => ({ kind: "done", value, requestId: null });
  const look = { offers: done([OFFER, IPV6, WINDOWS]), blueprints: done([image]) };
  const config = { credentials: {} };
  return { spec: aSpec(spec), look, config } as unknown as Examined;
}

describe("what the doctor says of a size", () => {
  it("is well of a Linux size with an address", () => {
    expect(checkBundle(examined({ bundle: "medium_3_0" })).status).toBe("ok");
  });

  it.each([
    ["nano_v6", "no public IPv4 address: no probe could reach them"],
    ["nano_w", "for Windows"],
  ])("fails of %s, which could never be ready", (bundle, words) => {
    const { status, what } = checkBundle(examined({ bundle }));

    expect([status, what.includes(words)]).toEqual(["fail", true]);
  });

  it("names no such size instead of one that is not there", () => {
    const { fix } = checkBundle(examined({ bundle: "none" }));

    expect(fix).toBe("Set `bundle` to one of medium_3_0.");
  });
});

describe("what the doctor says of an image", () => {
  it("fails of one for Windows, whatever its name", () => {
    const image = { blueprint: "ubuntu_22_04" };

    expect(checkImage(examined({ image })).status).toBe("ok");
    expect(checkImage(examined({ image }, { isWindows: true })).what).toContain("for Windows");
  });
});

describe("what the doctor says of a launch script", () => {
  it.each([
    ["", undefined],
    ["#!/bin/sh\necho hi", "ok"],
    ["#cloud-config\nx: 1", "warn"],
    ["#!/bin/bash\nset -euo pipefail", "warn"],
  ])("of %j is %s", (userData, status) => {
    expect(checkLaunchScript(examined({ userData }))[0]?.status).toBe(status);
  });

  it("names the file in which its end can be read", () => {
    const [check] = checkLaunchScript(examined({ userData: "#cloud-config" }));

    expect(check?.fix).toContain("/var/log/cloud-init-output.log");
  });
});

describe("what the doctor says of special days", () => {
  const day = (from: string, until: string) => ({
    name: "night",
    from,
    until,
    timezone: "Europe/Berlin",
    spares: "5",
  });

  it("warns of one that lies wholly in the hour that is skipped", () => {
    const specialDays = [day("2027-03-28T02:00", "2027-03-28T03:00")];

    const [check] = checkSpecialDays(examined({ spares: { specialDays } }));

    expect(check?.status).toBe("warn");
    expect(check?.what).toContain("The special day night never comes: from 2027-03-28T02:00");
  });

  it.each([
    ["2027-03-28T02:00", "2027-03-28T03:01"],
    ["2027-03-28T01:59", "2027-03-28T03:00"],
    ["2027-10-31T02:00", "2027-10-31T03:00"],
  ])("is well with one from %s until %s, a part of which comes", (from, until) => {
    const spares = { specialDays: [day(from, until)] };

    expect(checkSpecialDays(examined({ spares }))[0]?.status).toBe("ok");
  });
});
