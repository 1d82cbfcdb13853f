/** A fleet of capacity 1 that follows `auto` and is held back by nothing: sessions in, hours and refusals out. */
import { type Auto, autoTarget, beginAuto, learn, reachOf } from "../../../durable/rules/auto.ts";
import { createRandom } from "../../aws/demand/random.ts";

const TICK_SECONDS = 30;
const BOOT_SECONDS = { min: 60, max: 180 } as const;
/** Nearly all boots of that kind are over by then. */
const BOOT_P95_MS = 180_000;

export interface Session {
  readonly start: number;
  readonly seconds: number;
}

/** What the judged time was like. Hours are of servers, from launch to release. */
export interface Played {
  readonly hours: number;
  readonly busyHours: number;
  readonly starts: number;
  readonly refused: number;
  readonly spares: readonly number[];
  readonly auto: Auto;
}

interface Options {
  readonly share: number;
  /** Hours and refusals count from here to the end, in seconds. */
  readonly from: number;
  readonly until: number;
  readonly seed: number;
  /** From and until which second no launch gets through. */
  readonly outage?: readonly [number, number];
  /** The rule hears that it could not have what it wanted. */
  readonly isTold?: boolean;
}

/** Plays the sessions, in the order of their starts. A session that finds no free server is lost. */
export function play(sessions: readonly Session[], options: Options): Played {
  const { share, from, until, seed, outage, isTold = true } = options;
  const random = createRandom(seed, "boots");
  let auto = beginAuto(share);
  let idle = 0;
  let busyUntil: number[] = [];
  let boots: number[] = [];
  const sums = { seconds: 0, busySeconds: 0, starts: 0, refused: 0 };
  const spares: number[] = [];
  let next = 0;
  for (let now = 0; now < until; now += TICK_SECONDS) {
    const seen = { starts: 0, refused: 0 };
    for (; (sessions[next]?.start ?? Infinity) <= now; next++) {
      const { start, seconds } = sessions[next] ?? { start: now, seconds: 0 };
      idle += free(start);
      seen.starts++;
      if (idle === 0) seen.refused++;
      else {
        idle--;
        busyUntil.push(start + seconds);
        const judged = Math.min(until, start + seconds) - Math.max(from, start);
        sums.busySeconds += Math.max(0, judged);
      }
    }
    idle += free(now);
    const isOut = outage !== undefined && outage[0] <= now && now < outage[1];
    auto = learn(auto, share, now * 1000, { ...seen, isHeld: isOut && isTold });
    const wanted = autoTarget(auto, now * 1000, reachOf(BOOT_P95_MS)).spares;
    const missing = isOut ? 0 : wanted - idle - boots.length;
    for (let each = 0; each < missing; each++)
      boots.push(now + BOOT_SECONDS.min + random() * (BOOT_SECONDS.max - BOOT_SECONDS.min));
    // As the product retires: never below the target, whatever is on its way.
    idle = Math.min(idle, wanted);
    if (now < from) continue;
    spares.push(wanted);
    sums.seconds += (idle + busyUntil.length + boots.length) * TICK_SECONDS;
    sums.starts += seen.starts;
    sums.refused += seen.refused;
  }
  return {
    hours: sums.seconds / 3600,
    busyHours: sums.busySeconds / 3600,
    starts: sums.starts,
    refused: sums.refused,
    spares,
    auto,
  };

  /** Servers that became free until then: their session ended, or their boot did. */
  function free(at: number): number {
    const before = busyUntil.length + boots.length;
    busyUntil = busyUntil.filter((end) => end > at);
    boots = boots.filter((end) => end > at);
    return before - busyUntil.length - boots.length;
  }
}

/** Sessions of twenty minutes on the average that start at random, so many an hour. */
export function steady(perHour: number, seconds: number, seed: number): Session[] {
  const random = createRandom(seed, "demand");
  const sessions: Session[] = [];
  for (let at = 0; at < seconds;) {
    at -= (Math.log(1 - random()) * 3600) / perHour;
    sessions.push({ start: at, seconds: -Math.log(1 - random()) * 1200 });
  }
  return sessions;
}
