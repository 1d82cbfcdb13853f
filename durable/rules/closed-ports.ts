/** Which ports a new spec would close: the list of a spec replaces what is open. */
import type { PortRule, Spec } from "./spec.ts";

/** What Lightsail opens on a new Linux instance (PutInstancePublicPorts closes what it does not name). */
const LIGHTSAIL_OPENS: readonly PortRule[] = [
  { protocol: "tcp", from: 22, to: 22 },
  { protocol: "tcp", from: 80, to: 80 },
];

/** @param before the spec until now; null for a new fleet, whose servers begin with Lightsail's own ports. */
export function closedPorts(before: Spec | null, { ports }: Spec): string[] {
  const open = before?.ports ?? LIGHTSAIL_OPENS;
  return open.filter((rule) => !ports.some((other) => covers(other, rule))).map(wordOf);
}

function covers(rule: PortRule, { protocol, from, to }: PortRule): boolean {
  if (rule.protocol === "all") return true;
  if (rule.protocol !== protocol) return false;
  return rule.from <= from && to <= rule.to;
}

function wordOf({ protocol, from, to }: PortRule): string {
  return from === to ? `${protocol} ${from}` : `${protocol} ${from}-${to}`;
}
