/** The special days of a spec as ranges of time, and which of them rules at an instant. */
import type { SpecialDay } from "../rules/spec.ts";
import { type LocalInstant, instantOf, localTime } from "./timezone.ts";

export interface Range {
  readonly day: SpecialDay;
  readonly from: LocalInstant;
  /** No part of the range. */
  readonly until: LocalInstant;
}

/** In the order in which they take the rule from each other: by their beginning, then as listed. */
export function rangesOf(days: readonly SpecialDay[]): Range[] {
  return days
    .map((day) => ({
      day,
      from: instantOf(day.timezone, localTime(day.from)),
      until: instantOf(day.timezone, localTime(day.until)),
    }))
    .filter(({ from, until }) => from.at < until.at)
    .sort((one, other) => one.from.at - other.from.at);
}

/** Of those that run at an instant, the one that began last. */
export function rulingAt(ranges: readonly Range[], now: number): Range | null {
  return ranges.findLast(({ from, until }) => from.at <= now && now < until.at) ?? null;
}

/** Of those that end at an instant, the one that began last. */
export function endedAt(ranges: readonly Range[], now: number): Range | null {
  return ranges.findLast(({ until }) => until.at === now) ?? null;
}
