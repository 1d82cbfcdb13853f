/**
 * A whole schedule by the reference: the walked minutes of its zones, and beside them the rules of who goes
 * before whom, told once more. An entry that began before the range counts from its last beginning within
 * the range, so the range begins well before the moment that is asked for. Nothing of the product is used.
 */
import { matcherOf } from "./matcher.ts";
import { type WalkedMinute, walkMinutes } from "./walk.ts";
import { DAY, clockOf } from "./zones.ts";

export interface WrittenSchedule {
  readonly schedule: readonly {
    readonly cron: string;
    readonly timezone: string;
    readonly spares: string;
    readonly until: string | null;
  }[];
  readonly specialDays: readonly {
    readonly from: string;
    readonly until: string;
    readonly timezone: string;
    readonly spares: string;
  }[];
}

export interface Expected {
  readonly at: number;
  /** Null where the schedule says nothing any more. */
  readonly value: string | null;
  /** A special day rules from here on. */
  readonly special: boolean;
}

/** The boundaries of a range of whole days of UTC that holds both moments, in order. */
export function expectedBoundaries(
  { schedule, specialDays }: WrittenSchedule,
  first: number,
  last: number,
): Expected[] {
  const [from, until] = [Math.floor(first / DAY) * DAY, Math.ceil(last / DAY) * DAY];
  const walked = (timezone: string): readonly WalkedMinute[] => walkedIn(timezone, from, until);
  const entries = schedule.map((entry) => lifeOf(entry, walked(entry.timezone)));
  const days = specialDays.map((day) => ({
    spares: day.spares,
    from: reachedAt(walked(day.timezone), localOf(day.from)),
    until: reachedAt(walked(day.timezone), localOf(day.until)),
  }));
  const moments = [
    ...entries.flatMap(({ begins, end }) => [...begins.map(({ at }) => at), end]),
    ...days.flatMap((day) => [day.from, day.until]),
  ].filter((at) => at > from && at <= until);

  const expected: Expected[] = [];
  for (const at of [...new Set(moments)].toSorted((one, other) => one - other)) {
    const running = days.filter((day) => day.from <= at && at < day.until);
    const ruler = running.reduce<(typeof days)[number] | null>(
      (last, day) => (last === null || day.from >= last.from ? day : last),
      null,
    );
    const isEdge = days.some((day) => day.from < day.until && day.until === at);
    if (ruler !== null && (ruler.from === at || isEdge))
      expected.push({ at, value: ruler.spares, special: true });
    else if (ruler === null && (isEdge || entries.some((life) => happensAt(life, at))))
      expected.push({ at, value: newestValue(entries, at), special: false });
  }
  return expected;
}

interface Life {
  readonly spares: string;
  /** Each beginning, and how long before it the local time would have been that was skipped. */
  readonly begins: readonly { readonly at: number; readonly early: number }[];
  /** From here on the entry is over. */
  readonly end: number;
}

function lifeOf(entry: WrittenSchedule["schedule"][number], walked: readonly WalkedMinute[]): Life {
  const matches = matcherOf(entry.cron);
  const end = entry.until === null ? Infinity : reachedAt(walked, localOf(entry.until) + DAY);
  const begins = walked.flatMap(({ at, reached }) => {
    const local = at < end ? reached.findLast(matches) : undefined;
    return local === undefined ? [] : [{ at, early: (reached.at(-1) ?? local) - local }];
  });
  return { spares: entry.spares, begins, end };
}

function happensAt({ begins, end }: Life, at: number): boolean {
  return end === at || begins.some((each) => each.at === at);
}

function newestValue(entries: readonly Life[], now: number): string | null {
  let newest: { at: number; early: number; spares: string } | null = null;
  for (const { spares, begins, end } of entries) {
    if (end <= now) continue;
    const last = begins.findLast(({ at }) => at <= now);
    if (last === undefined) continue;
    const isNewer =
      newest === null ||
      last.at > newest.at ||
      (last.at === newest.at && last.early <= newest.early);
    if (isNewer) newest = { ...last, spares };
  }
  return newest?.spares ?? null;
}

/** The first minute at which a clock has reached a local time: never, or before the range, where it is outside. */
function reachedAt(walked: readonly WalkedMinute[], local: number): number {
  const first = walked[0]?.reached[0] ?? Infinity;
  if (local < first) return -Infinity;
  return walked.find(({ reached }) => (reached.at(-1) ?? -Infinity) >= local)?.at ?? Infinity;
}

function localOf(written: string): number {
  return Date.parse(written.includes("T") ? `${written}Z` : `${written}T00:00Z`);
}

const WALKS_MAX = 200;
const walks = new Map<string, readonly WalkedMinute[]>();

function walkedIn(timezone: string, from: number, until: number): readonly WalkedMinute[] {
  const key = `${timezone} ${from} ${until}`;
  const known = walks.get(key);
  if (known !== undefined) return known;
  const walked = walkMinutes(clockOf(timezone), from, until);
  if (walks.size >= WALKS_MAX) walks.clear();
  walks.set(key, walked);
  return walked;
}
