/**
 * I10: blind eyes, or a failed listing: no deletes, and no cordons for surplus. The eyes are blind when more than the share of the
 * spec, and more than one, of the servers in service have given no good answer for three intervals
 * and two ticks, by the oracle's own count. A server that has just come into service is not silent,
 * and the silence of a machine that is off, or not there, says nothing of the eyes; nor does that of
 * one that was started again, until a listing has told the fleet.
 * A listing failed when its last page of the object's present life was refused, lost or spoiled. That
 * a listing was empty cannot be seen from a call event, and is not judged here.
 */
import type { Move, SimEvent } from "../event.ts";
import { noReplacement } from "./i10-no-replacement.ts";
import { nothingWithRefusedKey } from "./i10-refused-key.ts";
import type { Check, Invariant, Truth } from "./invariant.ts";
import { liveRows, rowOf } from "./rows.ts";
import { several } from "./several.ts";
import { type CommitEvent, leastAge, momentOf, Sightings } from "./sightings.ts";

const INTERVALS = 3;
const SERVING = new Set(["ready", "draining"]);

export const blindEyes: Invariant = {
  id: "I10",
  says: "nothing is deleted with blind eyes or after a failed listing",
  start: several(noTakingAway, noReplacement, nothingWithRefusedKey),
};

function noTakingAway(): Check {
  const sightings = new Sightings();
  const look = new LastLook();
  return (event, truth) => {
    look.follow(event);
    if (event.kind === "probe") sightings.add(event, truth);
    if (event.kind !== "commit") return null;
    const unforced = event.moves.find(
      (move) => isTakenAway(move, truth) && !truth.isForced(move.name),
    );
    if (unforced === undefined) return null;
    if (look.failure !== null)
      return `${unforced.name} goes to ${unforced.to} after a listing that was ${look.failure}`;
    return blindness(event, sightings, truth);
  };
}

/** A cordon for surplus is held back as the delete is that it leads to. */
function isTakenAway({ name, from, to }: Move, truth: Truth): boolean {
  if (to === "deleting") return true;
  if (from !== "ready" || to !== "draining") return false;
  return rowOf(truth, name)?.["drainReason"] === "surplus";
}

class LastLook {
  failure: string | null = null;
  #deadLife = Number.NEGATIVE_INFINITY;

  follow(event: SimEvent): void {
    if (event.kind === "crash") {
      this.#deadLife = event.life;
      this.failure = null;
    }
    if (event.kind !== "call" || event.by !== "fleet" || event.op !== "GetInstances") return;
    if (event.life > this.#deadLife) this.failure = event.outcome === "ok" ? null : event.outcome;
  }
}

function blindness({ moves }: CommitEvent, sightings: Sightings, truth: Truth): string | null {
  if (truth.spec === null) return null;
  const { health, limits } = truth.spec;
  const silentMs = INTERVALS * health.intervalSeconds * 1000 + 2 * truth.tickMs;
  const now = momentOf(truth);
  const isSilent = (name: string): boolean =>
    !sightings.of(name).some((one) => one.said !== null && leastAge(one, now) <= silentMs);

  const running = new Set(
    truth.held().flatMap(({ name, state }) => (state === "running" ? [name] : [])),
  );
  const rows = liveRows(truth).filter(
    ({ phase, stoppedSince }) => SERVING.has(String(phase)) && stoppedSince === null,
  );
  const leaving = moves.filter(
    ({ from, to }) => to === "deleting" && from !== null && SERVING.has(from),
  );
  const silent =
    rows.filter(
      ({ name, phaseSince }) =>
        truth.objectNow - Number(phaseSince) > silentMs &&
        running.has(String(name)) &&
        isSilent(String(name)),
    ).length + leaving.filter(({ name }) => running.has(name) && isSilent(name)).length;
  // The fleet may not know yet that one is off, and counts it among those that could answer.
  const serving = rows.length + leaving.length;
  return silent > Math.max(1, serving * limits.unknownShareMax)
    ? `a delete was decided while ${silent} of ${serving} servers were silent`
    : null;
}
