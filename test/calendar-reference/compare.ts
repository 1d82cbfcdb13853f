/** The calendar against the reference, around the transitions of one zone. */
import {
  boundariesBetween,
  lastBoundary,
  nextBoundary,
} from "../../durable/calendar/boundaries.ts";
import type { Boundary } from "../../durable/rules/model.ts";
import { TYPICAL } from "./entries.ts";
import { matcherOf } from "./matcher.ts";
import { type Noted, noteEntry, walkMinutes } from "./walk.ts";
import { DAY, MINUTE, type ZoneRules, clockOf } from "./zones.ts";

const AROUND = 3 * DAY;
const MATCHERS = new Map(TYPICAL.map((cron) => [cron, matcherOf(cron)]));

export interface Compared {
  readonly boundaries: number;
  /** How many differences there are. */
  readonly different: number;
  /** One line for each of the first ones: a calendar that is wrong differs at every transition. */
  readonly differences: readonly string[];
}

const DIFFERENCES_SHOWN_MAX = 5;
/** Of two lists of boundaries, the part at which they begin to differ. */
const LIST_LENGTH_MAX = 240;
const BEFORE_DIFFERENCE = 60;

/** Each typical entry, and once more with its end on the local date of the transition. */
export function compareZone(zone: ZoneRules): Compared {
  const clock = clockOf(zone.name);
  const differences: string[] = [];
  let [boundaries, different] = [0, 0];
  for (const transition of zone.transitions) {
    const [from, until] = [transition - AROUND, transition + AROUND];
    const walked = walkMinutes(clock, from, until);
    const date = Math.floor(clock(transition - MINUTE) / DAY) * DAY;
    for (const [cron, matches] of MATCHERS) {
      for (const end of [null, date + DAY]) {
        const noted = noteEntry(walked, matches, end);
        boundaries += noted.length;
        const entry = entryOf(cron, zone.name, end);
        const found = differencesOf(entry, noted, from, until, transition);
        different += found.length;
        differences.push(...found.slice(0, DIFFERENCES_SHOWN_MAX - differences.length));
      }
    }
  }
  return { boundaries, different, differences };
}

type Entry = ReturnType<typeof entryOf>;

function entryOf(cron: string, timezone: string, end: number | null) {
  const until = end === null ? null : new Date(end - DAY).toISOString().slice(0, 10);
  return { name: null, cron, timezone, spares: "1", until };
}

function differencesOf(
  entry: Entry,
  noted: readonly Noted[],
  from: number,
  until: number,
  transition: number,
): string[] {
  const spares = { schedule: [entry], specialDays: [] };
  // One too many is a difference already: a calendar that does not move on gives them without end.
  const told = boundariesBetween(spares, from, until, noted.length + 1);
  const wrong: string[] = [];
  const complain = (what: string, expected: string, got: string) => {
    if (expected === got) return;
    const lists = `${fromDifference(expected, got)}, not ${fromDifference(got, expected)}`;
    wrong.push(`${entry.timezone} ${JSON.stringify(entry)} ${what}: ${lists}`);
  };
  complain("all", noted.map(shown).join("; "), told.map(shown).join("; "));

  for (const now of [transition - 1, transition, transition + 90 * MINUTE, until]) {
    const last = noted.findLast(({ at }) => at <= now);
    const next = noted.find(({ at }) => at > now);
    if (last) complain(`last at ${time(now)}`, shown(last), shown(lastBoundary(spares, now)));
    if (next) complain(`next at ${time(now)}`, shown(next), shown(nextBoundary(spares, now)));
  }
  return wrong;
}

function fromDifference(list: string, other: string): string {
  let at = 0;
  while (at < list.length && list[at] === other[at]) at += 1;
  const start = Math.max(0, at - BEFORE_DIFFERENCE);
  const part = list.slice(start, start + LIST_LENGTH_MAX);
  return `${start > 0 ? "…" : ""}${part}${start + part.length < list.length ? "…" : ""}`;
}

function shown(boundary: Noted | Boundary | null): string {
  if (boundary === null) return "none";
  const { at, edge, dst } = boundary;
  return `${edge} ${time(at)}${dst === null ? "" : ` ${dst}`}`;
}

function time(at: number): string {
  return new Date(at).toISOString().replace(":00.000Z", "Z");
}
