/**
 * Whether the fleet is well, and why not: one judgement for every reader. Of all that is true the worst is
 * chosen, and of all causes the one that the others follow from. Its sentences name the cause, what Lightfleet
 * does about it, and what a person can do.
 */
import type { BindingGuard } from "./binding.ts";
import type { OpenAlert } from "./bulletins.ts";
import { isRoutine, keepsFrom, placeOf } from "./guard-order.ts";
import { inSpec, path, tellingOf } from "./guard-words.ts";
import { within } from "./guard.ts";
import type { Instance, Pause } from "./model.ts";
import type { Tally } from "./occupancy.ts";
import { areOf, dollars, lasted, many, sentence } from "./phrases.ts";
import { hourlyUsdOfRows } from "./spend.ts";
import { isPaused, type State } from "./state.ts";
import { surplusOf } from "./surplus.ts";
import type { Target } from "./target.ts";
import type { Cause, Tone, Verdict, VerdictKind } from "./verdict-views.ts";

export interface Facts {
  readonly counts: Tally;
  readonly target: Target;
  readonly guards: readonly BindingGuard[];
  readonly alerts: readonly OpenAlert[];
  readonly lastTick: { readonly error: string | null } | null;
}

/** A verdict without its title, and without the moment from which on it is stale. */
type Judgement = Pick<Verdict, "kind" | "tone" | "cause" | "what" | "doing" | "canDo">;

const TITLES: Readonly<Record<VerdictKind, string>> = {
  waking: "Waking",
  failing: "Failing",
  removing: "Removing",
  awsSilent: "AWS silent",
  blind: "Blind",
  observing: "Observing",
  noSpares: "No spares",
  paused: "Paused",
  heldBack: "Held back",
  alarm: "Alarm",
  growing: "Growing",
  short: "Short",
  overProvisioned: "Too many",
  unsure: "Unsure",
  shrinking: "Shrinking",
  well: "Well",
};

/** Alerts that stay open for a while after their end: for these the numbers tell what is so now. */
const JUDGED_BY_NUMBERS: ReadonlySet<string> = new Set(["noSpares", "blindEyes"]);

export function verdictOf(state: State, facts: Facts): Omit<Verdict, "staleAt"> {
  const judgement =
    ofTheObject(state, facts) ??
    ofTheEyes(state, facts) ??
    (state.spec.mode === "observe" ? observing(facts) : null) ??
    ofTooFew(state, facts) ??
    ofAlarms(facts) ??
    ofTooMany(state, facts) ??
    ofTheRest(state, facts);
  return { ...judgement, title: TITLES[judgement.kind] };
}

function judged(kind: VerdictKind, tone: Tone, words: Partial<Judgement>): Judgement {
  return { kind, tone, cause: null, what: "", doing: null, canDo: null, ...words };
}

function ofTheObject(state: State, { counts, lastTick }: Facts): Judgement | null {
  if (lastTick === null)
    return judged("waking", "quiet", {
      what: "The fleet has just woken, and has not ticked yet.",
      doing: "The first tick comes within seconds.",
    });
  if (lastTick.error !== null)
    return judged("failing", "bad", {
      what: `The last tick failed: ${sentence(lastTick.error)}`,
      doing:
        "Lightfleet tries again with the next tick. Nothing is launched or deleted until one succeeds.",
      canDo: `Look into the Worker's log, and at GET ${path(state)}/doctor.`,
    });
  if (state.removing === null) return null;
  const { instances } = state;
  const left = instances.size - counts.deleting - counts.lost;
  return judged("removing", "warn", {
    what: `The fleet is being removed: ${many(left, "server")} left, with ${many(counts.sessions, "session")}.`,
    doing: "Lightfleet drains the servers, and deletes each one when its sessions have ended.",
    canDo: `To keep the fleet, put its spec again with PUT ${path(state)}.`,
  });
}

/** Without eyes nothing else that is shown can be relied on; a key that is refused comes before both. */
function ofTheEyes(state: State, facts: Facts): Judgement | null {
  const find = (name: BindingGuard["guard"]): BindingGuard | undefined =>
    facts.guards.find(({ guard }) => guard === name);
  const key = find("credentials");
  if (key !== undefined) return byGuard(state, facts, "heldBack", "bad", key);
  const unseen = find("noListing");
  if (unseen !== undefined && state.memory.unseen !== null)
    return byGuard(state, facts, "awsSilent", "bad", unseen);
  const blind = find("blindEyes");
  return blind === undefined ? null : byGuard(state, facts, "blind", "bad", blind);
}

