/** The guards by their weight: the one from which others follow, and that a person must know of first, at the top. */
import type { GuardName } from "./model.ts";

/** What a guard keeps servers from: coming, going, or neither of the two. */
interface Weight {
  readonly place: number;
  readonly keeps: "coming" | "going" | "neither";
}

/** A table and not a list, so that a new guard does not compile without its place. */
const WEIGHTS: Readonly<Record<GuardName, Weight>> = {
  credentials: { place: 1, keeps: "coming" },
  blindEyes: { place: 2, keeps: "coming" },
  noListing: { place: 3, keeps: "coming" },
  createFailing: { place: 4, keeps: "coming" },
  failedBoots: { place: 5, keeps: "coming" },
  portsFailing: { place: 6, keeps: "coming" },
  quota: { place: 7, keeps: "coming" },
  zoneCapacity: { place: 8, keeps: "coming" },
  rejected: { place: 9, keeps: "coming" },
  maxMonthlyUsd: { place: 10, keeps: "coming" },
  maxInstances: { place: 11, keeps: "coming" },
  silentServers: { place: 12, keeps: "coming" },
  maxLaunchesPerHour: { place: 13, keeps: "coming" },
  rollout: { place: 14, keeps: "neither" },
  deleteFailing: { place: 15, keeps: "going" },
  drainFailing: { place: 16, keeps: "going" },
  maxDeletesPerHour: { place: 17, keeps: "going" },
  tagsFailing: { place: 18, keeps: "neither" },
  targetTagFailing: { place: 19, keeps: "neither" },
  tagUnread: { place: 20, keeps: "neither" },
  leasesPerToken: { place: 21, keeps: "neither" },
  leaseMaxSeconds: { place: 22, keeps: "neither" },
  protected: { place: 23, keeps: "going" },
  paused: { place: 24, keeps: "neither" },
  awsRequestRate: { place: 25, keeps: "coming" },
  maxLaunchesPerTick: { place: 26, keeps: "coming" },
  maxDeletesPerTick: { place: 27, keeps: "going" },
};

export const GUARDS_BY_WEIGHT = (Object.keys(WEIGHTS) as GuardName[]).toSorted(
  (a, b) => placeOf(a) - placeOf(b),
);

/** Lower is more important. */
export function placeOf(guard: GuardName): number {
  return WEIGHTS[guard].place;
}

/** Guards that bind for a tick now and then as a matter of course: they are shown, and are no news. */
export function isRoutine(guard: GuardName): boolean {
  return placeOf(guard) >= WEIGHTS.awsRequestRate.place;
}

/** Whether it keeps servers from coming, or those that nobody needs from going. */
export function keepsFrom(guard: GuardName, what: "coming" | "going"): boolean {
  return WEIGHTS[guard].keeps === what;
}
