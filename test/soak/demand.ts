/** Who comes during a soak: few at most times, and many at once now and then. Times are the model's. */
import { createRandom } from "../aws/demand/random.ts";
import type { Rate } from "../aws/demand/rate.ts";

/** A demand that can be brought to an end. */
export interface Bursts {
  readonly rateFrom: (startMs: number) => Rate;
  /** From this moment on nobody comes any more. */
  readonly stopAt: (atMs: number) => void;
}

const MINUTE_MS = 60_000;
const CALM_PER_HOUR = 4;
/** With sessions of half an hour on average, bursts of ten one after another meet the maximum at times. */
const BURST_PER_HOUR = 120;
const BURST_MS = 5 * MINUTE_MS;
/** One burst in each, somewhere. */
const SLOT_MS = 30 * MINUTE_MS;

export function burstsOf(seed: number): Bursts {
  let endMs = Number.POSITIVE_INFINITY;
  const burstAt = (slot: number): number =>
    slot * SLOT_MS + createRandom(seed, `burst ${slot}`)() * (SLOT_MS - BURST_MS);
  const perHour = (sinceMs: number): number => {
    const intoBurstMs = sinceMs - burstAt(Math.floor(sinceMs / SLOT_MS));
    return 0 <= intoBurstMs && intoBurstMs < BURST_MS ? BURST_PER_HOUR : CALM_PER_HOUR;
  };
  return {
    rateFrom: (startMs) => ({
      maxPerHour: BURST_PER_HOUR,
      perHour: (atMs) => (atMs < endMs ? perHour(atMs - startMs) : 0),
    }),
    stopAt: (atMs) => {
      endMs = atMs;
    },
  };
}

/** The targets that a person turns the tag to, one after another. */
export function* turnsOfTarget(
  seed: number,
  { min, max }: { readonly min: number; readonly max: number },
): Generator<number, never> {
  const random = createRandom(seed, "targets");
  for (;;) yield min + Math.floor(random() * (max - min + 1));
}
