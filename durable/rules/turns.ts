/**
 * Whose turn it is to be asked for its sessions. A look may end before it has asked every server, so the
 * one that was asked longest ago comes first, and no look stops at the same place twice.
 *
 * 1. A few servers that were never asked, so that a launch does not wait behind the whole fleet.
 * 2. Servers that answered when they were last asked, the oldest first. A server that answered in an
 *    earlier life of the object is one of them.
 * 3. The other servers that were never asked.
 * 4. Doubtful servers, the oldest first: those that were silent, with a shorter time limit, and those that
 *    a look could not give their whole time. The eyes give them at most half of their sockets.
 *
 * Where the spec's check is tried beside a server's own (checks.ts), that is a question of its own, and a doubtful
 * one: before the doubtful servers where the server answers its own, which takes few looks; else behind them.
 *
 * A server that a look did not ask keeps all that was known of it, and its turn is owed.
 */
import { isDoubted } from "./addresses.ts";
import { healthOf, isTrial, silencesOf, trialsAmong } from "./checks.ts";
import {
  NEWCOMERS_FIRST_MAX,
  ROUND_DECAY,
  SHARD_REST_TICKS,
  SILENT_LIMIT_MIN_MS,
  SILENT_LIMIT_SHARE,
  SUSTAINED_INTERVAL_MAX_MS,
  WHOLE_LIMIT_EVERY,
} from "./limits.ts";
import type { Freshness, Instance, Turns } from "./model.ts";
import type { HealthSpec } from "./spec.ts";
import type { State } from "./state.ts";
import { PROBED } from "./transition.ts";
import type { Observation, Pace, ProbeRequest, Reading } from "./world.ts";

/** What is known of turns after a cold start. */
export const NO_TURNS: Turns = {
  missedSince: new Map(),
  owed: new Set(),
  roundMs: null,
  answerMs: null,
  silenceMs: null,
  expected: { asked: 0, silent: 0 },
  shards: 0,
  failedShards: new Map(),
};

/** A warming server is asked after so many beats of the metronome; in each tick after its first good reading. */
const WARMING_BEATS = 0.3;

/** How much of the newest look goes into the mean time of a probe. */
const NEWEST_SHARE = 0.3;

/** The servers whose turn it is, in the order in which they are to be asked. */
export function turnsOf(state: State): ProbeRequest[] {
  const newcomers: Instance[] = [];
  const expected: Instance[] = [];
  const doubtful: Instance[] = [];
  for (const row of state.instances.values()) {
    if (!isDue(state, row, state.now) || waitsForOthers(state, row)) continue;
    const before = state.memory.freshness.get(row.name);
    if (isDoubtful(state, row)) doubtful.push(row);
    else if (before === undefined && !row.everRead) newcomers.push(row);
    else expected.push(row);
  }
  const oldestFirst = (one: Instance, other: Instance): number =>
    askedAt(state, one) - askedAt(state, other);
  const unheard = newcomers.concat(doubtful);
  const trials = trialsAmong(state, expected, unheard);
  const ask = (row: Instance): ProbeRequest => requestOf(state, row);
  const tryOn = (row: Instance): ProbeRequest => trialOf(state, row);
  return [
    ...newcomers.slice(0, NEWCOMERS_FIRST_MAX).map(ask),
    ...expected.sort(oldestFirst).map(ask),
    ...newcomers.slice(NEWCOMERS_FIRST_MAX).map(ask),
    ...trials.heard.map(tryOn),
    ...doubtful.sort(oldestFirst).map(ask),
    ...trials.unheard.map(tryOn),
  ];
}

/** How long probes take, as far as it was measured. */
export function paceOf({ memory }: State): Pace {
  const { answerMs, silenceMs } = memory.turns;
  return { answerMs, silenceMs };
}

/** When it was last asked, in milliseconds; before all others if it never was. */
function askedAt(state: State, row: Instance): number {
  return state.memory.freshness.get(row.name)?.askedAt ?? 0;
}

