/**
 * Whose an address is. A reading says what answered at an address, and nothing proves which machine that was: the
 * address may be another's by now, or a machine in between may answer. Only AWS knows, so:
 *
 * 1. A look that shows another address than the row has takes back what was heard at the one before: the occupancy
 *    is unknown, and neither its idle readings nor its word that it drains count any more.
 * 2. At the new address the server is neither probed nor called until a look of a later tick has shown the address
 *    again; and of two servers that are said to have one address neither is. AWS is asked for them by name.
 * 3. A delete that rests on replies waits for a GetInstance that shows the server running at the address that
 *    replied. It was made after the readings, and not long before the delete.
 * 4. If the address changes before such a delete was made, the server goes back to its drain.
 */
import { needsName } from "./checks.ts";
import {
  CALL_STUCK_AFTER_MS,
  DELETE_STUCK_AFTER_MS,
  THROTTLED_STUCK_AFTER_MS,
  WORD_HOLDS_TICKS,
} from "./limits.ts";
import type { Blocker, Instance } from "./model.ts";
import { onceFor } from "./once.ts";
import type { Memory, State } from "./state.ts";
import { type Changes, PROBED } from "./transition.ts";
import type { CloudInstance, LookUp } from "./world.ts";

/** What AWS's word about a server has come to: since when it is good, or since when it fails to come. */
export type Word =
  | { readonly kind: "given"; readonly at: number }
  | {
      readonly kind: "missing";
      readonly since: number;
      /** AWS has only throttled the look-ups. */
      readonly throttled: boolean;
      readonly why: string;
    };

/** What was heard at another address says nothing. */
const UNHEARD = { occupancy: "unknown", idleSince: null, saysDraining: false } as const;

/** The address as AWS shows it, and whether the row follows it for the first time. */
export function addressFacts({ tick }: State, row: Instance, shown: CloudInstance): Changes {
  const { publicIp } = shown;
  if (publicIp !== row.publicIp) {
    const hadNone = row.publicIp === null && row.movedTick === null;
    const isFirst = hadNone && (!PROBED.has(row.phase) || !row.everRead);
    return isFirst ? { publicIp } : { publicIp, movedTick: tick, ...UNHEARD };
  }
  const isShownAgain = row.movedTick !== null && row.movedTick < tick && publicIp !== null;
  // A delete that was planned at another address must hear of it, whenever that is.
  return isShownAgain && row.phase !== "deleting" ? { publicIp, movedTick: null } : { publicIp };
}

/** Whether the address may be another's: then nothing is sent to it, and nothing that came from it counts. */
export function isDoubted(state: State, { phase, publicIp, movedTick }: Instance): boolean {
  if (movedTick !== null) return true;
  return publicIp !== null && PROBED.has(phase) && sharedAddresses(state).has(publicIp);
}

/** Addresses that AWS has shown of more than one server. */
const sharedAddresses = onceFor(({ instances }: State): ReadonlySet<string> => {
  const once = new Set<string>();
  const shared = new Set<string>();
  for (const { phase, publicIp } of instances.values()) {
    if (publicIp === null || !PROBED.has(phase)) continue;
    if (once.has(publicIp)) shared.add(publicIp);
    once.add(publicIp);
  }
  return shared;
});

/** Servers whose address AWS is asked for by name, before anything is sent to it. */
export function doubtedNow(state: State): readonly Instance[] {
  return [...state.instances.values()].filter(
    (row) => PROBED.has(row.phase) && row.publicIp !== null && isDoubted(state, row),
  );
}

/** AWS has said of late that the address is the server's own. */
export function isVouched(state: State, row: Instance): boolean {
  const word = state.memory.words.get(row.name);
  if (word?.kind !== "given" || isDoubted(state, row)) return false;
  const agoMs = state.now - word.at;
  return agoMs >= 0 && agoMs <= WORD_HOLDS_TICKS * state.tickMs;
}

/** The same in this very tick, after the readings on which a decision rests. */
export function isVouchedNow(state: State, row: Instance): boolean {
  const word = state.memory.words.get(row.name);
  return isVouched(state, row) && word?.kind === "given" && word.at >= state.beganAt;
}

/**
 * What a look-up says of the address of a server that is to be deleted.
 * @param row as it is after the look-up
 */
export function wordAfter(state: State, row: Instance, lookUp: LookUp): Memory["words"] {
  const words = new Map(state.memory.words);
  const why = whyNot(state, row, lookUp);
  if (why === null) return words.set(row.name, { kind: "given", at: state.beganAt });
  const before = words.get(row.name);
  const run = before?.kind === "missing" ? before : null;
  const throttled = lookUp.kind === "hole" && lookUp.hole.why === "throttled";
  return words.set(row.name, {
    kind: "missing",
    since: run?.since ?? state.beganAt,
    throttled: throttled && (run === null || run.throttled),
    why,
  });
}

/** Why a look-up does not show the server running at its address; null where it does. */
function whyNot({ identity }: State, { arn, movedTick }: Instance, lookUp: LookUp): string | null {
  if (lookUp.kind === "hole") return lookUp.hole.detail;
  if (lookUp.kind === "absent") return "AWS does not show it";
  if (lookUp.kind === "foreign" || lookUp.instance.owner !== identity.owner)
    return "AWS does not show it as ours";
  const { instance } = lookUp;
  if (instance.arn !== arn) return "AWS shows another instance under its name";
  if (instance.state !== "running") return `AWS says that it is ${instance.state}`;
  if (instance.publicIp === null) return "AWS shows no address of it";
  return movedTick === null ? null : "its address has changed";
}

/** The server goes back to its drain: it was started anew since its delete was decided, or its address is another's. */
export function isTakenBackByAddress(
  { phase, command, restsOnReply, movedTick }: Instance,
  facts: Changes,
): boolean {
  if (phase !== "deleting" || command !== null || !restsOnReply) return false;
  return movedTick !== null || (facts.movedTick ?? null) !== null;
}

/** Drains that do not end because the replies do not say the server's name. */
export function unnamed(state: State): Blocker[] {
  const { memory, instances, now } = state;
  const stuck = [...instances.values()].filter(
    (row) =>
      row.phase === "draining" &&
      !row.drainHold &&
      row.sessions === 0 &&
      now - (row.cordonedAt ?? now) >= DELETE_STUCK_AFTER_MS &&
      memory.freshness.get(row.name)?.nameless === true &&
      needsName(state, row),
  );
  const [first] = stuck;
  if (first === undefined) return [];
  const fix = `${first.name} answers that it is empty, and does not say its name: let the media server repeat "instance": "${first.name}" in its health reply, or set health.nameRequired to false and know what that means (docs/safety.md)`;
  const since = first.cordonedAt ?? now;
  return [{ guard: "drainFailing", value: stuck.length, limit: null, retryAt: null, since, fix }];
}

/** Deletes that wait for AWS's word for too long, whatever the reason. */
export function unvouched({ memory, now }: State): Blocker[] {
  const late = [...memory.words].flatMap(([name, word]) => {
    if (word.kind === "given") return [];
    const lastsMs = word.throttled ? THROTTLED_STUCK_AFTER_MS : CALL_STUCK_AFTER_MS;
    return now - word.since >= lastsMs ? [{ ...word, name }] : [];
  });
  const [first] = late.toSorted((one, other) => one.since - other.since);
  if (first === undefined) return [];
  const fix = `${first.name} is empty, and is deleted once AWS says (GetInstance) that the address which answered is its own: ${first.why}`;
  const { since } = first;
  return [{ guard: "deleteFailing", value: late.length, limit: null, retryAt: null, since, fix }];
}
