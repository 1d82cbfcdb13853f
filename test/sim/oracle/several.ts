/** An invariant that is checked in several ways: each sees every event, and the first complaint counts. */
import type { Check, Invariant } from "./invariant.ts";

export function several(...starts: readonly Invariant["start"][]): () => Check {
  return () => {
    const checks = starts.map((start) => start());
    return (event, truth) => {
      let found: string | null = null;
      for (const check of checks) {
        const detail = check(event, truth);
        found ??= detail;
      }
      return found;
    };
  };
}