/** It can be asked, and was not asked within the interval of the spec. */
function isDue(state: State, row: Instance, now: number): boolean {
  if (!PROBED.has(row.phase) || row.publicIp === null || isDoubted(state, row)) return false;
  const before = state.memory.freshness.get(row.name);
  // Half a tick of tolerance: an interval of one tick must not become two because a tick came early.
  const dueAfterMs = specIntervalMs(state) - state.tickMs / 2;
  if (before === undefined) return true;
  const agoMs = now - before.askedAt;
  // The eyes' clock is ahead of the object's: to ask too often is harmless, to wait for the clock is not.
  return agoMs < 0 || agoMs >= Math.min(dueAfterMs, warmingMs(state, row, before));
}

/** One that is about to be ready is asked more often; after its first good reading it lacks only the next. */
function warmingMs({ tickMs }: State, { phase }: Instance, { goodInRow }: Freshness): number {
  if (phase !== "warming") return Number.POSITIVE_INFINITY;
  return goodInRow > 0 ? 0 : tickMs * WARMING_BEATS;
}

/** It has just been cut short for others whose turn it was: they come first once more. */
function waitsForOthers(state: State, { name }: Instance): boolean {
  const { missedSince, owed } = state.memory.turns;
  const since = missedSince.get(name);
  if (since === undefined || !owed.has(name)) return false;
  return state.now - since < 2 * specIntervalMs(state) - state.tickMs / 2;
}

/** It did not answer when it was last asked, or was not given its whole time. */
function isDoubtful({ memory }: State, { name }: Instance): boolean {
  return memory.turns.owed.has(name) || isSilent(memory.freshness.get(name));
}

/** It did not answer when it was last asked, however long ago. */
export function wasSilent({ memory }: State, { name }: Instance): boolean {
  return isSilent(memory.freshness.get(name));
}

function isSilent(fresh: Freshness | undefined): boolean {
  return fresh !== undefined && fresh.goodInRow === 0;
}

function requestOf(state: State, row: Instance): ProbeRequest {
  const { name, revision, publicIp } = row;
  const before = state.memory.freshness.get(name);
  const usual = before?.tookMs === undefined ? {} : { usualMs: before.tookMs };
  const own = row.health === null ? {} : { check: row.health };
  const request = { name, revision, address: publicIp ?? "", ...own, ...usual };
  if (!isDoubtful(state, row)) return request;
  const limitMs = limitOf(state, row, before);
  return { ...request, doubtful: true, ...(limitMs === null ? {} : { limitMs }) };
}

/** Nobody expects an answer: it takes no socket from those of which one is expected, and every other time little of it. */
function trialOf(state: State, row: Instance): ProbeRequest {
  const { name, revision, publicIp } = row;
  const request = { name, revision, address: publicIp ?? "", check: state.healthHash };
  if (silencesOf(state, row) % 2 === 1) return { ...request, doubtful: true };
  const before = state.memory.freshness.get(name);
  return { ...request, doubtful: true, limitMs: shortLimitMs(state, state.spec.health, before) };
}

/**
 * A silent server costs its whole time limit in each look, so it gets a part of it; but never less than its
 * last answer and the answers of the others make likely. From time to time it gets the whole limit: one
 * that has become slow would else never be heard again.
 *
 * @returns milliseconds; null for the whole limit
 */
function limitOf(state: State, row: Instance, before: Freshness | undefined): number | null {
  if (before === undefined || !isSilent(before)) return null;
  if ((before.silences ?? 1) % WHOLE_LIMIT_EVERY === 0) return null;
  const health = healthOf(state, row);
  const limitMs = shortLimitMs(state, health, before);
  return limitMs < health.timeoutSeconds * 1000 ? limitMs : null;
}

/** A part of the time limit, in milliseconds; but no less than answers are likely to take. */
function shortLimitMs(
  { memory }: State,
  { timeoutSeconds }: HealthSpec,
  before: Freshness | undefined,
): number {
  const wholeMs = timeoutSeconds * 1000;
  const usualMs = Math.max(before?.tookMs ?? 0, memory.turns.answerMs ?? 0);
  const limitMs = Math.max(SILENT_LIMIT_MIN_MS, wholeMs * SILENT_LIMIT_SHARE, 2 * usualMs);
  return Math.min(wholeMs, Math.ceil(limitMs));
}

