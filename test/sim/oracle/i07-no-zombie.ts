/**
 * I7: every billed instance of ours has a row within two complete listings after faults cease. Three
 * minutes are enough for those. Looked at now and then, and at the end. An instance that AWS is
 * already taking away is nobody's any more.
 */
import { forgottenIsEmpty, goneIsGone } from "./i07-gone-is-gone.ts";
import type { Check, Invariant, Truth } from "./invariant.ts";
import { liveRows } from "./rows.ts";
import { several } from "./several.ts";

const SETTLED_AFTER_MS = 180_000;
const LOOK_EVERY_MS = 300_000;
const ENDING = new Set(["shutting-down", "terminated"]);

export const noZombie: Invariant = {
  id: "I7",
  says: "every billed instance of ours has a row",
  start: several(rowsAtTheEnd, goneIsGone, forgottenIsEmpty),
};

function rowsAtTheEnd(): Check {
  let lookAt: number | null = null;
  return (event, truth) => {
    if (event.kind === "healed") lookAt = truth.now + SETTLED_AFTER_MS;
    // A fault after the healing, or a lost ledger, gives the fleet its time again.
    if (lookAt !== null && (event.kind === "fault" || event.kind === "stateLost"))
      lookAt = truth.now + SETTLED_AFTER_MS;
    if (event.kind !== "commit" && event.kind !== "end") return null;
    if (lookAt === null || truth.now < lookAt) return null;
    if (event.kind === "commit") lookAt = truth.now + LOOK_EVERY_MS;
    return zombie(truth);
  };
}

function zombie(truth: Truth): string | null {
  const names = new Set(liveRows(truth).map((row) => row["name"]));
  const found = truth
    .held()
    .find(
      ({ owner, name, state }) => owner === truth.owner && !names.has(name) && !ENDING.has(state),
    );
  return found === undefined ? null : `${found.name} is billed and has no live row`;
}
