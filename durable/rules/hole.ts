/** What follows if something cannot be seen though it is due: since when, why, and when that has lasted too long. */
import { THROTTLED_STUCK_AFTER_MS, UNSEEN_AFTER_MS } from "./limits.ts";
import type { Hole } from "./world.ts";

/** A run of looks none of which has shown it. */
export interface Unseen {
  readonly since: number;
  /** AWS has only throttled the calls. */
  readonly throttled: boolean;
}

/** The run after one more such look. A throttle in between hides no worse reason. */
export function unseenAfter(before: Unseen | null, { why }: Hole, beganAt: number): Unseen {
  const throttled = why === "throttled" && (before === null || before.throttled);
  return { since: before?.since ?? beganAt, throttled };
}

/** Whether the run is long enough to hold the fleet back. */
export function hasLasted({ since, throttled }: Unseen, now: number): boolean {
  return now - since >= (throttled ? THROTTLED_STUCK_AFTER_MS : UNSEEN_AFTER_MS);
}

/** AWS's code and message in a hole's words. */
export function refusalIn({ detail }: Hole): { readonly code: string; readonly message: string } {
  const [code = "", ...words] = detail.split(": ");
  return { code, message: words.join(": ") };
}
