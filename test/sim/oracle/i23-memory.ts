/**
 * I23: what the object remembers is what a cold start would load. Judged after the commits, where it differs:
 * the host compares them, for it alone reaches the memory.
 */
import type { Invariant } from "./invariant.ts";

export const memory: Invariant = {
  id: "I23",
  says: "the object remembers what its tables hold",
  start: () => (event) => (event.kind === "memory" ? event.differences.join("; ") : null),
};
