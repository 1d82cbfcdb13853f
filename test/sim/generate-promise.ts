/** How the promise is kept that no session comes to a server that is drained. */
import { createRandom } from "../aws/demand/random.ts";
import type { FaultKind, Promise1 } from "./scenario.ts";
import { DRAIN_SECRET } from "./spec.ts";

/**
 * In half of the runs the servers take part in draining, and the dispatcher is careless; in some of the
 * others the dispatcher leases.
 */
export function promiseOf(seed: number): { by: Promise1; health?: object } {
  const kind = createRandom(seed, "promise")();
  if (kind < 0.3) return { by: "lease" };
  if (kind < 0.5) return { by: "dispatcher" };
  return {
    by: "server",
    health: { drain: { path: "/lightfleet/{verb}", secretRef: DRAIN_SECRET } },
  };
}

/** A lease holds as long as the ledger does, and by its clock: what breaks them is not promised against. */
export function mayHappen(fault: FaultKind, by: Promise1): boolean {
  return by !== "lease" || (fault !== "stateLost" && fault !== "clockJump");
}
