/**
 * One decision, from what is: the parent with the order and the ifs. Its steps are pure, each from
 * the state to moves, and each sees what the one before has done.
 */
import { absorb } from "./absorb.ts";
import { giveUpBoots } from "./boots.ts";
import { standing } from "./guard.ts";
import { earlyOf } from "./coming.ts";
import type { Blocker, GuardName } from "./model.ts";
import { type Tally, tally } from "./occupancy.ts";
import { provision } from "./provision.ts";
import { removeAll } from "./remove.ts";
import { callOffOverbooked, cordonSurplus, finishDrains } from "./retire.ts";
import { replaceOutdated, rolloutOf, stoppedRollout } from "./rollout.ts";
import { followSchedule } from "./schedule.ts";
import { size, supply } from "./size.ts";
import { retireStopped } from "./stopped.ts";
import { apply, join, type Moves, NO_MOVES, type State } from "./state.ts";
import { Steps } from "./steps.ts";
import { type Target, targetOf } from "./target.ts";
import { sizeWanted, type Wanted, wordsOf } from "./wanted.ts";
import type { Observation } from "./world.ts";

export interface Plan {
  readonly moves: Moves;
  /** The state after the moves. */
  readonly after: State;
  readonly target: Target;
  readonly decision: string;
  readonly blockers: readonly Blocker[];
}

/** @throws if the observation belongs to another tick: it must not be planned on. */
export function plan(state: State, observation: Observation): Plan {
  if (observation.tick !== state.tick)
    throw new Error(`observation of tick ${observation.tick} refused in tick ${state.tick}`);
  const seen = new Steps(state);
  seen.take((now) => absorb(now, observation));
  // Also where nothing is changed: the boundary is remembered, and only its tag is not written.
  seen.take(followSchedule);
  const after = seen.state;
  const decided = decide(after);
  const { target } = decided;
  const ruler = tellRuler(after, target);
  const noted = join(seen.moves, ruler);
  const blockers = merge([
    ...standing(after, tally(after)),
    ...stoppedRollout(after),
    ...decided.moves.blockers,
  ]);
  if (state.spec.mode === "observe") {
    const remembered = would(decided);
    return {
      moves: join(noted, remembered),
      after: apply(apply(after, ruler), remembered),
      target,
      decision: `would: ${decided.decision}`,
      blockers,
    };
  }
  const moves = join(noted, decided.moves);
  const { decision } = decided;
  return { moves, after: apply(decided.after, ruler), target, decision, blockers };
}

interface Decided {
  readonly moves: Moves;
  readonly after: State;
  readonly target: Target;
  readonly decision: string;
}

function decide(state: State): Decided {
  const { expected: sessions } = tally(state);
  const target = targetOf(state, sessions);
  const early = earlyOf(state, sessions, target);
  const wanted = (now: State): Wanted => ({
    ...target,
    early,
    surge: rolloutOf(now)?.surge ?? 0,
  });
  const steps: readonly ((state: State, counts: Tally) => Moves)[] = [
    giveUpBoots,
    removeAll,
    retireStopped,
    callOffOverbooked,
    (now, counts) => size(now, counts, wanted(now)),
    finishDrains,
    (now, counts) => cordonSurplus(now, counts, wanted(now)),
    (now, counts) => replaceOutdated(now, counts, wanted(now)),
    provision,
  ];
  const made = new Steps(state);
  for (const step of steps) made.take((now) => step(now, tally(now)));
  const { moves, state: after } = made;
  return { moves, after, target, decision: decisionOf(state, wanted(state), moves) };
}

/** When something else rules than in the tick before, it is told. */
function tellRuler({ memory }: State, { source, expression, spares }: Target): Moves {
  const { ruled } = memory;
  if (ruled?.source === source && ruled.expression === expression) return NO_MOVES;
  const moves = { ...NO_MOVES, memory: { ruled: { source, expression } } };
  if (ruled === null) return moves;
  const message = `the target is ${expression}, by ${source}; before, it was ${ruled.expression}, by ${ruled.source}`;
  const data = { source, expression, spares, before: ruled };
  return { ...moves, events: [{ kind: "target", instance: null, message, data }] };
}

/** In `observe` mode nothing is decided for real: only the memory of how long it was so. */
function would({ moves }: Decided): Moves {
  return { ...NO_MOVES, memory: moves.memory };
}

/** One line for people: what is done now, and every number that it stands on. */
function decisionOf(state: State, target: Wanted, moves: Moves): string {
  const counts = tally(state);
  const wanted = sizeWanted(state, target);
  const { launching, waiting } = counts;
  const waits = waiting === 0 ? "" : `, ${waiting} waiting for AWS`;
  const numbers = `spares ${counts.spares}, ${wordsOf(target)}, launching ${launching - waiting}${waits}`;
  const done = moves.events.filter(({ kind }) => DECISIONS.has(kind)).map(({ message }) => message);
  if (done.length > 0) return done.slice(0, DECISIONS_SHOWN).join("; ");
  const [stuck] = counts.spares < wanted ? standing(state, counts).filter(isOfLaunches) : [];
  if (stuck !== undefined) return `held back: ${numbers}: ${stuck.fix}`;
  if (supply(state, counts) < wanted) return `held back: ${numbers}`;
  return `${counts.spares < wanted ? "waiting" : "nothing to do"}: ${numbers}`;
}

/** What keeps servers from coming that are planned or wanted. */
function isOfLaunches({ guard }: Blocker): boolean {
  return LAUNCH_GUARDS.has(guard);
}

const LAUNCH_GUARDS: ReadonlySet<GuardName> = new Set([
  "createFailing",
  "portsFailing",
  "quota",
  "rejected",
  "zoneCapacity",
  "credentials",
  "noListing",
]);

const DECISIONS_SHOWN = 5;
const DECISIONS: ReadonlySet<string> = new Set([
  "launch",
  "drain",
  "drainEnded",
  "delete",
  "cancelled",
]);

/** One entry per guard: the first says enough. */
function merge(blockers: readonly Blocker[]): Blocker[] {
  const byGuard = new Map<string, Blocker>();
  for (const blocker of blockers)
    if (!byGuard.has(blocker.guard)) byGuard.set(blocker.guard, blocker);
  return [...byGuard.values()];
}
