/**
 * What the tag says. Missing falls through to the next source; what does not parse keeps the last good
 * value and is told once. While a boundary's value is on its way into the tag, what stood there before
 * may still be read, and says nothing; what is neither the one nor the other is a person's, and wins.
 * For a minute after the written value or a person's was read, what is older is a late answer of EC2's.
 */
import { adviceFor } from "./advice.ts";
import { parseExpression } from "./expression.ts";
import { TAG_STALE_MS } from "./limits.ts";
import type { Ruling, TagWrite } from "./model.ts";
import { join, type Moves, NO_MOVES, type State } from "./state.ts";
import type { Hole, TagReading } from "./world.ts";

type Unread = NonNullable<State["memory"]["tagUnread"]>;
type Said = Exclude<TagReading, { kind: "none" } | { kind: "hole" }>;

export function absorbTag(state: State, reading: TagReading): Moves {
  if (reading.kind === "none") return NO_MOVES;
  if (reading.kind === "hole")
    return { ...NO_MOVES, memory: { tagUnread: unreadBy(state, reading.hole) } };
  if (reading.at <= state.memory.tagChangedAt) return NO_MOVES;
  const seen: Moves = {
    ...NO_MOVES,
    memory: { tagReadAt: reading.at, tagReadSinceWrite: true, tagUnread: null },
  };
  const { ruling } = state;
  if (ruling === null || ruling.write === null) return join(seen, remember(state, reading));
  return join(seen, whileWritten(state, ruling, ruling.write, reading));
}

/** Since when the tag is not read, with why the last look failed. A throttle in between hides no worse reason. */
function unreadBy({ memory, beganAt }: State, { why, rejection, detail }: Hole): Unread {
  const before = memory.tagUnread;
  const throttled = why === "throttled";
  if (before !== null && throttled && !before.throttled) return before;
  return { since: before?.since ?? beganAt, throttled, words: wordsOf(rejection, detail) };
}

function wordsOf(rejection: Hole["rejection"], detail: string): string {
  if (rejection === null) return detail;
  const [code = "", ...rest] = detail.split(": ");
  const { what, fix } = adviceFor({ rejection, code, message: rest.join(": ") });
  return `${what} ${fix}`;
}

function whileWritten(state: State, ruling: Ruling, write: TagWrite, reading: Said): Moves {
  const said = reading.kind === "missing" ? null : reading.value;
  const isOurs = said !== null && said.trim() === write.value;
  const isBefore = write.before.includes(said);
  const { writtenAt } = write;
  const wasWritten = writtenAt !== null && reading.at > writtenAt;

  if (write.readBackAt !== null) {
    if (writtenAt === null || reading.at - writtenAt >= TAG_STALE_MS)
      return join(wrote(ruling, null), remember(state, reading));
    if (isOurs || isBefore || said === saidLast(state)) return NO_MOVES;
    return join(wrote(ruling, overruled(state, write, reading)), remember(state, reading));
  }
  if (isOurs && (wasWritten || !isBefore)) {
    const readBack = {
      ...write,
      writtenAt: writtenAt ?? reading.at,
      readBackAt: state.now,
    };
    return join(wrote(ruling, readBack), remember(state, reading));
  }
  if (isBefore) return NO_MOVES;
  // The first word of a tag that was never read before the boundary is what was there before it.
  if (write.before.length === 0) return wrote(ruling, { ...write, before: [said] });
  // Of what a person has garbled meanwhile, the last good value is the boundary's.
  const pending = { ...state, tagMemory: { value: write.value, garbled: null } };
  return join(wrote(ruling, overruled(state, write, reading)), remember(pending, reading));
}

function saidLast({ tagMemory }: State): string | null {
  return tagMemory.garbled ?? tagMemory.value;
}

/** A person has written since: ours and what was before it are older now. A call under way may come yet. */
function overruled({ now }: State, write: TagWrite, { at }: Said): TagWrite {
  return { ...write, lastError: null, writtenAt: at, readBackAt: now };
}

function wrote(ruling: Ruling, write: TagWrite | null): Moves {
  return { ...NO_MOVES, state: { ruling: { ...ruling, write } } };
}

function remember({ tagMemory: before }: State, reading: Said): Moves {
  if (reading.kind === "missing") {
    if (before.value === null && before.garbled === null) return NO_MOVES;
    return told(null, null, "the tag was removed; the next source rules");
  }
  const parsed = parseExpression(reading.value);
  if (parsed.ok) {
    if (before.value === reading.value && before.garbled === null) return NO_MOVES;
    return told(reading.value, null, `the tag says ${reading.value}`);
  }
  if (before.garbled === reading.value) return NO_MOVES;
  const kept = before.value === null ? "the next source rules" : `${before.value} goes on ruling`;
  return told(before.value, reading.value, `the tag ${parsed.error}; ${kept}`);
}

function told(value: string | null, garbled: string | null, message: string): Moves {
  const event = { kind: "tag", instance: null, message, data: { value, garbled } } as const;
  return { ...NO_MOVES, events: [event], state: { tagMemory: { value, garbled } } };
}
