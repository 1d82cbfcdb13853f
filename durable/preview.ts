/** What the schedule will do: each boundary of the next days, when launches begin, what it costs. */
import { boundariesBetween } from "./calendar/boundaries.ts";
import { clockChangesOn, shownAt } from "./calendar/timezone.ts";
import { overridesOf } from "./report.ts";
import { leadMs } from "./rules/coming.ts";
import { parseExpression, sparesOf } from "./rules/expression.ts";
import { DAY_MS, HOUR_MS } from "./rules/limits.ts";
import type { Boundary } from "./rules/model.ts";
import { tally } from "./rules/occupancy.ts";
import { isPending } from "./rules/schedule.ts";
import { hourlyUsdOf } from "./rules/spend.ts";
import type { State } from "./rules/state.ts";
import { bounded, targetOf } from "./rules/target.ts";
import type { BoundaryView, ScheduleView } from "./rules/target-views.ts";

/** A boundary in each minute of a day would be more; whoever has that sees the first of them. */
const BOUNDARIES_MAX = 1_000;
const HOURS_PER_DAY = DAY_MS / HOUR_MS;

export function scheduleOf(state: State, days: number): ScheduleView {
  const { now, spec, ruling, leads } = state;
  const until = now + days * DAY_MS;
  const found = boundariesBetween(spec.spares, now, until, BOUNDARIES_MAX + 1);
  const boundaries = found.slice(0, BOUNDARIES_MAX);
  const ruled = ruling?.boundary ?? null;
  return {
    leadSeconds: Math.round(leadMs(state) / 1000),
    leadMeasuredOn: leads.length,
    ruling: ruled === null ? null : boundaryOf(state, ruled, null),
    tagWritePending: isPending(ruling),
    boundaries: boundaries.map((boundary, index) =>
      boundaryOf(state, boundary, sparesBefore(state, boundaries[index - 1])),
    ),
    more: found.length > boundaries.length,
    overrides: overridesOf(state),
  };
}

/** Before the first boundary, what rules now, whoever has set it. */
function sparesBefore(state: State, before: Boundary | undefined): number {
  return before === undefined
    ? targetOf(state, tally(state).expected).spares
    : sparesAt(state, before);
}

/** @param before the spares until then; null where launches towards it do not lie ahead. */
function boundaryOf(state: State, boundary: Boundary, before: number | null): BoundaryView {
  const { at, value, source, name, timezone, edge, dst } = boundary;
  const spares = sparesAt(state, boundary);
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
    launchFrom: isMore ? new Date(at - leadMs(state)).toISOString() : null,
    usdPerDay: usdPerDay(state, spares),
    dst,
    clockChanges: clockChangesOn(timezone, at),
  };
}

/** Where the schedule says nothing more, the default is what is left. */
function sparesAt(state: State, { value }: Boundary): number {
  const parsed = parseExpression(value ?? state.spec.spares.default);
  return parsed.ok ? bounded(state, sparesOf(parsed.expression, tally(state).expected)) : 0;
}

/** Of so many spares and of the sessions that are held now. */
function usdPerDay(state: State, spares: number): number | null {
  const hourly = hourlyUsdOf(state);
  if (hourly === null) return null;
  const { capacity } = state.spec.health;
  const servers = Math.ceil((spares + tally(state).expected) / capacity);
  return Math.round(servers * hourly * HOURS_PER_DAY * 100) / 100;
}
