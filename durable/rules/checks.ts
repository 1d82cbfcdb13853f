/**
 * How each server is asked. A health check belongs to the servers that were built for it: a new spec with
 * another check is for the servers that are launched under it, and those that are there already are asked as
 * they were built to be asked, until they are gone (ADR 16).
 *
 * 1. A row whose `health` is null is asked as the spec says.
 * 2. A spec with another check leaves each server its own: `health` then names one of `state.checks`.
 * 3. The spec's check is tried besides on servers of its own template, and on those that have never given a
 *    reading. The first answer to it moves the server over to the spec. Silence to it means nothing.
 * 4. A server of another template that has given a reading is asked as it was built, and in no other way.
 *
 * `intervalSeconds` is the fleet's own pace and belongs to no server.
 */
import { canonical, hash, portsHash, templateHash } from "./hash.ts";
import { TRIALS_MIN, TRIAL_EVERY_MS, TRIALS_PER_LOOK_MAX } from "./limits.ts";
import type { AskedBy, Check, Checks, Instance } from "./model.ts";
import { portsWith } from "./ports.ts";
import type { HealthSpec, PortRule, Spec } from "./spec.ts";
import { type Moves, NO_MOVES, type State } from "./state.ts";
import { change } from "./transition.ts";
import type { Reading } from "./world.ts";

/** What a spec says of the servers that are launched under it. */
export function checkOf({ health, retire, ports }: Spec): Check {
  const { port } = health;
  const opening = ports.filter((rule) => rule.from <= port && port <= rule.to);
  return { health, drainSeconds: retire.drainSeconds, ports: opening };
}

/** The name of a check in the ledger, and between the fleet and its eyes. */
export function checkHash(check: Check): string {
  return hash(canonical(check));
}

/** The check that a server was built for, where that is another than the spec's. */
function ownOf({ checks }: State, { health }: Pick<Instance, "health">): Check | null {
  return health === null ? null : (checks.get(health) ?? null);
}

/** How a server is asked. It gets the longer of the two time limits. */
export function healthOf(state: State, row: Pick<Instance, "health">): HealthSpec {
  const own = ownOf(state, row)?.health;
  const { health } = state.spec;
  if (own === undefined) return health;
  return { ...own, timeoutSeconds: Math.max(own.timeoutSeconds, health.timeoutSeconds) };
}

/** Sessions that a server can hold: as it was built, unless the spec speaks of its very template. */
export function capacityOf(state: State, row: Instance): number {
  const own = isOfTemplate(row, state.template) ? null : ownOf(state, row);
  return (own?.health ?? state.spec.health).capacity;
}

/**
 * Whether deletion waits for the server's own word. An operator who takes `health.drain` out of the spec takes
 * it from the servers of that template at once: it may be that none of them ever gives its word.
 */
export function takesPart(state: State, row: Instance): boolean {
  if (healthOf(state, row).drain === null) return false;
  return state.spec.health.drain !== null || !isOfTemplate(row, state.template);
}

/** Whether only replies that say its name lead to its deletion. As with its word, the spec speaks for its own template at once. */
export function needsName(state: State, row: Instance): boolean {
  return isOfTemplate(row, state.template)
    ? state.spec.health.nameRequired
    : healthOf(state, row).nameRequired;
}

/**
 * How the server is called on to drain, at its next attempt, if it takes part. A server of the spec's
 * own template that refuses the call it was built for gets the spec's in turn: its path or secret may have been wrong.
 */
export function drainHealthOf(state: State, row: Instance): HealthSpec {
  const own = healthOf(state, row);
  const { drain } = state.spec.health;
  const isOther = row.health !== null && isOfTemplate(row, state.template) && drain !== null;
  return isOther && row.attempts % 2 === 1 ? { ...own, drain } : own;
}

/**
 * How long a cordoned server must be empty before it counts. With `health.drain` in the spec `drainSeconds` may be
 * short, which is no measure for servers that give no word.
 */
export function drainMsOf(state: State, row: Instance): number {
  const { drainSeconds } = state.spec.retire;
  const own = ownOf(state, row);
  const needsItsTime = own !== null && state.spec.health.drain !== null && !takesPart(state, row);
  return 1000 * (needsItsTime ? Math.max(own.drainSeconds, drainSeconds) : drainSeconds);
}

/** The rules of the spec, and what it takes to reach the server as it was built. */
export function portsOf(state: State, row: Instance): readonly PortRule[] {
  const own = ownOf(state, row);
  return own === null ? state.spec.ports : portsWith(state.spec.ports, own.health.port, own.ports);
}

/** Of those rules. */
export function portsHashOf(state: State, row: Instance): string {
  return row.health === null ? state.portsHash : portsHash(portsOf(state, row));
}

/** How a server is asked, in a word. */
export function askedBy(state: State, row: Instance): AskedBy {
  if (row.health === null) return "spec";
  return mayMove(state, row) ? "both" : "built";
}

/**
 * Its own check is not the spec's, and an answer to the spec's would move it there: its template is the spec's, or it
 * has never said anything. One that is nobody's template, because an operator adopted it, is the spec's.
 */
