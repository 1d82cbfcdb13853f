/**
 * What dispatchers ask of a fleet: a slot for a session to come. Each call is one transaction, on the
 * same rows from which the ticks cordon and delete, so that a lease and a drain never both win.
 *
 * Leases are given in `observe` mode and while the fleet is paused, since they change nothing at AWS;
 * not while the fleet is being removed.
 */
import type { Engine } from "./engine.ts";
import { type Given, noFleet, refusal } from "./refusal.ts";
import { leaseOf } from "./report.ts";
import { chooseSlots, comingServers } from "./rules/lease.ts";
import { findLease, isAlive, withLeases, withoutLeases } from "./rules/leases.ts";
import type { Instance, Lease } from "./rules/model.ts";
import { tally } from "./rules/occupancy.ts";
import { type EventDraft, NO_MOVES, type State } from "./rules/state.ts";
import type {
  Asked,
  Leased,
  LeaseChange,
  LeaseView,
  LeaseWish,
  NoSpare,
  Refusal,
} from "./rules/views.ts";

export function leasesOf(state: State): LeaseView[] {
  return alive(state)
    .toSorted((a, b) => a.givenAt - b.givenAt || (a.id < b.id ? -1 : 1))
    .map((lease) => leaseOf(state, lease));
}

export function lease(
  engine: Engine,
  wish: LeaseWish,
  { actor }: Asked,
  given: Given,
): Leased | NoSpare | Refusal {
  const { now } = given;
  const live = engine.read(now);
  if (live === null) return noFleet();
  const { state } = live;
  // Of this caller alone: another one that chose the same key must not share its slots.
  const known = alive(state).filter((each) => each.key === wish.key && each.actor === actor);
  if (wish.key !== null && known.length > 0)
    return { leases: known.map((each) => leaseOf(state, each)), repeated: true };

  const rows = state.removing === null ? chooseSlots(state, wish) : [];
  if (rows.length === 0 || (rows.length < wish.count && !wish.partial))
    return noSpare(state, wish, rows.length);
  const leases = rows.map((row) => leaseOn(row, wish, actor, given));
  const changed = withLeases(state.leases, leases);
  engine.change({ ...NO_MOVES, events: [eventOf(leases, wish, actor)] }, now, { leases: changed });
  return { leases: leases.map((each) => leaseOf(state, each)), repeated: false };
}

function leaseOn(
  { name: instance }: Instance,
  { key, ttlSeconds }: LeaseWish,
  actor: string,
  { now, word }: Given,
): Lease {
  const ttlMs = ttlSeconds * 1000;
  // Two words: an id that is over must not be anybody else's by chance.
  const id = `${word()}${word()}`;
  return { id, key, instance, actor, givenAt: now, ttlMs, expiresAt: now + ttlMs, usedAt: null };
}

function eventOf(
  leases: readonly Lease[],
  { key, ttlSeconds }: LeaseWish,
  actor: string,
): EventDraft {
  const names = [...new Set(leases.map(({ instance }) => instance))];
  const [instance = null, ...others] = names;
  return {
    kind: "lease",
    instance: others.length === 0 ? instance : null,
    message: `${leases.length} leased for ${ttlSeconds} s on ${names.join(", ")}`,
    actor,
    data: { ids: leases.map(({ id }) => id), names, key, ttlSeconds },
  };
}

function noSpare(state: State, { count }: LeaseWish, spares: number): NoSpare {
  const { starting, expectedAt } = comingServers(state);
  const { unknown } = tally(state);
  const words =
    state.removing === null
      ? `The fleet has ${spares} of the ${count} spares that were wanted; nothing was taken. ${starting} servers are starting, and ${unknown} have not answered lately.`
      : "The fleet is being removed: it gives no leases. PUT its spec to call the removal off.";
  return {
    noSpare: {
      detail: words,
      spares,
      starting,
      expectedAt: expectedAt === null ? null : new Date(expectedAt).toISOString(),
    },
  };
}

/** For a used lease, its time is how long the media server may take to count the session. */
export function renewLease(
  engine: Engine,
  id: string,
  { ttlSeconds, used }: LeaseChange,
  { now }: Given,
): LeaseView | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const { state } = live;
  const found = aliveById(state, id);
  if (found === undefined) return unknownLease(id);
  const phase = state.instances.get(found.instance)?.phase ?? "gone";
  if (phase !== "ready" && phase !== "draining")
    return refusal(
      409,
      "The server of the lease is gone",
      `${found.instance} is ${phase}: place nothing on it, and take another lease`,
    );
  const ttlMs = ttlSeconds === null ? found.ttlMs : ttlSeconds * 1000;
  const usedAt = found.usedAt ?? (used ? now : null);
  const renewed: Lease = { ...found, ttlMs, expiresAt: now + ttlMs, usedAt };
  engine.change(NO_MOVES, now, { leases: withLeases(state.leases, [renewed]) });
  return leaseOf(state, renewed);
}

/** No reading from before it counts towards the emptiness of its server: its session may have come later. */
export function releaseLease(
  engine: Engine,
  id: string,
  { now }: Given,
): { released: true } | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const { state } = live;
  const found = aliveById(state, id);
  if (found === undefined) return unknownLease(id);
  const fresh = state.memory.freshness.get(found.instance);
  const freshness = new Map(state.memory.freshness);
  if (fresh !== undefined) freshness.set(found.instance, { ...fresh, idleReadings: [] });
  const leases = withoutLeases(state.leases, [found]);
  engine.change({ ...NO_MOVES, memory: { freshness } }, now, { leases });
  return { released: true };
}

function alive(state: State): Lease[] {
  return [...state.leases.values()].flat().filter((each) => isAlive(each, state.now));
}

function aliveById(state: State, id: string): Lease | undefined {
  return findLease(state, (each) => each.id === id && isAlive(each, state.now));
}

function unknownLease(id: string): Refusal {
  return refusal(
    404,
    "No such lease",
    `${id} is over, or never was: place nothing under it, and take another lease. A session that is on its server already goes on; its probes show it`,
  );
}
