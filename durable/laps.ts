/**
 * How long the parts of one tick take. The runtime's clock stands still while code runs, and goes on
 * with each wait: what is seen of a part is its waiting.
 */
import type { Laps } from "./meters.ts";
import type { TickPart } from "./rules/readings.ts";

export function createLaps(now: () => number) {
  const startedAt = now();
  const parts: Partial<Record<TickPart, number>> = {};
  let from = startedAt;
  return {
    /** A part ends, and the next one begins. */
    end(part: TickPart): void {
      const to = now();
      parts[part] = to - from;
      from = to;
    },
    read: (failed: boolean): Laps => ({ parts: { ...parts }, totalMs: now() - startedAt, failed }),
  };
}
