/**
 * Calls that do not get through, whatever the reason: refused, not answered, throttled without end. While a
 * kind of call fails, what waits for it is a blocker with AWS's own words, whether or not a hold came of it.
 */
import { adviceFor } from "./advice.ts";
import { holdsOn, keyHoldsOn } from "./holds.ts";
import {
  CALL_STUCK_AFTER_MS,
  DELETE_STUCK_AFTER_MS,
  ROW_STUCK_AFTER_MS,
  THROTTLED_STUCK_AFTER_MS,
} from "./limits.ts";
import { isListed } from "./listed.ts";
import type { Blocker, Failing, GuardName, Instance } from "./model.ts";
import { onceFor } from "./once.ts";
import { many } from "./phrases.ts";
import { isPending } from "./schedule.ts";
import type { Moves, State } from "./state.ts";
import { change } from "./transition.ts";
import { drainVerb, needsPorts, needsTags } from "./wanted-calls.ts";
import type { Action, Outcome } from "./world.ts";

type Call = Action["kind"];

const GUARDS: Readonly<Record<Call, GuardName>> = {
  create: "createFailing",
  ports: "portsFailing",
  tags: "tagsFailing",
  delete: "deleteFailing",
  drain: "drainFailing",
  targetTag: "targetTagFailing",
};
const CALLS = Object.keys(GUARDS) as Call[];

/** For each kind of call whether it fails, after one more outcome of it. */
export function failingAfter(state: State, call: Call, outcome: Outcome): Moves["state"] {
  const { failing, now } = state;
  const before = failing.find((each) => each.call === call);
  const others = failing.filter((each) => each !== before);
  switch (outcome.kind) {
    case "done":
      return failingEnds(state, call);
    case "unsent":
      // We were too slow to make it: that says nothing of AWS.
      return {};
    case "throttled":
    case "unknown":
    case "rejected": {
      const since = before?.since ?? now;
      const count = (before?.count ?? 0) + 1;
      return { failing: [...others, { call, since, count, ...reasonOf(call, outcome, before) }] };
    }
  }
}

/** The same, where it is known by other means that it gets through. */
export function failingEnds({ failing }: State, call: Call): Moves["state"] {
  const others = failing.filter((each) => each.call !== call);
  return others.length === failing.length ? {} : { failing: others };
}

type Failed = Extract<Outcome, { kind: "throttled" | "unknown" | "rejected" }>;

/** The reason in words. A throttle in between hides no refusal. */
function reasonOf(
  call: Call,
  outcome: Failed,
  before: Failing | undefined,
): Pick<Failing, "why" | "words"> {
  switch (outcome.kind) {
    case "rejected": {
      if (call === "drain")
        return {
          why: "rejected",
          words: unansweredWords(call, `${outcome.code}: ${outcome.message}`),
        };
      const { what, fix } = adviceFor(outcome);
      return { why: "rejected", words: `${what} ${fix}` };
    }
    case "unknown":
      return { why: "unknown", words: unansweredWords(call, outcome.message) };
    case "throttled":
      if (before !== undefined && before.why !== "throttled")
        return { why: before.why, words: before.words };
      return {
        why: "throttled",
        words: `AWS throttles this call (${outcome.code}). Look for other programs that use Lightsail's API in this account and region, and ask AWS's support for a higher rate.`,
      };
  }
}

function unansweredWords(call: Call, message: string): string {
  return call === "drain"
    ? `The media server did not answer as it should: ${message}. Check \`health.drain\` in the spec, and the media server's log.`
    : `AWS did not answer as it should: ${message}. Check health.aws.amazon.com for Lightsail in the region.`;
}

/**
 * A blocker for each kind of call that has failed for too long while something waits for it, and for rows
 * whose own call fails although those of others get through.
 */
export const stuckCalls = onceFor((state: State): readonly Blocker[] =>
  CALLS.flatMap((call) => stuckCall(state, call)),
);

/**
 * The ports that AWS refuses to one new server after the other, or has not answered for long; null while it does
 * neither. To launch more servers, or to replace those that wait, would only pay for the next refusal.
 */
export function refusedPorts(state: State): Failing | null {
  const failing = state.failing.find(({ call }) => call === "ports");
  if (failing === undefined || failing.why === "throttled") return null;
  if (failing.why === "unknown" && !isStuck(state, failing)) return null;
  const waiting = [...state.instances.values()].filter(
    ({ phase, refusedSince }) => phase === "configuring" && refusedSince !== null,
  );
  if (waiting.length === 0) return null;
  const failed = waiting.length + state.failedBoots;
  return failed >= state.spec.limits.failedBoots.count ? failing : null;
}

/** AWS has left the last calls of this kind without an answer. */
export function isUnanswered({ failing }: State, call: Call): boolean {
  return failing.find((each) => each.call === call)?.why === "unknown";
}

