/**
 * A value for a moment means *ready by then*: launches towards a higher one begin as long before it as
 * launches were measured to take. What rules at a moment ahead is what the boundaries and overrides
 * that are known now will make of it; nobody knows what a person will write into the tag.
 */
import { LEAD_GUESS_MS, LEAD_MAX_MS } from "./limits.ts";
import type { Boundary } from "./model.ts";
import { isPending } from "./schedule.ts";
import { isPaused, type State } from "./state.ts";
import { nameOf, type Source, type Target, targetAt } from "./target.ts";

const LEAD_SHARE = 0.95;

/** What will rule from a moment on. */
export interface Coming {
  readonly at: number;
  readonly source: Source;
  /** Of the boundary that begins it, or the reason of the override. */
  readonly name: string;
  readonly expression: string;
  readonly spares: number;
}

/** From launch to ready, in milliseconds: 95 of 100 of the last launches took no longer. */
export function leadMs({ leads }: Pick<State, "leads">): number {
  if (leads.length === 0) return LEAD_GUESS_MS;
  const sorted = leads.toSorted((one, other) => one - other);
  const lead = sorted[Math.ceil(LEAD_SHARE * sorted.length) - 1] ?? LEAD_GUESS_MS;
  return Math.min(LEAD_MAX_MS, Math.max(0, lead));
}

/** The moments after now, until `until` and with it, at which what rules may change; in order. */
export function comingTargets(state: State, sessions: number, until: number): Coming[] {
  const { now } = state;
  const ahead = (at: number): boolean => now < at && at <= until;
  const boundaries = isPaused(state, "schedule") ? [] : state.agenda.coming;
  const moments = new Set(
    [
      ...boundaries.map(({ at }) => at),
      ...state.overrides.flatMap((each) => [each.from, each.until]),
    ].filter((at) => ahead(at)),
  );
  return [...moments]
    .toSorted((one, other) => one - other)
    .map((at) => comingAt(state, sessions, boundaries, at));
}

function comingAt(
  state: State,
  sessions: number,
  boundaries: readonly Boundary[],
  at: number,
): Coming {
  const next = boundaries.findLast((boundary) => boundary.at <= at) ?? null;
  const boundary = next ?? state.ruling?.boundary ?? null;
  const pending = next === null ? isPending(state.ruling) : state.spec.spares.tag !== null;
  const target = targetAt(state, sessions, { at, boundary, pending });
  const { source, expression, spares, reason } = target;
  return { at, source, name: reason ?? rulerOf(source, boundary), expression, spares };
}

function rulerOf(source: Source, boundary: Boundary | null): string {
  if (boundary !== null && (source === "schedule" || source === "specialDay"))
    return nameOf(boundary);
  return source === "tag" ? "the tag" : "the default";
}

/** The largest value within the lead that is above the target; null where there is none. */
export function earlyOf(state: State, sessions: number, target: Target): Coming | null {
  if (state.removing !== null) return null;
  const soon = comingTargets(state, sessions, state.now + leadMs(state));
  return soon.reduce<Coming | null>(
    (most, next) => (next.spares > (most?.spares ?? target.spares) ? next : most),
    null,
  );
}

/** The next moment at which another value rules, as far as it is known; null where none does. */
export function nextOf(state: State, sessions: number, target: Target): Coming | null {
  const coming = comingTargets(state, sessions, Number.POSITIVE_INFINITY);
  return coming.find((next) => !isAsNow(next, target)) ?? null;
}

function isAsNow({ source, expression }: Coming, target: Target): boolean {
  return source === target.source && expression === target.expression;
}
