/** The guards by their weight: the one from which others follow, and that a person must know of first, at the top. */
import type { GuardName } from "./model.ts";

/** A table and not a list, so that a new guard does not compile without its place. */
const PLACES: Readonly<Record<GuardName, number>> = {
  credentials: 1,
  blindEyes: 2,
  noListing: 3,
  createFailing: 4,
  failedBoots: 5,
  portsFailing: 6,
  quota: 7,
  zoneCapacity: 8,
  rejected: 9,
  maxMonthlyUsd: 10,
  maxInstances: 11,
  silentServers: 12,
  maxLaunchesPerHour: 13,
  rollout: 14,
  deleteFailing: 15,
  drainFailing: 16,
  maxDeletesPerHour: 17,
  tagsFailing: 18,
  targetTagFailing: 19,
  tagUnread: 20,
  leasesPerToken: 21,
  leaseMaxSeconds: 22,
  protected: 23,
  paused: 24,
  awsRequestRate: 25,
  maxLaunchesPerTick: 26,
  maxDeletesPerTick: 27,
};

export const GUARDS_BY_WEIGHT = (Object.keys(PLACES) as GuardName[]).toSorted(
  (a, b) => PLACES[a] - PLACES[b],
);

/** Lower is more important. */
export function placeOf(guard: GuardName): number {
  return PLACES[guard];
}

/** Guards that bind for a tick now and then as a matter of course: they are shown, and are no news. */
export function isRoutine(guard: GuardName): boolean {
  return PLACES[guard] >= PLACES.awsRequestRate;
}
