/** Where a new session goes: the dispatcher's choice among servers with room. */
import type { Random } from "./random.ts";

/** A server with room for one more session at least. */
export interface Candidate {
  readonly name: string;
  readonly readyAtMs: number;
  readonly sessions: number;
}

export type Placement = "fullest" | "emptiest" | "random";

/** Negative when `a` is to be taken before `b`. */
type Preference = (a: Candidate, b: Candidate) => number;

const PREFERENCES: Readonly<Record<Exclude<Placement, "random">, Preference>> = {
  fullest: (a, b) => b.sessions - a.sessions || bySeniority(a, b),
  emptiest: (a, b) => a.sessions - b.sessions || bySeniority(a, b),
};

/**
 * Chooses one of the candidates, or null when there is none.
 *
 * The order of the list does not matter: ties go to the server that has been ready longest, then
 * by name. One number is drawn in any case, so that streams stay aligned whatever was free.
 */
export function place(
  placement: Placement,
  candidates: readonly Candidate[],
  random: Random,
): Candidate | null {
  const draw = random();
  if (placement === "random") {
    const ordered = [...candidates].sort(bySeniority);
    return ordered[Math.floor(draw * ordered.length)] ?? null;
  }
  const prefer = PREFERENCES[placement];
  let best: Candidate | null = null;
  for (const candidate of candidates) {
    if (best === null || prefer(candidate, best) < 0) best = candidate;
  }
  return best;
}

function bySeniority(a: Candidate, b: Candidate): number {
  return a.readyAtMs - b.readyAtMs || (a.name < b.name ? -1 : 1);
}
