/** Moments as the clock on the wall of the fleet's people shows them. */
import { lasted } from "../../durable/rules/phrases.ts";

const DAY_MS = 86_400_000;
/** A weekday names one day among so many, and not today. */
const WEEKDAY_DAYS = 6;

export interface WallClock {
  /** `Mon 23 Nov 03:04:05`. */
  readonly date: string;
  /** `GMT+9`. */
  readonly offset: string;
  /** `09:00`; on another day `Mon 09:00`, and farther away `31 Dec 18:00`. */
  at(moment: string): string;
  /** The same, with the seconds where it is today. */
  exactlyAt(moment: string): string;
  /** How long ago it was: `19 minutes`. */
  ago(moment: string): string;
  ageMs(moment: string): number;
}

export function wallClock(timezone: string, now: number): WallClock {
  const partsOf = partsIn(timezone);
  const today = partsOf(now);

  const at = (moment: string, seconds: boolean): string => {
    const ms = Date.parse(moment);
    const parts = partsOf(ms);
    const time = `${parts.hour}:${parts.minute}`;
    if (parts.day === today.day && parts.month === today.month && parts.year === today.year)
      return seconds ? `${time}:${parts.second}` : time;
    const isNear = Math.abs(ms - now) < WEEKDAY_DAYS * DAY_MS;
    return isNear ? `${parts.weekday} ${time}` : `${parts.day} ${parts.month} ${time}`;
  };
  const ageMs = (moment: string): number => now - Date.parse(moment);
  return {
    date: `${today.weekday} ${today.day} ${today.month} ${today.hour}:${today.minute}:${today.second}`,
    offset: today.timeZoneName ?? timezone,
    at: (moment) => at(moment, false),
    exactlyAt: (moment) => at(moment, true),
    ago: (moment) => lasted(ageMs(moment)),
    ageMs,
  };
}

type Parts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

function partsIn(timeZone: string): (ms: number) => Parts {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "shortOffset",
  });
  return (ms) =>
    Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
}
