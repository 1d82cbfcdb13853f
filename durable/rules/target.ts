/**
 * How many spares the fleet wants. Sources, highest first: overrides, special days, the tag, the
 * schedule, the default. While a boundary's value has not been read back from the tag, the schedule goes
 * before the tag, with the default where it has ended. The first that has a value wins; the chain says of
 * each what it holds and why it won or lost.
 */
import { parseExpression, sparesOf } from "./expression.ts";
import type { Boundary, Override } from "./model.ts";
import { hasSchedule, isPending } from "./schedule.ts";
import { isPaused, type State } from "./state.ts";

export type Source = "override" | "specialDay" | "tag" | "schedule" | "default";

export interface Link {
  readonly source: Source;
  readonly expression: string | null;
  readonly spares: number | null;
  /** Since when it says so, or when it was read. */
  readonly readAt: number | null;
  readonly until: number | null;
  readonly note: string;
}

export interface Target {
  readonly spares: number;
  readonly source: Source;
  readonly expression: string;
  readonly reason: string | null;
  readonly until: number | null;
  /** Which links have a value; the first of them won. */
  readonly chain: readonly Link[];
}

/** A moment, and what the schedule says of it. */
export interface Moment {
  readonly at: number;
  readonly boundary: Boundary | null;
  /** The tag does not say it yet. */
  readonly pending: boolean;
}

/** @param sessions the sessions now held, for expressions with a share of them. */
export function targetOf(state: State, sessions: number): Target {
  const { ruling, now } = state;
  const boundary = ruling?.boundary ?? null;
  return targetAt(state, sessions, { at: now, boundary, pending: isPending(ruling) });
}

/** What rules at a moment, as far as it is known now. */
export function targetAt(state: State, sessions: number, moment: Moment): Target {
  const override = rulingOverride(state, moment.at);
  const tag = tagLink(state, sessions);
  const schedule = scheduleLink(state, sessions, moment);
  const beneath = [
    specialDayLink(state, sessions, moment),
    ...(moment.pending ? [schedule, tag] : [tag, schedule]),
    defaultLink(state, sessions),
  ];
  const others = beneath.find((link) => link.spares !== null)?.spares ?? 0;
  const links = [overrideLink(override, sessions, others), ...beneath];
  const won = links.findIndex((link) => link.spares !== null);
  const chain = links.map((link, index) => (index === won ? boundedLink(state, link) : link));
  const winner = chain[won];
  if (winner === undefined || winner.spares === null || winner.expression === null)
    throw new Error("the default of a parsed spec always has a value");
  return {
    spares: state.removing === null ? bounded(state, winner.spares) : 0,
    source: winner.source,
    expression: winner.expression,
    reason: winner.source === "override" ? (override?.reason ?? null) : null,
    until: winner.until,
    chain,
  };
}

/** Within the bounds of the spec. */
export function bounded({ spec }: Pick<State, "spec">, spares: number): number {
  return Math.min(spec.spares.max, Math.max(spec.spares.min, spares));
}

/** The bound that holds is said where the value is. */
function boundedLink(state: State, link: Link): Link {
  const { spares } = link;
  const { min, max } = state.spec.spares;
  if (spares === null || (min <= spares && spares <= max)) return link;
  const bound = spares > max ? `spares.max (${max})` : `spares.min (${min})`;
  return { ...link, note: `${link.note}; ${bound} bounds it` };
}

/** What the last good value of the tag means, within the bounds; null where it has none. */
export function tagSpares(state: State, sessions: number): number | null {
  const { value } = state.tagMemory;
  const spares = value === null ? null : valueOf(value, sessions);
  return spares === null ? null : bounded(state, spares);
}

/** What the schedule or the default wants, within the bounds. */
export function beneathTag(state: State, sessions: number): number {
  const { ruling, now } = state;
  const moment = { at: now, boundary: ruling?.boundary ?? null, pending: isPending(ruling) };
  const { spares } = scheduleLink(state, sessions, moment);
  return bounded(state, spares ?? defaultLink(state, sessions).spares ?? 0);
}

/** Of the overrides that have begun and not ended, the one that began last. */
export function rulingOverride({ overrides }: State, at: number): Override | null {
  const ruling = overrides.filter(({ from, until }) => from <= at && at < until);
  return ruling.reduce<Override | null>(
    (last, next) => (last === null || next.from >= last.from ? next : last),
    null,
  );
}

