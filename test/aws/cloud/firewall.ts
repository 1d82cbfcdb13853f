import type { Blueprint } from "./catalogue.ts";
import { refuse, type Refusal } from "./refusal.ts";

type Protocol = "tcp" | "udp" | "all" | "icmp" | "icmpv6";

/** One rule of an instance's firewall, with the sources it lets in. */
export interface PortRule {
  readonly fromPort: number;
  readonly toPort: number;
  readonly protocol: Protocol;
  readonly cidrs: readonly string[];
  readonly ipv6Cidrs: readonly string[];
  readonly cidrListAliases: readonly string[];
}

/** What a request says of a rule. */
export interface PortRequest {
  readonly fromPort?: number | undefined;
  readonly toPort?: number | undefined;
  readonly protocol?: Protocol | undefined;
  readonly cidrs?: readonly string[] | undefined;
  readonly ipv6Cidrs?: readonly string[] | undefined;
  readonly cidrListAliases?: readonly string[] | undefined;
}

/** Source addresses per firewall, IPv4 and IPv6 each for itself. */
const SOURCES_MAX = 60;
const PORT_MAX = 65_535;
const ANYWHERE_V4 = "0.0.0.0/0";
const ANYWHERE_V6 = "::/0";
const CIDR_V4 = /^(\d{1,3}\.){3}\d{1,3}(\/(\d|[12]\d|3[0-2]))?$/;
const CIDR_V6 = /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(\/(\d{1,2}|1[01]\d|12[0-8]))?$/;

/** What a new instance has open: SSH, and HTTP where an application comes with the image. */
export function defaultFirewall(blueprint: Blueprint): readonly PortRule[] {
  const open = (port: number): PortRule => ({
    fromPort: port,
    toPort: port,
    protocol: "tcp",
    cidrs: [ANYWHERE_V4],
    ipv6Cidrs: [ANYWHERE_V6],
    cidrListAliases: [],
  });
  return blueprint.type === "app" ? [open(22), open(80)] : [open(22)];
}

/** The whole set anew, as `PutInstancePublicPorts` does. */
export function putRules(requests: readonly PortRequest[]): readonly PortRule[] | Refusal {
  let rules: readonly PortRule[] = [];
  for (const request of requests) {
    const opened = openRule(rules, request);
    if ("refused" in opened) return opened;
    rules = opened;
  }
  return rules;
}

/** One rule more. Sources of a rule for the same ports are added to it. */
export function openRule(
  rules: readonly PortRule[],
  request: PortRequest,
): readonly PortRule[] | Refusal {
  const rule = parseRule(request);
  if ("refused" in rule) return rule;
  const same = rules.find((other) => samePorts(other, rule));
  const merged = same === undefined ? rule : mergeSources(same, rule);
  const opened =
    same === undefined
      ? [...rules, merged]
      : rules.map((other) => (other === same ? merged : other));
  const tooMany = [countSources(opened, "cidrs"), countSources(opened, "ipv6Cidrs")].some(
    (n) => n > SOURCES_MAX,
  );
  return tooMany
    ? refuse(
        "InvalidInputException",
        `A firewall cannot have more than ${SOURCES_MAX} source IP addresses.`,
      )
    : opened;
}

/** Takes a rule away; with sources given, only those, and the rule once none is left. */
export function closeRule(
  rules: readonly PortRule[],
  request: PortRequest,
): readonly PortRule[] | Refusal {
  const rule = parseRule(request);
  if ("refused" in rule) return rule;
  const everySource =
    isEmpty(request.cidrs) && isEmpty(request.ipv6Cidrs) && isEmpty(request.cidrListAliases);
  return rules.flatMap((other) => {
    if (!samePorts(other, rule)) return [other];
    if (everySource) return [];
    const left: PortRule = {
      ...other,
      cidrs: without(other.cidrs, rule.cidrs),
      ipv6Cidrs: without(other.ipv6Cidrs, rule.ipv6Cidrs),
      cidrListAliases: without(other.cidrListAliases, rule.cidrListAliases),
    };
    return left.cidrs.length + left.ipv6Cidrs.length + left.cidrListAliases.length > 0
      ? [left]
      : [];
  });
}

