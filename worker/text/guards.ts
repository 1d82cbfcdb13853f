/** The guards, the one that a person must know of first at the top. */
import type { GuardName } from "../../durable/rules/model.ts";

/** A table and not a list, so that a new guard does not compile without its place. */
const PLACES: Readonly<Record<GuardName, number>> = {
  credentials: 1,
  blindEyes: 2,
  noListing: 3,
  failedBoots: 4,
  quota: 5,
  zoneCapacity: 6,
  rejected: 7,
  maxMonthlyUsd: 8,
  maxInstances: 9,
  silentServers: 10,
  maxLaunchesPerHour: 11,
  rollout: 12,
  maxDeletesPerHour: 13,
  protected: 14,
  paused: 15,
  awsRequestRate: 16,
  maxLaunchesPerTick: 17,
  maxDeletesPerTick: 18,
};

export const GUARDS = (Object.keys(PLACES) as GuardName[]).toSorted(
  (a, b) => PLACES[a] - PLACES[b],
);

/** Lower is more important. */
export function placeOf(guard: GuardName): number {
  return PLACES[guard];
}

/** Guards that bind for a tick now and then as a matter of course. */
export function isRoutine(guard: GuardName): boolean {
  return PLACES[guard] >= PLACES.awsRequestRate;
}
