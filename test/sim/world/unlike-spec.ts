import { OWNER, REGION, type World } from "./world.ts";

/** What of ours is not as its spec says, in words; adopted servers keep their ports unless it says so. */
export function unlikeItsSpec(world: World): string | null {
  const spec = world.spec();
  if (spec === null) return null;
  const adopted = world.adopted();
  for (const { instance, tags, firewall } of world.cloud.list(REGION)) {
    const { name, deletedAt } = instance;
    const tagOf = (key: string): string | undefined =>
      tags.find((tag) => tag.key === key)?.value ?? undefined;
    if (deletedAt !== null || tagOf("lightfleet:owner") !== OWNER) continue;
    const wrong = Object.entries(spec.tags).find(([key, value]) => tagOf(key) !== value);
    if (wrong !== undefined) return `${name} has not the tag ${wrong[0]}=${wrong[1]}`;
    if (adopted.has(name) && !spec.adopt.ports) continue;
    const isOpen = spec.ports.every((rule) =>
      firewall.some(({ fromPort, toPort }) => fromPort === rule.from && toPort === rule.to),
    );
    if (!isOpen) return `${name} has not the ports of its spec`;
  }
  return null;
}
