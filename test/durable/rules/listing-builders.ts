/** Listings, and budgets of calls, for the tests of the rules. */
import { APART_AFTER, freshBudget } from "../../../durable/rules/budget.ts";
import type { Memory } from "../../../durable/rules/state.ts";
import { rememberedBucket } from "../../../durable/rules/token-bucket.ts";
import type { CloudInstance, Hole, Lane, Listing } from "../../../durable/rules/world.ts";
import { NOW } from "./moments.ts";

/** A lane has a token bucket of its own, with so many calls in hand, at a call a second. */
export function laneOf(lane: Lane, tokens: number): Pick<Memory, "budget"> {
  const known = { ratePerSecond: 1, capacity: 2 * Math.max(1, tokens), refusedAt: NOW };
  const bucket = { ...rememberedBucket(known, NOW), level: tokens };
  const fresh = freshBudget(NOW);
  const budget = { ...fresh, buckets: { ...fresh.buckets, [lane]: bucket } };
  return { budget: { ...budget, apart: { reads: APART_AFTER, writes: APART_AFTER } } };
}

export function complete(
  instances: readonly CloudInstance[],
  startedAt = NOW,
): Extract<Listing, { kind: "complete" }> {
  return { kind: "complete", startedAt, pages: 1, instances, strangers: [], unread: [] };
}

export const A_HOLE: Hole = { why: "unknown", rejection: null, detail: "timed out" };

export function partial(
  instances: readonly CloudInstance[],
  hole: Hole = A_HOLE,
): Extract<Listing, { kind: "partial" }> {
  return {
    kind: "partial",
    startedAt: NOW,
    pages: 1,
    instances,
    strangers: [],
    unread: [],
    hole,
    next: null,
  };
}
