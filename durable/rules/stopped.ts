/**
 * Servers that are off: stopped by a person, or never started again by AWS. AWS bills them all the
 * same. One that stays off is cordoned and replaced; after that it is deleted without any reading, for
 * a machine that is off has none to give.
 *
 * It takes two looks, because listings lag. A server can be listed as stopped that was started again
 * two minutes ago. But a server that is still listed as stopped long after the cordon was off after the
 * cordon, and nobody is placed on a cordoned server.
 */
import { deleteRoom } from "./guard.ts";
import { isAlive, leasesOn } from "./leases.ts";
import { LISTING_LAG_MS, STOPPED_FOR_MS } from "./limits.ts";
import { isListed } from "./listed.ts";
import type { Instance } from "./model.ts";
import type { Tally } from "./occupancy.ts";
import { isProtected } from "./protection.ts";
import { cordon, deletions } from "./retire.ts";
import { isPaused, join, type Moves, NO_MOVES, type State } from "./state.ts";

export function retireStopped(state: State, counts: Tally): Moves {
  if (isPaused(state, "retire")) return NO_MOVES;
  const off = [...state.instances.values()].filter(
    (row) => isOffForLong(state, row) && !isProtected(row) && !isWaitedFor(state, row),
  );
  const dead = off.filter((row) => isSurelyOff(state, row));
  const { room, blockers } = deleteRoom(state, counts, dead.length);
  const deleted = deletions(state, dead.slice(0, room), blockers, (row) => ({
    message: `delete ${row.name}: it has not been running for ${minutes(state, row)} minutes`,
    data: { reason: "notRunning", stoppedSince: row.stoppedSince, cordonedAt: row.cordonedAt },
  }));
  return join(cordons(state, off), deleted);
}

function isOffForLong(state: State, row: Instance): boolean {
  return row.stoppedSince !== null && state.now - row.stoppedSince >= STOPPED_FOR_MS;
}

/** Anyone who holds a lease may still place a session, should the machine be started in time. */
function isWaitedFor(state: State, { name }: Instance): boolean {
  return leasesOn(state, name).some((lease) => isAlive(lease, state.now));
}

/** An adopted server goes only because somebody wants it gone: no time limit deletes it. */
function cordons(state: State, off: readonly Instance[]): Moves {
  const rows = off.filter((row) => row.phase === "ready" && !row.adopted);
  return {
    ...NO_MOVES,
    rows: rows.map((row) => cordon(state, row, "replace")),
    events: rows.map((row) => ({
      kind: "drain",
      instance: row.name,
      message: `drain ${row.name}: it has not been running for ${minutes(state, row)} minutes`,
      data: { reason: "replace", stoppedSince: row.stoppedSince },
    })),
  };
}

/** Listed as off by a look that began long after the cordon. */
function isSurelyOff(state: State, row: Instance): boolean {
  if (row.phase !== "draining" || row.cordonedAt === null) return false;
  if (row.drainHold) return false;
  if (!isListed(state, row)) return false;
  const { listedAt } = state.memory;
  return listedAt !== null && listedAt - row.cordonedAt >= LISTING_LAG_MS;
}

function minutes(state: State, row: Instance): number {
  return Math.floor((state.now - (row.stoppedSince ?? state.now)) / 60_000);
}
