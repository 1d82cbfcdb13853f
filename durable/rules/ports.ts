/** Rules of a firewall, and what they let in. */
import type { PortRule } from "./spec.ts";

/** `rules`, and of `others` what it takes to keep `port` open over TCP. The two are never of one range: AWS takes no rule twice. */
export function portsWith(
  rules: readonly PortRule[],
  port: number,
  others: readonly PortRule[],
): readonly PortRule[] {
  if (rules.some((rule) => reaches(rule, port) && isForEverybody(rule))) return rules;
  const opening = others
    .filter((rule) => reaches(rule, port))
    .map((rule): PortRule => ({ ...rule, protocol: "tcp", from: port, to: port }));
  const [first] = opening.toSorted((one, other) => width(other) - width(one));
  if (first === undefined) return rules;
  const kept = rules.filter(
    ({ protocol, from, to }) => protocol !== "tcp" || from !== port || to !== port,
  );
  return [...kept, first];
}

function reaches({ protocol, from, to }: PortRule, port: number): boolean {
  return (protocol === "tcp" || protocol === "all") && from <= port && port <= to;
}

/** A rule that names no source lets everybody in. */
function isForEverybody({ cidrs, ipv6Cidrs, cidrListAliases }: PortRule): boolean {
  const named = [cidrs, ipv6Cidrs, cidrListAliases].some((list) => (list ?? []).length > 0);
  return !named || (cidrs ?? []).includes("0.0.0.0/0");
}

function width(rule: PortRule): number {
  return isForEverybody(rule) ? 1 : 0;
}
