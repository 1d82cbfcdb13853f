/**
 * The reference: walks a range minute by minute with a zone's clock, and notes what begins and ends.
 * A minute that the clock passes over is noted at the minute at which it is first passed; one that the
 * clock shows again is not noted again.
 */
import { DAY, MINUTE } from "./zones.ts";

export interface WalkedMinute {
  readonly at: number;
  /** The local minutes that the clock reached here for the first time: one, or those of a gap too. */
  readonly reached: readonly number[];
  /** Local times from here on are shown a second time within the day after. */
  readonly repeated: boolean;
}

export interface Noted {
  readonly at: number;
  readonly edge: "begins" | "ends";
  readonly dst: "skipped" | "repeated" | null;
}

/** Every minute of a range at which the clock reaches a minute that it had not shown before. */
export function walkMinutes(
  clock: (at: number) => number,
  from: number,
  until: number,
): WalkedMinute[] {
  const walked: WalkedMinute[] = [];
  const seen = new Map<number, number>();
  let latest = clock(from - DAY);
  for (let at = from - DAY + MINUTE; at <= until + DAY; at += MINUTE) {
    const local = clock(at);
    seen.set(local, (seen.get(local) ?? 0) + 1);
    const reached: number[] = [];
    for (let minute = latest + MINUTE; minute <= local; minute += MINUTE) reached.push(minute);
    latest = Math.max(latest, local);
    if (reached.length > 0 && at > from && at <= until)
      walked.push({ at, reached, repeated: false });
  }
  return walked.map((minute) => ({
    ...minute,
    repeated: (seen.get(minute.reached.at(-1) ?? NaN) ?? 0) > 1,
  }));
}

/** What an entry does in a walked range; `end` is the local time of its end. */
export function noteEntry(
  walked: readonly WalkedMinute[],
  matches: (local: number) => boolean,
  end: number | null,
): Noted[] {
  const noted: Noted[] = [];
  for (const { at, reached, repeated } of walked) {
    const shown = reached.at(-1);
    const dstOf = (local: number) =>
      local !== shown ? "skipped" : repeated ? "repeated" : (null satisfies Noted["dst"]);

    if (end !== null && reached.includes(end)) {
      noted.push({ at, edge: "ends", dst: dstOf(end) });
      return noted;
    }
    const last = reached.findLast(matches);
    if (last !== undefined) noted.push({ at, edge: "begins", dst: dstOf(last) });
  }
  return noted;
}
