/** What people are shown of the past: the samples and marks of some hours, and what today cost. */
import { iso } from "./iso.ts";
import { instantOf, latestLocal } from "./calendar/timezone.ts";
import type { Engine } from "./engine.ts";
import { markedEvents } from "./ledger/events.ts";
import { readSamples } from "./ledger/samples.ts";
import type { HistoryPoint, HistoryView, MarkView } from "./rules/history-views.ts";
import { DAY_MS, HOUR_MS } from "./rules/limits.ts";
import { type Mark, marksOf } from "./rules/marks.ts";
import { type Sample, usdBetween } from "./rules/sample.ts";
import type { State } from "./rules/state.ts";

/** More than a chart has pixels for would only be carried around. */
const POINTS_MAX = 1_500;
/** An override that was booked for so long before may still rule. */
const OVERRIDE_MAX_MS = 30 * DAY_MS;
const MARKED_EVENTS_MAX = 1_000;

export function historyOf({ sql, guards }: Engine, state: State, hours: number): HistoryView {
  const { now, spec } = state;
  const from = now - hours * HOUR_MS;
  const samples = readSamples(sql, from, now, Math.ceil((hours * HOUR_MS) / POINTS_MAX));
  const events = markedEvents(sql, from - OVERRIDE_MAX_MS, MARKED_EVENTS_MAX);
  const marks = marksOf(events, new Set(guards.map(({ guard }) => guard)));
  const midnight = midnightOf(spec.timezone, now);
  const usd = usdBetween(readSamples(sql, midnight, now, 1), midnight, now);
  return {
    from: iso(from),
    until: iso(now),
    points: samples.map((sample) => pointOf(sample, from)),
    marks: marks
      .filter((mark) => mark.from <= now && (mark.until === null || mark.until >= from))
      .map(markOf),
    today: { since: iso(midnight), usd: usd === null ? null : Math.round(usd * 100) / 100 },
  };
}

/** The last one from before stands at the beginning. */
function pointOf(sample: Sample, from: number): HistoryPoint {
  return { ...sample, at: iso(Math.max(sample.at, from)) };
}

function markOf(mark: Mark): MarkView {
  return { ...mark, from: iso(mark.from), until: mark.until === null ? null : iso(mark.until) };
}

function midnightOf(timezone: string, now: number): number {
  const today = Math.floor(latestLocal(timezone, now) / DAY_MS) * DAY_MS;
  return instantOf(timezone, today).at;
}