function observing({ counts, target }: Facts): Judgement {
  return judged("observing", "quiet", {
    what: `${numbers(counts, target)} Lightfleet only observes this fleet: it decides, and changes nothing.`,
    canDo: 'To let it act, set mode to "active" in the spec.',
  });
}

function ofTooFew(state: State, facts: Facts): Judgement | null {
  const { counts, target } = facts;
  const missing = target.spares - counts.spares;
  if (missing <= 0) return null;
  const none = counts.spares === 0;
  const pause = activePause(state, "launch");
  const guard = heaviest(facts, (name) => keepsFrom(name, "coming"));
  const isOnItsWay = onItsWay(counts) * state.spec.health.capacity >= missing;
  if (!isOnItsWay && pause !== undefined)
    return byPause(state, facts, none ? "noSpares" : "paused", none ? "bad" : "warn", pause);
  if (!isOnItsWay && guard !== undefined)
    return byGuard(state, facts, none ? "noSpares" : "heldBack", none ? "bad" : "warn", guard);
  if (none)
    return judged("noSpares", "bad", {
      what: `No spare is left of ${target.spares} wanted: a new session finds no room.`,
      doing: launching(counts),
    });
  if (counts.launching > 0)
    return judged("growing", "move", { what: numbers(counts, target), doing: launching(counts) });
  return judged("short", "warn", {
    what: numbers(counts, target),
    doing: "Nothing is being launched yet. Lightfleet decides with its next tick.",
  });
}

function ofAlarms({ alerts }: Facts): Judgement | null {
  const alarm = alerts.find(
    ({ kind, severity }) => severity === "page" && !JUDGED_BY_NUMBERS.has(kind),
  );
  if (alarm === undefined) return null;
  const { kind, what, canDo } = alarm;
  return judged("alarm", "bad", { cause: { kind: "alert", name: kind }, what, canDo });
}

/** Servers that nobody needs, and that do not go as they should. */
function ofTooMany(state: State, facts: Facts): Judgement | null {
  const { counts, target } = facts;
  const surplus = surplusOf(state, counts.spares - target.spares);
  if (surplus.length === 0) return null;
  const pause = activePause(state, "retire");
  const guard = heaviest(facts, (name) => keepsFrom(name, "going"));
  const inAnHour = state.spec.limits.maxDeletesPerHour - within(state, state.deleteTimes);
  const tooMany = `${many(surplus.length, "server")} more than the ${many(target.spares, "spare")} wanted${costOf(state, surplus)}.`;
  if (pause !== undefined) return byPause(state, facts, "overProvisioned", "warn", pause, tooMany);
  if (guard !== undefined) return byGuard(state, facts, "overProvisioned", "warn", guard, tooMany);
  if (surplus.length <= Math.max(0, inAnHour)) return null;
  return judged("overProvisioned", "warn", {
    what: tooMany,
    doing: `Lightfleet drains and deletes ${many(state.spec.limits.maxDeletesPerHour, "server")} an hour at the most (limits.maxDeletesPerHour).`,
    canDo: `Look at GET ${path(state)}/target if the target should be higher. To be rid of them sooner, raise limits.maxDeletesPerHour ${inSpec(state)}.`,
  });
}

/** In words; empty where a price is not known. */
function costOf(state: State, rows: readonly Instance[]): string {
  const usd = hourlyUsdOfRows(state, rows);
  return usd === null ? "" : ` (${dollars(usd)} an hour)`;
}

function ofTheRest(state: State, facts: Facts): Judgement {
  const { counts, target } = facts;
  const guard = heaviest(facts, () => true);
  if (guard !== undefined) return byGuard(state, facts, "heldBack", "warn", guard);
  const [pause] = state.pauses.filter(({ what }) => isPaused(state, what));
  if (pause !== undefined) return byPause(state, facts, "paused", "warn", pause);
  if (counts.unknown > 0)
    return judged("unsure", "warn", {
      what: `${numbers(counts, target)} ${many(counts.unknown, "server")} ${counts.unknown === 1 ? "has" : "have"} not answered lately.`,
      doing: "Lightfleet counts them as no spares, and deletes none of them.",
      canDo: `See which with GET ${path(state)}/instances.`,
    });
  const surplus = surplusOf(state, counts.spares - target.spares);
  if (counts.draining > 0 || surplus.length > 0)
    return judged("shrinking", "move", {
      what: numbers(counts, target),
      doing: shrinking(state, counts, surplus.length),
    });
  return judged("well", "good", {
    what: numbers(counts, target),
    doing: counts.launching > 0 ? launching(counts) : null,
  });
}

