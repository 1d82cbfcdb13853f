/**
 * I9, of what a listing lacks: a row is called lost only when it is old enough for listings to show it,
 * and its media server does not answer. Three good answers within the time that a reading lasts show
 * that the fleet has heard one of them, whatever became of the others.
 */
import type { Check, Truth } from "./invariant.ts";
import { rowOf } from "./rows.ts";
import { type Moment, momentOf, mostAge, Sightings } from "./sightings.ts";

/** Said here once more: a limit that went wrong must not take its judge with it. */
const ABSENT_MIN_AGE_MS = 120_000;
const STALE_AFTER_INTERVALS = 3;
const ANSWERS_THAT_SHOW = 3;

export function lostIsUnseen(): Check {
  const sightings = new Sightings();
  const born = new Map<string, Moment>();
  const answersHeard = { since: Number.NEGATIVE_INFINITY };
  return (event, truth) => {
    if (event.kind === "probe") sightings.add(event, truth);
    // A cold start begins with no reading at all.
    if (event.kind === "crash") answersHeard.since = truth.now;
    if (event.kind !== "commit") return null;
    for (const { name, from, to } of event.moves) {
      if (from === null || from === "gone") born.set(name, momentOf(truth));
      if (to !== "lost") continue;
      const since = born.get(name);
      if (since !== undefined && mostAge(since, momentOf(truth)) < ABSENT_MIN_AGE_MS)
        return `${name} is called lost, though it is younger than listings may lag`;
      if (answers(sightings, name, answersHeard.since, truth))
        return `${name} is called lost, though it answers`;
    }
    return null;
  };
}

function answers(sightings: Sightings, name: string, since: number, truth: Truth): boolean {
  if (truth.spec === null || rowOf(truth, name)?.["stoppedSince"] !== null) return false;
  const staleMs = STALE_AFTER_INTERVALS * truth.spec.health.intervalSeconds * 1000;
  const now = momentOf(truth);
  const last = sightings.of(name).slice(-ANSWERS_THAT_SHOW);
  return (
    last.length === ANSWERS_THAT_SHOW &&
    last.every((one) => one.said !== null && one.trueAt > since && mostAge(one, now) < staleMs)
  );
}
