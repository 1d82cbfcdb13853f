/** The zones of the world by what their clocks do, found with `Intl` alone. */

const SECOND = 1_000;
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export interface ZoneRules {
  /** One name for all zones whose clocks do the same in the years looked at. */
  readonly name: string;
  /** The first instants of another offset. */
  readonly transitions: readonly number[];
}

/** What the clock of a zone shows, as the milliseconds that a UTC clock would show it at. */
export function clockOf(timezone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  // `25/10/2026, 02:30:00`, read by place: this is asked millions of times.
  return (at) => {
    const shown = format.format(at);
    const digits = (from: number, length: number) => Number(shown.slice(from, from + length));
    return Date.UTC(
      digits(6, 4),
      digits(3, 2) - 1,
      digits(0, 2),
      digits(12, 2),
      digits(15, 2),
      digits(18, 2),
    );
  };
}

/** Each set of transitions once, under the first name that has it. */
export function distinctZones(names: readonly string[], from: number, until: number): ZoneRules[] {
  const found = new Map<string, ZoneRules>();
  for (const name of names) {
    const { signature, transitions } = transitionsOf(name, from, until);
    if (!found.has(signature)) found.set(signature, { name, transitions });
  }
  return [...found.values()];
}

/** Asks twice a day, and halves the time between two answers that differ. */
function transitionsOf(name: string, from: number, until: number) {
  const clock = clockOf(name);
  const offset = (at: number) => clock(at) - at;
  const transitions: number[] = [];
  const offsets = [offset(from)];
  for (let at = from; at < until; at += DAY / 2) {
    const after = offset(at + DAY / 2);
    if (after === offsets.at(-1)) continue;
    transitions.push(halve(offset, at, at + DAY / 2));
    offsets.push(after);
  }
  return { transitions, signature: JSON.stringify([offsets, transitions]) };
}

function halve(offset: (at: number) => number, from: number, until: number): number {
  const before = offset(from);
  let [low, high] = [from, until];
  while (high - low > SECOND) {
    const middle = low + Math.floor((high - low) / (2 * SECOND)) * SECOND;
    if (offset(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
