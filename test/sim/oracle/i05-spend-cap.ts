/**
 * I5: committed month's spend never exceeds the cap. Judged when AWS carries out a create, by what it
 * bills: all that is ours, should it run to the end of the month, and what was deleted in it. A new
 * ledger cannot know what the lost one has deleted, so that counts from its birth on. A cap that was
 * lowered goes by the old one for the creates that were on their way.
 */
import type { Invariant } from "./invariant.ts";
import { incarnationOf } from "./rows.ts";
import { carriedOut, isCreate } from "./sightings.ts";

const ON_ITS_WAY_MS = 40_000;
/** Prices have fractions of a cent. */
const CENT = 0.01;
/** A clock that was set makes a started hour more or less of each server. */
const USD_PER_HOUR = 24 / 744;

export const spendCap: Invariant = {
  id: "I5",
  says: "committed month's spend never exceeds the cap",
  start: () => {
    let incarnation: string | null = null;
    let bornAt = 0;
    let clockWasSet = false;
    let cap: number | null | undefined = undefined;
    let uncappedUntil = 0;
    return (event, truth) => {
      if (event.kind === "fault" && event.fault === "clockJump") clockWasSet = true;
      if (event.kind === "commit" && truth.spec !== null) {
        const born = incarnationOf(truth);
        if (born !== incarnation) [incarnation, bornAt] = [born, truth.now];
        const next = truth.spec.limits.maxMonthlyUsd;
        if (cap !== undefined && next !== cap) uncappedUntil = truth.now + ON_ITS_WAY_MS;
        cap = next;
      }
      const call = carriedOut(event);
      if (call === null || !isCreate(call) || truth.now < uncappedUntil) return null;
      if (cap === undefined || cap === null) return null;
      const billing = truth.spec?.retire.billing ?? "none";
      const committed = truth.committed(billing, bornAt);
      const slack = clockWasSet ? truth.held().length * USD_PER_HOUR : 0;
      return committed > cap + slack + CENT
        ? `$${committed.toFixed(2)} are committed, the cap is $${cap}`
        : null;
    };
  },
};
