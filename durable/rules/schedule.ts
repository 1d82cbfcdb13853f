/**
 * The schedule's word. A boundary is applied once, by its instant, and after an outage only the newest:
 *
 * 1. What was applied is in the ledger. A boundary that is not newer is never applied again, wherever
 *    the clock may stand.
 * 2. With another schedule in the spec, what rules is decided anew, and written.
 * 3. Where the spec names a tag, the boundary's value is written to it, so that the console shows the
 *    truth, and a person's change lives until the next boundary. Until the written value has been read
 *    back, the ledger's word goes before the tag's: what could not be written must not let last night
 *    rule the morning.
 * 4. A ledger that has just been born writes nothing: the tag is at least as new as its first boundary.
 */
import { adviceFor } from "./advice.ts";
import { backoffMs, CALL_LIMIT_MS, TAG_STALE_MS } from "./limits.ts";
import type { Boundary, Ruling, TagWrite } from "./model.ts";
import { sentence } from "./phrases.ts";
import type { Spec } from "./spec.ts";
import { type EventDraft, isPaused, type Moves, NO_MOVES, type State } from "./state.ts";
import type { Action, Command, Outcome } from "./world.ts";

/** Applies the newest boundary, if it has not been. */
export function followSchedule(state: State): Moves {
  if (state.removing !== null || isPaused(state, "schedule")) return NO_MOVES;
  const { last } = state.agenda;
  const { ruling, scheduleHash } = state;
  if (ruling !== null && ruling.scheduleHash === scheduleHash) {
    if (last === null || (ruling.boundary !== null && last.at <= ruling.boundary.at))
      return NO_MOVES;
  } else if (ruling !== null && isSame(ruling.boundary, last))
    return { ...NO_MOVES, state: { ruling: { ...ruling, scheduleHash, boundary: last } } };

  const write = last === null || ruling === null ? null : writeOf(state, last);
  const applied = { scheduleHash, boundary: last, appliedAt: state.now, write };
  const events = last === null ? [] : [boundaryEvent(last, write)];
  // What was held is over: the boundary's value goes into the tag in its place.
  const jump = state.tagJump === null || write === null ? {} : { tagJump: null };
  return { ...NO_MOVES, events, state: { ruling: applied, ...jump } };
}

function isSame(one: Boundary | null, other: Boundary | null): boolean {
  if (one === null || other === null) return one === other;
  return one.at === other.at && one.value === other.value && one.special === other.special;
}

function boundaryEvent(boundary: Boundary, write: TagWrite | null): EventDraft {
  const { at, name, edge, value, timezone, source } = boundary;
  const says = value === null ? "nothing of the schedule holds any more" : `${value} spares`;
  const then = write === null ? "" : `; ${write.value} goes into the tag`;
  return {
    kind: "boundary",
    instance: null,
    message: `${name} ${edge}: ${says}${then}`,
    data: { at, name, edge, value, timezone, source },
  };
}

/** A new write. One that is still under way is waited for, and what it may leave behind is known. */
function writeOf(state: State, { value }: Boundary): TagWrite | null {
  const { spares } = state.spec;
  if (spares.tag === null) return null;
  const earlier = state.ruling?.write ?? null;
  const left = earlier === null ? [] : [...earlier.before, earlier.value];
  return {
    value: value ?? spares.default,
    before: [...new Set([...knownOf(state), ...left])],
    attempts: 0,
    // What nobody heard of may still be carried out until then; one that was never tried has waited for it.
    nextAttemptAt: earlier?.triedAt ?? earlier?.nextAttemptAt ?? 0,
    triedAt: null,
    command: earlier?.command ?? null,
    lastError: null,
    writtenAt: null,
    readBackAt: null,
  };
}

/** What the tag said last; nothing where it has not been read. */
function knownOf({ tagMemory, tagJump, tagWasRead }: State): (string | null)[] {
  const said = tagJump?.value ?? tagMemory.garbled ?? tagMemory.value;
  return said === null && !tagWasRead ? [] : [said];
}

/** What the spec does not have any more does not rule, though a paused schedule still holds it. */
export function hasSchedule({ spares }: Spec): boolean {
  return spares.schedule.length + spares.specialDays.length > 0;
}

/** The ledger's word goes before the tag's. */
export function isPending(ruling: Ruling | null): boolean {
  return ruling !== null && ruling.write !== null && ruling.write.readBackAt === null;
}

