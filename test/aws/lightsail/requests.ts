import { z } from "zod";

// The model has judged a request before it comes here; these say the same to the compiler.

const Tag = z.object({
  key: z.string().default(""),
  value: z.string().nullish().transform(orUndefined),
});
const Tags = z
  .array(Tag)
  .nullish()
  .transform((tags) => tags ?? []);
const Text = z.string().nullish().transform(orUndefined);
const Flag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? false);
const Strings = z.array(z.string()).nullish().transform(orUndefined);
const Port = z.number().nullish().transform(orUndefined);

const PortInfo = z.object({
  fromPort: Port,
  toPort: Port,
  protocol: z.enum(["tcp", "udp", "all", "icmp", "icmpv6"]).nullish().transform(orUndefined),
  cidrs: Strings,
  ipv6Cidrs: Strings,
  cidrListAliases: Strings,
});

const Create = z.object({
  instanceNames: z.array(z.string()),
  availabilityZone: z.string(),
  bundleId: z.string(),
  userData: Text,
  keyPairName: Text,
  tags: Tags,
  ipAddressType: z
    .enum(["dualstack", "ipv4", "ipv6"])
    .nullish()
    .transform((type) => type ?? "dualstack"),
});

export const CreateInstances = Create.extend({ blueprintId: z.string() });
export const CreateInstancesFromSnapshot = Create.extend({
  instanceSnapshotName: Text,
  sourceInstanceName: Text,
});
export const OneInstance = z.object({ instanceName: z.string() });
export const Page = z.object({ pageToken: Text });
export const CataloguePage = Page.extend({ includeInactive: Flag, appCategory: Text });
export const OneResourcePage = Page.extend({ resourceName: z.string() });
export const OneOperation = z.object({ operationId: z.string() });
export const OneKeyPair = z.object({ keyPairName: z.string() });
export const OneSnapshot = z.object({ instanceSnapshotName: z.string() });
export const KeyPairs = Page.extend({ includeDefaultKeyPair: Flag });
export const NewSnapshot = OneInstance.extend({ instanceSnapshotName: z.string(), tags: Tags });
export const PutPorts = OneInstance.extend({ portInfos: z.array(PortInfo) });
export const OnePort = OneInstance.extend({ portInfo: PortInfo });
const OneResource = z.object({ resourceName: z.string(), resourceArn: Text });
export const SetTags = OneResource.extend({ tags: Tags });
export const RemoveTags = OneResource.extend({ tagKeys: z.array(z.string()) });
export const Regions = z.object({
  includeAvailabilityZones: Flag,
  includeRelationalDatabaseAvailabilityZones: Flag,
});

function orUndefined<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined;
}
