/**
 * Time for the half of the Worker that waits: the hour, and limits on how long to wait. It is
 * injected, so that tests and the simulator run on a time of their own.
 */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `run` once, `delayMs` from now, unless the returned function is called before. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The reason of every signal that a time limit of ours aborted. */
class TimeLimit extends Error {
  constructor(limitMs: number) {
    super(`no end within ${limitMs / 1000} s`);
    this.name = "TimeLimit";
  }
}

/** A moment after which waiting is over. `clear` it when the work is done, or its timer lives on. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly atMs: number;
  clear(): void;
}

/** A deadline `limitMs` from now, or earlier where the `parent` ends earlier. */
export function deadlineIn(clock: Clock, limitMs: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const cancelTimer = clock.after(limitMs, () => controller.abort(new TimeLimit(limitMs)));
  const followParent = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) followParent();
  parent?.addEventListener("abort", followParent);
  return {
    signal: controller.signal,
    atMs: clock.now() + limitMs,
    clear: () => {
      cancelTimer();
      parent?.removeEventListener("abort", followParent);
    },
  };
}

/**
 * What `work` gives, or a throw of the signal's reason as soon as it aborts: the work itself may not
 * listen to the signal. What comes of it afterwards is left alone; its late failure is no news.
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(asError(signal.reason));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** Whatever was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
