/**
 * I19, of launches: nothing is launched in place of a server that is merely not asked. After a launch was
 * decided, the oracle counts what launches, and the idle servers that said so when they were last asked. Of those
 * that were asked lately, two answers in a row count, for one may have come too late. Together they may not
 * be more than the target, but for a few whose sessions came or went meanwhile. Small fleets are left to I10.
 */
import type { Check, Truth } from "./invariant.ts";
import { liveRows, newestEventData } from "./rows.ts";
import { momentOf, mostAge, type Sighting, Sightings } from "./sightings.ts";

const LARGE = 40;
const INTERVALS = 3;
const SLACK_SHARE = 0.05;
const LAUNCHING = new Set(["planned", "starting", "configuring", "warming"]);

export function noLaunchForTheUnasked(): Check {
  const sightings = new Sightings();
  return (event, truth) => {
    if (event.kind === "probe") sightings.add(event, truth);
    if (event.kind !== "commit" || truth.spec === null) return null;
    if (!event.moves.some(({ from, to }) => from === null && to === "planned")) return null;
    const { target: spares, surge, early } = newestEventData(truth, "launch");
    if (typeof spares !== "number" || typeof surge !== "number") return null;
    const { capacity } = truth.spec.health;
    const wanted = typeof early === "number" ? Math.max(spares, early) : spares;
    const target = wanted + surge * capacity;
    if (target < LARGE) return null;
    const rows = liveRows(truth);
    const launching = rows.filter(({ phase }) => LAUNCHING.has(String(phase))).length;
    const idle = rows.filter(
      ({ name, phase, stoppedSince }) =>
        phase === "ready" && stoppedSince === null && isIdle(sightings.of(String(name)), truth),
    );
    const leased = leasedServers(truth);
    const free = idle.filter(({ name }) => !leased.has(String(name))).length;
    const most = target + capacity - 1 + Math.ceil(target * SLACK_SHARE);
    return (launching + free) * capacity > most
      ? `${launching} servers launch, ${free} are idle as far as they were asked, the target is ${target}`
      : null;
  };
}

/** It said so when it was last asked: twice, if that was lately. */
function isIdle(seen: readonly Sighting[], truth: Truth): boolean {
  const intervalMs = (truth.spec?.health.intervalSeconds ?? 0) * 1_000;
  const latelyMs = INTERVALS * intervalMs + 2 * truth.tickMs;
  const [before, last] = seen.slice(-2);
  const newest = last ?? before;
  if (newest?.said !== 0) return false;
  return mostAge(newest, momentOf(truth)) > latelyMs || (last !== undefined && before?.said === 0);
}

function leasedServers(truth: Truth): ReadonlySet<string> {
  const rows = truth.sql.rows("SELECT instance FROM leases");
  return new Set(rows.map(({ instance }) => String(instance)));
}
