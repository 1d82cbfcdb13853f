/**
 * What a listing tells. Present: the row follows it. Ours without a row: adopted. Absent: only a
 * complete listing says so, and only twice. A partial listing speaks of what it holds, and of nothing else.
 */
import { isTakenBackByAddress } from "./addresses.ts";
import { adopt } from "./adopt.ts";
import { driftOf } from "./drift.ts";
import { ENDING, factsOf } from "./facts.ts";
import { unseenAfter } from "./hole.ts";
import { ABSENT_APART_MS, ABSENT_MIN_AGE_MS, EMPTY_APART_MS, LOST_FOR_MS } from "./limits.ts";
import type { Instance } from "./model.ts";
import { occupancyOf } from "./occupancy.ts";
import { assembled, type Unread } from "./scan.ts";
import { apply, type EventDraft, join, type Moves, NO_MOVES, type State } from "./state.ts";
import { change, type Changes, LAUNCHING, NOT_DRAINING, PROBED, transition } from "./transition.ts";
import { isAnswered } from "./wanted-calls.ts";
import { idOf, isShownIn, lookedUp, readNow, unreadOf } from "./unread.ts";
import type { CloudInstance, Listing, LookUp } from "./world.ts";

export function absorbListing(state: State, look: Listing): Moves {
  if (look.kind === "none") return NO_MOVES;
  const { listing, present, scan } = assembled(state.memory, look);
  const seen = new Map(
    look.instances
      .filter((instance) => isOf(state.instances.get(instance.name), instance))
      .map((instance) => [instance.name, instance]),
  );
  const shown = followAll(state, look, seen);
  const begun = state.memory.scan === null ? { scannedAt: state.beganAt } : {};
  const scanned = { ...NO_MOVES, memory: { scan, ...begun } };
  if (listing.kind === "complete") {
    const isThere = (name: string, arn: string): boolean =>
      isOf(state.instances.get(name), { arn });
    const there = new Set([...present].flatMap(([arn, name]) => (isThere(name, arn) ? name : [])));
    return join(join(shown, scanned), concluded(apply(state, shown), listing, there));
  }
  const doubt = listing.kind === "partial" ? listing.hole : null;
  const memory = {
    ...(doubt === null
      ? { unseen: null }
      : {
          listingTrusted: false,
          listingTrouble: doubt.detail,
          unseen: unseenAfter(state.memory.unseen, doubt, state.beganAt),
        }),
    absentSince: new Map([...state.memory.absentSince].filter(([name]) => !seen.has(name))),
    unlisted: new Set([...state.memory.unlisted].filter((name) => !seen.has(name))),
    unread: readNow(state.memory.unread, seen.keys()),
  };
  return join(join(shown, scanned), { ...NO_MOVES, memory });
}

type Look = Exclude<Listing, { kind: "none" }>;
type Seen = ReadonlyMap<string, CloudInstance>;

/** What is shown is there: rows follow it, and what has no row is adopted. */
function followAll(state: State, look: Look, seen: Seen): Moves {
  const known = state.memory.driftSince;
  const driftSince = new Map([...known].filter(([name]) => !seen.has(name)));
  const told: Told[] = [];
  for (const instance of seen.values()) {
    const row = state.instances.get(instance.name);
    if (row === undefined || row.phase === "lost") told.push(adopt(state, instance, row));
    else {
      const drift = isServing(row)
        ? driftOf(state, row, instance, look.startedAt)
        : { since: known.get(row.name) ?? null, changes: {}, differs: null };
      if (drift.since !== null) driftSince.set(row.name, drift.since);
      told.push(follow(state, row, instance, drift.changes));
      if (drift.differs !== null) told.push([null, driftEvent(row, drift.differs)]);
    }
  }
  return { ...NO_MOVES, ...movesOf(told), memory: { driftSince } };
}

function driftEvent({ name }: Instance, differs: string): EventDraft {
  const message = `${name} is not as the spec says, and it is put right: ${differs}`;
  return { kind: "drift", instance: name, message };
}

function movesOf(told: readonly Told[]): Pick<Moves, "rows" | "events"> {
  return {
    rows: told.flatMap(([row]) => row ?? []),
    events: told.flatMap(([, event]) => event ?? []),
  };
}

/** A row that a listing left unread was looked up by name. What was found is there, and what was not counts as missed. */
export function absorbUnread(state: State, row: Instance, lookUp: LookUp): Moves {
  const { memory, now } = state;
  const unread = lookedUp(memory.unread, [row.name]);
  if (lookUp.kind === "hole") return { ...NO_MOVES, memory: { unread } };
  const { owner } = state.identity;
  if (lookUp.kind === "found" && lookUp.instance.owner === owner && isOf(row, lookUp.instance)) {
    const { instance } = lookUp;
    const told = row.phase === "lost" ? adopt(state, instance, row) : follow(state, row, instance);
    const absentSince = new Map([...memory.absentSince].filter(([name]) => name !== row.name));
    const read = readNow(unread, [row.name]);
    return { ...NO_MOVES, ...movesOf([told]), memory: { unread: read, absentSince } };
  }
  const startedAt = lookUp.kind === "absent" ? lookUp.startedAt : now;
  const since = missedSince(state, row, startedAt, memory.absentSince.get(row.name) ?? null);
  if (since === null) return { ...NO_MOVES, memory: { unread } };
  const absentSince = new Map([...memory.absentSince, [row.name, since]]);
  const told = miss(state, row, since, { startedAt }, true);
  return { ...NO_MOVES, ...movesOf([told]), memory: { unread, absentSince } };
}

