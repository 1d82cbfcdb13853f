/**
 * Numbers that a media server says and that cannot be. More sessions than its capacity are shown as they are said,
 * and planned with as many as it can hold. Far more are no number of sessions at all: the reading is a hole.
 */
import { capacityOf } from "./checks.ts";
import { SESSIONS_PER_CAPACITY_MAX } from "./limits.ts";
import type { State } from "./state.ts";
import type { Reading } from "./world.ts";

/** Whether a server of this capacity cannot mean so many sessions. */
export function isAbsurd(sessions: number, capacity: number): boolean {
  return sessions > SESSIONS_PER_CAPACITY_MAX * capacity;
}

/** The readings, with a hole for each whose number of sessions cannot be. */
export function believable(state: State, readings: readonly Reading[]): readonly Reading[] {
  return readings.map((reading) => {
    const row = state.instances.get(reading.name);
    if (row === undefined || reading.kind === "hole") return reading;
    if (!isAbsurd(reading.sessions, capacityOf(state, row))) return reading;
    const { sessions, draining: _draining, named: _named, ...about } = reading;
    return { ...about, kind: "hole", detail: `it says ${sessions} sessions, which cannot be` };
  });
}
