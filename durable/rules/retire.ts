/**
 * Taking servers away, in two phases. A victim is cordoned; then it must be seen empty by fresh
 * probes that began after the cordon and after the drain time; then it is deleted. Any busy, stale or
 * missing reading keeps it. Spares are never taken below the target.
 */
import { deleteRoom } from "./guard.ts";
import { EMPTY_READINGS, HOUR_MS, IDLE_READINGS_KEPT } from "./limits.ts";
import type { Blocker, DrainReason, Instance, Phase } from "./model.ts";
import { occupancyOf, slotsOf, type Tally } from "./occupancy.ts";
import { supply } from "./size.ts";
import { type EventDraft, isPaused, join, type Moves, NO_MOVES, type State } from "./state.ts";
import type { Target } from "./target.ts";
import { change, transition } from "./transition.ts";

/** What a forced removal deletes at once. */
const FORCED: ReadonlySet<Phase> = new Set([
  "starting",
  "configuring",
  "warming",
  "ready",
  "draining",
]);

/** Drains that are confirmed empty end in deletion, as many as the guards let through. */
export function finishDrains(state: State, counts: Tally): Moves {
  const empty = [...state.instances.values()].filter((row) => isConfirmedEmpty(state, row));
  const { room, blockers } = deleteRoom(state, counts, empty.length);
  return deletions(state, empty.slice(0, room), blockers, (row) => ({
    message: `delete ${row.name}: seen empty ${EMPTY_READINGS} times after its cordon (${row.drainReason})`,
    data: {
      reason: row.drainReason,
      cordonedAt: row.cordonedAt,
      idleReadings: state.memory.freshness.get(row.name)?.idleReadings ?? [],
    },
  }));
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

function isConfirmedEmpty(state: State, row: Instance): boolean {
  const { cordonedAt } = row;
  if (row.phase !== "draining" || cordonedAt === null) return false;
  if (state.memory.unlisted.has(row.name)) return false;
  if (row.sessions > 0 || occupancyOf(state, row) !== "idle") return false;
  const drainMs = state.spec.retire.drainSeconds * 1000;
  const fresh = state.memory.freshness.get(row.name);
  if (fresh === undefined || fresh.phaseSince !== row.phaseSince) return false;
  if (fresh.idleReadings.length < readingsOf(state, drainMs)) return false;
  const after = fresh.idleReadings.filter((at) => at > cordonedAt + drainMs);
  return after.length >= EMPTY_READINGS;
}

/**
 * As many readings as the drain time brings, and those after it. They are counted besides, because the
 * clock can jump, and is another one on the next machine: whoever trusted it alone would cut a drain short.
 */
function readingsOf(state: State, drainMs: number): number {
  const { intervalSeconds } = state.spec.health;
  const whileDraining = Math.ceil(drainMs / (intervalSeconds * 1000));
  return Math.min(IDLE_READINGS_KEPT, whileDraining + EMPTY_READINGS);
}

/** Cordons what is too many, if it has been too many for long enough. */
export function cordonSurplus(state: State, counts: Tally, target: Target): Moves {
  const tooMany = supply(state, counts) - target.spares;
  if (tooMany <= 0) return { ...NO_MOVES, memory: { surplusSince: null } };
  const surplusSince = state.memory.surplusSince ?? state.now;
  const memory = { surplusSince };
  const cancelled = cancelPlanned(state, tooMany);
  if (state.now - surplusSince < state.spec.retire.idleForSeconds * 1000)
    return { ...NO_MOVES, ...cancelled, memory };

  const capacity = state.spec.health.capacity;
  const fromReady = Math.min(
    counts.spares - target.spares,
    tooMany - cancelled.rows.length * capacity,
  );
  const victims = fromReady < capacity ? [] : chooseVictims(state, fromReady);
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

/** Planned rows whose create was certainly never made cost nothing to call off. */
function cancelPlanned(state: State, tooMany: number): Pick<Moves, "rows" | "events"> {
  const planned = [...state.instances.values()]
    .filter((row) => row.phase === "planned" && row.command === null && !row.mayExist)
    .slice(0, Math.floor(tooMany / state.spec.health.capacity));
  return {
    rows: planned.map((row) => transition(row, "gone", state.now, { goneAt: state.now })),
    events: planned.map(({ name }) => ({
      kind: "cancelled",
      instance: name,
      message: `${name} is not needed any more; it was never created`,
    })),
  };
}

/** Idle servers that may go: an outdated template first, then the one whose paid hour ends first, then the oldest. */
function chooseVictims(state: State, slots: number): Instance[] {
  const candidates = [...state.instances.values()]
    .filter((row) => mayRetire(state, row))
    .toSorted(
      (a, b) =>
        Number(isOutdated(state, b)) - Number(isOutdated(state, a)) ||
        paidUntil(a, state.now) - paidUntil(b, state.now) ||
        (a.createdAt ?? a.plannedAt) - (b.createdAt ?? b.plannedAt) ||
        (a.name < b.name ? -1 : 1),
    );
  const victims: Instance[] = [];
  let left = slots;
  for (const row of candidates) {
    const slotsOfRow = slotsOf(state, row);
    if (slotsOfRow > left) continue;
    victims.push(row);
    left -= slotsOfRow;
  }
  return victims;
}

function mayRetire(state: State, row: Instance): boolean {
  if (row.phase !== "ready" || row.sessions > 0 || occupancyOf(state, row) !== "idle") return false;
  if (row.arn === null || state.memory.unlisted.has(row.name)) return false;
  const { idleForSeconds, confirmations } = state.spec.retire;
  if (row.idleSince === null || state.now - row.idleSince < idleForSeconds * 1000) return false;
  const readings = state.memory.freshness.get(row.name)?.idleReadings ?? [];
  if (readings.length < confirmations) return false;
  return isOutdated(state, row) || isHourNearlyOver(state, row);
}

export function isOutdated(state: State, row: Instance): boolean {
  return row.template !== state.template;
}

/** Lightsail bills by the started hour, so a paid hour is kept as a spare until just before its end. */
function isHourNearlyOver(state: State, row: Instance): boolean {
  const { billing, drainSeconds } = state.spec.retire;
  if (billing === "none") return true;
  // Drain, two probes and two ticks must still fit, and a minute, so that no tick skips the window.
  const marginMs =
    drainSeconds * 1000 + 2 * state.spec.health.intervalSeconds * 1000 + 2 * state.tickMs + 60_000;
  return paidUntil(row, state.now) - state.now <= marginMs;
}

/** The end of the hour that is already paid for. */
export function paidUntil(row: Instance, now: number): number {
  const from = row.createdAt ?? row.plannedAt;
  return from + Math.max(1, Math.ceil((now - from) / HOUR_MS)) * HOUR_MS;
}

function cordonEvent(row: Instance, counts: Tally, target: Target): EventDraft {
  return {
    kind: "drain",
    instance: row.name,
    message: `drain ${row.name}: spares ${counts.spares} > target ${target.spares}`,
    data: { reason: "surplus", ...counts, target: target.spares, idleSince: row.idleSince },
  };
}

/** While a fleet is removed: all that serves is drained; with force, everything is deleted at once. */
export function removeAll(state: State): Moves {
  if (state.removing === null || isPaused(state, "retire")) return NO_MOVES;
  const rows = [...state.instances.values()];
  const cancelled = cancelPlanned(state, Number.POSITIVE_INFINITY);
  if (state.removing.force) {
    const alive = rows.filter(
      ({ name, phase, arn }) =>
        FORCED.has(phase) && arn !== null && !state.memory.unlisted.has(name),
    );
    const deleted = deletions(state, alive, [], (row) => ({
      message: `delete ${row.name}: the fleet is removed by force, with ${row.sessions} sessions on it`,
      data: { reason: "force", sessions: row.sessions },
    }));
    return join(deleted, { ...NO_MOVES, ...cancelled });
  }
  const serving = rows.filter(({ phase }) => phase === "ready");
  const draining = rows.filter(
    ({ phase, drainReason }) => phase === "draining" && drainReason === "surplus",
  );
  return {
    ...NO_MOVES,
    rows: [
      ...cancelled.rows,
      ...serving.map((row) => cordon(state, row, "fleet")),
      ...draining.map((row) => change(row, state.now, { drainReason: "fleet" })),
    ],
    events: [
      ...cancelled.events,
      ...serving.map(({ name }) => ({
        kind: "drain" as const,
        instance: name,
        message: `drain ${name}: the fleet is being removed`,
        data: { reason: "fleet" },
      })),
    ],
  };
}
