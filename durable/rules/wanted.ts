/** What the fleet is sized for: the target, what will be wanted soon, and servers for a rollout. */
import type { Coming } from "./coming.ts";
import type { State } from "./state.ts";
import type { Target } from "./target.ts";

export interface Wanted extends Target {
  /** Servers besides, while outdated ones are replaced. */
  readonly surge: number;
  /** A higher value that rules so soon that launches towards it have begun. */
  readonly early: Coming | null;
}

/** Spares that are wanted now or soon. */
export function sparesWanted({ spares, early }: Pick<Wanted, "spares" | "early">): number {
  return Math.max(spares, early?.spares ?? 0);
}

/** Spares that the fleet is sized for. */
export function sizeWanted(state: State, wanted: Wanted): number {
  return sparesWanted(wanted) + wanted.surge * state.spec.health.capacity;
}

/** The target in a sentence. */
export function wordsOf({ spares, surge, early }: Wanted): string {
  const soon = early === null ? "" : `, ${early.spares} from ${early.name} on`;
  return `target ${spares}${soon}${surge === 0 ? "" : ` and ${surge} servers for the rollout`}`;
}