/**
 * The servers whose ports AWS had refused to all of them, now that those of one got through: what stood in their
 * way is gone, and none of them is given up for a refusal of before.
 */
export function refusedNoMore(state: State, through: string): readonly Instance[] {
  if (refusedPorts(state) === null && keyHoldsOn(state, "ports").length === 0) return [];
  return [...state.instances.values()]
    .filter(
      ({ name, phase, refusedSince }) =>
        name !== through && phase === "configuring" && refusedSince !== null,
    )
    .map((row) => change(row, state.now, { refusedSince: null }));
}

function stuckCall(state: State, call: Call): Blocker[] {
  // A hold is a blocker by itself.
  if (holdsOn(state, call).length > 0) return [];
  const failing = state.failing.find((each) => each.call === call);
  const rows = [...state.instances.values()];
  if (failing !== undefined && isStuck(state, failing)) {
    const waiting = rows.filter((row) => isWaiting(state, row, call));
    if (waiting.length > 0 || waitsForTag(state, call)) return [blockerOf(state, failing, waiting)];
  }
  const stuck = rows.filter((row) => isRowStuck(state, row) && isWaiting(state, row, call));
  return stuck.length === 0 ? [] : [blockerOf(state, ownFailing(state, call, stuck), stuck)];
}

function isStuck({ now }: State, { since, why }: Failing): boolean {
  return now - since >= (why === "throttled" ? THROTTLED_STUCK_AFTER_MS : CALL_STUCK_AFTER_MS);
}

/** Whether it waits for a call of this kind, due or not, or soon will. */
function isWaiting(state: State, row: Instance, call: Call): boolean {
  switch (call) {
    case "create":
      return row.phase === "planned";
    case "ports":
      // Those that boot will need it.
      return row.phase === "planned" || row.phase === "starting" || needsPorts(state, row);
    case "tags":
      return needsTags(state, row);
    case "delete":
      return row.phase === "deleting";
    case "drain":
      return drainVerb(state, row) !== null;
    case "targetTag":
      return false;
  }
}

function waitsForTag({ ruling }: State, call: Call): boolean {
  return call === "targetTag" && ruling !== null && isPending(ruling);
}

/** Its own call fails, or AWS and the media server accept it and do not do it. */
function isRowStuck(state: State, row: Instance): boolean {
  if (row.refusedSince !== null) return state.now - row.refusedSince >= ROW_STUCK_AFTER_MS;
  if (row.phase === "deleting") {
    const { deletingAt, lastError, nextAttemptAt } = row;
    const isAccepted = lastError === null && nextAttemptAt > 0 && isListed(state, row);
    return isAccepted && deletingAt !== null && state.now - deletingAt >= DELETE_STUCK_AFTER_MS;
  }
  const isCalled = row.phase === "draining" && drainVerb(state, row) !== null && row.attempts > 0;
  const since = row.cordonedAt ?? row.phaseSince;
  return isCalled && state.now - since >= DELETE_STUCK_AFTER_MS;
}

/** Why these rows wait, by the one that has waited longest. */
function ownFailing(state: State, call: Call, stuck: readonly Instance[]): Failing {
  const since = (row: Instance): number => row.refusedSince ?? row.deletingAt ?? row.phaseSince;
  const [first] = stuck.toSorted((one, other) => since(one) - since(other));
  const words =
    first?.lastError ??
    (call === "drain"
      ? 'the media server accepts the call and does not say `"draining": true`: check its drain mode.'
      : "AWS accepts the call, and still lists the server: look at its history in the Lightsail console.");
  const count = Math.max(1, ...stuck.map(({ attempts }) => attempts));
  return {
    call,
    since: first === undefined ? state.now : since(first),
    count,
    why: "rejected",
    words,
  };
}

const WHAT: Readonly<Record<Call, string>> = {
  create: "The create",
  ports: "The call that opens the ports",
  tags: "The call that sets the tags",
  delete: "The delete",
  drain: "The drain call",
  targetTag: "The write of the target's tag",
};

function blockerOf(state: State, failing: Failing, waiting: readonly Instance[]): Blocker {
  const { call, since, count, words } = failing;
  const names = waiting.slice(0, NAMES_SHOWN).map(({ name }) => name);
  const more = waiting.length - names.length;
  const of =
    names.length === 0 ? "" : ` of ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const next = waiting.filter(({ command }) => command === null).map((row) => row.nextAttemptAt);
  const retryAt = next.length === 0 ? null : Math.max(state.now, Math.min(...next));
  return {
    guard: GUARDS[call],
    value: Math.max(1, waiting.length),
    limit: null,
    retryAt,
    since,
    fix: `${WHAT[call]}${of} has failed ${many(count, "time")} in a row. ${words}`,
  };
}

const NAMES_SHOWN = 3;
