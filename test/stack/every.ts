import { setTimeout as wait } from "node:timers/promises";

/** Work that is repeated until it is stopped. */
export interface Repeated {
  /** Ends it; resolves when the run that is under way is over. */
  stop(): Promise<void>;
}

/**
 * Runs `task` now, and again `periodMs` after each end; never two runs at once.
 * A run that throws is told to `onFailure`, and the next one comes all the same.
 */
export function every(
  periodMs: number,
  task: (signal: AbortSignal) => Promise<void>,
  onFailure: (error: unknown) => void,
): Repeated {
  const controller = new AbortController();
  const { signal } = controller;
  const ended = repeat(periodMs, task, onFailure, signal);
  return {
    stop: async () => {
      controller.abort();
      await ended;
    },
  };
}

async function repeat(
  periodMs: number,
  task: (signal: AbortSignal) => Promise<void>,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await task(signal);
      await wait(periodMs, undefined, { signal });
    } catch (error) {
      // Stopping interrupts the wait and the task alike; that is an end, and no failure.
      if (signal.aborted) return;
      onFailure(error);
      await wait(periodMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
