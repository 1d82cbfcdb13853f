/** What the schedule will do: each boundary of the next days, when launches begin, what it costs. */
import { parseExpression, sparesOf } from "../rules/expression.ts";
import { DAY_MS, HOUR_MS } from "../rules/limits.ts";
import type { Boundary } from "../rules/model.ts";
import type { BoundaryView, ScheduleBasis, ScheduleView } from "../rules/target-views.ts";
import { boundariesBetween } from "./boundaries.ts";
import { clockChangesOn, shownAt } from "./timezone.ts";

/** More than a page shows or a person reads; `more` says that there are others. */
const BOUNDARIES_MAX = 1_000;
const HOURS_PER_DAY = DAY_MS / HOUR_MS;
/** Boundaries are found for so much longer than is asked, and serve as long. */
const SERVE_MS = 60_000;
/** Previews that are remembered: of some fleets, for some numbers of days. */
const REMEMBERED_MAX = 16;

interface Found {
  readonly from: number;
  readonly boundaries: readonly Boundary[];
}

/** Finds the boundaries of a schedule, and remembers those of the last schedules for a minute. */
export class Previews {
  readonly #found = new Map<string, Found>();

  of(basis: ScheduleBasis, days: number): ScheduleView {
    const { now, ruling } = basis;
    const until = now + days * DAY_MS;
    const ahead = this.#ahead(basis, days).filter(({ at }) => now < at && at <= until);
    const boundaries = ahead.slice(0, BOUNDARIES_MAX);
    return {
      leadSeconds: Math.round(basis.leadMs / 1000),
      leadMeasuredOn: basis.leadMeasuredOn,
      ruling: ruling === null ? null : boundaryOf(basis, ruling, null),
      tagWritePending: basis.tagWritePending,
      boundaries: boundaries.map((boundary, index) =>
        boundaryOf(basis, boundary, sparesBefore(basis, boundaries[index - 1])),
      ),
      more: ahead.length > boundaries.length,
      overrides: basis.overrides,
    };
  }

  /** Some more than are wanted: the first of them may lie in the past by the next request. */
  #ahead({ now, spares }: ScheduleBasis, days: number): readonly Boundary[] {
    const { schedule, specialDays } = spares;
    const key = JSON.stringify([days, schedule, specialDays]);
    const known = this.#found.get(key);
    if (known !== undefined && known.from <= now && now < known.from + SERVE_MS)
      return known.boundaries;
    const until = now + days * DAY_MS + SERVE_MS;
    // Of those that lie in the past a minute later there is one at most for each entry.
    const max = BOUNDARIES_MAX + 1 + schedule.length + specialDays.length;
    const boundaries = boundariesBetween(spares, now, until, max);
    this.#found.delete(key);
    this.#found.set(key, { from: now, boundaries });
    const oldest = this.#found.keys().next();
    if (this.#found.size > REMEMBERED_MAX && oldest.done !== true) this.#found.delete(oldest.value);
    return boundaries;
  }
}

/** Before the first boundary, what rules now, no matter who has set it. */
function sparesBefore(basis: ScheduleBasis, before: Boundary | undefined): number {
  return before === undefined ? basis.sparesNow : sparesAt(basis, before);
}

/** @param before the spares until then; null where launches towards it do not lie ahead. */
function boundaryOf(basis: ScheduleBasis, boundary: Boundary, before: number | null): BoundaryView {
  const { at, value, source, name, timezone, edge, dst } = boundary;
  const spares = sparesAt(basis, boundary);
  const isMore = before !== null && spares > before;
  const { local, weekday } = shownAt(timezone, at);
  return {
    at: new Date(at).toISOString(),
    local,
    weekday,
    timezone,
    source,
    name,
    edge,
    expression: value,
    spares,
    launchFrom: isMore ? new Date(at - basis.leadMs).toISOString() : null,
    usdPerDay: usdPerDay(basis, spares),
    dst,
    clockChanges: clockChangesOn(timezone, at),
  };
}

/** Where the schedule says nothing more, the default is what is left. */
function sparesAt({ spares, sessions }: ScheduleBasis, { value }: Boundary): number {
  const parsed = parseExpression(value ?? spares.default);
  if (!parsed.ok) return 0;
  return Math.min(spares.max, Math.max(spares.min, sparesOf(parsed.expression, sessions)));
}

/** Of so many spares and of the sessions that are held now. */
function usdPerDay(basis: ScheduleBasis, spares: number): number | null {
  const { hourlyUsd, capacity, sessions } = basis;
  if (hourlyUsd === null) return null;
  const servers = Math.ceil((spares + sessions) / capacity);
  return Math.round(servers * hourlyUsd * HOURS_PER_DAY * 100) / 100;
}
