/**
 * What is known of the servers now. A reading counts while it is fresh; not seeing is not knowing.
 */
import { BLIND_MIN, STALE_AFTER_INTERVALS } from "./limits.ts";
import type { Instance, Occupancy } from "./model.ts";
import type { State } from "./state.ts";
import { LAUNCHING } from "./transition.ts";

/** What its media server says, or `unknown` where it has not said anything for three intervals. */
export function occupancyOf(state: State, row: Instance): Occupancy {
  const readAt = state.memory.freshness.get(row.name)?.readAt ?? null;
  if (readAt === null || row.stoppedSince !== null) return "unknown";
  const staleAfterMs = STALE_AFTER_INTERVALS * state.spec.health.intervalSeconds * 1000;
  return state.now - readAt > staleAfterMs ? "unknown" : row.occupancy;
}

/** Room for more sessions on a server that is ready and known. */
export function slotsOf(state: State, row: Instance): number {
  if (row.phase !== "ready" || occupancyOf(state, row) === "unknown") return 0;
  return Math.max(0, state.spec.health.capacity - row.sessions);
}

/** The fleet in numbers; the counts are of instances and disjoint. */
export interface Tally {
  readonly idle: number;
  readonly busy: number;
  readonly unknown: number;
  readonly launching: number;
  readonly draining: number;
  readonly deleting: number;
  /** Not listed any more, and not by us; it may still come back, and may be billed. */
  readonly lost: number;
  readonly spares: number;
  /** Sessions on servers that were heard of lately, or were busy when last heard of. */
  readonly sessions: number;
  /** The eyes do not see, rather than the servers not answering. */
  readonly blind: boolean;
  /** Spares that unknown servers would be, if only the eyes are blind. */
  readonly hoped: number;
}

export function tally(state: State): Tally {
  const counts = { idle: 0, busy: 0, unknown: 0, launching: 0, draining: 0, deleting: 0, lost: 0 };
  const sums = { spares: 0, sessions: 0, probed: 0, silent: 0, hoped: 0 };
  for (const row of state.instances.values()) {
    if (LAUNCHING.has(row.phase)) counts.launching++;
    else if (row.phase === "deleting") counts.deleting++;
    else if (row.phase === "lost") counts.lost++;
    else if (row.phase === "draining") counts.draining++;
    else counts[occupancyOf(state, row)]++;

    if (row.phase !== "ready" && row.phase !== "draining") continue;
    // A machine that is off is no spare and has no session, and its silence says nothing of the eyes.
    if (row.stoppedSince !== null) continue;
    sums.probed++;
    sums.sessions += row.sessions;
    sums.spares += slotsOf(state, row);
    if (occupancyOf(state, row) !== "unknown") continue;
    sums.silent++;
    if (row.phase === "ready") sums.hoped += state.spec.health.capacity;
  }
  const blind = isBlind(state, sums.silent, sums.probed);
  return {
    ...counts,
    spares: sums.spares,
    sessions: sums.sessions,
    blind,
    hoped: blind ? sums.hoped : 0,
  };
}

function isBlind(state: State, silent: number, probed: number): boolean {
  return silent >= BLIND_MIN && silent > probed * state.spec.limits.unknownShareMax;
}
