/**
 * What the media servers said. A reading counts only if its row has not changed since it was asked
 * for. A hole never says idle: it ends the run of good readings on which decisions stand. A server without
 * a reading was not asked, which says nothing of it: what was known of it stays (turns.ts).
 */
import { isTrial, mayMove, needsName, takesPart } from "./checks.ts";
import { CALL_LIMIT_MS, COMMAND_LIFE_MS, IDLE_READINGS_KEPT, READY_READINGS } from "./limits.ts";
import type { Freshness, Instance } from "./model.ts";
import { many } from "./phrases.ts";
import { type EventDraft, type Memory, type Moves, NO_MOVES, type State } from "./state.ts";
import { change, type Changes, NOT_DRAINING, PROBED, transition } from "./transition.ts";
import type { Reading } from "./world.ts";

type Answer = Extract<Reading, { kind: "answer" }>;

export function absorbReadings(state: State, readings: readonly Reading[]): Moves {
  const freshness = new Map(state.memory.freshness);
  for (const name of freshness.keys()) if (!state.instances.has(name)) freshness.delete(name);
  const rows: Instance[] = [];
  const events: EventDraft[] = [];
  let { failedBoots } = state;
  for (const reading of readingByRow(state, readings).values()) {
    const row = state.instances.get(reading.name);
    if (row === undefined) continue;
    const asked = askedAs(row, reading);
    const before = asked === row ? freshness.get(row.name) : undefined;
    const fresh = freshened(state, asked, before, reading);
    freshness.set(row.name, fresh);
    if (reading.kind === "hole") continue;

    const next = told(state, asked, reading, fresh);
    if (next === row) continue;
    rows.push(next);
    if (next.phase === row.phase) continue;
    if (next.readyAt !== row.readyAt) failedBoots = 0;
    events.push(eventOf(row, next));
  }
  return {
    ...NO_MOVES,
    rows,
    events,
    memory: { freshness, ...trialsAfter(state, readings) },
    state: failedBoots === state.failedBoots ? {} : { failedBoots },
  };
}

/**
 * The reading that will count for each row. An answer to the spec's check, where that is tried, counts for more than
 * what the server's own check brought: it is how the server is asked from now on.
 */
export function readingByRow(
  state: State,
  readings: readonly Reading[],
): ReadonlyMap<string, Reading> {
  const counting = new Map<string, Reading>();
  for (const reading of readings) {
    const row = state.instances.get(reading.name);
    if (row === undefined || !isOf(row, reading)) continue;
    if (!isTrial(row, reading)) {
      if (!counting.has(row.name)) counting.set(row.name, reading);
    } else if (reading.kind === "answer" && isOfSpec(state, row, reading))
      counting.set(row.name, reading);
  }
  return counting;
}

/** A reading of a row that has changed since it was asked for says nothing of what it is now. */
function isOf(row: Instance, reading: Reading): boolean {
  const isMissed = row.health !== null && reading.check === undefined;
  return PROBED.has(row.phase) && row.revision === reading.revision && !isMissed;
}

/** The check that was tried is still the spec's. */
function isOfSpec(state: State, row: Instance, { check }: Reading): boolean {
  return check === state.healthHash && mayMove(state, row);
}

/** The row as it was asked: an answer to the spec's check moves it there for good. */
function askedAs(row: Instance, reading: Reading): Instance {
  return isTrial(row, reading) ? { ...row, health: null } : row;
}

/** Silences to the spec's check, of servers that are still there and not asked by it yet. */
function trialsAfter(state: State, readings: readonly Reading[]): Partial<Memory> {
  const silences = readings.filter(({ name, kind, check }) => {
    const row = state.instances.get(name);
    return (
      kind === "hole" && check === state.healthHash && row !== undefined && check !== row.health
    );
  });
  if (silences.length === 0 && state.memory.trials.size === 0) return {};
  const trials = new Map(
    [...state.memory.trials].filter(
      ([name, { check }]) =>
        check === state.healthHash && (state.instances.get(name)?.health ?? null) !== null,
    ),
  );
  for (const { name, startedAt: at } of silences)
    trials.set(name, {
      check: state.healthHash,
      silences: (trials.get(name)?.silences ?? 0) + 1,
      at,
    });
  return { trials };
}

