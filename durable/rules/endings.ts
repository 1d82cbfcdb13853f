/** The end of a trouble, in words that fit what is now. */
import type { OpenAlert } from "./bulletins.ts";
import { tally } from "./occupancy.ts";
import { dollars, lasted, many } from "./phrases.ts";
import { spendOf } from "./spend.ts";
import type { AlertKind } from "./spec.ts";
import type { State } from "./state.ts";
import { NOT_WRITTEN } from "./troubles-tag.ts";

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
  blindEyes: () => "The servers answer again.",
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
  busyForLong: (state, { subject }) =>
    state.instances.has(subject) ? `${subject} is free again.` : `${subject} is gone.`,
  unknownForLong: (state, { subject }) => {
    if (!state.instances.has(subject)) return `${subject} is gone.`;
    if (tally(state).blind) return `${subject} is one of many that do not answer now.`;
    return `${subject} answers again, or is being taken away.`;
  },
  drainingForLong: (state, { subject }) =>
    state.instances.get(subject)?.phase === "ready"
      ? `${subject} is back at work.`
      : `${subject} is drained.`,
  protectedForLong: (state, { subject }) =>
    state.instances.has(subject) ? `${subject} is not protected any more.` : `${subject} is gone.`,
  pausedForLong: () => "The fleet is not paused any more.",
  rollout: () => "The rollout goes on, or is over.",
  tag: (state, { subject }) =>
    subject === NOT_WRITTEN
      ? tagIsWritten(state)
      : `The target in the tag can be read again: ${state.tagMemory.value ?? "it has none"}.`,
  // News has no end.
  lost: (_state, { subject }) => `${subject} is settled.`,
  rival: (_state, { subject }) => `${subject} is settled.`,
  adopted: (_state, { subject }) => `${subject} is settled.`,
  forced: (_state, { subject }) => `${subject} is settled.`,
};

function tagIsWritten({ tagMemory }: State): string {
  return tagMemory.value === null
    ? "Nothing waits to be written to the tag any more."
    : `Nothing waits to be written to the tag any more: it says ${tagMemory.value}.`;
}