/** A whole listing says who is absent. */
function concluded(state: State, listing: Complete, there: ReadonlySet<string>): Moves {
  const { memory } = state;
  const absentSince = new Map<string, number>();
  const unlisted = new Set<string>();
  const unread = unreadOf(state, listing.unread, there);
  const listingTrusted = !suspiciouslyEmpty(state, there, unread);
  const emptySince = listingTrusted ? null : (memory.emptySince ?? listing.startedAt);
  const told: Told[] = [];
  for (const row of state.instances.values()) {
    if (there.has(row.name)) continue;
    // Of one that was planned after the listing began it says nothing.
    const isOlder = row.plannedAt < listing.startedAt && !unread.rows.has(row.name);
    if (isOlder || memory.unlisted.has(row.name)) unlisted.add(row.name);
    const before = memory.absentSince.get(row.name) ?? null;
    if (unread.rows.has(row.name)) {
      // Whether it is absent, a look at it alone says.
      if (before !== null && !isShownIn(unread, row)) absentSince.set(row.name, before);
      continue;
    }
    // Of empty answers there is one count for all; each row has a share in it from its own last change on.
    const counted = emptySince === null ? before : Math.max(emptySince, row.changedAt + 1);
    const since = missedSince(state, row, listing.startedAt, counted);
    // What an empty answer lacks is counted apart: it begins no count of another listing's.
    const kept = listingTrusted ? since : before;
    if (kept !== null) absentSince.set(row.name, kept);
    if (since !== null) told.push(miss(state, row, since, listing, listingTrusted));
  }
  const { rows, events } = movesOf(told);
  return {
    ...NO_MOVES,
    rows,
    events: [...events, ...strangerEvents(state, listing), ...unreadEvents(state, unread)],
    state: { listed: true, ...adoptionsLeft(state, there) },
    memory: {
      unlisted,
      absentSince,
      emptySince,
      listedAt: listing.startedAt,
      listedTick: state.tick,
      listedPages: listing.pages,
      listingTrusted,
      listingTrouble: null,
      unseen: null,
      driftSince: new Map([...memory.driftSince].filter(([name]) => there.has(name))),
      strangers: listing.strangers,
      unread,
    },
  };
}

/**
 * Another ARN under a name of ours is another instance: ours is not there any more. Once that is known,
 * the other one carries our tags like any that has no row.
 */
function isOf(row: Instance | undefined, { arn }: Pick<CloudInstance, "arn">): boolean {
  return row === undefined || row.phase === "lost" || row.arn === null || row.arn === arn;
}

/** A server at work, with nothing of ours under way that would change what AWS shows of it. */
function isServing(row: Instance): boolean {
  return PROBED.has(row.phase) && row.command === null;
}

/** An adoption is over when the instance is listed with our tags. */
function adoptionsLeft(
  { adoptions }: State,
  seen: ReadonlySet<string>,
): Pick<Moves["state"], "adoptions"> {
  const left = adoptions.filter(({ name }) => !seen.has(name));
  return left.length === adoptions.length ? {} : { adoptions: left };
}

/** Each is reported once in the life of the object; the status shows all that there are. */
function strangerEvents(state: State, { strangers }: Complete): EventDraft[] {
  const known = new Set(state.memory.strangers.map(({ arn }) => arn));
  return strangers
    .filter(({ arn }) => !known.has(arn))
    .map(({ name, arn, owner }) => ({
      kind: "stranger",
      instance: name,
      message: `${name} looks like ours by its name, and has not our tags: it is left alone`,
      data: { arn, owner },
    }));
}

/** Each is reported once while it lasts. */
function unreadEvents(state: State, { instances }: Unread): EventDraft[] {
  const known = new Set(state.memory.unread.instances.map((each) => idOf(each)));
  return instances
    .filter((each) => !known.has(idOf(each)))
    .map((each) => ({
      kind: "unread",
      instance: each.name,
      message: `AWS gives ${idOf(each)} in a form that cannot be read (${each.what}): it is left alone until it can`,
      data: { arn: each.arn },
    }));
}

type Complete = Extract<Listing, { kind: "complete" }>;
type Told = [row: Instance | null, event: EventDraft | null];

