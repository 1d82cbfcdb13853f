/**
 * I1: no automatic delete of a server that really has sessions. Judged by the sessions that are on it
 * when AWS carries the delete out; the scenario's dispatcher keeps its half of the promise.
 */
import { leasesHold } from "./i01-leases.ts";
import { protectedStays } from "./i01-protected.ts";
import { protectionIsKept } from "./i01-protection-is-kept.ts";
import type { Invariant } from "./invariant.ts";
import { several } from "./several.ts";
import { carriedOut } from "./sightings.ts";

export const noLiveDelete: Invariant = {
  id: "I1",
  says: "no server that really has sessions is deleted automatically",
  start: several(protectedStays, protectionIsKept, leasesHold, () => (event, truth) => {
    const call = carriedOut(event);
    if (call?.op !== "DeleteInstance") return null;
    const name = call.names.find((each) => truth.sessionsOn(each) > 0 && !truth.isForced(each));
    return name === undefined
      ? null
      : `${name} was deleted with ${truth.sessionsOn(name)} sessions on it`;
  }),
};
