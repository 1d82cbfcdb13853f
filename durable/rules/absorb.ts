/**
 * What was seen goes into the rows and leases: listing, look-ups, readings, tag, and what the calls themselves
 * tell of AWS's limits. A hole changes nothing but the memory that nothing was seen.
 */
import { wordAfter } from "./addresses.ts";
import { believable } from "./absurd.ts";
import { absorbAdoptions } from "./absorb-adoptions.ts";
import { absorbListing, absorbUnread, follow } from "./absorb-listing.ts";
import { sweepLeases } from "./absorb-leases.ts";
import { absorbOperation } from "./absorb-operations.ts";
import { absorbReadings } from "./absorb-readings.ts";
import { absorbTag } from "./absorb-tag.ts";
import { learn } from "./budget.ts";
import { forgetChecks } from "./checks.ts";
import { failingEnds } from "./failing.ts";
import { refusalIn } from "./hole.ts";
import { EVERY_CALL, holdsAfterSuccess, keyHeld, without } from "./holds.ts";
import { BOOTS_KEPT } from "./looks.ts";
import type { Bundle, Instance } from "./model.ts";
import { needsWord } from "./retire.ts";
import { apply, type Moves, NO_MOVES, type State } from "./state.ts";
import { Steps } from "./steps.ts";
import { change, PROBED, transition } from "./transition.ts";
import { learnTurns } from "./turns.ts";
import type {
  BundlesReading,
  CloudInstance,
  LookUp,
  Observation,
  OperationReading,
} from "./world.ts";

export function absorb(state: State, seen: Observation): Moves {
  const observation = { ...seen, readings: believable(state, seen.readings) };
  const steps: readonly ((state: State) => Moves)[] = [
    (now) => ({ ...NO_MOVES, memory: { budget: learn(now.memory.budget, observation.calls) } }),
    // Before anything changes the rows of which the watch has spoken.
    (now) => ({ ...NO_MOVES, memory: { turns: learnTurns(now, observation) } }),
    (now) => absorbAccess(now, observation),
    (now) => absorbListing(now, observation.listing),
    (now) => absorbLookUps(now, observation.lookUps),
    forgetMoved,
    (now) => absorbOperations(now, observation.operations ?? []),
    (now) => creationsSeen(now, state),
    (now) => absorbBoots(now, state, observation),
    (now) => absorbAdoptions(now, observation.lookUps),
    (now) => sweepLeases(now, observation.readings),
    (now) => absorbReadings(now, observation.readings),
    (now) => absorbTag(now, observation.tag),
    (now) => absorbBundles(now, observation.bundles),
    forgetWords,
    forgetChecks,
  ];
  const made = new Steps(state);
  for (const step of steps) made.take(step);
  return made.moves;
}

/** A part of a listing that was read while the hands were at work: what it shows holds as in any other look. */
export function absorbAhead(state: State, observation: Observation): Moves {
  const steps = new Steps(state);
  steps.take((now) => ({
    ...NO_MOVES,
    memory: { budget: learn(now.memory.budget, observation.calls) },
  }));
  steps.take((now) => absorbListing(now, observation.listing));
  steps.take(forgetMoved);
  steps.take((now) => creationsSeen(now, state));
  steps.take((now) => absorbBoots(now, state, observation));
  return steps.moves;
}

/** A key that AWS refused to the listing holds back every change, until AWS answers a listing again. */
function absorbAccess(state: State, { listing, lookUps }: Observation): Moves {
  if (listing.kind === "complete")
    return {
      ...NO_MOVES,
      state: without(
        state,
        ({ guard, subject }) => guard === "credentials" && subject === EVERY_CALL,
      ),
    };
  const hole = listing.kind === "partial" ? listing.hole : null;
  const steps = new Steps(state);
  if (hole?.rejection === "credentials")
    steps.take((now) => ({ ...NO_MOVES, state: keyHeld(now, EVERY_CALL, refusalIn(hole)) }));
  steps.take((now) => absorbLookUpAccess(now, lookUps));
  return steps.moves;
}

/** A right to look instances up that is missing holds back nothing but what waits for a look-up. */
function absorbLookUpAccess(state: State, lookUps: readonly LookUp[]): Moves {
  const refused = lookUps.flatMap((lookUp) =>
    lookUp.kind === "hole" && lookUp.hole.rejection === "credentials" ? [lookUp.hole] : [],
  );
  const [first] = refused;
  if (first !== undefined) return { ...NO_MOVES, state: keyHeld(state, LOOK_UP, refusalIn(first)) };
  if (!lookUps.some(({ kind }) => kind !== "hole")) return NO_MOVES;
  return {
    ...NO_MOVES,
    state: without(state, ({ guard, subject }) => guard === "credentials" && subject === LOOK_UP),
  };
}

