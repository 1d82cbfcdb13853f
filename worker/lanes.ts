/** Calls of AWS within one look or one act: each has a slot, a lane and a report. */
import type { CallReport, Lane } from "../durable/rules/world.ts";
import type { Failure, Result } from "./aws/errors.ts";
import type { Clock } from "./clock.ts";
import type { Slots } from "./slots.ts";

interface Called<T> {
  readonly result: Result<T>;
  /** Null where nothing was sent: the lane lost no token by it, and learns nothing. */
  readonly report: CallReport | null;
}

export interface Lanes {
  /**
   * Makes one call as soon as a slot is free. It is `unsent` where `signal` aborts before, or where
   * AWS has throttled the lane since these lanes were made: more refusals would bring nothing.
   */
  call<T>(lane: Lane, signal: AbortSignal, work: () => Promise<Result<T>>): Promise<Called<T>>;
}

export function createLanes(clock: Clock, slots: Slots): Lanes {
  const throttled = new Set<Lane>();

  return {
    call: async (lane, signal, work) => {
      const release = await slots.take(signal);
      if (release === null) return unsent("not sent: there was no time left for it");
      try {
        if (throttled.has(lane)) {
          return unsent(`not sent: lane throttled (AWS refused an earlier ${lane} call)`);
        }
        const startedAt = clock.now();
        const result = await work();
        if (result.kind === "unsent") return { result, report: null };
        if (result.kind === "throttled") throttled.add(lane);
        return { result, report: { lane, startedAt, throttled: result.kind === "throttled" } };
      } finally {
        release();
      }
    },
  };
}

function unsent(message: string): { result: Failure; report: null } {
  return { result: { kind: "unsent", message }, report: null };
}
