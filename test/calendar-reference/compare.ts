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
  /** One line for each difference. */
  readonly differences: readonly string[];
}

/** Each typical entry, and once more with its end on the local date of the transition. */
export function compareZone(zone: ZoneRules): Compared {
  const clock = clockOf(zone.name);
  const differences: string[] = [];
  let boundaries = 0;
  for (const transition of zone.transitions) {
    const [from, until] = [transition - AROUND, transition + AROUND];
    const walked = walkMinutes(clock, from, until);
    const date = Math.floor(clock(transition - MINUTE) / DAY) * DAY;
    for (const [cron, matches] of MATCHERS) {
      for (const end of [null, date + DAY]) {
        const noted = noteEntry(walked, matches, end);
        boundaries += noted.length;
        const entry = entryOf(cron, zone.name, end);
        differences.push(...differencesOf(entry, noted, from, until, transition));
      }
    }
  }
  return { boundaries, differences };
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
  const told = boundariesBetween(spares, from, until, Infinity);
  const wrong: string[] = [];
  const complain = (what: string, expected: string, got: string) => {
    if (expected !== got)
      wrong.push(`${entry.timezone} ${JSON.stringify(entry)} ${what}: ${expected}, not ${got}`);
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

function shown(boundary: Noted | Boundary | null): string {
  if (boundary === null) return "none";
  const { at, edge, dst } = boundary;
  return `${edge} ${time(at)}${dst === null ? "" : ` ${dst}`}`;
}

function time(at: number): string {
  return new Date(at).toISOString().replace(":00.000Z", "Z");
}
