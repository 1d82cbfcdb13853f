/** What is wrong now, and lasts: found anew in every tick, out of the state and what holds it back. */
import type { OpenAlert, Trouble } from "./bulletins.ts";
import { curlOf } from "./curl.ts";
import { inSpec, path, tellingOf } from "./guard-words.ts";
import { HOUR_MS } from "./limits.ts";
import type { Blocker, GuardName, Instance } from "./model.ts";
import { occupancyOf, type Tally, tally } from "./occupancy.ts";
import { areOf, dollars, lasted, many, sentence } from "./phrases.ts";
import { isProtected } from "./protection.ts";
import { spendOf } from "./spend.ts";
import type { State } from "./state.ts";
import type { Target } from "./target.ts";
import { tagTroubles } from "./troubles-tag.ts";
import { isUnasked } from "./turns.ts";
import { idOf } from "./unread.ts";

/** Shares of the month's limit that are told as they are passed. */
const SPEND_STEPS = [0.5, 0.8, 1] as const;
const MINUTE_MS = 60_000;
/** AWS may give an instance oddly while it changes. */
const UNREAD_TOLD_AFTER_MS = 2 * MINUTE_MS;
/** Guards for which there may be no spare; the others hold back deletes. */
const HOLDS_LAUNCHES: ReadonlySet<GuardName> = new Set([
  "maxInstances",
  "maxMonthlyUsd",
  "maxLaunchesPerHour",
  "failedBoots",
  "blindEyes",
  "noListing",
  "quota",
  "zoneCapacity",
  "credentials",
  "rejected",
  "createFailing",
  "portsFailing",
]);

/** @param open what was open before: some of it cannot be judged in every tick, and then goes on */
export function troublesOf(
  state: State,
  target: Target,
  blockers: readonly Blocker[],
  open: readonly OpenAlert[],
): Trouble[] {
  const counts = tally(state);
  return [
    ...noSpares(state, counts, target, blockers, open),
    ...blockers.flatMap((blocker) => heldBack(state, blocker)),
    ...spend(state, open),
    ...tagTroubles(state, target),
    ...strangers(state, open),
    ...unreadServers(state, open),
    ...[...state.instances.values()].flatMap((row) => tooLong(state, counts, row)),
    ...pausedForLong(state),
  ];
}

function noSpares(
  state: State,
  counts: Tally,
  target: Target,
  blockers: readonly Blocker[],
  open: readonly OpenAlert[],
): Trouble[] {
  if (state.removing !== null || counts.spares > 0 || target.spares === 0) return [];
  const isTold = open.some(({ kind, severity }) => kind === "noSpares" && severity !== null);
  if (!isTold && !(hasEverServed(state) && hasLooked(state))) return [];
  const { sessions, busy, unknown } = counts;
  const silent = unknown === 0 ? "" : `, ${many(unknown, "server")} ${areOf(unknown)} silent`;
  return [
    {
      kind: "noSpares",
      subject: "",
      since: state.now,
      toldAfterMs: 0,
      what: `New sessions cannot start: no spare is left. ${many(sessions, "session")} ${areOf(sessions)} on ${many(busy, "busy server")}${silent}; the target is ${many(target.spares, "spare")}.`,
      ...helpOnTheWay(state, counts, blockers),
    },
  ];
}

function helpOnTheWay(
  state: State,
  { launching, waiting }: Tally,
  blockers: readonly Blocker[],
): Pick<Trouble, "doing" | "canDo"> {
  const telling = blockers.map((blocker) => ({ blocker, told: tellingOf(blocker.guard) }));
  const hindered = telling.find(({ blocker }) => HOLDS_LAUNCHES.has(blocker.guard));
  const paused = state.pauses.find(({ what }) => what === "launch");
  const watch = `see what is on its way with GET ${path(state)}/instances`;
  if (state.spec.mode === "observe")
    return {
      doing: 'Lightfleet launches nothing: the spec says "mode": "observe".',
      canDo: `You can set "mode": "active" ${inSpec(state)}.`,
    };
  if (launching > waiting)
    return {
      doing: `Lightfleet is launching ${many(launching - waiting, "server")}; a server is ready some minutes after its launch.`,
      canDo: `You can wait for them, and ${watch}.`,
    };
  if (paused !== undefined && blockers.some(({ guard }) => guard === "paused"))
    return {
      doing: `Lightfleet launches nothing: ${paused.actor} paused it (${paused.reason}).`,
      canDo: `You can let it launch again with POST ${path(state)}/resume {"what":["launch"]}.`,
    };
  if (hindered?.told)
    return {
      doing: `Lightfleet launches nothing just now. ${hindered.told.words(hindered.blocker, state).what}`,
      canDo: hindered.told.words(hindered.blocker, state).canDo,
    };
  return {
    doing: "Lightfleet launches what is missing in its next ticks.",
    canDo: `You can wait some minutes, and ${watch}.`,
  };
}

