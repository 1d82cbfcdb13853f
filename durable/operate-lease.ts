/**
 * What dispatchers ask of a fleet: a slot for a session to come. Each call is one transaction, on the
 * same rows from which the ticks cordon and delete, so that a lease and a drain never both win.
 *
 * A lease is its taker's: only that one, or an operator, renews, uses or releases it, and each of these has
 * a row in the audit trail. There it stands by half of its id, for everybody who may read has the trail.
 *
 * Leases are given in `observe` mode and while the fleet is paused, since they change nothing at AWS;
 * not while the fleet is being removed.
 */
import type { Engine } from "./engine.ts";
import { iso } from "./iso.ts";
import { type Given, noFleet, refusal } from "./refusal.ts";
import { leaseOf } from "./report.ts";
import {
  allowedOf,
  endsBy,
  type LeaseLimit,
  renewalLimit,
  withRefusal,
} from "./rules/lease-limits.ts";
import { chooseSlots, comingServers } from "./rules/lease.ts";
import { findLease, isAlive, maskedId, withLeases, withoutLeases } from "./rules/leases.ts";
import type { Instance, Lease } from "./rules/model.ts";
import { tally } from "./rules/occupancy.ts";
import { type EventDraft, NO_MOVES, type State } from "./rules/state.ts";
import type {
  Asked,
  Claimant,
  Leased,
  LeaseChange,
  LeaseView,
  LeaseWish,
  NoSpare,
  Refusal,
} from "./rules/views.ts";

/** An owner's own renewals have a row no more often than this: a dispatcher may renew each second. */
const RENEWAL_AUDITED_EVERY_MS = 60_000;

/** Those that live, the oldest first. */
export function leasesOf(state: State, claimant: Claimant): LeaseView[] {
  return alive(state)
    .toSorted((a, b) => a.givenAt - b.givenAt || (a.id < b.id ? -1 : 1))
    .map((lease) => {
      const view = leaseOf(state, lease);
      return mayChange(lease, claimant) ? view : { ...view, id: maskedId(lease.id) };
    });
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

  const allowed = allowedOf(state, wish, actor);
  if ("refused" in allowed) return limited(engine, state, allowed);
  const { count } = allowed;
  const rows = state.removing === null ? chooseSlots(state, { ...wish, count }) : [];
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
  const expiresAt = now + ttlMs;
  return { id, key, instance, actor, givenAt: now, ttlMs, expiresAt, usedAt: null, auditedAt: now };
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
    data: { ids: leases.map(({ id }) => maskedId(id)), names, key, ttlSeconds },
  };
}

/** The limit is remembered, so that the next tick shows it; nothing of it goes into the ledger. */
function limited(engine: Engine, state: State, { refused, detail }: LeaseLimit): Refusal {
  engine.change({ ...NO_MOVES, memory: withRefusal(state, refused) }, state.now);
  return refusal(409, `limits.${refused.guard} does not allow it`, detail);
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
  claimant: Claimant,
  { now }: Given,
): LeaseView | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const { state } = live;
  const found = aliveById(state, id);
  if (found === undefined) return unknownLease(id);
  if (!mayChange(found, claimant)) return foreignLease(id);
  const phase = state.instances.get(found.instance)?.phase ?? "gone";
  if (phase !== "ready" && phase !== "draining")
    return refusal(
      409,
      "The server of the lease is gone",
      `${found.instance} is ${phase}: place nothing on it, and take another lease`,
    );
  const ttlMs = ttlSeconds === null ? found.ttlMs : ttlSeconds * 1000;
  const limit = renewalLimit(state, found, ttlMs);
  // Its session is there already: it is marked, and ends with its time at the latest.
  const isMarkOnly = used && ttlSeconds === null;
  if (limit !== null && !isMarkOnly) return limited(engine, state, limit);
  const usedAt = found.usedAt ?? (used ? now : null);
  const latest = Math.max(found.expiresAt, endsBy(state, found));
  const expiresAt = Math.min(now + ttlMs, latest);
  const renewed: Lease = { ...found, ttlMs, expiresAt, usedAt };
  const event = renewalOf(found, renewed, claimant, now);
  const kept = event === null ? renewed : { ...renewed, auditedAt: now };
  const moves = event === null ? NO_MOVES : { ...NO_MOVES, events: [event] };
  engine.change(moves, now, { leases: withLeases(state.leases, [kept]) });
  return leaseOf(state, kept);
}

/** Null for a renewal like those before it. What another one does to a lease always has its row. */
function renewalOf(
  before: Lease,
  after: Lease,
  { actor }: Claimant,
  now: number,
): EventDraft | null {
  const isMarked = before.usedAt === null && after.usedAt !== null;
  const isOwn = actor === before.actor;
  const isDue = !isOwn || now - before.auditedAt >= RENEWAL_AUDITED_EVERY_MS;
  const isMoved = after.expiresAt !== before.expiresAt && isDue;
  if (!isMarked && !isMoved) return null;
  const done = isMarked ? "marked as used" : "renewed";
  return eventOn(before, actor, `${done}: it ends at ${iso(after.expiresAt)}`, {
    endedAt: iso(before.expiresAt),
    endsAt: iso(after.expiresAt),
    used: after.usedAt !== null,
  });
}

/** No reading from before it counts towards the emptiness of its server: its session may have come later. */
export function releaseLease(
  engine: Engine,
  id: string,
  claimant: Claimant,
  { now }: Given,
): { released: true } | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const { state } = live;
  const found = aliveById(state, id);
  if (found === undefined) return unknownLease(id);
  if (!mayChange(found, claimant)) return foreignLease(id);
  const fresh = state.memory.freshness.get(found.instance);
  const freshness = new Map(state.memory.freshness);
  if (fresh !== undefined) freshness.set(found.instance, { ...fresh, idleReadings: [] });
  const leases = withoutLeases(state.leases, [found]);
  const used = found.usedAt !== null;
  const event = eventOn(found, claimant.actor, "released", { used });
  engine.change({ ...NO_MOVES, memory: { freshness }, events: [event] }, now, { leases });
  return { released: true };
}

function eventOn(
  { id, instance, actor: owner }: Lease,
  actor: string,
  done: string,
  data: Readonly<Record<string, unknown>>,
): EventDraft {
  const whose = owner === actor ? "" : ` of ${owner}`;
  return {
    kind: "lease",
    instance,
    message: `the lease ${maskedId(id)}${whose} on ${instance} was ${done}`,
    actor,
    data: { id: maskedId(id), owner, ...data },
  };
}

function mayChange({ actor }: Lease, claimant: Claimant): boolean {
  return claimant.isOperator || actor === claimant.actor;
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

function foreignLease(id: string): Refusal {
  return refusal(
    403,
    "The lease is another's",
    `Another token took ${maskedId(id)}, and nothing was changed: only that token, or an operator's, renews, uses or releases it. Take a lease of your own with POST .../leases, or ask an operator`,
  );
}
