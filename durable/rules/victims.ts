/**
 * Which servers go first, when some must: an outdated template, then the one whose paid hour ends first,
 * then the oldest. Only a server that has been seen idle for long enough is among them.
 */
import { drainMsOf } from "./checks.ts";
import { DAY_MS, HOUR_MS } from "./limits.ts";
import { isListed } from "./listed.ts";
import type { Instance } from "./model.ts";
import { occupancyOf, slotsOf, takenOn } from "./occupancy.ts";
import { isProtected } from "./protection.ts";
import type { State } from "./state.ts";

/** As many of `rows` as `slots` spares allow, the first to go first. */
export function chooseVictims(state: State, rows: Iterable<Instance>, slots: number): Instance[] {
  const candidates = [...rows]
    .filter((row) => mayRetire(state, row))
    .toSorted(
      (a, b) =>
        Number(isOutdated(state, b)) - Number(isOutdated(state, a)) ||
        paidUntil(a, state.now) - paidUntil(b, state.now) ||
        (a.createdAt ?? a.plannedAt) - (b.createdAt ?? b.plannedAt) ||
        (a.name < b.name ? -1 : 1),
    );
  const victims: Instance[] = [];
  let left = slots;
  for (const row of candidates) {
    const slotsOfRow = slotsOf(state, row);
    if (slotsOfRow > left) continue;
    victims.push(row);
    left -= slotsOfRow;
  }
  return victims;
}

function mayRetire(state: State, row: Instance): boolean {
  if (isProtected(row)) return false;
  if (row.phase !== "ready" || takenOn(state, row) > 0) return false;
  if (occupancyOf(state, row) !== "idle") return false;
  if (!isListed(state, row)) return false;
  const { idleForSeconds, confirmations } = state.spec.retire;
  if (row.idleSince === null || state.now - row.idleSince < idleForSeconds * 1000) return false;
  const readings = state.memory.freshness.get(row.name)?.idleReadings ?? [];
  if (readings.length < confirmations) return false;
  return isOutdated(state, row) || isOverMaximum(state) || isHourNearlyOver(state, row);
}

/** Made from an older template, or older than the spec lets a server become. */
export function isOutdated(state: State, row: Instance): boolean {
  const { maxAgeDays } = state.spec.rollout;
  const age = state.now - (row.createdAt ?? row.plannedAt);
  return row.template !== state.template || (maxAgeDays !== null && age >= maxAgeDays * DAY_MS);
}

function isOverMaximum({ instances, spec }: State): boolean {
  return instances.size > spec.limits.maxInstances;
}

/** Lightsail bills by the started hour, so a paid hour is kept as a spare until just before its end. */
function isHourNearlyOver(state: State, row: Instance): boolean {
  if (state.spec.retire.billing === "none") return true;
  // Drain, two probes and three ticks must still fit, and a minute, so that no tick skips the window.
  const marginMs =
    drainMsOf(state, row) +
    2 * state.spec.health.intervalSeconds * 1000 +
    3 * state.tickMs +
    60_000;
  return paidUntil(row, state.now) - state.now <= marginMs;
}

/** The end of the hour that is already paid for. */
export function paidUntil(row: Instance, now: number): number {
  const from = row.createdAt ?? row.plannedAt;
  // At the very end of an hour the next one has begun: whatever is done now is done in it.
  return from + Math.max(1, Math.floor((now - from) / HOUR_MS) + 1) * HOUR_MS;
}
