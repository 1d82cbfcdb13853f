/**
 * I1, of protected servers: nothing deletes them, force included. Judged by what the ledger held when
 * the delete was committed, and by what operators were answered.
 */
import type { Check } from "./invariant.ts";
import { rowOf } from "./rows.ts";

export function protectedStays(): Check {
  return (event, truth) => {
    if (event.kind !== "commit") return null;
    for (const { name, to } of event.moves) {
      if (to !== "deleting") continue;
      const row = rowOf(truth, name);
      if (row?.["protectedBy"] !== null || row["protectedByTag"] === 1)
        return `${name} goes to deletion, though it is protected`;
    }
    return null;
  };
}
