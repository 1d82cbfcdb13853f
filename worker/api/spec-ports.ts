/** The firewall of an instance, as a spec writes it. */
import { z } from "zod";
import type { PortRule, Protocol } from "../../durable/rules/spec.ts";
import { FIREWALL_SOURCES_MAX } from "./aws-names.ts";
import { oneOf, said, strict, whole } from "./fields.ts";
import { mayLack } from "./may-lack.ts";

const PORT_MAX = 65_535;
const PORT_RULES_MAX = 60;
const SSH_PORT = 22;
const WORLD = "0.0.0.0/0";

/** What `from` and `to` may be. For ICMP they are its type and code, and -1 is any of them: no range. */
const BOUNDS: Record<Protocol, { min: number; max: number; range: boolean }> = {
  tcp: { min: 0, max: PORT_MAX, range: true },
  udp: { min: 0, max: PORT_MAX, range: true },
  all: { min: 0, max: PORT_MAX, range: true },
  icmp: { min: -1, max: 255, range: false },
  icmpv6: { min: -1, max: 255, range: false },
};

const sources = (source: z.ZodType<string>) =>
  mayLack(
    z
      .array(source, said("must be a list; leave it out for the whole world"))
      .min(1, { error: () => "must not be empty; leave it out for the whole world" })
      .max(FIREWALL_SOURCES_MAX, { error: () => `has more than ${FIREWALL_SOURCES_MAX} entries` }),
  );

const portRule = strict({
  protocol: oneOf(["tcp", "udp", "icmp", "icmpv6", "all"]),
  from: whole(-1, PORT_MAX),
  to: whole(-1, PORT_MAX),
  cidrs: sources(z.cidrv4(said("must be an IPv4 range such as `203.0.113.0/24`"))),
  ipv6Cidrs: sources(z.cidrv6(said("must be an IPv6 range such as `2001:db8::/32`"))),
  cidrListAliases: sources(
    z.literal("lightsail-connect", said("must be `lightsail-connect`: AWS knows no other")),
  ),
}).superRefine((rule, context) => {
  const { min, max, range } = BOUNDS[rule.protocol];
  for (const end of ["from", "to"] as const)
    if (rule[end] < min || rule[end] > max)
      context.addIssue({
        code: "custom",
        path: [end],
        message: `must be from ${min} to ${max} for ${rule.protocol}`,
      });
  if (range && rule.from > rule.to)
    context.addIssue({ code: "custom", path: ["to"], message: `is below from (${rule.from})` });
});

export const ports = z
  .array(portRule, said("must be a list of port rules"))
  .max(PORT_RULES_MAX, { error: () => `has more than ${PORT_RULES_MAX} rules` })
  .superRefine((rules, context) => {
    const seen = new Map<string, number>();
    for (const [index, { protocol, from, to }] of rules.entries()) {
      const key = `${protocol} ${from}-${to}`;
      const first = seen.get(key);
      if (first !== undefined)
        context.addIssue({
          code: "custom",
          path: [index],
          message: `repeats ports[${first}]; write its sources into one rule`,
        });
      seen.set(key, first ?? index);
    }
  });

/** Without a list: the health port for the world, and SSH from AWS's own browser console. */
export function defaultPorts(healthPort: number): readonly PortRule[] {
  const health: PortRule = { protocol: "tcp", from: healthPort, to: healthPort };
  const ssh: PortRule = {
    protocol: "tcp",
    from: SSH_PORT,
    to: SSH_PORT,
    cidrListAliases: ["lightsail-connect"],
  };
  return healthPort === SSH_PORT ? [health] : [health, ssh];
}

/**
 * Whether anybody can reach a TCP port over IPv4. Probes come from addresses that Cloudflare does
 * not list, so a rule for fewer sources than the world would blind the fleet.
 */
export function opensToTheWorld(rules: readonly PortRule[], port: number): boolean {
  return rules.some(
    (rule) =>
      (rule.protocol === "tcp" || rule.protocol === "all") &&
      rule.from <= port &&
      port <= rule.to &&
      (rule.cidrs?.includes(WORLD) ??
        (rule.ipv6Cidrs === undefined && rule.cidrListAliases === undefined)),
  );
}
