/** What the prefix of an id says of its resource. Those that cost nothing and can carry a tag, and a few more. */
const TYPES: Readonly<Record<string, string>> = {
  key: "key-pair",
  pg: "placement-group",
  sg: "security-group",
  lt: "launch-template",
  vpc: "vpc",
  subnet: "subnet",
  i: "instance",
  vol: "volume",
  snap: "snapshot",
  ami: "image",
  eni: "network-interface",
  eipalloc: "elastic-ip",
};

const ID = /^([a-z]+)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

/** The resource type of an id such as `key-0abc1234`, or null if it is no id of EC2's. */
export function resourceTypeOf(id: string): string | null {
  return TYPES[ID.exec(id)?.[1] ?? ""] ?? null;
}
