import type { Schedule } from "../../../durable/calendar/boundaries.ts";
import type { Boundary } from "../../../durable/rules/model.ts";
import type { ScheduleEntry, SpecialDay } from "../../../durable/rules/spec.ts";

type Entry = Partial<ScheduleEntry> & Pick<ScheduleEntry, "cron" | "spares">;
type Day = Partial<SpecialDay> & Pick<SpecialDay, "from" | "until" | "spares">;

/** A schedule in UTC, unless an entry says otherwise. */
export function scheduleOf(entries: readonly Entry[], days: readonly Day[] = []): Schedule {
  return {
    schedule: entries.map((entry) => ({ name: null, timezone: "UTC", until: null, ...entry })),
    specialDays: days.map((day) => ({ name: "day", timezone: "UTC", ...day })),
  };
}

/** `2026-03-08T07:00Z begins 20`, and `ends null` where nothing rules any more. */
export function shown(boundary: Boundary | null): string | null {
  if (boundary === null) return null;
  const { at, edge, value, dst } = boundary;
  return `${time(at)} ${edge} ${value}${dst === null ? "" : ` ${dst}`}`;
}

export function time(at: number): string {
  return new Date(at).toISOString().replace(":00.000Z", "Z");
}

export function at(written: string): number {
  return Date.parse(written);
}
