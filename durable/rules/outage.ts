/**
 * What the object's memory is worth after time in which nothing ticked. Runs of looks (idle readings, a
 * surplus, an absence) prove something because they were looked at again and again. Time without ticks
 * confirms nothing, so a run that it interrupts begins anew, as after a cold start.
 */
import type { Freshness } from "./model.ts";
import type { Memory, State } from "./state.ts";

/** A tick may be late by its slow calls; later than this and so many ticks, there was none. */
const OUTAGE_MS = 60_000;
const OUTAGE_TICKS = 6;

/** What changes of the memory where the last tick is too long ago; nothing where it is not. */
export function afterOutage({ beganAt, tickMs, memory }: State, now: number): Partial<Memory> {
  if (now - beganAt <= Math.max(OUTAGE_MS, OUTAGE_TICKS * tickMs)) return {};
  return {
    surplusSince: null,
    words: new Map(),
    freshness: new Map([...memory.freshness].map(([name, fresh]) => [name, interrupted(fresh)])),
    absentSince: new Map(),
    emptySince: null,
    driftSince: new Map(),
  };
}

function interrupted(fresh: Freshness): Freshness {
  return { ...fresh, idleReadings: [], goodInRow: 0 };
}
