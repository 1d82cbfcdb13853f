/**
 * Leases that are over give their slot back, as soon as a reading tells what became of it. A reading that
 * began before the end of a lease says nothing of its session: it may have come after that. So the slot
 * stays taken until the first good reading of a tick which began later.
 *
 * - One that has expired: whatever that reading says holds from then on.
 * - One that is used: when that reading has sessions on the server, one for each used lease; a media
 *   server that counts slowly does not give the slot away. Otherwise it ends with its time.
 *
 * By the tick's own beginning and not by the reading's: the two clocks are those of different machines.
 */
import { readingByRow } from "./absorb-readings.ts";
import { type Leases, maskedId, withoutLeases } from "./leases.ts";
import type { Instance, Lease } from "./model.ts";
import { type EventDraft, type Moves, NO_MOVES, type State } from "./state.ts";
import type { Reading } from "./world.ts";

/** To be called before the readings go into the rows: a reading counts for both, or for neither. */
export function sweepLeases(state: State, readings: readonly Reading[]): Moves {
  if (state.leases.size === 0) return NO_MOVES;
  const byName = readingByRow(state, readings);
  const ended = [...state.leases].flatMap(([name, leases]) =>
    endedOf(state, leases, saidOf(state.instances.get(name), byName.get(name))),
  );
  if (ended.length === 0) return NO_MOVES;
  const leases: Leases = withoutLeases(state.leases, ended);
  return { ...NO_MOVES, events: expiries(state, ended), state: { leases } };
}

/** Sessions by a reading of this tick; null where there is none; `gone` where none will come. */
function saidOf(row: Instance | undefined, reading: Reading | undefined): number | "gone" | null {
  if (row === undefined || row.phase === "deleting") return "gone";
  return reading?.kind === "answer" ? reading.sessions : null;
}

function endedOf(
  { beganAt }: State,
  leases: readonly Lease[],
  said: number | "gone" | null,
): readonly Lease[] {
  if (said === null) return [];
  const expired = leases.filter(({ expiresAt }) => expiresAt <= beganAt);
  if (said === "gone") return expired;
  const used = leases.filter(
    ({ expiresAt, usedAt }) => expiresAt > beganAt && usedAt !== null && usedAt < beganAt,
  );
  return [...expired, ...used.slice(0, said)];
}

/** Those that ended with their time. One that ended with its session is in the readings. */
function expiries({ beganAt }: State, ended: readonly Lease[]): readonly EventDraft[] {
  return ended
    .filter(({ expiresAt }) => expiresAt <= beganAt)
    .map(({ id, instance, actor, usedAt }) => ({
      kind: "lease",
      instance,
      message: `the lease ${maskedId(id)} of ${actor} on ${instance} has expired ${usedAt === null ? "unused" : "before a probe showed its session"}`,
      data: { id: maskedId(id), actor },
    }));
}
