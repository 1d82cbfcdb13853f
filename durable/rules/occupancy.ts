/**
 * What is known of the servers now. A reading counts while it is fresh; not seeing is not knowing.
 */
import { isDoubted } from "./addresses.ts";
import { capacityOf } from "./checks.ts";
import {
  BLIND_MIN,
  RETURNING_FOR_MS,
  SILENT_REPLACED_MAX,
  STALE_AFTER_INTERVALS,
} from "./limits.ts";
import { leasesOn } from "./leases.ts";
import type { Instance, Occupancy } from "./model.ts";
import { onceFor } from "./once.ts";
import type { State } from "./state.ts";
import { LAUNCHING } from "./transition.ts";
import { isUnasked, sustainedIntervalMs, wasSilent } from "./turns.ts";

/** What its media server says, or `unknown` where it has said nothing for three of the intervals that the fleet sustains. */
export function occupancyOf(state: State, row: Instance): Occupancy {
  const readAt = state.memory.freshness.get(row.name)?.readAt ?? null;
  if (readAt === null || row.stoppedSince !== null || isDoubted(state, row)) return "unknown";
  const staleAfterMs = STALE_AFTER_INTERVALS * sustainedIntervalMs(state);
  return state.now - readAt > staleAfterMs ? "unknown" : row.occupancy;
}

/**
 * Sessions that are on it by its last reading, and those for which leases keep a slot. A session that
 * the reading shows may be one of a lease that still holds: it is then counted twice, on the safe side.
 */
export function takenOn(state: State, row: Instance): number {
  return row.sessions + leasesOn(state, row.name).length;
}

/** What its capacity leaves; never below zero. */
function roomOn(state: State, row: Instance): number {
  return Math.max(0, capacityOf(state, row) - takenOn(state, row));
}

/** Room for more sessions on a server that is ready, known, and takes sessions by its own word. */
export function slotsOf(state: State, row: Instance): number {
  if (row.phase !== "ready" || row.saysDraining || occupancyOf(state, row) === "unknown") return 0;
  return roomOn(state, row);
}

/** The fleet in numbers; the counts are of instances and disjoint. */
export interface Tally {
  readonly idle: number;
  readonly busy: number;
  readonly unknown: number;
  readonly launching: number;
  /** Of those, the ones that AWS has not begun to make: their create was refused, or has not gone out. */
  readonly waiting: number;
  readonly draining: number;
  readonly deleting: number;
  /** Not listed any more, and not by us; it may still come back, and may be billed. */
  readonly lost: number;
  readonly spares: number;
  /** Sessions on servers that were heard of lately, or were busy when last heard of. */
  readonly sessions: number;
  /** Slots that leases hold. */
  readonly leased: number;
  /** Sessions, with those for which leases hold a slot, as far as their servers have room. */
  readonly expected: number;
  /** The eyes do not see, rather than the servers not answering. */
  readonly blind: boolean;
  /** Spares that are not there, and are not replaced: of servers whose silence is waited for, that were not asked, or that come back from a drain. */
  readonly hoped: number;
  /** Servers that are silent for which none is launched, because so many are replaced already. */
  readonly waitedFor: number;
  /** Servers of which nothing is known because their turn to be asked has not come. None is replaced. */
  readonly unasked: number;
}

/** Counted once for each state. */
export const tally = onceFor((state: State): Tally => {
  const counts = { idle: 0, busy: 0, unknown: 0, launching: 0, draining: 0, deleting: 0, lost: 0 };
  const sums = {
    spares: 0,
    sessions: 0,
    leased: 0,
    expected: 0,
    probed: 0,
    silent: 0,
    silentLast: 0,
    unasked: 0,
    returning: 0,
    waiting: 0,
  };
  const silent: Instance[] = [];
  for (const row of state.instances.values()) {
    if (LAUNCHING.has(row.phase)) counts.launching++;
    else if (row.phase === "deleting") counts.deleting++;
    else if (row.phase === "lost") counts.lost++;
    else if (row.phase === "draining") counts.draining++;
    else counts[occupancyOf(state, row)]++;
    if (row.phase === "planned" && row.command === null) sums.waiting++;

    if (row.phase !== "ready" && row.phase !== "draining") continue;
    // A machine that is off is no spare and has no session, and its silence says nothing of the eyes.
    if (row.stoppedSince !== null) continue;
    sums.probed++;
    sums.sessions += row.sessions;
    sums.leased += leasesOn(state, row.name).length;
    sums.expected += expectedOn(state, row);
    sums.spares += slotsOf(state, row);
    if (isReturning(state, row)) sums.returning += roomOn(state, row);
    if (wasSilent(state, row)) sums.silentLast++;
    if (occupancyOf(state, row) !== "unknown") continue;
    if (isUnasked(state, row)) {
      sums.unasked++;
      if (row.phase === "ready") sums.returning += roomOn(state, row);
      continue;
    }
    sums.silent++;
    if (row.phase === "ready") silent.push(row);
  }
  const blind = isBlind(state, sums.silent, sums.probed - sums.unasked);
  // The first to be stale are no few that failed if many others were silent when last asked, too.
  const { expected } = state.memory.turns;
  const isGeneral =
    blind ||
    isBlind(state, sums.silentLast, sums.probed - sums.unasked) ||
    isBlind(state, expected.silent, expected.asked);
  // While the eyes are blind, or become so, nothing is replaced; otherwise a few at a time.
  const waitedFor = isGeneral ? silent : silent.slice(SILENT_REPLACED_MAX);
  const slots = (row: Instance): number => (blind ? capacityOf(state, row) : roomOn(state, row));
  const hoped = waitedFor.reduce((sum, row) => sum + slots(row), sums.returning);
  return {
    ...counts,
    waiting: sums.waiting,
    spares: sums.spares,
    sessions: sums.sessions,
    leased: sums.leased,
    expected: sums.expected,
    blind,
    hoped,
    waitedFor: waitedFor.length,
    unasked: sums.unasked,
  };
});

/**
 * A session and the lease that it was placed under are one: together they take no more than there is. Nor do more
 * sessions than a server can hold make the target larger.
 */
function expectedOn(state: State, row: Instance): number {
  return Math.min(capacityOf(state, row), takenOn(state, row));
}

/** Its drain was taken back, and its next reading will say that it takes sessions again. */
function isReturning(state: State, row: Instance): boolean {
  if (row.phase !== "ready" || !row.saysDraining || !row.drainTold) return false;
  return occupancyOf(state, row) !== "unknown" && state.now - row.phaseSince < RETURNING_FOR_MS;
}

function isBlind(state: State, silent: number, probed: number): boolean {
  return silent >= BLIND_MIN && silent > probed * state.spec.limits.unknownShareMax;
}
