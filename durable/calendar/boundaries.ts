/**
 * The boundaries of a schedule: the moments at which another value begins to hold.
 *
 * 1. The newest boundary of all entries rules.
 * 2. An entry begins at each local time of its cron expression, as `timezone.ts` has it: after the gap
 *    where the time is skipped, once where it comes twice.
 * 3. An entry with `until` ends with that local date. From there on the newest beginning of the other
 *    entries holds, or nothing of the schedule (null).
 * 4. Special days begin and end at boundaries, and mute what lies between. The one that began last
 *    rules. Where none is left, the newest beginning of the schedule holds, though it was mute.
 * 5. At one instant there is one boundary: special days go before the schedule, the entry whose time is
 *    later before one whose time was skipped, and what is later in the list before what is earlier.
 */
import type { Boundary } from "../rules/model.ts";
import type { SparesSpec } from "../rules/spec.ts";
import { EntryTimes, HORIZON } from "./entry-times.ts";
import { type Range, endedAt, rangesOf, rulingAt } from "./special-days.ts";
import type { LocalInstant } from "./timezone.ts";

export type Schedule = Pick<SparesSpec, "schedule" | "specialDays">;

/** The newest boundary until now, at most ten years back. */
export function lastBoundary(spares: Schedule, now: number): Boundary | null {
  return new Agenda(spares, now).last();
}

/** The first boundary after now, at most ten years ahead. */
export function nextBoundary(spares: Schedule, now: number): Boundary | null {
  return new Agenda(spares, now).advance();
}

/** Those after `from`, until `until` and with it, in order, at most `max` of them. */
export function boundariesBetween(
  spares: Schedule,
  from: number,
  until: number,
  max: number,
): Boundary[] {
  const agenda = new Agenda(spares, from);
  const found: Boundary[] = [];
  while (found.length < max) {
    const boundary = agenda.advance();
    if (boundary === null || boundary.at > until) break;
    found.push(boundary);
  }
  return found;
}

interface Beginning {
  readonly times: EntryTimes;
  readonly instant: LocalInstant;
}

/** A schedule as seen from a moment that moves. */
class Agenda {
  readonly #entries: readonly EntryTimes[];
  readonly #days: readonly Range[];
  readonly #edges: readonly number[];
  #now: number;

  constructor(spares: Schedule, now: number) {
    this.#entries = spares.schedule.map((entry) => new EntryTimes(entry, now));
    this.#days = rangesOf(spares.specialDays);
    this.#edges = this.#days.flatMap(({ from, until }) => [from.at, until.at]).sort(ascending);
    this.#now = now;
  }

  last(): Boundary | null {
    const edge = this.#edges.findLast((at) => at <= this.#now) ?? -Infinity;
    const at =
      rulingAt(this.#days, this.#now) === null ? Math.max(edge, this.#lastOfEntries()) : edge;
    return at < this.#now - HORIZON ? null : this.#boundaryAt(at);
  }

  /** Moves to the next boundary. */
  advance(): Boundary | null {
    const edge = this.#edges.find((at) => at > this.#now) ?? Infinity;
    const at =
      rulingAt(this.#days, this.#now) === null ? Math.min(edge, this.#nextOfEntries()) : edge;
    return at > this.#now + HORIZON ? null : this.#boundaryAt(at);
  }

  #lastOfEntries(): number {
    return this.#entries.reduce((latest, { ended, end, last }) => {
      const at = ended ? end?.at : last?.at;
      return Math.max(latest, at ?? -Infinity);
    }, -Infinity);
  }

  #nextOfEntries(): number {
    return this.#entries.reduce((first, { ended, end, next }) => {
      if (ended) return first;
      return Math.min(first, end?.at ?? Infinity, next?.at ?? Infinity);
    }, Infinity);
  }

  /** What happens at an instant at which something begins or ends. */
  #boundaryAt(at: number): Boundary {
    this.#now = at;
    for (const times of this.#entries) times.moveTo(at);

    const ruling = rulingAt(this.#days, at);
    if (ruling?.from.at === at) return edgeOf(ruling, "begins", true, ruling.day.spares);
    const ended = endedAt(this.#days, at);
    if (ended !== null) {
      const value = ruling?.day.spares ?? this.#ordinaryValue();
      return edgeOf(ended, "ends", ruling !== null, value);
    }
    return this.#ordinary(at);
  }

  #ordinary(at: number): Boundary {
    const newest = this.#newest();
    if (newest?.instant.at === at)
      return boundary(newest.times, newest.instant, "begins", newest.times.entry.spares);

    const ended = this.#entries.findLast(({ end }) => end?.at === at);
    if (!ended?.end) throw new Error("a boundary at which nothing begins or ends");
    return boundary(ended, ended.end, "ends", this.#ordinaryValue());
  }

  #ordinaryValue(): string | null {
    return this.#newest()?.times.entry.spares ?? null;
  }

  /** The newest beginning of the entries that have not ended. */
  #newest(): Beginning | null {
    let newest: Beginning | null = null;
    for (const times of this.#entries) {
      const instant = times.last;
      if (instant === null) continue;
      if (newest === null || isNotOlder(instant, newest.instant)) newest = { times, instant };
    }
    return newest;
  }
}

function isNotOlder(one: LocalInstant, other: LocalInstant): boolean {
  return one.at === other.at ? one.due >= other.due : one.at > other.at;
}

function boundary(
  { entry }: EntryTimes,
  { at, dst }: LocalInstant,
  edge: Boundary["edge"],
  value: string | null,
): Boundary {
  const { name, cron, timezone } = entry;
  return {
    at,
    value,
    source: "schedule",
    special: false,
    name: name ?? cron,
    timezone,
    edge,
    dst,
  };
}

function edgeOf(
  range: Range,
  edge: Boundary["edge"],
  special: boolean,
  value: string | null,
): Boundary {
  const { name, timezone } = range.day;
  const { at, dst } = edge === "begins" ? range.from : range.until;
  return { at, value, source: "specialDay", special, name, timezone, edge, dst };
}

function ascending(one: number, other: number): number {
  return one - other;
}
