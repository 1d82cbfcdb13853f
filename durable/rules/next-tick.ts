/**
 * When the next tick can matter. The metronome's beat is the latest; where a call waits for its token, a
 * boot is about to end, or a new server is about to be ready, the tick comes with that. Nothing
 * busy-waits: two ticks are never closer together than a fifth of a beat.
 */
import { READY_READINGS } from "./limits.ts";
import { lookDueAt } from "./looks.ts";
import type { Instance } from "./model.ts";
import { callDueAt } from "./provision.ts";
import type { State } from "./state.ts";

/** Ticks begin at least this apart, in beats. */
const APART_BEATS = 0.2;
/** A server that is about to be ready is asked again after this, in beats. */
const WARMING_BEATS = 0.4;

/** When the tick after the one that began at `beganAt` begins; milliseconds since the epoch. */
export function nextTickAt(state: State, beganAt: number): number {
  const { tickMs } = state;
  const wanted = Math.min(callDueAt(state), lookDueAt(state), warmAt(state));
  const earliest = Math.max(state.now + 1, beganAt + APART_BEATS * tickMs);
  return Math.min(beganAt + tickMs, Math.max(earliest, Math.ceil(wanted)));
}

/** When a warming server is asked again: soon after its first good reading, for it lacks only the next. */
function warmAt(state: State): number {
  const asked = [...state.instances.values()].flatMap((row) => warmingAt(state, row));
  return Math.min(...asked);
}

function warmingAt({ memory, tickMs }: State, row: Instance): number[] {
  if (row.phase !== "warming" || row.stoppedSince !== null) return [];
  const fresh = memory.freshness.get(row.name);
  if (fresh === undefined) return [0];
  const isNearlyReady = fresh.goodInRow > 0 && fresh.goodInRow < READY_READINGS;
  return [fresh.askedAt + (isNearlyReady ? APART_BEATS : WARMING_BEATS) * tickMs];
}
