/** Servers that nobody needs. */
import type { Instance } from "./model.ts";
import { slotsOf, takenOn } from "./occupancy.ts";
import { isProtected } from "./protection.ts";
import type { State } from "./state.ts";

/** Whole servers that could go without falling below the target: a surplus of slots may be less than any server. */
export function surplusOf(state: State, slots: number): readonly Instance[] {
  const idle = [...state.instances.values()].filter(
    (row) => row.phase === "ready" && !isProtected(row) && takenOn(state, row) === 0,
  );
  let left = slots;
  return idle.filter((row) => {
    const own = slotsOf(state, row);
    if (own === 0 || own > left) return false;
    left -= own;
    return true;
  });
}