/** The row as it is after AWS was seen to hold `instance` under its name. */
export function follow(
  state: State,
  row: Instance,
  instance: CloudInstance,
  drift: Changes = {},
): Told {
  const facts = { ...factsOf(state, row, instance), ...drift };
  if (row.phase === "planned") {
    if (ENDING.has(instance.state)) return [null, null];
    const started = transition(row, "starting", state.now, { ...facts, step: "address" });
    return [
      started,
      { kind: "created", instance: row.name, message: `${row.name} exists in ${instance.zone}` },
    ];
  }
  if (isTakenBackByAddress(row, facts) && !ENDING.has(instance.state) && !isAnswered(row))
    return takenBack(state, row, facts);
  const hasAddress = instance.state === "running" && instance.publicIp !== null;
  if (row.phase === "starting" && hasAddress) {
    const next = transition(row, "configuring", state.now, { ...facts, step: "ports" });
    return [next, null];
  }
  if (isTakenBackByTag(row, facts)) {
    const back = transition(row, "ready", state.now, { ...facts, ...NOT_DRAINING });
    return [
      back,
      {
        kind: "drainEnded",
        instance: row.name,
        message: `${row.name} is protected by its tag now: its drain is called off`,
      },
    ];
  }
  const isStopped = facts.stoppedSince !== null && row.stoppedSince === null;
  return [
    differs(row, facts) ? change(row, state.now, facts) : null,
    isStopped ? stoppedEvent(row, instance) : null,
  ];
}

/** Whatever its delete rested on came from another address than it has now. */
function takenBack(state: State, row: Instance, facts: Changes): Told {
  const { name, drainReason } = row;
  const back = { deletingAt: null, restsOnReply: false };
  return [
    transition(row, "draining", state.now, { ...facts, ...back }),
    {
      kind: "drain",
      instance: name,
      message: `drain ${name} again: its address has changed before its delete was made`,
      data: { reason: drainReason },
    },
  ];
}

/** A drain of the fleet's own ends when somebody protects the server: it would lead nowhere. */
function isTakenBackByTag(row: Instance, { protectedByTag }: Changes): boolean {
  const itsOwn = row.drainReason === "surplus" || row.drainReason === "replace";
  return row.phase === "draining" && itsOwn && protectedByTag === true && !row.protectedByTag;
}

function stoppedEvent({ name }: Instance, { state }: CloudInstance): EventDraft {
  return { kind: "stopped", instance: name, message: `${name} is ${state}, and not by us` };
}

function differs(row: Instance, facts: Changes): boolean {
  const before: Readonly<Record<string, unknown>> = { ...row };
  return Object.entries(facts).some(([key, value]) => before[key] !== value);
}

/** Since which listing the row counts as missing; null where its absence says nothing (yet). */
function missedSince(
  state: State,
  row: Instance,
  startedAt: number,
  since: number | null,
): number | null {
  if (row.phase === "planned" || row.phase === "lost")
    return row.phase === "lost" ? startedAt : null;
  if (startedAt <= row.changedAt) return null;
  // It has not our tags yet: that is what it waits for.
  if (state.adoptions.some(({ name }) => name === row.name)) return null;
  if (row.phase !== "deleting") {
    if (startedAt - row.plannedAt < ABSENT_MIN_AGE_MS) return null;
    // A media server that answers is there, whatever the listing says.
    if (occupancyOf(state, row) !== "unknown") return null;
  }
  return since === null || since <= row.changedAt ? startedAt : since;
}

/** An empty answer, where several instances should be, is a fault until it has lasted. */
function suspiciouslyEmpty(state: State, there: ReadonlySet<string>, unread: Unread): boolean {
  if (there.size > 0) return false;
  const expected = [...state.instances.values()].filter(({ phase }) => PROBED.has(phase));
  if (expected.some((row) => isShownIn(unread, row))) return false;
  return expected.length > 1;
}

/** Absent in two complete listings: an instance that we deleted is gone, any other is lost. */
function miss(
  state: State,
  row: Instance,
  since: number,
  { startedAt }: Pick<Complete, "startedAt">,
  isTrusted: boolean,
): Told {
  if (row.phase === "lost") {
    if (state.now - row.phaseSince < LOST_FOR_MS) return [null, null];
    return [transition(row, "gone", state.now, { goneAt: state.now }), null];
  }
  if (startedAt <= since) return [null, null];
  if (row.phase === "deleting")
    return [
      transition(row, "gone", state.now, { goneAt: state.now }),
      { kind: "deleted", instance: row.name, message: `${row.name} is gone` },
    ];
  const apartMs = isTrusted ? ABSENT_APART_MS : EMPTY_APART_MS;
  if (startedAt - since < apartMs) return [null, null];
  const launching = LAUNCHING.has(row.phase) ? " before it was ready" : "";
  return [
    transition(row, "lost", state.now, { lastError: "no longer listed, and not by us" }),
    {
      kind: "lost",
      instance: row.name,
      message: `${row.name} is no longer listed, and we did not delete it${launching}`,
      data: { sessions: row.sessions, absentSince: since },
    },
  ];
}
