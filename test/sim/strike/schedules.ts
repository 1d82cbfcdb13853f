/** Ways in which an operator changes the schedule of a spec. */
import { createRandom, type Random } from "../../aws/demand/random.ts";
import {
  type Day,
  type Entry,
  entryOf,
  localTime,
  valueOf,
  withinMax,
} from "../generate-schedule.ts";
import { TAG } from "../world/world.ts";

interface Spares {
  readonly tag?: object | null;
  readonly schedule?: readonly Entry[];
  readonly specialDays?: readonly Day[];
}

const MINUTE_MS = 60_000;

type Change = (spares: Spares, random: Random, now: number) => Spares;

const CHANGES: readonly Change[] = [
  ({ schedule = [] }, random, now) => ({ schedule: [...schedule, entryOf(random, null, now)] }),
  ({ schedule = [] }) => ({ schedule: schedule.slice(1) }),
  ({ schedule = [] }, random) => ({
    schedule: schedule.map((entry) => ({ ...entry, spares: valueOf(random) })),
  }),
  () => ({ schedule: [], specialDays: [] }),
  ({ tag }) => ({ tag: tag === undefined || tag === null ? TAG : null }),
  (_spares, random, now) => ({ specialDays: [aDayFrom(now, random)] }),
  () => ({ specialDays: [] }),
];

/** The section with one change, drawn from `n`. */
export function changedSchedule(spares: object, n: number, now: number): object {
  const change = CHANGES[n % CHANGES.length];
  return withinMax({ ...spares, ...change?.(spares, createRandom(n, "schedule changed"), now) });
}

/** It begins a few minutes before or after now. */
function aDayFrom(now: number, random: Random): Day {
  const from = now + Math.floor(random() * 12 - 4) * MINUTE_MS;
  const until = from + Math.floor(5 + random() * 10) * MINUTE_MS;
  return {
    name: "a day off",
    from: localTime("Asia/Seoul", from),
    until: localTime("Asia/Seoul", until),
    timezone: "Asia/Seoul",
    spares: valueOf(random),
  };
}
