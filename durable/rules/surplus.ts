/** Servers that nobody needs. */
import type { Instance } from "./model.ts";
import { slotsOf, takenOn } from "./occupancy.ts";
import { dollars } from "./phrases.ts";
import { isProtected } from "./protection.ts";
import { usdOfHours } from "./spend.ts";
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

/** Of these servers, in words; empty where a price is not known. */
export function hourlyCostOf({ bundles }: State, rows: readonly Instance[]): string {
  const prices = rows.map(({ bundle }) => bundles.get(bundle ?? "")?.usdPerMonth ?? null);
  if (prices.includes(null)) return "";
  const hourly = prices.reduce<number>((sum, price) => sum + usdOfHours(1, price ?? 0), 0);
  return ` (${dollars(hourly)} an hour)`;
}