type TagAction = Extract<Action, { kind: "targetTag" }>;

/** What is to be written to the tag now, if anything. Before another attempt the tag is read. */
export function dueTagWrite(state: State): TagAction | null {
  const { tag } = state.spec.spares;
  const write = state.ruling?.write ?? null;
  if (tag === null || write === null || write.readBackAt !== null) return null;
  if (isPaused(state, "schedule") || write.command !== null || write.nextAttemptAt > state.now)
    return null;
  const { tagReadAt, tagReadSinceWrite } = state.memory;
  const wasRead = tagReadSinceWrite && tagReadAt !== null && tagReadAt > (write.triedAt ?? 0);
  if (write.triedAt !== null && !wasRead) return null;
  return { kind: "targetTag", tag, value: write.value };
}

/** The intent of a write that `command` carries out. */
export function tagWriteIssued({ ruling, now }: State, command: number): Moves {
  if (ruling === null || ruling.write === null) return NO_MOVES;
  const write = { ...ruling.write, command, triedAt: now };
  return {
    ...NO_MOVES,
    state: { ruling: { ...ruling, write } },
    memory: { tagReadSinceWrite: false },
  };
}

/** A write that was accepted is looked for in the tag; any other is tried again, once the tag was read. */
export function settleTagWrite(
  state: State,
  command: Command,
  action: TagAction,
  outcome: Outcome,
): Moves {
  const { ruling, now } = state;
  const events = [tagEvent(command, action, outcome)];
  const write = ruling?.write ?? null;
  if (ruling === null || write === null || write.command !== command.number)
    return { ...NO_MOVES, events };
  const changed = (changes: Partial<TagWrite>): Moves => ({
    ...NO_MOVES,
    events,
    state: { ruling: { ...ruling, write: { ...write, command: null, triedAt: now, ...changes } } },
  });
  const over = command.notAfter + CALL_LIMIT_MS;
  // It was read back, or a person's word was: all that counts is until when the call may be carried out.
  if (write.readBackAt !== null)
    return changed(outcome.kind === "unknown" ? { triedAt: over } : {});
  // It was on its way when the next boundary came: it says nothing of that one's value.
  const isOlder = action.value !== write.value;
  const attempts = write.attempts + 1;
  switch (outcome.kind) {
    case "done":
      if (isOlder) return changed({ triedAt: null, nextAttemptAt: now });
      return changed({
        attempts,
        lastError: null,
        writtenAt: now,
        nextAttemptAt: now + TAG_STALE_MS,
      });
    case "unsent":
      return changed({ triedAt: null, lastError: outcome.message });
    case "throttled":
      return changed({
        attempts,
        lastError: `throttled by AWS: ${outcome.code}`,
        // The lane paces it from here on.
        nextAttemptAt: now + state.tickMs,
      });
    case "unknown":
      return changed({ attempts, lastError: outcome.message, triedAt: over, nextAttemptAt: over });
    case "rejected":
      return changed({
        attempts,
        lastError: refusalOf(outcome, action),
        nextAttemptAt: now + backoffMs(attempts - 1),
      });
  }
}

/** All other advice is about servers, and would send people to the wrong line of the spec. */
function refusalOf(outcome: Extract<Outcome, { kind: "rejected" }>, { tag }: TagAction): string {
  if (outcome.rejection === "credentials") {
    const { what, fix } = adviceFor({ ...outcome, right: "ec2:CreateTags" });
    return `${what} ${fix}`;
  }
  const said = sentence(`AWS says: ${outcome.code}: ${outcome.message}`);
  return `${said} Check \`spares.tag\` in the spec: ${tag.resource} must be in the fleet's region, and take one more tag.`;
}

function tagEvent({ number }: Command, { tag, value }: TagAction, outcome: Outcome): EventDraft {
  const where = `the tag ${tag.key} on ${tag.resource}`;
  const requestId = "requestId" in outcome ? outcome.requestId : null;
  const data = { command: number, value, requestId, outcome: outcome.kind };
  if (outcome.kind === "done")
    return { kind: "tag", instance: null, message: `${value} was written to ${where}`, data };
  const why = "code" in outcome ? `${outcome.code}: ${outcome.message}` : outcome.message;
  return {
    kind: "tag",
    instance: null,
    message: `${value} was not written to ${where}, or nobody knows: ${why}`,
    data,
  };
}
