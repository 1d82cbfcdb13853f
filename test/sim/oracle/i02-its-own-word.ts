/**
 * I2, of servers that take part in draining: none is deleted as empty that has not said by its own word
 * that it takes no more sessions. Judged by what the ledger holds of its last answer.
 */
import type { Check } from "./invariant.ts";
import { rowOf } from "./rows.ts";

export function waitsForItsWord(): Check {
  return (event, truth) => {
    if (event.kind !== "commit" || truth.spec === null) return null;
    if (truth.spec.health.drain === null) return null;
    for (const { name, from, to } of event.moves) {
      if (from !== "draining" || to !== "deleting" || truth.isForced(name)) continue;
      const row = rowOf(truth, name);
      // A machine that is off says nothing, and takes no sessions either.
      if (row?.["saysDraining"] === 0 && row["stoppedSince"] === null)
        return `${name} goes to deletion, and takes sessions by its own word`;
    }
    return null;
  };
}