/** What a look says of turns: whose did not come, how long a whole round takes, how long one probe. */
export function learnTurns(state: State, observation: Observation): Turns {
  const before = state.memory.turns;
  const readings = new Map(
    observation.readings
      .filter((reading) => !isTrial(state.instances.get(reading.name), reading))
      .map((reading) => [reading.name, reading]),
  );
  const cutShort = new Set(observation.probing?.cutShort ?? []);
  const missedSince = new Map<string, number>();
  const owed = new Set<string>();
  let waitedMs = 0;
  let asked = 0;
  let silent = 0;
  for (const row of state.instances.values()) {
    const { name } = row;
    if (!isDue(state, row, state.beganAt)) continue;
    const since = before.missedSince.get(name);
    const reading = readings.get(name);
    // How long a silent server waits says nothing of the others, which are asked before it.
    const counts = !isDoubtful(state, row);
    if (reading !== undefined) {
      if (counts) asked++;
      if (counts && reading.kind === "hole" && row.phase !== "warming") silent++;
      if (counts && since !== undefined) waitedMs = Math.max(waitedMs, reading.startedAt - since);
      continue;
    }
    const from = since ?? state.beganAt;
    missedSince.set(name, from);
    if (cutShort.has(name) || before.owed.has(name)) owed.add(name);
    if (counts) waitedMs = Math.max(waitedMs, state.now - from);
  }
  return {
    missedSince,
    owed,
    roundMs: roundOf(state, waitedMs),
    answerMs: meanMs(before.answerMs, observation.readings, "answer"),
    silenceMs: meanMs(before.silenceMs, observation.readings, "hole"),
    expected: asked === 0 ? before.expected : { asked, silent },
    shards: observation.probing?.shards ?? 0,
    failedShards: new Map([
      ...restingShards(state).map((name) => [name, before.failedShards.get(name) ?? 0] as const),
      ...(observation.probing?.failedShards ?? []).map((name) => [name, state.tick] as const),
    ]),
  };
}

/** Shards that failed a while ago at the most: they are left alone. */
export function restingShards({ memory, tick }: State): string[] {
  return [...memory.turns.failedShards].flatMap(([name, at]) =>
    tick - at < SHARD_REST_TICKS ? [name] : [],
  );
}

/** A round that has become longer counts at once; one that has become shorter does so gradually. */
function roundOf(state: State, waitedMs: number): number {
  const measuredMs = specIntervalMs(state) + waitedMs;
  const longestMs = Math.max(specIntervalMs(state), SUSTAINED_INTERVAL_MAX_MS);
  const decayedMs = (state.memory.turns.roundMs ?? 0) * ROUND_DECAY;
  return Math.min(longestMs, Math.max(measuredMs, decayedMs));
}

function meanMs(
  before: number | null,
  readings: readonly Reading[],
  kind: Reading["kind"],
): number | null {
  let sum = 0;
  let count = 0;
  for (const reading of readings) {
    if (reading.kind !== kind || reading.tookMs === undefined) continue;
    sum += reading.tookMs;
    count++;
  }
  if (count === 0) return before;
  const newest = sum / count;
  return before === null ? newest : before + NEWEST_SHARE * (newest - before);
}

function specIntervalMs({ spec }: State): number {
  return spec.health.intervalSeconds * 1000;
}

/**
 * How often the fleet really asks each server, in milliseconds: as the spec says, or as long as a whole
 * round takes. It has a bound: a reading that is three minutes old says nothing of sessions, whatever the
 * reason why there is no newer one.
 */
export function sustainedIntervalMs(state: State): number {
  return Math.max(specIntervalMs(state), state.memory.turns.roundMs ?? 0);
}

/** Nothing is known of it because its turn has not come, or its address is in doubt; a server that stayed silent when it was last asked is another case. */
export function isUnasked(state: State, row: Instance): boolean {
  const { turns, freshness } = state.memory;
  if (row.publicIp !== null && isDoubted(state, row)) return !isSilent(freshness.get(row.name));
  return turns.missedSince.has(row.name) && !isSilent(freshness.get(row.name));
}
