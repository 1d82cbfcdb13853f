/**
 * I10, of launches: what is on its way counts, and so does what is merely unseen while the eyes are
 * blind. After a launch was decided, what launches and the silent servers that may be there are together
 * no more than the target, rounded up to whole servers; a higher value that is launched for early (judged
 * by I15) stands for the target. A server is silent after three of the intervals that the fleet can
 * sustain: a large one asks each server only once in several looks (I20).
 */
import type { Check, Truth } from "./invariant.ts";
import { looksOfRound } from "./i20-read-in-turn.ts";
import { liveRows, newestEventData } from "./rows.ts";
import { leastAge, momentOf, Sightings } from "./sightings.ts";

const INTERVALS = 3;
const BLIND_MIN = 2;
const LAUNCHING = new Set(["planned", "starting", "configuring", "warming"]);

export function noReplacement(): Check {
  const sightings = new Sightings();
  /** A stranger may have answered for them, until AWS shows where they are. */
  const moved = new Set<string>();
  return (event, truth) => {
    if (event.kind === "moved") moved.add(event.name);
    if (event.kind === "probe") sightings.add(event, truth);
    if (event.kind !== "commit" || truth.spec === null) return null;
    if (!event.moves.some(({ from, to }) => from === null && to === "planned")) return null;
    const { target: spares, surge, early } = newestEventData(truth, "launch");
    if (typeof spares !== "number" || typeof surge !== "number") return null;
    const { capacity } = truth.spec.health;
    const wanted = typeof early === "number" ? Math.max(spares, early) : spares;
    const target = wanted + surge * capacity;
    const launching = liveRows(truth).filter(({ phase }) => LAUNCHING.has(String(phase))).length;
    const unseen = unseenWhileBlind(sightings, moved, truth);
    return (launching + unseen) * capacity > target + capacity - 1
      ? `${launching} servers launch and ${unseen} are merely silent, the target is ${target}`
      : null;
  };
}

/** Servers in `ready` that are silent, if enough are for the eyes to be blind; a machine that is off is not. */
function unseenWhileBlind(sightings: Sightings, moved: ReadonlySet<string>, truth: Truth): number {
  if (truth.spec === null) return 0;
  const { health, limits } = truth.spec;
  const now = momentOf(truth);
  const serving = truth.sql.rows(
    "SELECT name, phase, phaseSince FROM instances WHERE phase IN ('ready', 'draining') AND stoppedSince IS NULL",
  );
  const looks = looksOfRound(serving.length, truth.probeMs);
  const silentMs = INTERVALS * health.intervalSeconds * 1000 * looks + 2 * truth.tickMs;
  const silent = serving.filter(
    ({ name, phaseSince }) =>
      truth.objectNow - Number(phaseSince) > silentMs &&
      !moved.has(String(name)) &&
      !sightings
        .of(String(name))
        .some(
          ({ trueAt, objectAt, said }) =>
            said !== null && leastAge({ trueAt, objectAt }, now) <= silentMs,
        ),
  );
  const isBlind =
    silent.length >= BLIND_MIN && silent.length > serving.length * limits.unknownShareMax;
  return isBlind ? silent.filter(({ phase }) => phase === "ready").length : 0;
}
