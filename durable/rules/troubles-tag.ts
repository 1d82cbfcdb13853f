/** What is wrong with the tag that says the target: it cannot be read, or a boundary cannot be written to it. */
import type { Trouble } from "./bulletins.ts";
import { parseExpression } from "./expression.ts";
import { path } from "./guard-words.ts";
import { lasted, many, sentence } from "./phrases.ts";
import { isPending } from "./schedule.ts";
import { isPaused, type State } from "./state.ts";
import { heldJump, JUMP_HELD_MS, jumpRulesAt } from "./tag-jump.ts";
import type { Target } from "./target.ts";

/** By which it is told from a tag that cannot be read. */
export const NOT_WRITTEN = "not written";
/** A value of the tag that waits for a person. */
export const HELD = "held";
/** A write is refused now and then; one that heals by then is nobody's concern. */
const TOLD_AFTER_MS = 60_000;

export function tagTroubles(state: State, target: Target): Trouble[] {
  return [...tagGarbled(state, target), ...tagHeld(state, target), ...tagNotWritten(state, target)];
}

function tagGarbled(state: State, target: Target): Trouble[] {
  const { tag } = state.spec.spares;
  const { garbled } = state.tagMemory;
  if (tag === null || garbled === null) return [];
  return [
    {
      kind: "tag",
      subject: "",
      since: state.now,
      toldAfterMs: 0,
      what: `${refusalOf(state, garbled)}: ${tag.key} on ${tag.resource} says "${garbled}".`,
      doing: `${goesOnWith(target)}.`,
      canDo: `You can set the tag to a number such as 10, or to 10+20%. GET ${path(state)}/target shows what rules.`,
    },
  ];
}

function refusalOf(state: State, garbled: string): string {
  const { max } = state.spec.spares;
  return parseExpression(garbled).ok
    ? `The target in the tag is not taken, for it is above spares.max (${max})`
    : "The target in the tag cannot be read";
}

function tagHeld(state: State, target: Target): Trouble[] {
  const jump = heldJump(state);
  const { tag } = state.spec.spares;
  if (jump === null || tag === null) return [];
  const { value } = jump;
  const body = `{"expression":"${value}"}`;
  return [
    {
      kind: "tag",
      subject: HELD,
      since: jump.since,
      toldAfterMs: 0,
      what: `The tag asks for far more than before: ${tag.key} on ${tag.resource} says "${value}", which is more than ${state.spec.limits.jumpMax} times what ruled.`,
      doing: `${goesOnWith(target)}. The value rules ${lasted(JUMP_HELD_MS)} after it was read, from ${timeOf(jumpRulesAt(jump))} UTC on, unless a person refuses it.`,
      canDo: `You can refuse it with POST ${path(state)}/target/refuse ${body}, confirm it at once with POST ${path(state)}/target/confirm ${body}, or set the tag right.`,
    },
  ];
}

/** The time of day of an instant. */
function timeOf(at: number): string {
  const seconds = Math.floor(at / 1000) % 86_400;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** Where nothing is written on purpose, because somebody paused it or the fleet only observes, all is well. */
function tagNotWritten(state: State, target: Target): Trouble[] {
  const { spec, ruling } = state;
  const { tag } = spec.spares;
  if (tag === null || ruling === null || ruling.write === null || !isPending(ruling)) return [];
  if (spec.mode === "observe" || isPaused(state, "schedule")) return [];
  const { value, lastError } = ruling.write;
  if (lastError === null) return [];
  return [
    {
      kind: "tag",
      subject: NOT_WRITTEN,
      since: ruling.appliedAt,
      toldAfterMs: TOLD_AFTER_MS,
      what: `The tag does not say the target: ${value} could not be written to ${tag.key} on ${tag.resource}. ${sentence(lastError)}`,
      doing: `${goesOnWith(target)}, and tries again until the tag says ${value}.`,
      canDo: `You can set the tag to ${value} yourself, or to another value, which then rules. GET ${path(state)}/target shows what rules.`,
    },
  ];
}

function goesOnWith({ spares, source, expression }: Target): string {
  return `Lightfleet goes on with ${many(spares, "spare")} (${source}: ${expression})`;
}
