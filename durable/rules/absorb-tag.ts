/**
 * What the tag says. Missing falls through to the next source; what does not parse keeps the last good
 * value and is told once. While a boundary's value is on its way into the tag, what stood there before
 * may still be read, and says nothing; what is neither the one nor the other is a person's, and wins.
 */
import { parseExpression } from "./expression.ts";
import { TAG_STALE_MS } from "./limits.ts";
import type { Ruling, TagWrite } from "./model.ts";
import { join, type Moves, NO_MOVES, type State } from "./state.ts";
import type { TagReading } from "./world.ts";

type Said = Exclude<TagReading, { kind: "none" } | { kind: "hole" }>;

export function absorbTag(state: State, reading: TagReading): Moves {
  if (reading.kind === "none" || reading.kind === "hole") return NO_MOVES;
  if (reading.at <= state.memory.tagChangedAt) return NO_MOVES;
  const seen: Moves = { ...NO_MOVES, memory: { tagReadAt: reading.at } };
  const { ruling } = state;
  if (ruling === null || ruling.write === null) return join(seen, remember(state, reading));
  return join(seen, whileWritten(state, ruling, ruling.write, reading));
}

function whileWritten(state: State, ruling: Ruling, write: TagWrite, reading: Said): Moves {
  const said = reading.kind === "missing" ? null : reading.value;
  const isOurs = said !== null && said.trim() === write.value;
  const isBefore = write.before.includes(said);
  const wasWritten = write.writtenAt !== null && reading.at > write.writtenAt;
  const isSettled = wasWritten && reading.at - (write.writtenAt ?? 0) >= TAG_STALE_MS;

  if (write.readBackAt !== null) {
    // It was there already: what stood there before is a late answer, for a while.
    if (!isSettled && (isOurs || isBefore)) return NO_MOVES;
    return join(wrote(ruling, null), remember(state, reading));
  }
  if (isOurs && (wasWritten || !isBefore)) {
    const readBack = {
      ...write,
      writtenAt: write.writtenAt ?? state.now,
      readBackAt: state.now,
    };
    return join(wrote(ruling, readBack), remember(state, reading));
  }
  if (isBefore) return NO_MOVES;
  // The first word of a tag that was never read before the boundary is what was there before it.
  if (write.before.length === 0) return wrote(ruling, { ...write, before: [said] });
  return join(wrote(ruling, null), aPersonsWord(state, write, reading));
}

function wrote(ruling: Ruling, write: TagWrite | null): Moves {
  return { ...NO_MOVES, state: { ruling: { ...ruling, write } } };
}

/** Of what a person has garbled meanwhile, the last good value is the boundary's. */
function aPersonsWord(state: State, { value }: TagWrite, reading: Said): Moves {
  return remember({ ...state, tagMemory: { value, garbled: null } }, reading);
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