/** The subject of the hold of a key that may not look single instances up. */
const LOOK_UP = "lookUp";

/**
 * A create has got through when its server runs: AWS can accept it, and fail afterwards.
 * @param before the state before anything of this look was taken in
 */
function creationsSeen(state: State, before: State): Moves {
  const steps = new Steps(state);
  for (const { name, phase } of before.instances.values()) {
    const row = phase === "starting" ? state.instances.get(name) : undefined;
    if (row === undefined || row.phase === "starting" || row.phase === "lost") continue;
    steps.take((now) => ({
      ...NO_MOVES,
      state: {
        ...holdsAfterSuccess(now, { kind: "create", zone: row.zone }),
        ...failingEnds(now, "create"),
      },
    }));
  }
  return steps.moves;
}

/** What became of creates that AWS had accepted: one that failed is no server, and its name is free. */
function absorbOperations(state: State, readings: readonly OperationReading[]): Moves {
  if (readings.length === 0) return NO_MOVES;
  const steps = new Steps(state);
  steps.take((now) => ({ ...NO_MOVES, memory: { operationsAskedAt: askedNow(now, readings) } }));
  for (const reading of readings) steps.take((now) => absorbOperation(now, reading));
  return steps.moves;
}

/** Only of servers that are still on their way. */
function askedNow(
  { memory, instances, beganAt }: State,
  readings: readonly OperationReading[],
): ReadonlyMap<string, number> {
  const kept = [...memory.operationsAskedAt].filter(
    ([name]) => instances.get(name)?.phase === "starting",
  );
  return new Map([...kept, ...readings.map(({ name }) => [name, beganAt] as const)]);
}

/** A name that may exist is read back: ours is taken over, a stranger's is left, absent is tried again. */
function absorbLookUps(state: State, lookUps: readonly LookUp[]): Moves {
  const made = new Steps(state);
  for (const lookUp of lookUps) made.take((now) => absorbLookUp(now, lookUp));
  return made.moves;
}

function absorbLookUp(state: State, lookUp: LookUp): Moves {
  const row = state.instances.get(lookUp.name);
  if (row === undefined) return NO_MOVES;
  if (state.memory.unread.rows.has(row.name)) return absorbUnread(state, row, lookUp);
  if (row.phase === "starting") return absorbPoll(state, row, lookUp);
  if (PROBED.has(row.phase) || row.phase === "deleting") return absorbWord(state, row, lookUp);
  if (lookUp.kind === "hole" || row.phase !== "planned" || !row.mayExist) return NO_MOVES;
  if (lookUp.kind === "absent") {
    if (lookUp.startedAt <= row.changedAt) return NO_MOVES;
    return { ...NO_MOVES, rows: [change(row, state.now, { mayExist: false })] };
  }
  if (lookUp.kind === "found" && lookUp.instance.owner === state.identity.owner)
    return followed(state, row, lookUp.instance);
  const { arn, owner } = lookUp.kind === "found" ? lookUp.instance : lookUp;
  return {
    ...NO_MOVES,
    rows: [transition(row, "gone", state.now, { goneAt: state.now })],
    events: [
      {
        kind: "nameClash",
        instance: row.name,
        message: `${row.name} belongs to somebody else; it is left alone and another name is used`,
        data: { arn, owner },
      },
    ],
  };
}

/** A server was asked for by name because of its address. That it is absent, only listings say. */
function absorbWord(state: State, row: Instance, lookUp: LookUp): Moves {
  const isOurs =
    lookUp.kind === "found" &&
    lookUp.instance.owner === state.identity.owner &&
    lookUp.instance.arn === row.arn;
  const moves = isOurs ? followed(state, row, lookUp.instance) : NO_MOVES;
  const next = moves.rows[0] ?? row;
  // By the readings of earlier looks: those of this one have not been taken in yet.
  if (!needsWord(apply(state, moves), next)) return moves;
  return { ...moves, memory: { ...moves.memory, words: wordAfter(state, next, lookUp) } };
}

/**
 * What was read at an address that a row has not any more says nothing of it. That it was silent there stays: nobody
 * has heard of it since, so a move gives blind eyes no sight.
 */
