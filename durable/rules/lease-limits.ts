/**
 * What one holder of leases may take: so many at once, each for so long. A limit that refuses somebody is a
 * guard that binds: it stays among the blockers for a minute after the last refusal.
 */
import { isAlive, type Leases } from "./leases.ts";
import type { Blocker, Lease } from "./model.ts";
import { many } from "./phrases.ts";
import type { State } from "./state.ts";
import type { LeaseWish } from "./views.ts";

const SHOWN_FOR_MS = 60_000;

/** The last time at which a limit refused a lease, or its renewal. */
export interface LeaseRefused {
  readonly guard: "leasesPerToken" | "leaseMaxSeconds";
  readonly actor: string;
  readonly value: number;
  readonly limit: number;
  readonly at: number;
}

/** A refusal, and its words for the caller. */
export interface LeaseLimit {
  readonly refused: LeaseRefused;
  readonly detail: string;
}

/** Why the wish is refused whole; else how many of it the actor may have. */
export function allowedOf(
  { spec, leases, now }: State,
  { count, partial, ttlSeconds }: Pick<LeaseWish, "count" | "partial" | "ttlSeconds">,
  actor: string,
): LeaseLimit | { readonly count: number } {
  const { leasesPerToken, leaseMaxSeconds } = spec.limits;
  if (ttlSeconds > leaseMaxSeconds)
    return {
      refused: refusedBy("leaseMaxSeconds", actor, ttlSeconds, leaseMaxSeconds, now),
      detail: `A lease of this fleet lasts ${leaseMaxSeconds} s at the most (limits.leaseMaxSeconds), and this one would last ${ttlSeconds} s; nothing was taken. Ask with a lower ttlSeconds, or ask an operator to raise the limit`,
    };
  if (leasesPerToken === null) return { count };
  const held = heldBy(leases, actor, now);
  const room = Math.max(0, leasesPerToken - held);
  if (room >= count || (partial && room > 0)) return { count: Math.min(count, room) };
  return {
    refused: refusedBy("leasesPerToken", actor, held, leasesPerToken, now),
    detail: `You hold ${many(held, "lease")} of the ${leasesPerToken} that one token may hold at once (limits.leasesPerToken), and ${count} more were wanted; nothing was taken. Release those that you do not need, wait until some expire, or ask an operator to raise the limit`,
  };
}

/** When a lease has to end at the latest, however often it is renewed. */
export function endsBy({ spec }: State, { givenAt }: Lease): number {
  return givenAt + spec.limits.leaseMaxSeconds * 1000;
}

/** Why a lease is not renewed for so long; null if it may be. */
export function renewalLimit(state: State, lease: Lease, ttlMs: number): LeaseLimit | null {
  const { now, spec } = state;
  const end = endsBy(state, lease);
  if (now + ttlMs <= end) return null;
  const { leaseMaxSeconds: limit } = spec.limits;
  const value = Math.ceil((now + ttlMs - lease.givenAt) / 1000);
  const left = Math.max(0, Math.floor((end - now) / 1000));
  return {
    refused: refusedBy("leaseMaxSeconds", lease.actor, value, limit, now),
    detail: `A lease of this fleet lasts ${limit} s at the most, with its renewals (limits.leaseMaxSeconds): of this one ${left} s are left, and it was not renewed for ${ttlMs / 1000} s. It ends as it would have. Renew it for less, say that it is used when its session is on the server, or ask an operator to raise the limit`,
  };
}

/** The refusals with this one in the place of an earlier one by the same limit. */
export function withRefusal(
  { memory }: State,
  refused: LeaseRefused,
): { readonly leasesRefused: readonly LeaseRefused[] } {
  const others = memory.leasesRefused.filter(({ guard }) => guard !== refused.guard);
  return { leasesRefused: [...others, refused] };
}

/** The limits that refused somebody within the last minute. */
export function leaseLimits({ memory, now }: State): Blocker[] {
  return memory.leasesRefused
    .filter(({ at }) => now - at < SHOWN_FOR_MS)
    .map(({ guard, actor, value, limit }) => ({
      guard,
      value,
      limit,
      retryAt: null,
      fix:
        guard === "leasesPerToken"
          ? `${actor} was refused more leases than one token may hold: look at who holds them (GET .../leases), or raise limits.leasesPerToken`
          : `${actor} was refused a lease for longer than one may last: renew for less, or raise limits.leaseMaxSeconds`,
    }));
}

function heldBy(leases: Leases, actor: string, now: number): number {
  return [...leases.values()].flat().filter((lease) => lease.actor === actor && isAlive(lease, now))
    .length;
}

function refusedBy(
  guard: LeaseRefused["guard"],
  actor: string,
  value: number,
  limit: number,
  at: number,
): LeaseRefused {
  return { guard, actor, value, limit, at };
}
