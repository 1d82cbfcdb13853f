import { describe, expect, it } from "vitest";
import { checkAddress } from "../../../worker/health/address.ts";

const PUBLIC_ONLY = { loopback: false, anyRange: false };

describe("an address of the internet", () => {
  it.each([
    ["3.34.0.5", "3.34.0.5", "3-34-0-5"],
    ["100.63.255.255", "100.63.255.255", "100-63-255-255"],
    ["172.32.0.1", "172.32.0.1", "172-32-0-1"],
    ["2406:da12::1", "[2406:da12::1]", "2406-da12--1"],
    ["::ffff:3.34.0.5", "[::ffff:3.34.0.5]", "--ffff-3.34.0.5"],
  ])("%s may be probed", (address, host, dashed) => {
    expect(checkAddress(address, PUBLIC_ONLY)).toEqual({ kind: "allowed", host, dashed });
  });
});

describe("an address of a closed range", () => {
  it.each([
    ["0.0.0.0", "this-network"],
    ["10.1.2.3", "private"],
    ["100.64.0.1", "carrier-grade NAT"],
    ["127.0.0.1", "loopback"],
    ["169.254.169.254", "link-local"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["198.19.0.1", "benchmarking"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "reserved"],
    ["::", "reserved"],
    ["::1", "loopback"],
    ["fe80::1", "link-local"],
    ["febf::1", "link-local"],
    ["fec0::1", "reserved"],
    ["fd00::1", "private"],
    ["ff02::1", "multicast"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:a9fe:a9fe", "link-local"],
    ["64:ff9b::10.0.0.1", "private"],
    ["2002:a00:1::", "tunnel"],
    ["2001:0:1::", "tunnel"],
  ])("%s is not probed: %s", (address, range) => {
    expect(checkAddress(address, PUBLIC_ONLY)).toMatchObject({
      kind: "refused",
      detail: `${address} is a ${range} address: it is not probed`,
    });
  });

  it.each(["127.1.2.3", "::1", "::ffff:127.0.0.1"])(
    "%s is probed where AWS is local",
    (address) => {
      expect(checkAddress(address, { loopback: true, anyRange: false }).kind).toBe("allowed");
    },
  );

  it("is not probed where AWS is local, unless it is a loopback", () => {
    expect(checkAddress("10.0.0.1", { loopback: true, anyRange: false }).kind).toBe("refused");
  });

  it("may stand in a Host header where another takes the probe", () => {
    expect(checkAddress("10.0.0.1", { loopback: true, anyRange: true }).kind).toBe("allowed");
  });
});

describe("what is no address", () => {
  it.each([
    "",
    "localhost",
    "3.34.0",
    "3.34.0.256",
    "03.34.0.5",
    "0x7f.0.0.1",
    "2130706433",
    "3.34.0.5:80",
    "3.34.0.5\r\nX: y",
    "fe80::1%eth0",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8:9",
    "12345::",
    "::1.2.3",
    ":::",
  ])("'%s' is refused, no matter who takes the probe", (text) => {
    expect(checkAddress(text, { loopback: true, anyRange: true }).kind).toBe("refused");
  });
});
