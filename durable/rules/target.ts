/**
 * How many spares the fleet wants now. Sources, highest first: overrides, the tag, the default.
 * The first that has a value wins; the chain says of each what it holds and why it won or lost.
 */
import { parseExpression, sparesOf } from "./expression.ts";
import type { Override } from "./model.ts";
import type { State } from "./state.ts";

export type Source = "override" | "tag" | "default";

export interface Link {
  readonly source: Source;
  readonly expression: string | null;
  readonly spares: number | null;
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

/** @param sessions the sessions now held, for expressions with a share of them. */
export function targetOf(state: State, sessions: number): Target {
  const override = rulingOverride(state);
  const chain = [
    overrideLink(override, sessions),
    tagLink(state, sessions),
    defaultLink(state, sessions),
  ];
  const winner = chain.find((link) => link.spares !== null);
  if (winner === undefined || winner.spares === null || winner.expression === null)
    throw new Error("the default of a parsed spec always has a value");
  const { min, max } = state.spec.spares;
  return {
    spares: state.removing === null ? Math.min(max, Math.max(min, winner.spares)) : 0,
    source: winner.source,
    expression: winner.expression,
    reason: winner.source === "override" ? (override?.reason ?? null) : null,
    until: winner.until,
    chain,
  };
}

/** What the fleet is sized for: the target, and servers besides while outdated ones are replaced. */
export interface Wanted extends Target {
  readonly surge: number;
}

/** Spares that the fleet is sized for. */
export function wantedSpares(state: State, { spares, surge }: Wanted): number {
  return spares + surge * state.spec.health.capacity;
}

/** The target in a sentence. */
export function wordsOf({ spares, surge }: Wanted): string {
  return `target ${spares}${surge === 0 ? "" : ` and ${surge} servers for the rollout`}`;
}

/** Of the overrides that have begun and not ended, the one that began last. */
export function rulingOverride(state: State): Override | null {
  const ruling = state.overrides.filter(
    ({ from, until }) => from <= state.now && state.now < until,
  );
  return ruling.reduce<Override | null>(
    (last, next) => (last === null || next.from >= last.from ? next : last),
    null,
  );
}

function overrideLink(override: Override | null, sessions: number): Link {
  if (override === null) return absent("override", "none is set");
  return {
    source: "override",
    expression: override.expression,
    spares: value(override.expression, sessions),
    readAt: override.from,
    until: override.until,
    note: `set by ${override.actor}: ${override.reason}`,
  };
}

function tagLink(state: State, sessions: number): Link {
  const { tag } = state.spec.spares;
  if (tag === null) return absent("tag", "the spec names no tag");
  const { value: text, garbled } = state.tagMemory;
  const trouble = garbled === null ? "" : `; the tag now says \`${garbled}\`, which is no target`;
  if (text === null) return absent("tag", `${tag.key} on ${tag.resource} has no value${trouble}`);
  return {
    source: "tag",
    expression: text,
    spares: value(text, sessions),
    readAt: state.memory.tagReadAt,
    until: null,
    note:
      garbled === null
        ? `${tag.key} on ${tag.resource}`
        : `the last good value of ${tag.key} on ${tag.resource}${trouble}`,
  };
}

function defaultLink(state: State, sessions: number): Link {
  const text = state.spec.spares.default;
  return {
    source: "default",
    expression: text,
    spares: value(text, sessions),
    readAt: null,
    until: null,
    note: "spares.default of the spec",
  };
}

function absent(source: Source, note: string): Link {
  return { source, expression: null, spares: null, readAt: null, until: null, note };
}

function value(text: string, sessions: number): number | null {
  const parsed = parseExpression(text);
  return parsed.ok ? sparesOf(parsed.expression, sessions) : null;
}
