/**
 * An instance as Lightsail tells it, reduced to what the fleet needs. Timestamps come in epoch
 * seconds and leave in milliseconds.
 */
import { z } from "zod";
import type { PortRule } from "../../durable/rules/spec.ts";
import type { CloudInstance } from "../../durable/rules/world.ts";

const OWNER_TAG = "lightfleet:owner";
const TEMPLATE_TAG = "lightfleet:spec";

/**
 * An instance as one row of an answer. AWS's model makes every member of it optional, and a listing holds
 * everybody's: one that cannot be read is `odd`, and says of itself what can be read.
 */
export type ReadInstance =
  | { readonly kind: "read"; readonly instance: CloudInstance }
  | OddInstance;

export interface OddInstance {
  readonly kind: "odd";
  readonly name: string | null;
  readonly arn: string | null;
  /** The value of `lightfleet:owner`; null where it has no such tag, `undefined` where nobody can say. */
  readonly owner: string | null | undefined;
  /** Which of its members cannot be read, and why. */
  readonly what: string;
}

/** AWS takes 50 of a user. */
const TAGS_MAX = 200;

const TagShape = z.object({ key: z.string().min(1), value: z.string().nullish() });

/** Every tag by its key. AWS gives `[]` for none: no list at all says nothing. */
const TagsShape = z
  .array(TagShape)
  .max(TAGS_MAX)
  .transform((tags): Record<string, string> =>
    Object.fromEntries(tags.map(({ key, value }) => [key, value ?? ""])),
  );

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

/** AWS's own names have no more than letters, digits and these signs, and at most 255 of them. */
const NameShape = z.string().regex(/^[\w.-]{1,255}$/);
const ArnShape = z.string().regex(/^arn:\S{1,2000}$/);
/** Epoch seconds: within what a date can be. */
const SecondsShape = z.number().min(0).max(8.64e12);

const InstanceShape = z
  .object({
    name: NameShape,
    arn: ArnShape,
    createdAt: SecondsShape,
    location: z.object({ availabilityZone: z.string().min(1) }),
    bundleId: z.string().min(1),
    state: z.object({ name: z.string().min(1) }),
    publicIpAddress: z.string().nullish(),
    privateIpAddress: z.string().nullish(),
    ipv6Addresses: z.array(z.string()).nullish(),
    tags: TagsShape,
    networking: FirewallShape,
  })
  .transform(({ tags, ...wire }): CloudInstance => ({
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
  }));

/** What can be read of a row that is odd elsewhere. A tag that can be read counts, whatever the others are. */
const IdentityShape = z
  .object({
    name: NameShape.nullable().catch(null),
    arn: ArnShape.nullable().catch(null),
    tags: z.array(TagShape.nullable().catch(null)).nullable().catch(null),
  })
  .catch({ name: null, arn: null, tags: null });

/** One row of a listing, or the one of GetInstance. Never throws: it may be anybody's. */
export function readInstance(wire: unknown): ReadInstance {
  const parsed = InstanceShape.safeParse(wire);
  if (parsed.success) return { kind: "read", instance: parsed.data };

  const { name, arn, tags } = IdentityShape.parse(wire);
  const issue = parsed.error.issues[0];
  const what = `${issue?.path.join(".") || "instance"}: ${issue?.message ?? "unexpected form"}`;
  return { kind: "odd", name, arn, owner: ownerIn(tags), what };
}

type OddTags = readonly (z.infer<typeof TagShape> | null)[] | null;

function ownerIn(tags: OddTags): string | null | undefined {
  const owner = tags?.findLast((tag) => tag?.key === OWNER_TAG)?.value;
  if (owner) return owner;
  // One that cannot be read may be the one that is looked for.
  return tags === null || tags.includes(null) ? undefined : null;
}
