/** The leases that there are, by the server on which each holds a slot. The map is replaced, never changed in place. */
import type { Lease } from "./model.ts";

export type Leases = ReadonlyMap<string, readonly Lease[]>;

interface Held {
  readonly leases: Leases;
}

/** Slots of a server that are taken by leases. What no reading could show yet of one that is over is among them. */
export function leasesOn({ leases }: Held, name: string): readonly Lease[] {
  return leases.get(name) ?? NONE;
}

const NONE: readonly Lease[] = [];

/** Its holder may place a session now. */
export function isAlive({ expiresAt }: Lease, now: number): boolean {
  return expiresAt > now;
}

/** Enough of an id to find it in the audit trail, and not enough to name the lease in a request. */
export function maskedId(id: string): string {
  return `${id.slice(0, Math.ceil(id.length / 2))}…`;
}

export function findLease({ leases }: Held, test: (lease: Lease) => boolean): Lease | undefined {
  for (const each of leases.values()) {
    const found = each.find(test);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** With these: new ones, or changed ones in the place of what they were. */
export function withLeases(leases: Leases, changed: readonly Lease[]): Leases {
  const next = new Map(leases);
  for (const lease of changed) {
    const others = (next.get(lease.instance) ?? NONE).filter(({ id }) => id !== lease.id);
    next.set(lease.instance, [...others, lease]);
  }
  return next;
}

export function withoutLeases(leases: Leases, ended: readonly Lease[]): Leases {
  const next = new Map(leases);
  for (const lease of ended) {
    const others = (next.get(lease.instance) ?? NONE).filter(({ id }) => id !== lease.id);
    if (others.length === 0) next.delete(lease.instance);
    else next.set(lease.instance, others);
  }
  return next;
}
