/** Where a request comes from, as a key for what is counted. */
import type { Call } from "./deps.ts";

const UNKNOWN = "unknown";
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/u;
const IPV6 = /^[0-9a-f:]{2,39}$/u;
const GROUPS = 8;
const GROUPS_OF_A_SITE = 4;

/** Cloudflare sets the header itself, whatever a client sends. Without Cloudflare in front nobody knows. */
export function addressOf(c: Call): string {
  return siteOf(c.req.header("CF-Connecting-IP") ?? "");
}

/** An IPv4 address, or the /64 of an IPv6 address: one machine has all addresses of its /64. */
export function siteOf(address: string): string {
  const text = address.trim().toLowerCase();
  if (IPV4.test(text)) return text;
  if (!IPV6.test(text)) return UNKNOWN;
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : GROUPS - before.length - after.length;
  const zeros = Array.from({ length: Math.max(0, missing) }, () => "0");
  const groups = [...before, ...zeros, ...after];
  if (groups.length !== GROUPS) return UNKNOWN;
  const site = groups.slice(0, GROUPS_OF_A_SITE).map((group) => group.replace(/^0+(?=.)/u, ""));
  return `${site.join(":")}::/64`;
}
