/**
 * I21: the fleet learns AWS's rate instead of running into it. Of any hour's calls on Lightsail, AWS refuses at
 * most a fifth of those that it takes, and twenty more: what it costs to learn a bucket, and to notice
 * another client on it. Refusals that a fault asked for are no fault of the fleet's; while such a fault can
 * stand, nothing is counted.
 */
import type { Invariant, Truth } from "./invariant.ts";
import type { CallEvent } from "./sightings.ts";

const HOUR_MS = 3_600_000;
const SHARE = 0.2;
const BESIDES = 20;
const INJECTED: ReadonlySet<string> = new Set([
  "throttle",
  "throttleStorm",
  "tagWriteThrottled",
  "answered",
]);
/** No fault lasts longer, and after it the fleet needs a while to find the rate again. */
const INJECTED_MS = 900_000;
/** These are EC2's, or no calls on AWS. */
const OTHERS: ReadonlySet<string> = new Set(["DescribeTags", "CreateTags", "DeleteTags"]);

interface Hour {
  readonly since: number;
  calls: number;
  refusals: number;
}

export const refusals: Invariant = {
  id: "I21",
  says: "AWS refuses few of the fleet's calls as too many",
  start: () => {
    let hour: Hour | null = null;
    let injectedUntil = Number.NEGATIVE_INFINITY;
    return (event, truth) => {
      if (event.kind === "fault" && INJECTED.has(event.fault)) {
        injectedUntil = truth.now + INJECTED_MS;
        hour = null;
      }
      if (event.kind !== "call" || event.by !== "fleet" || OTHERS.has(event.op)) return null;
      if (truth.now < injectedUntil) return null;
      hour = counted(hour, event, truth);
      const most = BESIDES + SHARE * hour.calls;
      return hour.refusals > most
        ? `AWS refused ${hour.refusals} calls within the hour in which it took ${hour.calls}`
        : null;
    };
  },
};

function counted(before: Hour | null, { outcome }: CallEvent, { now }: Truth): Hour {
  const isOver = before === null || now - before.since >= HOUR_MS;
  const hour = isOver ? { since: now, calls: 0, refusals: 0 } : before;
  if (outcome === "ThrottlingException") hour.refusals += 1;
  else hour.calls += 1;
  return hour;
}
