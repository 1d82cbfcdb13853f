/** I8: a name is used at most once, by all creates that AWS ever carried out for the fleet, over every ledger. */
import type { Invariant } from "./invariant.ts";
import { carriedOut, isCreate } from "./sightings.ts";

export const namesOnce: Invariant = {
  id: "I8",
  says: "a name is used at most once",
  start: () => {
    const used = new Set<string>();
    return (event) => {
      const call = carriedOut(event);
      if (call === null || !isCreate(call)) return null;
      for (const name of call.names) {
        if (used.has(name)) return `${name} was created a second time`;
        used.add(name);
      }
      return null;
    };
  },
};
