/**
 * A typing error in the tag must not launch two hundred servers. A value that the tag takes on, and that
 * is far above what ruled before, is held for two minutes: people are told at once, and may confirm or
 * refuse it. A schedule's value and an operator's are not held: they were checked where they were written.
 */
import { parseExpression, sparesOf } from "./expression.ts";
import type { TagJump } from "./model.ts";
import { tally } from "./occupancy.ts";
import type { State } from "./state.ts";
import { beneathTag, bounded, tagSpares } from "./target.ts";

/** So long people have to refuse a jump before it rules. */
export const JUMP_HELD_MS = 120_000;
/** A smaller step is none, whatever its factor: from one to four is a morning. */
const JUMP_LEAST = 10;

/** Whether a text of the tag that parses is a jump: beyond the factor, and at least ten spares more. */
export function isJump(state: State, text: string): boolean {
  const parsed = parseExpression(text);
  if (!parsed.ok || isFirstWord(state)) return false;
  const { expected: sessions } = tally(state);
  const after = bounded(state, sparesOf(parsed.expression, sessions));
  const before = tagSpares(state, sessions) ?? beneathTag(state, sessions);
  return after - before >= JUMP_LEAST && after > state.spec.limits.jumpMax * before;
}

/** What a tag says when it is first read was there when an operator named it in the spec. */
function isFirstWord({ tagMemory, tagJump, tagWasRead }: State): boolean {
  const isUnknown = tagMemory.value === null && tagMemory.garbled === null && tagJump === null;
  return isUnknown && !tagWasRead;
}

/** When a held jump rules, if nobody refuses it. */
export function jumpRulesAt({ since }: TagJump): number {
  return since + JUMP_HELD_MS;
}

/** The jump that waits for a person or for its time; null where none does. */
export function heldJump({ tagJump, spec }: State): TagJump | null {
  if (tagJump === null || tagJump.refusedBy !== null || spec.spares.tag === null) return null;
  return tagJump;
}

/** Why a text of the tag is refused: it does not parse, or it is above the bound; null where it is good. */
export function whyRefused({ spec }: Pick<State, "spec">, text: string): string | null {
  const parsed = parseExpression(text);
  if (!parsed.ok) return parsed.error;
  return aboveMax(spec.spares.max, sparesOf(parsed.expression, 0));
}

/** The same for an override. What a total means is counted with the sessions of now. */
export function expressionAboveMax(state: State, text: string): string | null {
  const parsed = parseExpression(text, { total: true });
  if (!parsed.ok) return parsed.error;
  const sessions = parsed.expression.kind === "total" ? tally(state).expected : 0;
  return aboveMax(state.spec.spares.max, sparesOf(parsed.expression, sessions));
}

/** In words; null where the value is within the bound. */
export function aboveMax(max: number, spares: number): string | null {
  return spares > max ? `is ${spares} spares, above spares.max (${max})` : null;
}