function freshened(
  state: State,
  row: Instance,
  before: Freshness | undefined,
  reading: Reading,
): Freshness {
  const askedAt = reading.startedAt;
  const { phaseSince } = row;
  if (reading.kind === "hole")
    return {
      phaseSince,
      askedAt,
      readAt: before?.readAt ?? null,
      idleReadings: [],
      goodInRow: 0,
      silences: (before?.silences ?? 0) + 1,
      ...tookOf(before),
    };
  // By the phase and not by the hour: a clock that was set back would let older readings pass for newer.
  const earlier = before?.phaseSince === phaseSince ? before.idleReadings : [];
  return {
    phaseSince,
    askedAt,
    readAt: askedAt,
    idleReadings: isEmpty(state, row, reading)
      ? earlier.slice(1 - IDLE_READINGS_KEPT).concat(askedAt)
      : [],
    goodInRow: (before?.goodInRow ?? 0) + 1,
    ...tookOf(reading),
    ...(reading.named === true ? {} : { nameless: true }),
  };
}

function tookOf(from: { readonly tookMs?: number } | undefined): { readonly tookMs?: number } {
  return from?.tookMs === undefined ? {} : { tookMs: from.tookMs };
}

/**
 * Where a server takes part in draining, an empty one that still takes sessions is not empty for good. Where its name
 * is required, a reply without it may be another's.
 */
function isEmpty(state: State, row: Instance, reading: Answer): boolean {
  if (row.phase === "draining" && needsName(state, row) && reading.named !== true) return false;
  const waitsForItsWord = row.phase === "draining" && takesPart(state, row);
  return reading.sessions === 0 && (reading.draining || !waitsForItsWord);
}

/** The row after a good reading; the same object where nothing changed. */
function told(state: State, row: Instance, reading: Answer, fresh: Freshness): Instance {
  const { now } = state;
  const changes = saidBy(row, reading, now);
  if (row.phase === "warming" && fresh.goodInRow >= READY_READINGS)
    return transition(row, "ready", now, { ...changes, readyAt: now });
  if (row.phase === "draining" && row.drainReason === "surplus" && reading.sessions > 0)
    return transition(row, "ready", now, { ...changes, ...NOT_DRAINING });
  const isMoved = row !== state.instances.get(row.name);
  return Object.keys(changes).length === 0 && !isMoved ? row : change(row, now, changes);
}

function saidBy(row: Instance, reading: Answer, now: number): Changes {
  const occupancy = reading.sessions === 0 ? "idle" : "busy";
  const drainTold = row.drainTold && (reading.draining || mayStillBeTold(row, now));
  const same = row.occupancy === occupancy && row.sessions === reading.sessions;
  const sameDrain = row.saysDraining === reading.draining && row.drainTold === drainTold;
  if (row.everRead && same && sameDrain) return {};
  const turned = row.occupancy !== occupancy;
  return {
    everRead: true,
    occupancy,
    sessions: reading.sessions,
    saysDraining: reading.draining,
    drainTold,
    idleSince: occupancy === "busy" ? null : turned ? now : row.idleSince,
    busySince: occupancy === "idle" ? null : turned ? now : row.busySince,
  };
}

/** A drain call that was on its way when the drain was taken back may reach the server after it has answered. */
function mayStillBeTold({ phase, phaseSince }: Instance, now: number): boolean {
  return phase === "draining" || now - phaseSince < COMMAND_LIFE_MS + CALL_LIMIT_MS;
}

function eventOf(before: Instance, after: Instance): EventDraft {
  const { name } = after;
  if (before.phase === "draining")
    return {
      kind: "drainEnded",
      instance: name,
      message: `${name} has ${many(after.sessions, "session")} again: its drain is called off`,
      data: { sessions: after.sessions },
    };
  return {
    kind: "ready",
    instance: name,
    message: `${name} is ready`,
    data: { afterMs: after.changedAt - after.plannedAt },
  };
}
