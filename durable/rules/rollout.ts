/**
 * Outdated servers are replaced: those of an older template, and those of too great an age. A canary
 * must be ready first. Then launch before delete: so many more than wanted as the surge allows are
 * launched, and as many idle outdated ones are drained as there are spares too many. Busy ones wait
 * until they are empty. A new server that fails to boot stops it, and the old ones stay.
 */
import { billedRoom, deleteRoom } from "./guard.ts";
import { isListed } from "./listed.ts";
import type { Blocker, Instance } from "./model.ts";
import { onceFor } from "./once.ts";
import { occupancyOf, slotsOf, takenOn, type Tally } from "./occupancy.ts";
import { isProtected } from "./protection.ts";
import { cordon } from "./retire.ts";
import { holdsNow, isPaused, type Moves, NO_MOVES, type State } from "./state.ts";
import { LAUNCHING } from "./transition.ts";
import { chooseVictims, isOutdated } from "./victims.ts";
import { sparesWanted, type Wanted } from "./wanted.ts";

export type Stage = "canary" | "replacing" | "stopped" | "paused";

export interface Rollout {
  readonly stage: Stage;
  /** Outdated servers at work, protected and busy ones included. */
  readonly outdated: readonly Instance[];
  /** Those that wait for nothing but their turn. */
  readonly idle: readonly Instance[];
  /** Those of today's template that are ready, and have answered. */
  readonly fresh: readonly Instance[];
  /** So many of them must be there before others are replaced. */
  readonly canaries: number;
  /** Servers to launch beyond what the target wants. */
  readonly surge: number;
}

/** How the replacement stands; null where nothing at work is outdated, or the fleet is being removed. */
export const rolloutOf = onceFor((state: State): Rollout | null => {
  if (state.removing !== null) return null;
  const atWork = [...state.instances.values()].filter(
    ({ phase, stoppedSince }) => phase === "ready" && stoppedSince === null,
  );
  const outdated = atWork.filter((row) => isOutdated(state, row));
  if (outdated.length === 0) return null;

  const idle = outdated.filter((row) => !isProtected(row) && canGo(state, row));
  const { canary, maxSurge } = state.spec.rollout;
  // No more canaries than the surge can bring, or they would be waited for in vain.
  const canaries = Math.min(canary, maxSurge, idle.length);
  const fresh = atWork.filter(
    (row) => !isOutdated(state, row) && occupancyOf(state, row) !== "unknown",
  );
  const stage = stageOf(state, fresh.length >= canaries);
  const surgeOf: Record<Stage, number> = {
    canary: Math.min(canary, maxSurge),
    replacing: maxSurge,
    stopped: 0,
    paused: 0,
  };
  return { stage, outdated, idle, fresh, canaries, surge: Math.min(surgeOf[stage], idle.length) };
});

/** Empty by its own word, held by no lease, and ours to take away. One that is silent would be waited for in vain. */
function canGo(state: State, row: Instance): boolean {
  if (!isListed(state, row)) return false;
  return takenOn(state, row) === 0 && occupancyOf(state, row) === "idle";
}

function stageOf(state: State, canariesAreReady: boolean): Stage {
  if (isPaused(state, "rollout")) return "paused";
  if (holdsNow(state, "rollout").length > 0) return "stopped";
  return canariesAreReady ? "replacing" : "canary";
}

/** Idle outdated servers are drained, as long as the target is met without them. */
export function replaceOutdated(state: State, counts: Tally, target: Wanted): Moves {
  const rollout = rolloutOf(state);
  if (rollout === null || rollout.surge === 0) return NO_MOVES;
  const have =
    rollout.stage === "replacing" ? counts.spares : sparesForCanaries(state, counts, rollout);
  const tooMany = have - sparesWanted(target);
  const victims = chooseVictims(state, rollout.idle, tooMany);
  const { room, blockers } = deleteRoom(state, counts, victims.length);
  const cordoned = victims.slice(0, room);
  return {
    ...NO_MOVES,
    rows: cordoned.map((row) => cordon(state, row, "replace")),
    events: cordoned.map((row) => ({
      kind: "drain",
      instance: row.name,
      message: `drain ${row.name}: it is outdated, ${rollout.outdated.length} are`,
      data: { reason: "replace", ...counts, target: target.spares, template: row.template },
    })),
    blockers,
  };
}

/**
 * The spares out of which old ones may go before the canaries are ready. As a rule these are the old ones:
 * where they are too many by themselves, they take the canaries' place. Where nothing has room any more,
 * the canaries that are there make room for those that are missing.
 */
function sparesForCanaries(
  state: State,
  counts: Tally,
  { fresh, canaries }: Pick<Rollout, "fresh" | "canaries">,
): number {
  const proven = fresh.reduce((sum, row) => sum + slotsOf(state, row), 0);
  const missing = (canaries - fresh.length) * state.spec.health.capacity;
  return counts.spares - proven + (canCome(state) ? 0 : Math.min(proven, missing));
}

/** Whether a server more comes, or has room to, or will have it when what goes is gone. */
function canCome(state: State): boolean {
  const moving = [...state.instances.values()].some((row) =>
    LAUNCHING.has(row.phase) ? !isOutdated(state, row) : isGoing(row),
  );
  return moving || billedRoom(state) > 0;
}

function isGoing({ phase, drainReason }: Instance): boolean {
  return phase === "deleting" || (phase === "draining" && drainReason !== "operator");
}

/** A rollout that failed boots have stopped is shown until it may try again. */
export function stoppedRollout(state: State): Blocker[] {
  const rollout = rolloutOf(state);
  const [hold] = holdsNow(state, "rollout");
  if (rollout === null || hold === undefined) return [];
  const fix = `${hold.detail}: the ${rollout.outdated.length} old servers stay; correct the spec, or POST .../resume {"what":["rollout"]} to try again at once`;
  return [
    { guard: "rollout", value: rollout.outdated.length, limit: null, retryAt: hold.until, fix },
  ];
}
