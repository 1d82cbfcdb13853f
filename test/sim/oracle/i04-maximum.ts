/**
 * I4: billed instances never exceed the maximum, not even in mid-crash. Judged at creates alone, for a
 * maximum may be lowered below what there is; a create that was on its way then goes by the old one.
 */
import { vcpuQuota } from "./i04-vcpus.ts";
import type { Invariant, Truth } from "./invariant.ts";
import { liveRows } from "./rows.ts";
import { several } from "./several.ts";
import { carriedOut, isCreate } from "./sightings.ts";

const ON_ITS_WAY_MS = 40_000;

export const maximum: Invariant = {
  id: "I4",
  says: "billed instances never exceed the maximum",
  start: several(vcpuQuota, () => {
    let earlier = { limit: 0, until: 0 };
    let current = 0;
    return (event, truth) => {
      if (event.kind === "commit" && truth.spec !== null) {
        const limit = truth.spec.limits.maxInstances;
        if (limit < current) earlier = { limit: current, until: truth.now + ON_ITS_WAY_MS };
        current = limit;
      }
      const call = carriedOut(event);
      if (call === null || !isCreate(call) || current === 0) return null;
      const limit = truth.now < earlier.until ? Math.max(current, earlier.limit) : current;
      const billed = ours(truth);
      return billed > limit ? `${billed} instances are billed, the maximum is ${limit}` : null;
    };
  }),
};

function ours(truth: Truth): number {
  const names = new Set(liveRows(truth).map((row) => row["name"]));
  return truth.held().filter(({ owner, name }) => owner === truth.owner || names.has(name)).length;
}
