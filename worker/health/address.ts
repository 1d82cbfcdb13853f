/**
 * Which addresses a probe may go to. A probe is a request that the Worker makes on a word of AWS
 * and of a spec; it must not become a way into somebody's private network.
 */

export type CheckedAddress =
  | {
      readonly kind: "allowed";
      /** As it stands in a URL and in a Host header: IPv6 in brackets. */
      readonly host: string;
      /** With hyphens, as wildcard DNS services have it. */
      readonly dashed: string;
    }
  | { readonly kind: "refused"; readonly detail: string };

export interface AddressRules {
  /** Loopback is allowed where AWS itself is an emulation on this machine. */
  readonly loopback: boolean;
  /** Nobody connects to the address itself (`PROBE_VIA`): it must only be one. */
  readonly anyRange: boolean;
}

export function checkAddress(address: string, rules: AddressRules): CheckedAddress {
  const v4 = parseIpv4(address);
  const v6 = v4 === null ? parseIpv6(address) : null;
  if (v4 === null && v6 === null) {
    return { kind: "refused", detail: "its address is not an IP address" };
  }

  const range = v4 === null ? rangeOfIpv6(v6 ?? []) : rangeOfIpv4(v4);
  if (!rules.anyRange && range !== "public" && !(range === "loopback" && rules.loopback)) {
    return { kind: "refused", detail: `${address} is a ${range} address: it is not probed` };
  }
  return v4 === null
    ? { kind: "allowed", host: `[${address}]`, dashed: address.replaceAll(":", "-") }
    : { kind: "allowed", host: address, dashed: address.replaceAll(".", "-") };
}

/**
 * From the IANA registry of special-purpose addresses: first address, prefix length, name. The
 * documentation ranges are left out: nothing is there to be harmed, and tests use them.
 */
const SPECIAL_IPV4: readonly (readonly [readonly number[], number, string])[] = [
  [[0, 0, 0, 0], 8, "this-network"],
  [[10, 0, 0, 0], 8, "private"],
  [[100, 64, 0, 0], 10, "carrier-grade NAT"],
  [[127, 0, 0, 0], 8, "loopback"],
  [[169, 254, 0, 0], 16, "link-local"],
  [[172, 16, 0, 0], 12, "private"],
  [[192, 0, 0, 0], 24, "reserved"],
  [[192, 88, 99, 0], 24, "relay"],
  [[192, 168, 0, 0], 16, "private"],
  [[198, 18, 0, 0], 15, "benchmarking"],
  [[224, 0, 0, 0], 4, "multicast"],
  [[240, 0, 0, 0], 4, "reserved"],
];

function rangeOfIpv4(bytes: readonly number[]): string {
  const special = SPECIAL_IPV4.find(([first, prefix]) => {
    const size = 2 ** (32 - prefix);
    return Math.floor(asNumber(bytes) / size) === Math.floor(asNumber(first) / size);
  });
  return special?.[2] ?? "public";
}

/** What is not in the global unicast block is special in one way or another. */
function rangeOfIpv6(groups: readonly number[]): string {
  const [first = 0, second = 0] = groups;
  const leading = groups.slice(0, 5).every((group) => group === 0);
  if (leading && groups[5] === 0xffff) return rangeOfIpv4(embeddedIpv4(groups));
  if (leading && groups[5] === 0 && groups[6] === 0 && groups[7] === 1) return "loopback";
  // NAT64 leads to an IPv4 address, which has the last word.
  if (first === 0x64 && second === 0xff9b) return rangeOfIpv4(embeddedIpv4(groups));
  if (first >= 0xff00) return "multicast";
  if (first >= 0xfe80 && first < 0xfec0) return "link-local";
  if (first >= 0xfc00 && first < 0xfe00) return "private";
  if (first < 0x2000 || first >= 0x4000) return "reserved";
  // 6to4 and Teredo wrap IPv4 addresses; no server of ours lives behind either.
  if (first === 0x2002 || (first === 0x2001 && second < 0x200)) return "tunnel";
  return "public";
}

function embeddedIpv4(groups: readonly number[]): number[] {
  return groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
}

/** Four decimal bytes without leading zeros, which some readers take for octal. */
function parseIpv4(text: string): number[] | null {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return null;

  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

/** Eight groups; `::` stands for the missing ones. Zone indices are refused. */
function parseIpv6(text: string): number[] | null {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text)) return null;

  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = [groupsOf(halves[0] ?? ""), groupsOf(halves[1] ?? "")];
  if (head === null || tail === null) return null;

  const missing = 8 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : null;
  return missing < 1 ? null : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function groupsOf(text: string): number[] | null {
  if (text === "") return [];

  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 ? parseIpv4(part) : null;
    if (v4 !== null) {
      groups.push(asNumber(v4) >>> 16, asNumber(v4) & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}

function asNumber(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
