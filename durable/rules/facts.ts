/** What a listing tells of one instance, as it goes into its row. */
import { addressFacts } from "./addresses.ts";
import type { Instance } from "./model.ts";
import { isProtectTag } from "./protection.ts";
import type { State } from "./state.ts";
import { type Changes, PROBED } from "./transition.ts";
import type { CloudInstance } from "./world.ts";

/** AWS's words for an instance that is on its way out; it is present, but never adopted. */
export const ENDING = new Set(["shutting-down", "terminated"]);

/** AWS's words for an instance whose machine is off. A word that we do not know says nothing. */
const OFF = new Set(["stopping", "stopped"]);

export function factsOf(state: State, row: Instance, instance: CloudInstance): Changes {
  return {
    arn: instance.arn,
    zone: instance.zone,
    ...addressFacts(state, row, instance),
    privateIp: instance.privateIp,
    ipv6: instance.ipv6,
    createdAt: createdAt(state, row, instance),
    stoppedSince: stoppedSince(state, row, instance),
    template: instance.template ?? row.template,
    bundle: instance.bundle,
    ...protectionBy(state, row, instance),
  };
}

/** AWS's word, heard with the ARN; before that there is only when its create was decided. */
function createdAt({ now }: State, row: Instance, instance: CloudInstance): number {
  const heard = row.arn === instance.arn ? row.createdAt : null;
  return heard ?? Math.min(instance.createdAt, now);
}

function protectionBy(state: State, row: Instance, { tags }: CloudInstance): Changes {
  const protectedByTag = isProtectTag(tags);
  const is = protectedByTag || row.protectedBy !== null;
  return { protectedByTag, protectedSince: is ? (row.protectedSince ?? state.now) : null };
}

/** One that boots for us is not stopped: `boots.ts` minds it. */
function stoppedSince(state: State, row: Instance, instance: CloudInstance): number | null {
  if (!PROBED.has(row.phase)) return null;
  // Pending after it was ready: somebody has started it again. An adopted one may never have started.
  const isOff = OFF.has(instance.state) || (row.adopted && instance.state === "pending");
  return isOff ? (row.stoppedSince ?? state.now) : null;
}
