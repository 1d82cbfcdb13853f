import { describe, expect, it } from "vitest";
import {
  type Schedule,
  boundariesBetween,
  lastBoundary,
  nextBoundary,
} from "../../../durable/calendar/boundaries.ts";
import { at, scheduleOf, shown } from "./schedule-builder.ts";

function between(schedule: Schedule, from: string, until: string) {
  return boundariesBetween(schedule, at(from), at(until), 100).map(shown);
}

const DAILY = [
  { name: "up", cron: "0 9 * * *", spares: "20" },
  { name: "down", cron: "0 18 * * *", spares: "5" },
];
const CONCERT = {
  name: "concert",
  from: "2026-12-31T17:00",
  until: "2027-01-01T10:00",
  spares: "40",
};

describe("a special day", () => {
  it("mutes the schedule, and ends with what that has said last, though it was mute", () => {
    expect(between(scheduleOf(DAILY, [CONCERT]), "2026-12-31T00:00Z", "2027-01-01T18:00Z")).toEqual(
      [
        "2026-12-31T09:00Z begins 20",
        "2026-12-31T17:00Z begins 40",
        "2027-01-01T10:00Z ends 20",
        "2027-01-01T18:00Z begins 5",
      ],
    );
  });

  it("is the last boundary from its beginning to its end", () => {
    const schedule = scheduleOf(DAILY, [CONCERT]);

    expect(lastBoundary(schedule, at("2027-01-01T09:59Z"))).toEqual({
      at: at("2026-12-31T17:00Z"),
      value: "40",
      source: "specialDay",
      special: true,
      name: "concert",
      timezone: "UTC",
      edge: "begins",
      dst: null,
    });
    expect(shown(nextBoundary(schedule, at("2026-12-31T17:00Z")))).toBe(
      "2027-01-01T10:00Z ends 20",
    );
    expect(lastBoundary(schedule, at("2027-01-01T10:00Z"))).toMatchObject({
      name: "concert",
      edge: "ends",
      source: "specialDay",
    });
  });

  it("leaves the word to the next source where there is no schedule", () => {
    const schedule = scheduleOf([], [CONCERT]);

    expect(shown(lastBoundary(schedule, at("2027-02-01T00:00Z")))).toBe(
      "2027-01-01T10:00Z ends null",
    );
    expect(lastBoundary(schedule, at("2026-12-31T16:59Z"))).toBeNull();
  });

  it("goes before the schedule at the same instant, at both of its ends", () => {
    const day = { ...CONCERT, from: "2026-12-31T09:00", until: "2026-12-31T18:00" };

    expect(between(scheduleOf(DAILY, [day]), "2026-12-31T00:00Z", "2027-01-01T00:00Z")).toEqual([
      "2026-12-31T09:00Z begins 40",
      "2026-12-31T18:00Z ends 5",
    ]);
  });

  it("does not end with an entry that has ended meanwhile", () => {
    const entry = { cron: "0 9 * * *", spares: "20", until: "2026-12-31" };

    expect(
      between(scheduleOf([entry], [CONCERT]), "2026-12-31T10:00Z", "2027-01-02T00:00Z"),
    ).toEqual(["2026-12-31T17:00Z begins 40", "2027-01-01T10:00Z ends null"]);
  });

  it("passes over a schedule of every minute at once, however long it is", () => {
    const year = { from: "2026-01-01T00:00", until: "2027-01-01T00:00", spares: "9" };
    const schedule = scheduleOf([{ cron: "* * * * *", spares: "1" }], [year]);

    expect(shown(nextBoundary(schedule, at("2026-01-01T00:00Z")))).toBe("2027-01-01T00:00Z ends 1");
  });

  it("keeps its local times where the clock is set", () => {
    const day = { timezone: "America/New_York", spares: "1" };
    const spring = { ...day, from: "2026-03-08T02:30", until: "2026-03-08T05:00" };
    const autumn = { ...day, from: "2026-11-01T00:30", until: "2026-11-01T01:30" };

    expect(
      between(scheduleOf([], [spring, autumn]), "2026-01-01T00:00Z", "2027-01-01T00:00Z"),
    ).toEqual([
      "2026-03-08T07:00Z begins 1 skipped",
      "2026-03-08T09:00Z ends null",
      "2026-11-01T04:30Z begins 1",
      "2026-11-01T05:30Z ends null repeated",
    ]);
  });

  it("is none where it lies within a gap", () => {
    const day = {
      timezone: "America/New_York",
      from: "2026-03-08T02:10",
      until: "2026-03-08T02:50",
    };

    expect(
      between(scheduleOf([], [{ ...day, spares: "1" }]), "2026-01-01T00:00Z", "2027-01-01T00:00Z"),
    ).toEqual([]);
  });
});

describe("special days that overlap", () => {
  const fair = { name: "fair", from: "2026-12-01T00:00", until: "2026-12-05T00:00", spares: "30" };
  const opening = { ...fair, name: "opening", from: "2026-12-02T00:00", spares: "50" };

  it("are ruled by the one that began last, and then by the one that still runs", () => {
    const within = { ...opening, until: "2026-12-03T00:00" };

    for (const days of [
      [fair, within],
      [within, fair],
    ])
      expect(between(scheduleOf(DAILY, days), "2026-11-30T20:00Z", "2026-12-05T08:00Z")).toEqual([
        "2026-12-01T00:00Z begins 30",
        "2026-12-02T00:00Z begins 50",
        "2026-12-03T00:00Z ends 30",
        "2026-12-05T00:00Z ends 5",
      ]);
  });

  it("keep the value of the one that rules when the other ends", () => {
    const longer = { ...opening, until: "2026-12-07T00:00" };

    expect(
      between(scheduleOf([], [fair, longer]), "2026-12-01T00:00Z", "2026-12-08T00:00Z"),
    ).toEqual([
      "2026-12-02T00:00Z begins 50",
      "2026-12-05T00:00Z ends 50",
      "2026-12-07T00:00Z ends null",
    ]);
  });

  it("have one boundary where one ends and another begins", () => {
    const after = { ...fair, name: "after", from: fair.until, until: "2026-12-06T00:00" };
    const schedule = scheduleOf(DAILY, [after, fair]);

    expect(lastBoundary(schedule, at("2026-12-05T00:00Z"))).toMatchObject({
      name: "after",
      edge: "begins",
    });
  });

  it("are ruled by the one later in the list where they begin at once", () => {
    const twin = { ...fair, name: "twin", spares: "31" };

    expect(lastBoundary(scheduleOf([], [fair, twin]), at("2026-12-02T00:00Z"))?.name).toBe("twin");
    expect(lastBoundary(scheduleOf([], [twin, fair]), at("2026-12-02T00:00Z"))?.name).toBe("fair");
  });
});