/** How AWS writes a rule in `operationDetails`: `22/tcp`, `10000-20000/udp`. */
export function describePorts({ fromPort, toPort, protocol }: PortRequest): string {
  return fromPort === toPort ? `${fromPort}/${protocol}` : `${fromPort}-${toPort}/${protocol}`;
}

function parseRule(request: PortRequest): PortRule | Refusal {
  const { protocol, cidrs = [], ipv6Cidrs = [], cidrListAliases = [] } = request;
  if (protocol === undefined) return refuse("InvalidInputException", "A port needs its protocol.");
  const { fromPort, toPort } = protocol === "all" ? { fromPort: 0, toPort: PORT_MAX } : request;
  if (fromPort === undefined || toPort === undefined) {
    return refuse("InvalidInputException", "A port needs both fromPort and toPort.");
  }
  const fault =
    faultOfPorts(protocol, fromPort, toPort) ?? faultOfSources(cidrs, ipv6Cidrs, cidrListAliases);
  if (fault !== null) return refuse("InvalidInputException", fault);
  const anywhere = isEmpty(cidrs) && isEmpty(ipv6Cidrs) && isEmpty(cidrListAliases);
  return {
    fromPort,
    toPort,
    protocol,
    cidrs: anywhere && protocol !== "icmpv6" ? [ANYWHERE_V4] : cidrs,
    ipv6Cidrs: anywhere && protocol !== "icmp" ? [ANYWHERE_V6] : ipv6Cidrs,
    cidrListAliases,
  };
}

function faultOfPorts(protocol: Protocol, fromPort: number, toPort: number): string | null {
  // For ICMP the "ports" are type and code: a ping is from 8 to -1, so their order means nothing.
  if (protocol === "icmp" || protocol === "icmpv6")
    return fromPort <= 255 && toPort <= 255 ? null : "No such ICMP type.";
  if (fromPort < 0 || toPort < 0) return "Ports are between 0 and 65535.";
  return fromPort <= toPort ? null : `The port range ${fromPort}-${toPort} ends before it begins.`;
}

function faultOfSources(
  v4: readonly string[],
  v6: readonly string[],
  aliases: readonly string[],
): string | null {
  const octetsFit = (cidr: string): boolean =>
    (cidr.split("/")[0] ?? "").split(".").every((octet) => Number(octet) <= 255);
  const wrong =
    v4.find((cidr) => !CIDR_V4.test(cidr) || !octetsFit(cidr)) ??
    v6.find((cidr) => !CIDR_V6.test(cidr)) ??
    aliases.find((alias) => alias !== "lightsail-connect");
  return wrong === undefined ? null : `${wrong} is not a source that a firewall can name.`;
}

function samePorts(a: PortRule, b: PortRule): boolean {
  return a.fromPort === b.fromPort && a.toPort === b.toPort && a.protocol === b.protocol;
}

function mergeSources(a: PortRule, b: PortRule): PortRule {
  return {
    ...a,
    cidrs: [...new Set([...a.cidrs, ...b.cidrs])],
    ipv6Cidrs: [...new Set([...a.ipv6Cidrs, ...b.ipv6Cidrs])],
    cidrListAliases: [...new Set([...a.cidrListAliases, ...b.cidrListAliases])],
  };
}

function countSources(rules: readonly PortRule[], kind: "cidrs" | "ipv6Cidrs"): number {
  return rules.reduce((sum, rule) => sum + rule[kind].length, 0);
}

function without(all: readonly string[], taken: readonly string[]): readonly string[] {
  return all.filter((item) => !taken.includes(item));
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}
