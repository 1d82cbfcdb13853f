/** The end of a trouble, in words that fit what is now. */
import type { OpenAlert } from "./bulletins.ts";
import { tally } from "./occupancy.ts";
import { areOf, dollars, lasted, many } from "./phrases.ts";
import { isProtected } from "./protection.ts";
import { isPending } from "./schedule.ts";
import { spendOf } from "./spend.ts";
import type { AlertKind } from "./spec.ts";
import { isPaused, type State } from "./state.ts";
import { HELD, NOT_WRITTEN } from "./troubles-tag.ts";
import { isUnasked } from "./turns.ts";

export function endingOf(state: State, alert: OpenAlert): string {
  // It ended when it was last seen, not when its end was believed.
  const forMs = (alert.awaySince ?? state.now) - alert.since;
  return `${ENDINGS[alert.kind](state, alert)} It lasted ${lasted(forMs)}.`;
}

const ENDINGS: Readonly<Record<AlertKind, (state: State, alert: OpenAlert) => string>> = {
  noSpares: (state) => {
    const { spares } = tally(state);
    if (spares === 0) return "No spares are wanted any more.";
    return `New sessions can start again: ${many(spares, "spare")} ${spares === 1 ? "is" : "are"} ready.`;
  },
  noTick: () => "The fleet is run again.",
  blindEyes: (state) => {
    const { unknown } = tally(state);
    if (unknown === 0) return "The servers answer again.";
    return `Enough servers answer again; ${many(unknown, "server")} ${areOf(unknown)} still silent.`;
  },
  credentials: () =>
    "AWS accepts Lightfleet's key again: servers are launched and deleted as usual.",
  failedBoots: () => "Servers are launched again as usual.",
  guard: (_state, { subject }) => `${subject} does not hold the fleet back any more.`,
  spend: (state) => {
    const { spent } = spendOf(state);
    const { maxMonthlyUsd: limit } = state.spec.limits;
    if (limit === null) return "The month has no limit of spend any more.";
    return `Less than half of the month's limit is spent again: ${dollars(spent)} of ${dollars(limit)}.`;
  },
  stranger: (_state, { subject }) =>
    `${subject} is no riddle any more: it is gone, or it carries the fleet's tags.`,
  unread: () => "AWS lists the servers that may be this fleet's in a form that can be read again.",
  busyForLong: (state, { subject }) => {
    const left = takenAway(state, subject);
    if (left !== null) return left;
    const row = state.instances.get(subject);
    if (row === undefined || row.busySince === null || row.sessions === 0)
      return `${subject} is free again.`;
    return notYet(`${subject} is still busy`, state.spec.alerts.busyForHours);
  },
  unknownForLong: (state, { subject }) => {
    const row = state.instances.get(subject);
    if (row === undefined) return `${subject} is gone.`;
    if (tally(state).blind) return `${subject} is one of many that do not answer now.`;
    if (isUnasked(state, row)) return `${subject} waits for its turn to be asked again.`;
    return `${subject} answers again, or is being taken away.`;
  },
  drainingForLong: (state, { subject }) => {
    const { phase } = state.instances.get(subject) ?? {};
    if (phase === "draining")
      return notYet(`${subject} is still draining`, state.spec.alerts.drainingForHours);
    return takenAway(state, subject) ?? `${subject} is back at work.`;
  },
  protectedForLong: (state, { subject }) => {
    const row = state.instances.get(subject);
    if (row !== undefined && isProtected(row))
      return notYet(`${subject} is still protected`, state.spec.alerts.protectedForHours);
    return row === undefined ? `${subject} is gone.` : `${subject} is not protected any more.`;
  },
  pausedForLong: (state) =>
    state.pauses.some(({ what }) => isPaused(state, what))
      ? notYet("The fleet is still paused", state.spec.alerts.pausedForHours)
      : "The fleet is not paused any more.",
  rollout: () => "The rollout goes on, or is over.",
  tag: (state, { subject }) => {
    if (state.spec.spares.tag === null) return "The target is not read from a tag any more.";
    if (subject === NOT_WRITTEN) return tagIsWritten(state);
    const value = state.tagMemory.value ?? "none";
    if (subject === HELD)
      return `No value of the tag is held any more. Its good value is ${value}.`;
    return `The target in the tag can be read again: ${state.tagMemory.value ?? "it has none"}.`;
  },
  // News has no end.
  lost: (_state, { subject }) => `${subject} is settled.`,
  rival: (_state, { subject }) => `${subject} is settled.`,
  adopted: (_state, { subject }) => `${subject} is settled.`,
  forced: (_state, { subject }) => `${subject} is settled.`,
};

/** Null while the server is neither gone nor on its way out. */
function takenAway({ instances }: State, name: string): string | null {
  const phase = instances.get(name)?.phase ?? "gone";
  if (phase === "gone") return `${name} is gone.`;
  if (phase === "deleting") return `${name} is being deleted.`;
  return phase === "lost" ? `AWS does not list ${name} any more.` : null;
}

/** The spec waits longer than it did: what was reported goes on, and is reported again when that time is over. */
function notYet(what: string, hours: number): string {
  return `${what}, but not yet for the ${many(hours, "hour")} after which people are told.`;
}

function tagIsWritten(state: State): string {
  const { tagMemory, ruling, spec } = state;
  const isLeft = spec.mode === "observe" || isPaused(state, "schedule");
  if (isLeft && isPending(ruling))
    return "The tag is left as it is while the schedule is paused or the fleet only observes.";
  return tagMemory.value === null
    ? "Nothing waits to be written to the tag any more."
    : `Nothing waits to be written to the tag any more: it says ${tagMemory.value}.`;
}
