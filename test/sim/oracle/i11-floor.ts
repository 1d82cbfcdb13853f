/**
 * I11: we never take spares below the smaller of the target and what there was. The target is the one
 * in the audit row of the drain, or the higher one that launches have begun for early; the spares are the oracle's own: of each server in phase `ready`, the
 * room that the kindest of its fresh answers told, for one answer may have been lost on its way.
 */
import type { Invariant, Truth } from "./invariant.ts";
import { rolloutsAreCareful } from "./i11-rollouts.ts";
import { liveRows, newestEventData, rowOf } from "./rows.ts";
import { several } from "./several.ts";
import { leastAge, momentOf, Sightings } from "./sightings.ts";

const INTERVALS = 3;
const SLACK_MS = 10_000;
/** Reasons of the fleet's own: its rollouts keep the floor too. */
const ITS_OWN = new Set(["surplus", "replace"]);

export const floor: Invariant = {
  id: "I11",
  says: "spares are never taken below the smaller of the target and what there was",
  start: several(rolloutsAreCareful, () => {
    const sightings = new Sightings();
    return (event, truth) => {
      if (event.kind === "probe") sightings.add(event, truth);
      if (event.kind !== "commit" || truth.spec === null) return null;
      const cordoned = event.moves.filter(({ from, to }) => from === "ready" && to === "draining");
      const surplus = cordoned.filter(({ name }) =>
        ITS_OWN.has(String(rowOf(truth, name)?.["drainReason"])),
      );
      const taken = surplus.reduce((sum, { name }) => sum + roomOn(sightings, name, truth), 0);
      if (taken === 0) return null;

      const { target: spares, early } = newestEventData(truth, "drain");
      if (typeof spares !== "number") return "a drain of spares has no target in its audit row";
      const target = typeof early === "number" ? Math.max(spares, early) : spares;
      const left = liveRows(truth)
        .filter(({ phase }) => phase === "ready")
        .reduce((sum, row) => sum + roomOn(sightings, String(row["name"]), truth), 0);
      return left < Math.min(target, left + taken)
        ? `${taken} spares were taken, ${left} are left, the target is ${target}`
        : null;
    };
  }),
};

function roomOn(sightings: Sightings, name: string, truth: Truth): number {
  if (truth.spec === null) return 0;
  const { capacity, intervalSeconds } = truth.spec.health;
  const freshMs = INTERVALS * intervalSeconds * 1000 + truth.tickMs + SLACK_MS;
  const now = momentOf(truth);
  const rooms = sightings
    .of(name)
    .filter((sighting) => leastAge(sighting, now) <= freshMs)
    .flatMap(({ said }) => (said === null ? [] : [capacity - said]));
  return Math.max(0, ...rooms);
}
