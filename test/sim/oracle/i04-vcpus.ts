/**
 * I4, of vCPUs: what the fleet has made is never more than its spec's quota. Judged at creates, as the
 * maximum is. What was adopted since the create was planned could not be foreseen, so it does not count.
 */
import type { Check, Truth } from "./invariant.ts";
import { carriedOut, isCreate } from "./sightings.ts";

const ON_ITS_WAY_MS = 40_000;
/** Of medium_3_0, which is all that there is in the simulator. */
const VCPUS_EACH = 2;

export function vcpuQuota(): Check {
  let limit: number | null | undefined = undefined;
  let unboundUntil = 0;
  return (event, truth) => {
    if (event.kind === "commit" && truth.spec !== null) {
      const next = truth.spec.limits.maxVcpus;
      if (limit !== undefined && next !== limit) unboundUntil = truth.now + ON_ITS_WAY_MS;
      limit = next;
    }
    const call = carriedOut(event);
    if (call === null || !isCreate(call) || truth.now < unboundUntil) return null;
    if (limit === undefined || limit === null) return null;
    const vcpus = made(truth) * VCPUS_EACH;
    return vcpus > limit ? `${vcpus} vCPUs run, the quota is ${limit}` : null;
  };
}

function made(truth: Truth): number {
  if (truth.spec === null) return 0;
  const rows = truth.sql.rows("SELECT name FROM instances WHERE adopted = 0 AND phase <> 'gone'");
  const names = new Set(rows.map(({ name }) => String(name)));
  return truth.held().filter(({ name }) => names.has(name)).length;
}