/** The guard from which the others follow: paused work has a verdict of its own, and a matter of course is none. */
function heaviest(
  { guards }: Facts,
  counts: (guard: BindingGuard["guard"]) => boolean,
): BindingGuard | undefined {
  const [first] = guards
    .filter(({ guard }) => guard !== "paused" && !isRoutine(guard) && counts(guard))
    .toSorted((one, other) => placeOf(one.guard) - placeOf(other.guard));
  return first;
}

/** @param lead what is so, before the cause of it */
function byGuard(
  state: State,
  { counts, target }: Facts,
  kind: VerdictKind,
  tone: Tone,
  guard: BindingGuard,
  lead = numbers(counts, target),
): Judgement {
  const { what, doing, canDo } = wordsOf(state, guard);
  const cause: Cause = { kind: "guard", name: guard.guard };
  return { kind, tone, cause, what: `${lead} ${what}`, doing, canDo };
}

/** The same words in which people hear of it. A guard without words of its own has its fix. */
function wordsOf(
  state: State,
  guard: BindingGuard,
): { readonly what: string; readonly doing: string; readonly canDo: string } {
  const words = tellingOf(guard.guard)?.words(guard, state) ?? {
    what: `The guard ${guard.guard} holds the fleet back.`,
    doing: "Lightfleet tries again by itself.",
    canDo: sentence(guard.fix),
  };
  const { listedAt } = state.memory;
  if (guard.guard !== "noListing" || listedAt === null) return words;
  return {
    ...words,
    what: `${words.what} It last showed them ${lasted(state.now - listedAt)} ago.`,
  };
}

/** @param lead what is so, before the cause of it */
function byPause(
  state: State,
  { counts, target }: Facts,
  kind: VerdictKind,
  tone: Tone,
  { what, actor, reason, until }: Pause,
  lead = numbers(counts, target),
): Judgement {
  const doing =
    until === null
      ? `Lightfleet leaves this part of its work until somebody resumes it.${onItsWay(counts) > 0 ? ` ${launching(counts)}` : ""}`
      : `It goes on by itself in ${lasted(until - state.now)}.`;
  return judged(kind, tone, {
    cause: { kind: "pause", name: what },
    what: `${lead} ${PARTS[what]} is paused by ${actor}: ${sentence(reason)}`,
    doing,
    canDo: `Resume it on the page, or with POST ${path(state)}/resume.`,
  });
}

const PARTS: Readonly<Record<Pause["what"], string>> = {
  launch: "Launching",
  retire: "Retiring servers",
  schedule: "The schedule",
  rollout: "The rollout",
};

function activePause(state: State, what: Pause["what"]): Pause | undefined {
  return isPaused(state, what) ? state.pauses.find((pause) => pause.what === what) : undefined;
}

function numbers({ spares, leased }: Tally, target: Target): string {
  const held = leased === 0 ? "" : `, and ${many(leased, "slot")} ${areOf(leased)} leased`;
  return `${spares} of ${many(target.spares, "spare")}${held}.`;
}

/** Servers that AWS has begun to make: one whose create was refused, or has not gone out, is none. */
function onItsWay(counts: Tally): number {
  return counts.launching - counts.waiting;
}

function launching(counts: Tally): string {
  const { waiting } = counts;
  const coming = onItsWay(counts);
  const come =
    coming === 0
      ? "Nothing is on its way."
      : `${many(coming, "server")} ${areOf(coming)} on ${coming === 1 ? "its" : "their"} way.`;
  return waiting === 0
    ? come
    : `${come} ${many(waiting, "server")} ${waiting === 1 ? "waits" : "wait"} for AWS to take the call.`;
}

function shrinking(state: State, counts: Tally, surplus: number): string {
  if (counts.draining > 0)
    return `${many(counts.draining, "server")} ${counts.draining === 1 ? "drains" : "drain"}; none with a session is deleted.`;
  const when =
    state.spec.retire.billing === "hour"
      ? "when the hour that is paid for ends"
      : `when ${surplus === 1 ? "it has" : "they have"} been idle for ${lasted(state.spec.retire.idleForSeconds * 1000)}`;
  return `${many(surplus, "surplus server")} ${surplus === 1 ? "goes" : "go"} ${when}.`;
}