/** A fleet that is younger than its first spare is no trouble. */
function hasEverServed(state: State): boolean {
  return [...state.instances.values()].some(({ readyAt }) => readyAt !== null);
}

/** After a cold start nothing is known of servers that nobody has asked yet. */
function hasLooked(state: State): boolean {
  const { freshness } = state.memory;
  const asked = [...state.instances.values()].filter(
    ({ phase, stoppedSince, publicIp }) =>
      phase === "ready" && stoppedSince === null && publicIp !== null,
  );
  return asked.length === 0 || asked.some(({ name }) => freshness.has(name));
}

function heldBack(state: State, blocker: Blocker): Trouble[] {
  const telling = tellingOf(blocker.guard);
  if (telling === null) return [];
  const { kind, toldAfterMs, words } = telling;
  const subject = kind === "guard" ? blocker.guard : "";
  return [{ kind, subject, since: state.now, toldAfterMs, ...words(blocker, state) }];
}

/** Only the highest step that is reached. While prices are not known, what was told goes on. */
function spend(state: State, open: readonly OpenAlert[]): Trouble[] {
  const { maxMonthlyUsd: limit } = state.spec.limits;
  if (limit === null || limit === 0) return [];
  const { spent, committed, priced } = spendOf(state);
  if (!priced) return open.filter(({ kind }) => kind === "spend").map((each) => goesOn(each));
  const step = SPEND_STEPS.findLast((share) => spent >= share * limit);
  if (step === undefined) return [];
  return [
    {
      kind: "spend",
      subject: `${Math.round(step * 100)} %`,
      since: state.now,
      toldAfterMs: 0,
      what: `${Math.floor((spent / limit) * 100)} % of the month's limit is spent: ${dollars(spent)} of ${dollars(limit)}. What runs now would come to ${dollars(committed)} by the end of the month.`,
      doing: "Lightfleet launches nothing that would break the limit; what runs goes on.",
      canDo: `You can change limits.maxMonthlyUsd ${inSpec(state)}, or lower the target with PUT ${path(state)}/target.`,
    },
  ];
}

function goesOn({ kind, subject, since, what, canDo }: OpenAlert): Trouble {
  return { kind, subject, since, toldAfterMs: 0, what, doing: "", canDo };
}

/** After a cold start nobody has looked yet. */
function strangers(state: State, open: readonly OpenAlert[]): Trouble[] {
  if (state.memory.listedAt === null)
    return open.filter(({ kind }) => kind === "stranger").map((each) => goesOn(each));
  return state.memory.strangers.map(({ name, owner }) => ({
    kind: "stranger",
    subject: name,
    since: state.now,
    toldAfterMs: 0,
    what: `A server may be billed that nobody manages: ${name} is named like this fleet's, and ${owner === null ? "has not its tags" : `carries the tag of ${owner}`}.`,
    doing: "Lightfleet leaves it alone, and does not count it.",
    canDo:
      owner === null
        ? `You can have it managed with POST ${path(state)}/instances/${name}/adopt, or delete it in the Lightsail console if it is not needed.`
        : `You can look with GET /v1/fleets whether that fleet still exists; if it does not, delete the server in the Lightsail console.`,
  }));
}

/** As one: what AWS does to one instance it can do to all of them. */
function unreadServers(state: State, open: readonly OpenAlert[]): Trouble[] {
  if (state.memory.listedAt === null)
    return open.filter(({ kind }) => kind === "unread").map((each) => goesOn(each));
  const { instances } = state.memory.unread;
  const [first] = instances;
  if (first === undefined) return [];
  const count = instances.length;
  return [
    {
      kind: "unread",
      subject: "",
      since: state.now,
      toldAfterMs: UNREAD_TOLD_AFTER_MS,
      what: `AWS gives ${many(count, "server")} that may be this fleet's in a form that cannot be read, such as ${idOf(first)} (${first.what}).`,
      doing:
        "Lightfleet neither deletes nor changes such a server, and does not take it for gone; all others are run as ever.",
      canDo: `You can look at it with \`aws lightsail get-instances --region ${state.spec.region}\`, and open a case with AWS if it stays; GET ${path(state)} lists all of them under \`unread\`.`,
    },
  ];
}

function tooLong(state: State, counts: Tally, row: Instance): Trouble[] {
  return [
    ...busyForLong(state, row),
    // Of blind eyes people are told as a whole.
    ...(counts.blind ? [] : unknownForLong(state, row)),
    ...drainingForLong(state, row),
    ...protectedForLong(state, row),
  ];
}

