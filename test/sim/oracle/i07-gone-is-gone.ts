/**
 * I7, before there is a zombie: a row goes to `gone`, and a ledger is dropped, only when AWS does not
 * hold the instance any more. What was deleted may not be there at all; what else goes may be on its
 * way out. Not judged while listings were wrong a moment ago, for the fleet sees with them.
 */
import type { Check, Truth } from "./invariant.ts";
import { ListingFaults } from "./listing-faults.ts";
import { liveRows } from "./rows.ts";
import type { CommitEvent } from "./sightings.ts";

const ENDING = new Set(["shutting-down", "terminated"]);

export function goneIsGone(): Check {
  const faults = new ListingFaults();
  return (event, truth) => {
    faults.follow(event, truth);
    return event.kind !== "commit" || faults.areRecent(truth) ? null : stillThere(event, truth);
  };
}

function stillThere({ moves }: CommitEvent, truth: Truth): string | null {
  const gone = moves.filter(({ to }) => to === "gone");
  if (gone.length === 0) return null;
  const ours = new Map(
    truth.held().flatMap((held) => (held.owner === truth.owner ? [[held.name, held.state]] : [])),
  );
  for (const { name, from } of gone) {
    const state = ours.get(name);
    if (state === undefined || (from !== "deleting" && ENDING.has(state))) continue;
    return `${name} went from ${from ?? "nothing"} to gone, and AWS holds it ${state}`;
  }
  return null;
}

/** A fleet is forgotten when its alarm and its ledger go, in one ring. */
export function forgottenIsEmpty(): Check {
  let left: string | null = null;
  return (event, truth) => {
    if (event.kind === "stateLost" || event.kind === "crash") left = null;
    if (event.kind !== "alarm") return null;
    if (event.what === "deleted") left = String(liveRows(truth)[0]?.["name"] ?? "") || null;
    if (event.what !== "finished" || left === null) return null;
    const name = left;
    left = null;
    return truth.spec === null ? `the fleet was forgotten while ${name} was not gone` : null;
  };
}
