import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boundariesBetween,
  lastBoundary,
  nextBoundary,
} from "../../../durable/calendar/boundaries.ts";
import { Calendar } from "../../../durable/calendar/calendar.ts";
import { at, scheduleOf } from "./schedule-builder.ts";

const HOUR = 3_600_000;
const NOVEMBER = at("2026-10-30T00:00Z");
const SCHEDULE = scheduleOf(
  [
    { cron: "0 9 * * *", spares: "20" },
    { cron: "*/30 1,2 * * *", timezone: "America/New_York", spares: "5", until: "2026-11-01" },
  ],
  [{ from: "2026-10-31T20:00", until: "2026-11-01T05:40", spares: "40" }],
);

describe("a calendar", () => {
  it("says what the boundaries say, whatever it was asked before", () => {
    const moments = fc.array(fc.integer({ min: 0, max: 96 * 60 }), { minLength: 1, maxLength: 30 });
    const property = fc.property(moments, (minutes) => {
      const calendar = new Calendar();
      for (const minute of minutes) {
        const now = NOVEMBER + minute * 60_000;
        expect(calendar.at(SCHEDULE, now)).toEqual({
          last: lastBoundary(SCHEDULE, now),
          coming: boundariesBetween(SCHEDULE, now, now + 48 * HOUR, 40),
        });
      }
    });
    fc.assert(property, { numRuns: 50, seed: 20_261_124 });
  });

  it("follows a spec that changes, and knows one that was only read again", () => {
    const calendar = new Calendar();
    const now = NOVEMBER + HOUR;
    const first = calendar.at(SCHEDULE, now);

    expect(calendar.at(structuredClone(SCHEDULE), now + 1).last).toBe(first.last);
    expect(calendar.at(scheduleOf([]), now)).toEqual({ last: null, coming: [] });
    expect(calendar.at(scheduleOf([{ cron: "0 0 * * *", spares: "9" }]), now).last?.value).toBe(
      "9",
    );
  });

  it("does not hold on to what has become too old, though nothing follows", () => {
    const ended = scheduleOf([{ cron: "0 0 * * *", spares: "1", until: "2015-01-01" }]);
    const calendar = new Calendar();

    expect(calendar.at(ended, at("2024-01-01T00:00Z")).last).not.toBeNull();
    expect(calendar.at(ended, at("2026-01-01T00:00Z")).last).toBeNull();
  });

  it("does not look anew in each tick, but with each boundary", () => {
    const hourly = scheduleOf([{ cron: "0 * * * *", spares: "1" }]);
    const calendar = new Calendar();
    const { coming } = calendar.at(hourly, NOVEMBER);

    expect(calendar.at(hourly, NOVEMBER + HOUR - 1).coming).toBe(coming);
    expect(calendar.at(hourly, NOVEMBER + HOUR).coming).not.toBe(coming);
  });
});

describe("the boundaries of any schedule", () => {
  const hour = fc.integer({ min: 0, max: 23 });
  const cron = fc.oneof(
    hour.map((hours) => `30 ${hours} * * *`),
    hour.map((hours) => `*/20 ${hours}-23 * * *`),
    fc.constant("0 0 * * *"),
  );
  const timezone = fc.constantFrom("America/New_York", "Asia/Seoul", "America/Havana");
  const until = fc.constantFrom(null, null, "2026-10-31", "2026-11-01");
  const entry = fc.record({ cron, timezone, until }).map((made) => ({ ...made, spares: "1" }));
  const day = fc
    .record({ date: fc.constantFrom("2026-10-31", "2026-11-01"), from: hour, timezone })
    .filter(({ from }) => from < 23)
    .map(({ date, from, timezone }) => ({
      timezone,
      from: `${date}T${String(from).padStart(2, "0")}:30`,
      until: `${date}T23:15`,
      spares: "2",
    }));
  const schedule = fc
    .record({
      entries: fc.array(entry, { maxLength: 4 }),
      days: fc.array(day, { maxLength: 3 }),
    })
    .map(({ entries, days }) => {
      const numbered = entries.map((one, index) => ({ ...one, spares: String(index) }));
      return scheduleOf(
        numbered,
        days.map((one, index) => ({ ...one, spares: String(100 + index) })),
      );
    });

  it("are the same forwards, backwards and one by one", () => {
    const property = fc.property(schedule, (spares) => {
      const all = boundariesBetween(spares, NOVEMBER, NOVEMBER + 96 * HOUR, 1_000);
      for (const [index, boundary] of all.entries()) {
        const before = all[index - 1];
        if (before !== undefined) {
          expect(boundary.at).toBeGreaterThan(before.at);
          expect(lastBoundary(spares, boundary.at - 1)).toEqual(before);
          expect(nextBoundary(spares, before.at)).toEqual(boundary);
        }
        expect(lastBoundary(spares, boundary.at)).toEqual(boundary);
      }
    });
    fc.assert(property, { numRuns: 60, seed: 20_261_124 });
  });
});
