/**
 * Which slots a dispatcher gets. Only of a server that is ready, that answered lately, and that takes
 * sessions by its own word:
 *
 * 1. a server of the zone that the dispatcher prefers;
 * 2. one that is not outdated, or a rollout would wait for ever;
 * 3. the fullest, so that others become empty;
 * 4. the one whose billed hour has longest to run, so that others can go at the end of theirs.
 */
import { leadMs } from "./coming.ts";
import { isAlive, leasesOn, maskedId } from "./leases.ts";
import type { Instance } from "./model.ts";
import { slotsOf, takenOn } from "./occupancy.ts";
import type { State } from "./state.ts";
import { LAUNCHING } from "./transition.ts";
import { isOutdated, paidUntil } from "./victims.ts";
import type { LeaseWish } from "./views.ts";

/** The servers of at most so many slots, one entry for each slot. */
export function chooseSlots(
  state: State,
  { count, zone }: Pick<LeaseWish, "count" | "zone">,
): readonly Instance[] {
  return [...state.instances.values()]
    .filter((row) => mayBeLeased(state, row))
    .toSorted(
      (a, b) =>
        Number(b.zone === zone) - Number(a.zone === zone) ||
        Number(isOutdated(state, a)) - Number(isOutdated(state, b)) ||
        takenOn(state, b) - takenOn(state, a) ||
        paidUntil(b, state.now) - paidUntil(a, state.now) ||
        (b.createdAt ?? b.plannedAt) - (a.createdAt ?? a.plannedAt) ||
        (a.name < b.name ? -1 : 1),
    )
    .flatMap((row) => Array.from({ length: slotsOf(state, row) }, () => row))
    .slice(0, count);
}

/** One that is listed without our tags may be somebody else's by now, and one without an address is of no use. */
function mayBeLeased(state: State, { name, publicIp }: Instance): boolean {
  return publicIp !== null && !state.memory.unlisted.has(name);
}

/** How many servers are on their way, and when the first of them should be ready. */
export function comingServers(state: State): {
  readonly starting: number;
  readonly expectedAt: number | null;
} {
  const coming = [...state.instances.values()].filter(({ phase }) => LAUNCHING.has(phase));
  const readyAt = coming.map(({ plannedAt }) => Math.max(state.now, plannedAt + leadMs(state)));
  return {
    starting: coming.length,
    expectedAt: readyAt.length === 0 ? null : Math.min(...readyAt),
  };
}

/** Ids of the leases that end with a server which is deleted by force, as the audit trail has them. */
export function brokenBy(state: State, { name }: Instance): readonly string[] {
  return leasesOn(state, name)
    .filter((lease) => isAlive(lease, state.now))
    .map(({ id }) => maskedId(id));
}

/** The same for the end of a sentence. */
export function withLeasesBroken(state: State, row: Instance): string {
  const broken = brokenBy(state, row).length;
  return broken === 0 ? "" : `, which breaks ${broken} leases`;
}
