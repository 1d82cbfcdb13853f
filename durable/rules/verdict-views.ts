/** Whether a fleet is well, as every reader shows it: the page, the terminal, the metrics. */

/** Which of several that are true is the verdict, `verdict.ts` says. */
export const VERDICTS = [
  "waking",
  "failing",
  "removing",
  "awsSilent",
  "blind",
  "observing",
  "noSpares",
  "paused",
  "heldBack",
  "alarm",
  "growing",
  "short",
  "overProvisioned",
  "unsure",
  "shrinking",
  "well",
] as const;

export type VerdictKind = (typeof VERDICTS)[number];

/** How loud it is shown: `quiet` and `good` ask nothing of anybody, `bad` wakes people. */
export const TONES = ["good", "move", "quiet", "warn", "bad"] as const;
export type Tone = (typeof TONES)[number];

/** What it comes from: a guard, a paused part of the work, or a kind of alert. */
export interface Cause {
  readonly kind: "guard" | "pause" | "alert";
  readonly name: string;
}

export interface Verdict {
  readonly kind: VerdictKind;
  /** It in one or two words. */
  readonly title: string;
  readonly tone: Tone;
  readonly cause: Cause | null;
  /** What is so, and why. */
  readonly what: string;
  /** What Lightfleet does about it; null where it does nothing about it. */
  readonly doing: string | null;
  /** What a person can do; null where nothing is to be done. */
  readonly canDo: string | null;
  /** From then on it says nothing any more, for the fleet has not ticked since; null before the first tick. */
  readonly staleAt: string | null;
}
