/**
 * Too few spares: first the surplus drains are taken back, then instances are launched.
 * What is already on its way counts; so do unknown servers while the eyes are blind.
 */
import { launchRoom } from "./guard.ts";
import type { Instance } from "./model.ts";
import { occupancyOf, type Tally } from "./occupancy.ts";
import { type EventDraft, join, type Moves, NO_MOVES, type State } from "./state.ts";
import { sizeWanted, type Wanted, wordsOf } from "./wanted.ts";
import { BLANK, NOT_DRAINING, transition } from "./transition.ts";

/** Spares that there are or will be without doing anything. */
export function supply(state: State, counts: Tally): number {
  return counts.spares + counts.launching * state.spec.health.capacity + counts.hoped;
}

export function size(state: State, counts: Tally, target: Wanted): Moves {
  const missing = sizeWanted(state, target) - supply(state, counts);
  if (missing <= 0 || state.removing !== null) return NO_MOVES;
  // Retiring may be paused: to take a drain back is to keep a server, and cheaper than another one.
  const takenBack = takeBack(state, missing);
  const regained = takenBack.length * state.spec.health.capacity;
  const moves: Moves = {
    ...NO_MOVES,
    rows: takenBack,
    events: takenBack.map(({ name }) => ({
      kind: "drainEnded",
      instance: name,
      message: `${name} is needed again: its drain is taken back`,
    })),
  };
  return missing > regained
    ? join(moves, launch(state, counts, target, missing - regained))
    : moves;
}

/** Known servers in a surplus drain, the last cordoned first, as many as are needed. */
function takeBack(state: State, missing: number): Instance[] {
  const candidates = [...state.instances.values()]
    .filter((row) => row.phase === "draining" && row.drainReason === "surplus")
    .filter((row) => occupancyOf(state, row) !== "unknown")
    .toSorted((a, b) => (b.cordonedAt ?? 0) - (a.cordonedAt ?? 0) || compare(a.name, b.name));
  const needed = Math.ceil(missing / state.spec.health.capacity);
  return candidates
    .slice(0, needed)
    .map((row) => transition(row, "ready", state.now, NOT_DRAINING));
}

function launch(state: State, counts: Tally, target: Wanted, missing: number): Moves {
  const wanted = Math.ceil(missing / state.spec.health.capacity);
  const { room, blockers } = launchRoom(state, counts, wanted);
  const rows = Array.from({ length: room }, (_, index) =>
    plannedRow(state, state.nextInstance + index),
  );
  const events: EventDraft[] =
    room === 0
      ? []
      : [
          {
            kind: "launch",
            instance: null,
            message: `launch ${room}: spares ${counts.spares} < ${wordsOf(target)}, launching ${counts.launching}`,
            data: {
              names: rows.map(({ name }) => name),
              ...counts,
              target: target.spares,
              early: target.early?.spares ?? null,
              surge: target.surge,
            },
          },
        ];
  return {
    ...NO_MOVES,
    rows,
    events,
    blockers,
    state: { nextInstance: state.nextInstance + room },
  };
}

/** The name is chosen and stored before the call, and is never used twice. */
function plannedRow(state: State, number: number): Instance {
  const { fleet, incarnation } = state.identity;
  const zones = state.spec.availabilityZones;
  return {
    ...BLANK,
    name: `${fleet}-${incarnation}-${number}`,
    phase: "planned",
    phaseSince: state.now,
    changedAt: state.now,
    plannedAt: state.now,
    createdByUs: true,
    step: "create",
    zone: zones[number % zones.length] ?? `${state.spec.region}a`,
    template: state.template,
    bundle: state.spec.bundle,
  };
}

/** By code unit, so that the order is the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
