/**
 * Taking servers away, in two phases. A victim is cordoned; then it must be seen empty by fresh
 * probes that began after the cordon and after the drain time, and AWS must say that the address which
 * answered is its own (`addresses.ts`); then it is deleted. Any busy, stale or missing reading keeps it, and
 * so does any lease. Spares are never taken below the target.
 */
import { isVouched, isVouchedNow } from "./addresses.ts";
import { drainMsOf, isSettled, takesPart } from "./checks.ts";
import { deleteCaps, deleteRoom, overbooked } from "./guard.ts";
import { EMPTY_READINGS, IDLE_READINGS_KEPT } from "./limits.ts";
import { isListed } from "./listed.ts";
import type { Blocker, DrainReason, Instance } from "./model.ts";
import { leasesOn } from "./leases.ts";
import { occupancyOf, type Tally } from "./occupancy.ts";
import { many } from "./phrases.ts";
import { isProtected, protectedBlockers } from "./protection.ts";
import { supply } from "./size.ts";
import { type EventDraft, type Moves, NO_MOVES, type State } from "./state.ts";
import { sizeWanted, type Wanted, wordsOf } from "./wanted.ts";
import { transition } from "./transition.ts";
import { chooseVictims } from "./victims.ts";
import { isAnswered } from "./wanted-calls.ts";

/** Drains that are confirmed empty end in deletion, as many as the guards let through. */
export function finishDrains(state: State, counts: Tally): Moves {
  const drained = [...state.instances.values()].filter(
    (row) => isToBeDeleted(state, row) && isConfirmedEmpty(state, row),
  );
  const empty = drained.filter((row) => !isProtected(row));
  const { room, blockers } = deleteRoom(state, counts, empty.length);
  const kept = protectedBlockers(drained.length - empty.length);
  // One that this look had no time to hear may have a session by now.
  const heard = empty.filter(({ name }) => !state.memory.turns.missedSince.has(name));
  const sure = heard.filter((row) => isVouchedNow(state, row)).slice(0, room);
  const moves = deletions(state, sure, [...blockers, ...kept], (row) => ({
    message: `delete ${row.name}: seen empty ${seenEmpty(state, row)} (${row.drainReason})`,
    data: {
      reason: row.drainReason,
      cordonedAt: row.cordonedAt,
      idleReadings: state.memory.freshness.get(row.name)?.idleReadings ?? [],
    },
  }));
  return { ...moves, rows: moves.rows.map((row) => ({ ...row, restsOnReply: true })) };
}

/** Servers whose delete rests on replies and waits for AWS's word on their address, as many as may be deleted now. */
export function unvouchedNow(state: State): readonly Instance[] {
  if (state.spec.mode === "observe") return [];
  const rows = [...state.instances.values()];
  const decided = rows.filter(
    (row) => awaitsDelete(row) && row.nextAttemptAt <= state.now && !isVouched(state, row),
  );
  const empty = rows.filter((row) => !isProtected(row) && isToBeDeleted(state, row));
  if (empty.length === 0) return decided;
  const room = deleteCaps(state, empty.length);
  const missing = empty.filter((row) => !isVouched(state, row));
  const vouched = empty.length - missing.length;
  return [...decided, ...missing.slice(0, Math.max(0, room - vouched))];
}

/** Servers of which AWS's word is of use: those that are deleted because of what they replied. */
export function needsWord(state: State, row: Instance): boolean {
  return awaitsDelete(row) || isToBeDeleted(state, row);
}

function awaitsDelete(row: Instance): boolean {
  const { phase, restsOnReply, command } = row;
  return phase === "deleting" && restsOnReply && command === null && !isAnswered(row);
}

function isToBeDeleted(state: State, row: Instance): boolean {
  return !row.drainHold && wasSeenEmpty(state, row);
}

/** How often in a row since its cordon, as far back as readings are kept, and how often of these after its drain time. */
function seenEmpty(state: State, row: Instance): string {
  const readings = state.memory.freshness.get(row.name)?.idleReadings ?? [];
  const drainedAt = (row.cordonedAt ?? 0) + state.spec.retire.drainSeconds * 1000;
  const late = readings.filter((at) => at > drainedAt).length;
  const least = readings.length === IDLE_READINGS_KEPT ? "at least " : "";
  return `${least}${many(readings.length, "time")} after its cordon, ${late} of them after its drain time`;
}

/** Puts rows on the way to deletion: the intent, before any call. */
export function deletions(
  state: State,
  rows: readonly Instance[],
  blockers: readonly Blocker[],
  why: (row: Instance) => { message: string; data?: Readonly<Record<string, unknown>> },
): Moves {
  return {
    ...NO_MOVES,
    rows: rows.map((row) =>
      transition(row, "deleting", state.now, { step: "delete", deletingAt: state.now }),
    ),
    events: rows.map((row) => ({ kind: "delete" as const, instance: row.name, ...why(row) })),
    blockers,
  };
}