function overrideLink(override: Override | null, sessions: number, others: number): Link {
  if (override === null) return absent("override", "none rules now");
  const parsed = parseExpression(override.expression, { total: true });
  return {
    source: "override",
    expression: override.expression,
    spares: parsed.ok ? sparesOf(parsed.expression, sessions, others) : null,
    readAt: override.from,
    until: override.until,
    note: `set by ${override.actor}: ${override.reason}`,
  };
}

function specialDayLink(state: State, sessions: number, { boundary }: Moment): Link {
  if (boundary === null || !boundary.special || boundary.value === null || !hasSchedule(state.spec))
    return absent("specialDay", "none is today");
  return {
    source: "specialDay",
    expression: boundary.value,
    spares: valueOf(boundary.value, sessions),
    readAt: boundary.at,
    until: null,
    note: `${nameOf(boundary)}; the tag and the schedule are mute until it ends`,
  };
}

function scheduleLink(state: State, sessions: number, moment: Moment): Link {
  const { boundary, pending } = moment;
  if (!hasSchedule(state.spec)) return absent("schedule", "the spec has no schedule");
  if (boundary === null) return absent("schedule", "nothing of it has begun yet");
  if (boundary.special) return absent("schedule", `${boundary.name} mutes it`);
  // What ended must not rule on out of the tag: the default is what goes into it.
  const expression = boundary.value ?? (pending ? state.spec.spares.default : null);
  if (expression === null) return absent("schedule", `${boundary.name} has ended`);
  const paused = isPaused(state, "schedule") ? "; the schedule is paused" : "";
  return {
    source: "schedule",
    expression,
    spares: valueOf(expression, sessions),
    readAt: boundary.at,
    until: null,
    note: `${nameOf(boundary)}${boundary.value === null ? ", the default" : ""}${pending ? writing(state) : ""}${paused}`,
  };
}

/** Where its value comes from, in words. */
export function nameOf({ name, edge }: Boundary): string {
  return edge === "begins" ? name : `after ${name}`;
}

function writing({ ruling, spec }: State): string {
  const error = ruling?.write?.lastError ?? null;
  if (spec.mode === "observe") return "; tag write pending: the fleet only observes";
  return `; tag write pending${error === null ? "" : `: ${error}`}`;
}

function tagLink(state: State, sessions: number): Link {
  const { tag } = state.spec.spares;
  if (tag === null) return absent("tag", "the spec names no tag");
  const { value: text } = state.tagMemory;
  const trouble = `${garbledNote(state)}${jumpNote(state)}`;
  if (text === null) return absent("tag", `${tag.key} on ${tag.resource} has no value${trouble}`);
  return {
    source: "tag",
    expression: text,
    spares: valueOf(text, sessions),
    readAt: state.memory.tagReadAt,
    until: null,
    note:
      trouble === ""
        ? `${tag.key} on ${tag.resource}`
        : `the last good value of ${tag.key} on ${tag.resource}${trouble}`,
  };
}

function garbledNote(state: State): string {
  const { garbled } = state.tagMemory;
  if (garbled === null) return "";
  const parsed = parseExpression(garbled);
  const why = parsed.ok ? `above spares.max (${state.spec.spares.max})` : "no target";
  return `; the tag now says \`${garbled}\`, which is ${why}`;
}

function jumpNote({ tagJump }: State): string {
  if (tagJump === null) return "";
  const { value, refusedBy } = tagJump;
  if (refusedBy !== null) return `; the tag now says \`${value}\`, which ${refusedBy} refused`;
  return `; the tag now says \`${value}\`, which is a jump and is held: confirm or refuse it`;
}

function defaultLink(state: State, sessions: number): Link {
  const text = state.spec.spares.default;
  return {
    source: "default",
    expression: text,
    spares: valueOf(text, sessions),
    readAt: null,
    until: null,
    note: "spares.default of the spec",
  };
}

function absent(source: Source, note: string): Link {
  return { source, expression: null, spares: null, readAt: null, until: null, note };
}

function valueOf(text: string, sessions: number): number | null {
  const parsed = parseExpression(text);
  return parsed.ok ? sparesOf(parsed.expression, sessions) : null;
}
