/**
 * I9: unknown, stale or partial data never lowers protection and never causes a delete. Whatever is
 * cordoned for surplus was lately seen empty by the oracle in one of its last two probes (the rules
 * may have to ignore one reading, of a row that changed since it was asked for); whatever goes from
 * `draining` to `deleting` was lately seen empty in its very last.
 */
import { absenceIsSeenTwice } from "./i09-absence.ts";
import { lostIsUnseen } from "./i09-lost-is-unseen.ts";
import type { Check, Invariant, Truth } from "./invariant.ts";
import { rowOf } from "./rows.ts";
import { several } from "./several.ts";
import { leastAge, momentOf, Sightings } from "./sightings.ts";

/** Pending, once it is in service, is one that AWS never started. */
const STOPPED = new Set(["pending", "stopping", "stopped"]);
const INTERVALS = 3;
const SLACK_MS = 10_000;

export const doubtProtects: Invariant = {
  id: "I9",
  says: "unknown, stale or partial data never lowers protection",
  start: several(emptyIsSeen, lostIsUnseen, absenceIsSeenTwice),
};

function emptyIsSeen(): Check {
  const sightings = new Sightings();
  return (event, truth) => {
    if (event.kind === "probe") sightings.add(event, truth);
    if (event.kind !== "commit") return null;
    for (const { name, from, to } of event.moves) {
      if (to !== "draining" && to !== "deleting") continue;
      if (truth.isForced(name) || isStopped(truth, name)) continue;
      if (from === "draining" && to === "deleting" && !wasEmpty(sightings, name, 1, truth))
        return `${name} goes to deletion without a fresh empty reading`;
      if (
        from === "ready" &&
        to === "draining" &&
        isSurplus(truth, name) &&
        !wasEmpty(sightings, name, 2, truth)
      )
        return `${name} is cordoned for surplus without a fresh empty reading`;
    }
    return null;
  };
}

/** What does not run serves nobody: that it is so is known, not guessed. */
function isStopped(truth: Truth, name: string): boolean {
  const held = truth.held().find((each) => each.name === name);
  return held !== undefined && STOPPED.has(held.state);
}

function isSurplus(truth: Truth, name: string): boolean {
  return rowOf(truth, name)?.["drainReason"] === "surplus";
}

function wasEmpty(sightings: Sightings, name: string, among: number, truth: Truth): boolean {
  const intervalMs = (truth.spec?.health.intervalSeconds ?? 0) * 1000;
  const freshMs = INTERVALS * intervalMs + truth.tickMs + SLACK_MS;
  const now = momentOf(truth);
  return sightings
    .of(name)
    .slice(-among)
    .some((sighting) => sighting.said === 0 && leastAge(sighting, now) <= freshMs);
}
