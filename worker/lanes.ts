/** Calls of AWS within one look or one act: each has a connection, a lane and a report. */
import type { CallReport, Lane, CallPace } from "../durable/rules/world.ts";
import type { Failure, Result } from "./aws/errors.ts";
import type { Clock } from "./clock.ts";
import { createSlots, type Slots } from "./slots.ts";

interface Called<T> {
  readonly result: Result<T>;
  /** Null where nothing was sent: the lane lost no token by it, and learns nothing. */
  readonly report: CallReport | null;
}

export interface Lanes {
  /**
   * Makes one call as soon as a connection is free and its token bucket's pace lets it. It is `unsent` where
   * `signal` aborts before, or where AWS has refused a call of the same bucket since these lanes were
   * made: more of them would only be refused as well. Without a pace, the lane stands for its bucket.
   */
  call<T>(
    lane: Lane,
    pace: CallPace | null,
    signal: AbortSignal,
    work: () => Promise<Result<T>>,
  ): Promise<Called<T>>;
}

export function createLanes(clock: Clock, connections: Slots): Lanes {
  const throttled = new Set<string>();
  const paced = new Map<string, Slots>();

  const paceOf = ({ bucket, atOnce }: CallPace): Slots => {
    const slots = paced.get(bucket) ?? createSlots(atOnce);
    paced.set(bucket, slots);
    return slots;
  };

  return {
    call: async (lane, pace, signal, work) => {
      const bucket = pace?.bucket ?? lane;
      return inTurn(
        pace === null ? [connections] : [paceOf(pace), connections],
        signal,
        async () => {
          if (throttled.has(bucket)) {
            return unsent(`not sent: lane throttled (AWS refused an earlier call of ${bucket})`);
          }
          const startedAt = clock.now();
          const result = await work();
          if (result.kind === "unsent") return { result, report: null };
          if (result.kind === "throttled") throttled.add(bucket);
          return { result, report: { lane, startedAt, throttled: result.kind === "throttled" } };
        },
      );
    },
  };
}

/** Waits for a slot of each, does the work, and frees them. */
async function inTurn<T>(
  [first, ...rest]: readonly Slots[],
  signal: AbortSignal,
  work: () => Promise<Called<T>>,
): Promise<Called<T>> {
  if (first === undefined) return work();
  const release = await first.take(signal);
  if (release === null) return unsent("not sent: there was no time left for it");
  try {
    return await inTurn(rest, signal, work);
  } finally {
    release();
  }
}

function unsent(message: string): { result: Failure; report: null } {
  return { result: { kind: "unsent", message }, report: null };
}
