/** A bound on how many things go on at once. Slots are given in the order of asking. */

type Release = () => void;

export interface Slots {
  /** Waits for a free slot; gives what frees it again, or null where `signal` aborts first. */
  take(signal: AbortSignal): Promise<Release | null>;
}

/** `count` slots, all free. */
export function createSlots(count: number): Slots {
  const waiting: ((slot: Release) => void)[] = [];
  let free = count;

  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next(release);
  };

  return {
    take: async (signal) => {
      if (signal.aborted) return null;
      if (free > 0) {
        free -= 1;
        return release;
      }
      return new Promise<Release | null>((resolve) => {
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(begin), 1);
          resolve(null);
        };
        const begin = (slot: Release): void => {
          signal.removeEventListener("abort", giveUp);
          resolve(slot);
        };
        waiting.push(begin);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
  };
}