/** Seen empty after its cordon and its drain time, as often as the rules ask, and lately. */
export function isConfirmedEmpty(state: State, row: Instance): boolean {
  return wasSeenEmpty(state, row) && occupancyOf(state, row) === "idle";
}

/** The same, however long ago: when a look begins, the readings of the one before may be old already. */
function wasSeenEmpty(state: State, row: Instance): boolean {
  const { cordonedAt } = row;
  if (row.phase !== "draining" || cordonedAt === null) return false;
  if (!isListed(state, row)) return false;
  if (takesPart(state, row) && !row.saysDraining) return false;
  // The operator says that servers of its template are asked in another way: that is tried first.
  if (!isSettled(state, row)) return false;
  if (leasesOn(state, row.name).length > 0) return false;
  if (row.sessions > 0 || row.occupancy !== "idle" || row.stoppedSince !== null) return false;
  const drainMs = drainMsOf(state, row);
  const fresh = state.memory.freshness.get(row.name);
  if (fresh === undefined || fresh.phaseSince !== row.phaseSince) return false;
  if (fresh.idleReadings.length < readingsOf(state, drainMs)) return false;
  const after = fresh.idleReadings.filter((at) => at > cordonedAt + drainMs);
  return after.length >= EMPTY_READINGS;
}

/**
 * As many readings as the drain time brings, and those after it. They are counted besides, because the
 * clock can jump, and is another one on the next machine: anyone who trusted it alone would cut a drain short.
 */
function readingsOf(state: State, drainMs: number): number {
  const { intervalSeconds } = state.spec.health;
  const whileDraining = Math.ceil(drainMs / (intervalSeconds * 1000));
  return Math.min(IDLE_READINGS_KEPT, whileDraining + EMPTY_READINGS);
}

/** Cordons what is too many, if it has been too many for long enough. */
export function cordonSurplus(state: State, counts: Tally, target: Wanted): Moves {
  const wanted = sizeWanted(state, target);
  const tooMany = supply(state, counts) - wanted;
  if (tooMany <= 0) return { ...NO_MOVES, memory: { surplusSince: null } };
  const surplusSince = state.memory.surplusSince ?? state.now;
  const memory = { surplusSince };
  const capacity = state.spec.health.capacity;
  const cancelled = cancelPlanned(state, Math.floor(tooMany / capacity), "is not needed any more");
  if (state.now - surplusSince < state.spec.retire.idleForSeconds * 1000)
    return { ...NO_MOVES, ...cancelled, memory };

  const fromReady = Math.min(counts.spares - wanted, tooMany - cancelled.rows.length * capacity);
  const victims =
    fromReady < capacity ? [] : chooseVictims(state, state.instances.values(), fromReady);
  const { room, blockers } = deleteRoom(state, counts, victims.length);
  const cordoned = victims.slice(0, room);
  return {
    ...NO_MOVES,
    rows: [...cancelled.rows, ...cordoned.map((row) => cordon(state, row, "surplus"))],
    events: [...cancelled.events, ...cordoned.map((row) => cordonEvent(row, counts, target))],
    blockers,
    memory,
  };
}

export function cordon(state: State, row: Instance, drainReason: DrainReason): Instance {
  return transition(row, "draining", state.now, { cordonedAt: state.now, drainReason });
}

/** What was planned while there was room for it, and has none any more, is not made. */
export function callOffOverbooked(state: State): Moves {
  return { ...NO_MOVES, ...cancelPlanned(state, overbooked(state), "has no room any more") };
}

/** Planned rows whose create was certainly never made cost nothing to call off: at most so many of them. */
export function cancelPlanned(
  state: State,
  most: number,
  why: string,
): Pick<Moves, "rows" | "events"> {
  const planned = [...state.instances.values()]
    .filter((row) => row.phase === "planned" && row.command === null && !row.mayExist)
    .slice(0, most);
  return {
    rows: planned.map((row) => transition(row, "gone", state.now, { goneAt: state.now })),
    events: planned.map(({ name }) => ({
      kind: "cancelled",
      instance: name,
      message: `${name} ${why}; it was never created`,
    })),
  };
}

function cordonEvent(row: Instance, counts: Tally, target: Wanted): EventDraft {
  return {
    kind: "drain",
    instance: row.name,
    message: `drain ${row.name}: spares ${counts.spares} > ${wordsOf(target)}`,
    data: {
      reason: "surplus",
      ...counts,
      target: target.spares,
      early: target.early?.spares ?? null,
      surge: target.surge,
      idleSince: row.idleSince,
    },
  };
}