export function mayMove(state: State, row: Instance): boolean {
  const own = ownOf(state, row);
  if (own === null || isSameQuestion(own.health, state.spec.health)) return false;
  return isOfTemplate(row, state.template) || !row.everRead;
}

/** The reading is not by the check that the server was built for: silence to it says nothing of the server. */
export function isTrial(row: Instance | undefined, { check }: Reading): boolean {
  return check !== undefined && check !== row?.health;
}

/** The spec's check was tried on it often enough to say that it is asked in another way, or need not be tried. */
export function isSettled(state: State, row: Instance): boolean {
  return !mayMove(state, row) || silencesOf(state, row) >= TRIALS_MIN;
}

/** How often in a row it was silent to the spec's check, where that was tried. */
export function silencesOf({ memory, healthHash }: State, { name }: Instance): number {
  const trial = memory.trials.get(name);
  return trial?.check === healthHash ? trial.silences : 0;
}

/** Of those that are asked in this look, and answered last or not: the ones on which the spec's check is tried besides. */
export function trialsAmong(
  state: State,
  heard: readonly Instance[],
  unheard: readonly Instance[],
): { readonly heard: readonly Instance[]; readonly unheard: readonly Instance[] } {
  if (state.checks.size === 0) return { heard: [], unheard: [] };
  const due = (rows: readonly Instance[], isHeard: boolean): Instance[] =>
    rows
      .filter((row) => mayMove(state, row) && isTrialDue(state, row, isHeard))
      .slice(0, TRIALS_PER_LOOK_MAX);
  return { heard: due(heard, true), unheard: due(unheard, false) };
}

/** One that is silent is tried each time it is asked; one that answers is not troubled for long. */
function isTrialDue(state: State, row: Instance, isHeard: boolean): boolean {
  if (!isHeard || silencesOf(state, row) < TRIALS_MIN) return true;
  const agoMs = state.now - (state.memory.trials.get(row.name)?.at ?? 0);
  return agoMs < 0 || agoMs >= TRIAL_EVERY_MS;
}

/** What a new spec leaves of the old one: each server that is there keeps the check that it was built for. */
export function keptChecks(state: State, spec: Spec): Pick<Moves, "rows"> & { checks: Checks } {
  const before = checkOf(state.spec);
  const beforeHash = checkHash(before);
  const template = templateHash(spec);
  const checks = new Map(state.checks);
  const rows: Instance[] = [];
  for (const row of state.instances.values()) {
    const own = ownOf(state, row) ?? before;
    const isKept = wasMade(row) && differs(own, checkOf(spec), isOfTemplate(row, template));
    const health = isKept ? (row.health ?? beforeHash) : null;
    if (health !== null) checks.set(health, own);
    if (health !== row.health) rows.push(change(row, state.now, { health }));
  }
  const next = used(checks, applied(state.instances, rows));
  return { rows, checks: isSame(state.checks, next) ? state.checks : next };
}

/** A create for it was sent, or may have been: what was only planned is made as the spec then says. */
function wasMade({ phase, command, mayExist }: Instance): boolean {
  return phase !== "planned" || command !== null || mayExist;
}

/** Whether a server that was built for `own` must be treated in another way than `spec` says. */
function differs(own: Check, { health }: Check, isItsTemplate: boolean): boolean {
  const before = own.health;
  if (!isSameQuestion(before, health)) return true;
  const isOtherDrain = canonical(before.drain) !== canonical(health.drain);
  if (isItsTemplate) return isOtherDrain && health.drain !== null;
  const { timeoutSeconds, capacity, nameRequired } = health;
  if (before.nameRequired !== nameRequired) return true;
  return isOtherDrain || before.timeoutSeconds > timeoutSeconds || before.capacity !== capacity;
}

/** A server that answers one of the two answers the other. */
function isSameQuestion(one: HealthSpec, other: HealthSpec): boolean {
  return questionOf(one) === questionOf(other);
}

function questionOf({ kind, port, path, sessionsPointer, header, host }: HealthSpec): string {
  return canonical([kind, port, path, sessionsPointer, header, host]);
}

function isOfTemplate(row: Instance, template: string): boolean {
  return row.template === null || row.template === template;
}

/** Found without a row: it is asked as others of its template are, or as the spec says. */
export function healthOfTemplate(state: State, template: string | null): string | null {
  if (template === null || template === state.template) return null;
  for (const row of state.instances.values())
    if (row.template === template && row.health !== null) return row.health;
  return null;
}

/** Checks that no server was built for any more are forgotten. */
export function forgetChecks(state: State): Moves {
  if (state.checks.size === 0) return NO_MOVES;
  const checks = used(state.checks, state.instances);
  return checks.size === state.checks.size ? NO_MOVES : { ...NO_MOVES, state: { checks } };
}

function used(checks: Checks, instances: State["instances"]): Checks {
  const named = new Set([...instances.values()].map(({ health }) => health));
  return new Map([...checks].filter(([name]) => named.has(name)));
}

function applied(instances: State["instances"], rows: readonly Instance[]): State["instances"] {
  return new Map([...instances, ...rows.map((row) => [row.name, row] as const)]);
}

function isSame(one: Checks, other: Checks): boolean {
  return one.size === other.size && [...other.keys()].every((name) => one.has(name));
}
