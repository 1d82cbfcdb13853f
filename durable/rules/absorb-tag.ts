/**
 * What the tag says. Missing or empty falls through to the next source. What does not parse, or is above
 * `spares.max`, keeps the last good value and is reported once; a jump is held (tag-jump.ts). While a boundary's value is on its way into the tag, what stood there before
 * may still be read, and says nothing; what is neither the one nor the other is a person's, and wins.
 * For a minute after the written value or a person's was read, what is older is a late answer of EC2's.
 */
import { adviceFor } from "./advice.ts";
import { refusalIn, unseenAfter } from "./hole.ts";
import { TAG_STALE_MS } from "./limits.ts";
import type { Ruling, TagWrite } from "./model.ts";
import { lasted } from "./phrases.ts";
import { join, type Moves, NO_MOVES, type State } from "./state.ts";
import { isJump, JUMP_HELD_MS, jumpRulesAt, whyRefused } from "./tag-jump.ts";
import type { Hole, TagReading } from "./world.ts";

type Unread = NonNullable<State["memory"]["tagUnread"]>;
type Said = Exclude<TagReading, { kind: "none" } | { kind: "hole" }>;

export function absorbTag(state: State, given: TagReading): Moves {
  if (given.kind === "none") return NO_MOVES;
  if (given.kind === "hole")
    return { ...NO_MOVES, memory: { tagUnread: unreadBy(state, given.hole) } };
  const reading = emptyIsMissing(given);
  if (reading.at <= state.memory.tagChangedAt) return NO_MOVES;
  const seen: Moves = {
    ...NO_MOVES,
    state: state.tagWasRead ? {} : { tagWasRead: true },
    memory: { tagReadAt: reading.at, tagReadSinceWrite: true, tagUnread: null },
  };
  const { ruling } = state;
  if (ruling === null || ruling.write === null) return join(seen, remember(state, reading));
  return join(seen, whileWritten(state, ruling, ruling.write, reading));
}

/** Since when the tag is not read, with why the last look failed. A throttle in between hides no worse reason. */
function unreadBy({ memory, beganAt }: State, hole: Hole): Unread {
  const before = memory.tagUnread;
  if (hole.why === "throttled" && before?.throttled === false) return before;
  return { ...unseenAfter(before, hole, beganAt), words: wordsOf(hole) };
}

function wordsOf(hole: Hole): string {
  if (hole.rejection === null) return hole.detail;
  const { what, fix } = adviceFor({ rejection: hole.rejection, ...refusalIn(hole) });
  return `${what} ${fix}`;
}

/** People empty a tag where they would delete it. */
function emptyIsMissing(reading: Said): Said {
  if (reading.kind === "missing" || reading.value.trim() !== "") return reading;
  return { kind: "missing", at: reading.at };
}

function whileWritten(state: State, ruling: Ruling, write: TagWrite, reading: Said): Moves {
  const said = reading.kind === "missing" ? null : reading.value;
  const isOurs = said !== null && said.trim() === write.value;
  const isBefore = write.before.includes(said);
  const { writtenAt } = write;
  const wasWritten = writtenAt !== null && reading.at > writtenAt;

  if (write.readBackAt !== null) {
    if (writtenAt === null || reading.at - writtenAt >= TAG_STALE_MS)
      return join(wrote(ruling, null), remember(state, reading, isOurs));
    if (isOurs || isBefore || said === saidLast(state)) return NO_MOVES;
    return join(wrote(ruling, overruled(state, write, reading)), remember(state, reading));
  }
  if (isOurs && (wasWritten || !isBefore)) {
    const readBack = {
      ...write,
      writtenAt: writtenAt ?? reading.at,
      readBackAt: state.now,
    };
    return join(wrote(ruling, readBack), remember(state, reading, true));
  }
  if (isBefore) return NO_MOVES;
  // The first word of a tag that was never read before the boundary is what was there before it.
  if (write.before.length === 0) return wrote(ruling, { ...write, before: [said] });
  // Of what a person has garbled meanwhile, the last good value is the boundary's.
  const pending = { ...state, tagJump: null, tagMemory: { value: write.value, garbled: null } };
  return join(wrote(ruling, overruled(state, write, reading)), remember(pending, reading));
}

function saidLast({ tagMemory, tagJump }: State): string | null {
  return tagJump?.value ?? tagMemory.garbled ?? tagMemory.value;
}

/** A person has written since: ours and what was before it are older now. A call under way may come yet. */
function overruled({ now }: State, write: TagWrite, { at }: Said): TagWrite {
  return { ...write, lastError: null, writtenAt: at, readBackAt: now };
}

function wrote(ruling: Ruling, write: TagWrite | null): Moves {
  return { ...NO_MOVES, state: { ruling: { ...ruling, write } } };
}

/** @param isOurs it is what a boundary has written: an operator put it into the spec, and it is not held */
function remember(state: State, reading: Said, isOurs = false): Moves {
  const { tagMemory: before } = state;
  if (reading.kind === "missing") {
    if (before.value === null && before.garbled === null && state.tagJump === null) return NO_MOVES;
    return told(state, null, null, "the tag has no value any more; the next source rules");
  }
  const said = reading.value;
  const refused = whyRefused(state, said);
  if (refused !== null) {
    if (before.garbled === said) return NO_MOVES;
    const kept = before.value === null ? "the next source rules" : `${before.value} goes on ruling`;
    return told(state, before.value, said, `the tag ${refused}; ${kept}`);
  }
  if (before.value === said) {
    if (before.garbled === null && state.tagJump === null) return NO_MOVES;
    return told(state, said, null, `the tag says ${said}`);
  }
  if (!isOurs && isJump(state, said)) return held(state, said);
  return told(state, said, null, `the tag says ${said}`);
}

/** A jump rules when its time is over. One that was refused rules never, as long as the tag says it. */
function held(state: State, said: string): Moves {
  const { tagMemory: before, tagJump: jump, spec, now } = state;
  if (jump?.value !== said) {
    const kept = before.value === null ? "the next source rules" : `${before.value} goes on ruling`;
    const since = { value: said, since: now, refusedBy: null };
    const message = `the tag says ${said}, more than ${spec.limits.jumpMax} times what ruled: it is held for ${lasted(JUMP_HELD_MS)}, unless a person confirms or refuses it; ${kept}`;
    const moves = told(state, before.value, null, message);
    return { ...moves, state: { ...moves.state, tagJump: since } };
  }
  if (jump.refusedBy !== null || now < jumpRulesAt(jump)) return NO_MOVES;
  const message = `the tag has said ${said} for ${lasted(JUMP_HELD_MS)}, and nobody refused it: it rules now`;
  return told(state, said, null, message);
}

/** Whatever the tag says now, the jump before it is over. */
function told(state: State, value: string | null, garbled: string | null, message: string): Moves {
  const event = { kind: "tag", instance: null, message, data: { value, garbled } } as const;
  const jump = state.tagJump === null ? {} : { tagJump: null };
  return { ...NO_MOVES, events: [event], state: { tagMemory: { value, garbled }, ...jump } };
}
