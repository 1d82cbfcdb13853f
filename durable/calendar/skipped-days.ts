/** Special days that never come, because the clock is set forward over the whole of them. */
import type { SpecialDay } from "../rules/spec.ts";
import { instantOf, localTime } from "./timezone.ts";

/** Each in a sentence; empty where all of them come. */
export function skippedDayWarnings(days: readonly SpecialDay[]): string[] {
  return days
    .filter(({ timezone, from, until }) => {
      const begins = instantOf(timezone, localTime(from));
      return begins.at >= instantOf(timezone, localTime(until)).at;
    })
    .map(
      ({ name, timezone, from, until }) =>
        `The special day ${name} never comes: from ${from} until ${until} the clocks of ${timezone} are set forward, and there are no such times.`,
    );
}