function busyForLong(state: State, { name, phase, busySince, sessions }: Instance): Trouble[] {
  if (busySince === null || sessions === 0) return [];
  if (phase !== "ready" && phase !== "draining") return [];
  return lasting(state, state.spec.alerts.busyForHours * HOUR_MS, {
    kind: "busyForLong",
    subject: name,
    since: busySince,
    what: `${name} has been busy for ${lasted(state.now - busySince)}: ${many(sessions, "session")}, or a media server that no longer counts right.`,
    doing: "Lightfleet never deletes a busy server.",
    canDo: `You can ask the media server itself; to retire it when its sessions end: POST ${path(state)}/instances/${name}/drain.`,
  });
}

function unknownForLong(state: State, row: Instance): Trouble[] {
  const { name, phase, stoppedSince, sessions } = row;
  if ((phase !== "ready" && phase !== "draining") || stoppedSince !== null) return [];
  if (occupancyOf(state, row) !== "unknown" || isUnasked(state, row)) return [];
  const since = state.memory.freshness.get(name)?.readAt ?? state.now;
  const alerts = state.spec.alerts;
  const had = sessions === 0 ? "" : `, and had ${many(sessions, "session")} when it last did`;
  return [
    {
      kind: "unknownForLong",
      subject: name,
      since,
      toldAfterMs: alerts.unknownForMinutes * MINUTE_MS,
      what: `${name} has not answered for ${lasted(Math.max(state.now - since, alerts.unknownForMinutes * MINUTE_MS))}${had}.`,
      doing: "Lightfleet keeps it, for it may have sessions, and launches another in its place.",
      canDo: `You can ask it yourself: ${curlOf(state, row)}. If you know that it is dead: POST ${path(state)}/instances/${name}/delete {"force":true,"reason":"..."}.`,
    },
  ];
}

function drainingForLong(state: State, row: Instance): Trouble[] {
  const { name, phase, cordonedAt, phaseSince, sessions, drainHold } = row;
  if (phase !== "draining") return [];
  const since = cordonedAt ?? phaseSince;
  const waits = drainHold
    ? "an operator holds it there"
    : sessions > 0
      ? `it waits for ${many(sessions, "session")}`
      : "it is not confirmed empty";
  const instance = `${path(state)}/instances/${name}`;
  return lasting(state, state.spec.alerts.drainingForHours * HOUR_MS, {
    kind: "drainingForLong",
    subject: name,
    since,
    what: `${name} has been draining for ${lasted(state.now - since)}, and is billed on: ${waits}.`,
    doing: drainHold
      ? "Lightfleet keeps it for as long as the operator holds it."
      : "Lightfleet deletes it when two readings say that it is empty.",
    canDo: `You can put it back to work with POST ${instance}/undrain, or end its sessions with POST ${instance}/delete {"force":true,"reason":"..."}.`,
  });
}

function protectedForLong(state: State, row: Instance): Trouble[] {
  const { name, protectedSince, protectedBy } = row;
  if (!isProtected(row) || protectedSince === null) return [];
  const by = protectedBy === null ? "by its tag" : `by ${protectedBy}`;
  return lasting(state, state.spec.alerts.protectedForHours * HOUR_MS, {
    kind: "protectedForLong",
    subject: name,
    since: protectedSince,
    what: `${name} has been protected for ${lasted(state.now - protectedSince)} (${by}), and is billed on whether it is needed or not.`,
    doing: "Lightfleet never deletes a protected server.",
    canDo: `You can free it with POST ${path(state)}/instances/${name}/unprotect${row.protectedByTag ? ", and by taking its tag lightfleet:protect off" : ""}.`,
  });
}

function pausedForLong(state: State): Trouble[] {
  const active = state.pauses.filter(({ until }) => until === null || until > state.now);
  const [first] = active.toSorted((a, b) => a.since - b.since);
  if (first === undefined) return [];
  const what = active.map((pause) => pause.what);
  return lasting(state, state.spec.alerts.pausedForHours * HOUR_MS, {
    kind: "pausedForLong",
    subject: "",
    since: first.since,
    what: `The fleet has been paused for ${lasted(state.now - first.since)} (${what.join(", ")}), by ${first.actor}: ${sentence(first.reason)}`,
    doing: "Lightfleet does nothing of what is paused, whatever demand does.",
    canDo: `You can end the pause with POST ${path(state)}/resume.`,
  });
}

/** What has lasted for so long already. */
function lasting(state: State, forMs: number, trouble: Omit<Trouble, "toldAfterMs">): Trouble[] {
  return state.now - trouble.since < forMs ? [] : [{ ...trouble, toldAfterMs: 0 }];
}
