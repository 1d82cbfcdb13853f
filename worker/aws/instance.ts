/**
 * An instance as Lightsail tells it, reduced to what the fleet needs. Timestamps come in epoch
 * seconds and leave in milliseconds.
 */
import { z } from "zod";
import type { PortRule } from "../../durable/rules/spec.ts";
import type { CloudInstance } from "../../durable/rules/world.ts";

const OWNER_TAG = "lightfleet:owner";
const TEMPLATE_TAG = "lightfleet:spec";

/** `instance` is null where its tags cannot be read: then nobody can say whose it is. */
export interface ReadInstance {
  readonly name: string;
  readonly instance: CloudInstance | null;
}

/** Every tag by its key, or null where they are in a form that we do not know. */
const TagsShape = z
  .array(z.object({ key: z.string().min(1), value: z.string().nullish() }))
  .nullish()
  .transform((tags): Record<string, string> | null =>
    Object.fromEntries((tags ?? []).map(({ key, value }) => [key, value ?? ""])),
  )
  .catch(null);

const SourcesShape = z.array(z.string()).nullish();

/** `accessFrom`, `accessType` and `commonName` are for people; the sources say the same exactly. */
const PortShape = z
  .object({
    fromPort: z.int(),
    toPort: z.int(),
    protocol: z.enum(["tcp", "udp", "icmp", "icmpv6", "all"]),
    accessDirection: z.literal("inbound").nullish(),
    cidrs: SourcesShape,
    ipv6Cidrs: SourcesShape,
    cidrListAliases: SourcesShape,
  })
  .transform(({ protocol, fromPort, toPort, cidrs, ipv6Cidrs, cidrListAliases }): PortRule => ({
    protocol,
    from: fromPort,
    to: toPort,
    ...(cidrs?.length ? { cidrs } : {}),
    ...(ipv6Cidrs?.length ? { ipv6Cidrs } : {}),
    ...(cidrListAliases?.length ? { cidrListAliases } : {}),
  }));

/** The firewall, or null: a part of it that cannot be read leaves the whole of it unsaid. */
const FirewallShape = z
  .object({ ports: z.array(PortShape) })
  .transform((networking): PortRule[] | null => networking.ports)
  .catch(null);

export const InstanceShape = z
  .object({
    name: z.string().min(1),
    arn: z.string().min(1),
    createdAt: z.number(),
    location: z.object({ availabilityZone: z.string() }),
    bundleId: z.string(),
    state: z.object({ name: z.string().min(1) }),
    publicIpAddress: z.string().nullish(),
    privateIpAddress: z.string().nullish(),
    ipv6Addresses: z.array(z.string()).nullish(),
    tags: TagsShape,
    networking: FirewallShape,
  })
  .transform(({ tags, ...wire }): ReadInstance => {
    if (tags === null) return { name: wire.name, instance: null };
    const instance: CloudInstance = {
      name: wire.name,
      arn: wire.arn,
      state: wire.state.name,
      zone: wire.location.availabilityZone,
      publicIp: wire.publicIpAddress || null,
      privateIp: wire.privateIpAddress || null,
      ipv6: wire.ipv6Addresses?.[0] ?? null,
      createdAt: Math.round(wire.createdAt * 1000),
      bundle: wire.bundleId,
      owner: tags[OWNER_TAG] || null,
      template: tags[TEMPLATE_TAG] || null,
      tags,
      ports: wire.networking,
    };
    return { name: wire.name, instance };
  });
