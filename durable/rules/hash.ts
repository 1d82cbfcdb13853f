/**
 * A short name for a value: 64-bit FNV-1a over the UTF-16 units, in hex. It tells templates apart;
 * it protects nothing. Source: http://www.isthe.com/chongo/tech/comp/fnv/
 */
import type { PortRule, Spec } from "./spec.ts";

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

export function hash(text: string): string {
  let value = OFFSET;
  for (let index = 0; index < text.length; index++)
    value = ((value ^ BigInt(text.charCodeAt(index))) * PRIME) & MASK;
  return value.toString(16).padStart(16, "0");
}

/** What an instance is made from: if this changes, it must be replaced. */
export function templateHash(spec: Spec): string {
  return hash(JSON.stringify([spec.image, spec.bundle, spec.userData, spec.keyPair]));
}

/** What the boundaries follow from: if this changes, what rules is decided anew. */
export function scheduleHash({ schedule, specialDays }: Spec["spares"]): string {
  return hash(canonical([schedule, specialDays]));
}

/** JSON in which the order of keys does not matter: the same value is always the same text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** Of the tags that a server must carry, and of those that it must not carry any more. */
export function tagsHash(tags: Spec["tags"], retired: readonly string[]): string {
  return hash(JSON.stringify([canonical(tags), retired.toSorted()]));
}

export function portsHash(ports: readonly PortRule[]): string {
  return hash(JSON.stringify(ports));
}
