/**
 * Local times of a zone. A local time is a number too: the milliseconds since the epoch that the same
 * reading of the clock would be in UTC.
 *
 * One rule gives every local time its instant, in a gap, in a repeat and anywhere else: the first
 * instant at which the zone's clock has reached it. A time that is skipped is so the first instant
 * after the gap, and one that comes twice is its first coming.
 */

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** No zone is further than this from UTC, nor was one since 1970, whole skipped days included. */
const OFFSET_MAX = DAY;
/** What is remembered is small, but zones and days come from outside. */
const ZONES_MAX = 64;
const DAYS_MAX = 20_000;

export interface LocalInstant {
  readonly at: number;
  /** When it would have been, had the clock not been set forward: before `at` where it is skipped. */
  readonly due: number;
  readonly dst: "skipped" | "repeated" | null;
}

/** A stretch of time in which a zone keeps its distance to UTC; `until` is no part of it. */
interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** The offset at the beginning of a UTC day, by the number of the day. */
  readonly offsets: Map<number, number>;
  /** The instant of a change within a UTC day, by the number of the day. */
  readonly changes: Map<number, number>;
}

const zones = new Map<string, Zone>();

/** Offsets such as `+09:00` are refused: they know no summer time. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z][\w+\-/]{0,63}$/u.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (thrown) {
    if (thrown instanceof RangeError) return false;
    throw thrown;
  }
}

/** `2026-12-31T18:00`, or `2026-12-31` for its midnight, as a local time. */
export function localTime(written: string): number {
  return Date.parse(written.includes("T") ? `${written}Z` : `${written}T00:00Z`);
}

/** The first instant at which the zone's clock has reached the local time. */
export function instantOf(timezone: string, local: number): LocalInstant {
  const reaching = stretches(timezone, local - OFFSET_MAX, local + OFFSET_MAX).filter(
    ({ until, offset }) => local < until + offset,
  );
  const [first, ...later] = reaching;
  if (first === undefined) throw new Error(`${timezone} never reaches ${local}`);

  const due = local - first.offset;
  if (due < first.from) return { at: first.from, due, dst: "skipped" };
  const again = later.some(({ from, offset }) => from + offset <= local);
  return { at: due, due, dst: again ? "repeated" : null };
}

/**
 * The latest local time that the zone's clock has reached by now: what it shows, but for the hours
 * after it was set back, in which it is what it showed just before that.
 */
export function latestLocal(timezone: string, now: number): number {
  const reached = stretches(timezone, now - OFFSET_MAX, now)
    .filter(({ from }) => from <= now)
    .map(({ until, offset }) => (now < until ? now : until - 1) + offset);
  return Math.max(...reached);
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

/** What the zone's clock shows at an instant: `2026-11-30T09:00:00+09:00`, and the day of the week. */
export function shownAt(timezone: string, at: number): { local: string; weekday: string } {
  const offset = offsetAt(zoneOf(timezone).format, Math.floor(at / SECOND) * SECOND);
  const shown = new Date(at + offset);
  const minutes = Math.round(Math.abs(offset) / MINUTE);
  const two = (value: number): string => String(value).padStart(2, "0");
  const sign = offset < 0 ? "-" : "+";
  return {
    local: `${shown.toISOString().slice(0, 19)}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`,
    weekday: WEEKDAYS[shown.getUTCDay()] ?? "",
  };
}

/** Whether the zone's clock is set on the local day of an instant: that day has not 24 hours. */
export function clockChangesOn(timezone: string, at: number): boolean {
  const offset = offsetAt(zoneOf(timezone).format, Math.floor(at / SECOND) * SECOND);
  const midnight = Math.floor((at + offset) / DAY) * DAY;
  return instantOf(timezone, midnight + DAY).at - instantOf(timezone, midnight).at !== DAY;
}

/** The stretches that cover a range. A zone is taken to change at most once in a UTC day. */
function stretches(timezone: string, from: number, until: number): Stretch[] {
  const zone = zoneOf(timezone);
  const found: Stretch[] = [];
  let start = Math.floor(from / DAY) * DAY;
  for (let day = Math.floor(from / DAY); day <= Math.floor(until / DAY); day += 1) {
    const offset = offsetOfDay(zone, day);
    if (offset === offsetOfDay(zone, day + 1)) continue;
    const change = changeOfDay(zone, day, offset);
    found.push({ from: start, until: change, offset });
    start = change;
  }
  const end = Math.floor(until / DAY) + 1;
  found.push({ from: start, until: end * DAY, offset: offsetOfDay(zone, end) });
  return found;
}

function zoneOf(timezone: string): Zone {
  const known = zones.get(timezone);
  if (known !== undefined) return known;

  if (zones.size >= ZONES_MAX) zones.clear();
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const zone = { format, offsets: new Map(), changes: new Map() };
  zones.set(timezone, zone);
  return zone;
}

function offsetOfDay(zone: Zone, day: number): number {
  const known = zone.offsets.get(day);
  if (known !== undefined) return known;

  if (zone.offsets.size >= DAYS_MAX) zone.offsets.clear();
  const offset = offsetAt(zone.format, day * DAY);
  zone.offsets.set(day, offset);
  return offset;
}

/** Halves the day until the second is found in which the offset changes. */
function changeOfDay(zone: Zone, day: number, offset: number): number {
  const known = zone.changes.get(day);
  if (known !== undefined) return known;

  let [before, after] = [day * DAY, (day + 1) * DAY];
  while (after - before > SECOND) {
    const middle = before + Math.floor((after - before) / (2 * SECOND)) * SECOND;
    if (offsetAt(zone.format, middle) === offset) before = middle;
    else after = middle;
  }
  if (zone.changes.size >= DAYS_MAX) zone.changes.clear();
  zone.changes.set(day, after);
  return after;
}

/** Of a whole second, since that is as fine as a clock is written. */
function offsetAt(format: Intl.DateTimeFormat, second: number): number {
  const [month, day, year, ...time] = (format.format(second).match(/\d+/gu) ?? []).map(Number);
  const [hours, minutes, seconds] = time;
  if (year === undefined || month === undefined) throw new Error("a date without a year");
  return Date.UTC(year, month - 1, day, hours, minutes, seconds) - second;
}
