/** The site of a scenario as the embedded AWS and the network take it. */
import { LIGHTSAIL_LANES, type ThrottleOptions } from "../../aws/wire/throttle.ts";
import type { Random } from "../../aws/demand/random.ts";
import type { Network, Throttling } from "../scenario.ts";

export function throttleOf(throttling: Throttling | null): ThrottleOptions {
  if (throttling === null) return {};
  const { kind, ...bucket } = throttling;
  switch (kind) {
    case "shared":
      return { shared: bucket };
    case "apart":
      return { apart: { reads: bucket, writes: bucket } };
    case "separate":
      return { lanes: Object.fromEntries(LIGHTSAIL_LANES.map((lane) => [lane, bucket])) };
  }
}

/** Moments are rounded to this, so that what is under way together wakes together: a run is faster so. */
const GRAIN_MS = 5;
/** TCP sends a lost packet again after this, and twice as long after each further loss. */
const RESEND_MS = 1_000;
const JITTER_SHARE = 0.25;
/** Half of what AWS itself takes over a call. */
const AWS_ONE_WAY_MS = 50;
/** A connection is opened, then asked; its answer is half a round trip away. */
const ROUND_TRIPS_TO_ASK = 1.5;

/** A probe on its way: until the server has it, and from there until its answer is here. */
export interface ProbeDelay {
  readonly askMs: number;
  readonly answerMs: () => number;
}

/** How long things take on the way, each drawn anew. */
export interface Delays {
  /** One way of a call on AWS, or of a drain call. */
  call(): number;
  probe(): ProbeDelay;
}

export function delaysOf(network: Network | null, random: Random): Delays {
  return network === null ? ordinary(random) : measured(network, random);
}

/** Calls take 5 to 60 ms each way, and sometimes a second; of ten probes one is slow. */
function ordinary(random: Random): Delays {
  return {
    call: () =>
      random() < 0.02 ? 200 + Math.floor(random() * 1_300) : 5 + Math.floor(random() * 55),
    probe: () => {
      const isTypical = random() < 0.9;
      return {
        askMs: isTypical ? 20 : Math.floor(random() * 800),
        answerMs: () => (isTypical ? 0 : Math.floor(random() * 1_500)),
      };
    },
  };
}

/** The connection to AWS stands already; the one to a server is opened first. */
function measured({ roundTripMs, lossShare }: Network, random: Random): Delays {
  const jittered = (ms: number): number =>
    Math.ceil((ms * (1 + JITTER_SHARE * (2 * random() - 1))) / GRAIN_MS) * GRAIN_MS;
  const resent = (): number => {
    let ms = 0;
    for (let waitMs = RESEND_MS; random() < lossShare; waitMs *= 2) ms += waitMs;
    return ms;
  };
  return {
    call: () => jittered(roundTripMs / 2 + AWS_ONE_WAY_MS),
    probe: () => ({
      askMs: jittered(roundTripMs * ROUND_TRIPS_TO_ASK) + resent(),
      answerMs: () => jittered(roundTripMs / 2) + resent(),
    }),
  };
}
