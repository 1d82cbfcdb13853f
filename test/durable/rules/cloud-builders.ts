/** Servers as AWS shows them. */
import { templateHash } from "../../../durable/rules/hash.ts";
import type { CloudInstance, LookUp } from "../../../durable/rules/world.ts";
import { MINUTE_MS, NOW } from "./moments.ts";
import { aSpec } from "./spec-builder.ts";

export const OWNER = "default/media";

/** An address of its own for each name; that of media-k3-1 is 203.0.113.7. */
export function addressOf(name: string): string {
  const number = /^media-k3-(\d+)$/u.exec(name)?.[1];
  if (number !== undefined) return `203.0.113.${(Number(number) + 6) % 256}`;
  const sum = new TextEncoder().encode(name).reduce((all, byte) => (all * 31 + byte) % 65_536, 7);
  return `198.51.${sum >> 8}.${sum & 0xff}`;
}

export function aCloudInstance(overrides: Partial<CloudInstance> = {}): CloudInstance {
  const name = overrides.name ?? "media-k3-1";
  return {
    name,
    arn: `arn:${name}`,
    state: "running",
    zone: "ap-northeast-2a",
    publicIp: addressOf(name),
    privateIp: null,
    ipv6: null,
    createdAt: NOW - 59 * MINUTE_MS,
    bundle: "medium_3_0",
    owner: OWNER,
    template: templateHash(aSpec()),
    tags: { "lightfleet:owner": OWNER, "lightfleet:spec": templateHash(aSpec()) },
    ports: null,
    ...overrides,
  };
}

/**
 * What AWS says of servers that a watch asks for by name: they are there, at their addresses.
 * @param among leaves out all others
 */
export function found(
  names: readonly string[],
  overrides: Partial<CloudInstance> = {},
  among?: readonly CloudInstance[],
): LookUp[] {
  return names
    .filter((name) => among === undefined || among.some((each) => each.name === name))
    .map((name) => ({ kind: "found", name, instance: aCloudInstance({ name, ...overrides }) }));
}