function forgetMoved(state: State): Moves {
  const { freshness, words } = state.memory;
  const moved = [...state.instances.values()].filter(
    ({ name, movedTick }) => movedTick === state.tick && (freshness.has(name) || words.has(name)),
  );
  if (moved.length === 0) return NO_MOVES;
  const names = new Set(moved.map(({ name }) => name));
  const left = <T>(all: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...all].filter(([name]) => !names.has(name)));
  const silent = [...freshness].filter(
    ([name, { goodInRow }]) => names.has(name) && goodInRow === 0,
  );
  const kept = new Map([...left(freshness), ...silent]);
  return { ...NO_MOVES, memory: { freshness: kept, words: left(words) } };
}

/** AWS's word is of use only as long as its server is empty: after a reading that says otherwise it is asked anew. */
function forgetWords(state: State): Moves {
  const { words } = state.memory;
  const left = [...words].filter(([name]) => {
    const row = state.instances.get(name);
    return row !== undefined && needsWord(state, row);
  });
  return left.length === words.size ? NO_MOVES : { ...NO_MOVES, memory: { words: new Map(left) } };
}

/** A booting server was asked for by name. That it is absent, only listings say. */
function absorbPoll(state: State, row: Instance, lookUp: LookUp): Moves {
  if (lookUp.kind === "absent" && row.arn === null)
    // Then AWS is asked what became of its create (`watch.ts`).
    return { ...NO_MOVES, memory: { unlisted: new Set([...state.memory.unlisted, row.name]) } };
  if (lookUp.kind !== "found" || lookUp.instance.owner !== state.identity.owner) return NO_MOVES;
  const { instance } = lookUp;
  if (row.arn !== null && row.arn !== instance.arn) return NO_MOVES;
  const moves = followed(state, row, instance);
  const unlisted = new Set(state.memory.unlisted);
  unlisted.delete(row.name);
  return { ...moves, memory: { ...moves.memory, unlisted } };
}

function followed(state: State, row: Instance, instance: CloudInstance): Moves {
  const [next, event] = follow(state, row, instance);
  return {
    ...NO_MOVES,
    rows: next === null ? [] : [next],
    events: event === null ? [] : [event],
  };
}

/** How long boots take, and which of those that were looked at are not over. */
function absorbBoots(state: State, before: State, observation: Observation): Moves {
  const { memory } = before;
  const seen = seenIn(observation);
  const starting = [...before.instances.values()].filter(({ phase }) => phase === "starting");
  const names = new Set(starting.map(({ name }) => name));
  const pendingAt = new Map([...memory.pendingAt].filter(([name]) => names.has(name)));
  const took: number[] = [];
  for (const { name, phaseSince } of starting) {
    const isBooting = state.instances.get(name)?.phase === "starting";
    if (!isBooting) took.push(state.now - phaseSince);
    else if (seen.has(name)) pendingAt.set(name, state.beganAt);
  }
  const polled = observation.lookUps.some(({ name }) => names.has(name));
  return {
    ...NO_MOVES,
    memory: {
      pendingAt,
      boots: took.length === 0 ? memory.boots : [...memory.boots, ...took].slice(-BOOTS_KEPT),
      ...(polled ? { polledAt: state.beganAt } : {}),
    },
  };
}

function seenIn({ listing, lookUps }: Observation): ReadonlySet<string> {
  const listed = listing.kind === "none" ? [] : listing.instances.map(({ name }) => name);
  const found = lookUps.flatMap(({ kind, name }) => (kind === "found" ? [name] : []));
  return new Set([...listed, ...found]);
}

/** Prices that are known stay until there are others: a failed look makes nothing cheaper. */
function absorbBundles(state: State, reading: BundlesReading): Moves {
  if (reading.kind === "none") return NO_MOVES;
  const asked = { bundlesAskedAt: state.now };
  if (reading.kind === "hole")
    return { ...NO_MOVES, memory: { ...asked, bundlesTrouble: reading.hole.detail } };
  const known = [...state.bundles.values()];
  const bundles = new Map([...known, ...reading.bundles].map((bundle) => [bundle.id, bundle]));
  return {
    ...NO_MOVES,
    memory: { ...asked, bundlesReadAt: reading.at, bundlesTrouble: null },
    state: reading.bundles.every((bundle) => isSame(state.bundles.get(bundle.id), bundle))
      ? {}
      : { bundles },
  };
}

function isSame(known: Bundle | undefined, bundle: Bundle): boolean {
  return known?.usdPerMonth === bundle.usdPerMonth && known.vcpus === bundle.vcpus;
}
