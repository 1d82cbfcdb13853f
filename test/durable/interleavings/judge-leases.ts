/**
 * What is promised of leases, judged by what the dispatchers were told and by the true sessions:
 *
 * - no server is deleted on which a lease lives;
 * - a lease is given on a server that is ready by the ledger, and no slot is given twice;
 * - what the object believes of leases is what the ledger holds.
 */
import { instanceByName } from "../../../durable/ledger/instances.ts";
import { readLeases } from "../../../durable/ledger/leases.ts";
import type { Leases } from "../../../durable/rules/leases.ts";
import { CAPACITY } from "./ledger.ts";
import type { HeldLease, World } from "./world.ts";

/** Called when a lease on this server has just been given, and is not noted yet. */
export function judgeLease(world: World, name: string): void {
  const { sql, faults, servers } = world;
  const phase = instanceByName(sql, name)?.phase;
  if (phase !== "ready") faults.push(`lease: ${name} was leased, and is ${phase}`);
  const taken = waitingOn(world, name).length + (servers.get(name)?.leased.size ?? 0);
  if (taken >= CAPACITY) faults.push(`lease: a slot of ${name} was given twice`);
}

/** Leases that live on a server, and under which nothing was placed yet. */
function waitingOn({ leases, now }: World, name: string): readonly HeldLease[] {
  return [...leases.values()].filter(
    (lease) => lease.name === name && lease.until > now() && !lease.isPlaced,
  );
}

/** Called at the moment at which a delete takes effect. Of a placed lease its session is what counts. */
export function judgeLeasesAtDelete(world: World, name: string): void {
  const { faults } = world;
  const alive = waitingOn(world, name);
  if (alive.length > 0) faults.push(`I1: ${name} was deleted with ${alive.length} leases on it`);
}

export function judgeLeasesAtEnd({ sql, object, faults, now }: World): void {
  const believed = object.engine.read(now())?.state.leases ?? new Map();
  if (inOrder(believed) !== inOrder(readLeases(sql)))
    faults.push("the object believes in leases that the ledger does not hold");
}

function inOrder(leases: Leases): string {
  return JSON.stringify([...leases.values()].flat().toSorted((a, b) => (a.id < b.id ? -1 : 1)));
}
