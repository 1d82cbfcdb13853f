import { describe, expect, it } from "vitest";
import {
  type Schedule,
  boundariesBetween,
  lastBoundary,
  nextBoundary,
} from "../../../durable/calendar/boundaries.ts";
import { at, scheduleOf, shown } from "./schedule-builder.ts";

function between(schedule: Schedule, from: string, until: string, max = 100) {
  return boundariesBetween(schedule, at(from), at(until), max).map(shown);
}

function last(schedule: Schedule, now: string) {
  return shown(lastBoundary(schedule, at(now)));
}

function next(schedule: Schedule, now: string) {
  return shown(nextBoundary(schedule, at(now)));
}

const SEOUL = scheduleOf([
  { name: "weekday morning", cron: "0 9 * * 1-5", timezone: "Asia/Seoul", spares: "20" },
  { name: "night", cron: "0 23 * * *", timezone: "Asia/Seoul", spares: "5" },
  { name: "weekend", cron: "0 10 * * SAT,SUN", timezone: "Asia/Seoul", spares: "3" },
]);

const NEW_YORK = scheduleOf([
  { name: "up", cron: "30 2 * * *", timezone: "America/New_York", spares: "20" },
  { name: "down", cron: "30 1 * * *", timezone: "America/New_York", spares: "5" },
]);

describe("a schedule", () => {
  it("is up on weekday mornings in Seoul, down at night and at the weekend", () => {
    expect(between(SEOUL, "2026-11-26T20:00Z", "2026-11-30T00:00Z")).toEqual([
      "2026-11-27T00:00Z begins 20",
      "2026-11-27T14:00Z begins 5",
      "2026-11-28T01:00Z begins 3",
      "2026-11-28T14:00Z begins 5",
      "2026-11-29T01:00Z begins 3",
      "2026-11-29T14:00Z begins 5",
      "2026-11-30T00:00Z begins 20",
    ]);
  });

  it("gives only the newest boundary after an outage of three days", () => {
    expect(last(SEOUL, "2026-11-26T23:59:59.999Z")).toBe("2026-11-26T14:00Z begins 5");
    expect(lastBoundary(SEOUL, at("2026-11-30T00:00Z"))).toEqual({
      at: at("2026-11-30T00:00Z"),
      value: "20",
      source: "schedule",
      special: false,
      name: "weekday morning",
      timezone: "Asia/Seoul",
      edge: "begins",
      dst: null,
    });
  });

  it("has a boundary at its instant, and not a millisecond before", () => {
    expect(next(SEOUL, "2026-11-27T00:00Z")).toBe("2026-11-27T14:00Z begins 5");
    expect(next(SEOUL, "2026-11-26T23:59:59.999Z")).toBe("2026-11-27T00:00Z begins 20");
    expect(between(SEOUL, "2026-11-27T00:00Z", "2026-11-27T14:00Z")).toHaveLength(1);
  });

  it("tells as many boundaries as asked for, and names an entry without a name by its cron", () => {
    const minutes = scheduleOf([{ cron: "* * * * *", spares: "1" }]);

    expect(between(minutes, "2026-01-01T00:00Z", "2027-01-01T00:00Z", 3)).toHaveLength(3);
    expect(lastBoundary(minutes, at("2026-01-01T00:00Z"))?.name).toBe("* * * * *");
  });

  it("has no boundary where there is no entry", () => {
    expect(last(scheduleOf([]), "2026-01-01T00:00Z")).toBeNull();
    expect(next(scheduleOf([]), "2026-01-01T00:00Z")).toBeNull();
    expect(between(scheduleOf([]), "2026-01-01T00:00Z", "2027-01-01T00:00Z")).toEqual([]);
  });

  it("remembers the 29th of February for its eight years at the longest", () => {
    const leap = scheduleOf([{ cron: "0 0 29 2 *", spares: "29" }]);

    expect(last(leap, "2027-12-01T00:00Z")).toBe("2024-02-29T00:00Z begins 29");
    expect(next(leap, "2097-01-01T00:00Z")).toBe("2104-02-29T00:00Z begins 29");
    expect(last(leap, "2104-02-28T00:00Z")).toBe("2096-02-29T00:00Z begins 29");
  });

  it("takes what was said more than ten years ago for never said", () => {
    const ended = scheduleOf([{ cron: "0 0 * * *", spares: "1", until: "2015-01-01" }]);

    expect(last(ended, "2024-01-01T00:00Z")).toBe("2015-01-02T00:00Z ends null");
    expect(last(ended, "2025-06-01T00:00Z")).toBeNull();
    expect(next(ended, "2000-01-01T00:00Z")).toBe("2000-01-02T00:00Z begins 1");
  });
});

describe("summer time", () => {
  it("applies an entry of the skipped hour at the first instant after the gap", () => {
    expect(between(NEW_YORK, "2026-03-07T12:00Z", "2026-03-09T12:00Z")).toEqual([
      "2026-03-08T06:30Z begins 5",
      "2026-03-08T07:00Z begins 20 skipped",
      "2026-03-09T05:30Z begins 5",
      "2026-03-09T06:30Z begins 20",
    ]);
  });

  it("applies an entry of the repeated hour once, when it comes first", () => {
    expect(between(NEW_YORK, "2026-10-31T12:00Z", "2026-11-02T12:00Z")).toEqual([
      "2026-11-01T05:30Z begins 5 repeated",
      "2026-11-01T07:30Z begins 20",
      "2026-11-02T06:30Z begins 5",
      "2026-11-02T07:30Z begins 20",
    ]);
    expect(last(NEW_YORK, "2026-11-01T06:45Z")).toBe("2026-11-01T05:30Z begins 5 repeated");
  });

  it("lets the entry whose time is later rule after a gap, however they are listed", () => {
    const entries = [
      { cron: "0 3 * * *", timezone: "America/New_York", spares: "3" },
      { cron: "45 2 * * *", timezone: "America/New_York", spares: "2" },
      { cron: "15 2 * * *", timezone: "America/New_York", spares: "1" },
    ];
    const days = ["2026-03-07T12:00Z", "2026-03-08T12:00Z"] as const;

    for (const listed of [entries, entries.toReversed()])
      expect(between(scheduleOf(listed), ...days)).toEqual(["2026-03-08T07:00Z begins 3"]);
    expect(between(scheduleOf(entries.slice(1)), ...days)).toEqual([
      "2026-03-08T07:00Z begins 2 skipped",
    ]);
  });

  it("does not leave out a list of times in a gap, as croner with a zone does", () => {
    const list = scheduleOf([{ cron: "15,45 2 * * *", timezone: "America/New_York", spares: "1" }]);

    expect(last(list, "2026-03-08T12:00Z")).toBe("2026-03-08T07:00Z begins 1 skipped");
  });

  it("does not leave out a gap that ends on another date, as croner with a zone does", () => {
    const late = scheduleOf([{ cron: "59 23 * * *", timezone: "America/Nuuk", spares: "1" }]);

    expect(last(late, "2024-03-31T12:00Z")).toBe("2024-03-31T01:00Z begins 1 skipped");
  });

  it("does not apply a range of hours twice in a repeat, as croner with a zone does", () => {
    const range = scheduleOf([{ cron: "0 22-23 * * *", timezone: "Asia/Beirut", spares: "1" }]);

    expect(between(range, "2026-10-24T12:00Z", "2026-10-25T12:00Z")).toEqual([
      "2026-10-24T19:00Z begins 1",
      "2026-10-24T20:00Z begins 1 repeated",
    ]);
  });
});

describe("an entry with an end", () => {
  const campaign = { name: "campaign", cron: "0 12 * * *", spares: "50", until: "2026-12-31" };

  it("holds to the end of its last local date, and then what the others said last", () => {
    const schedule = scheduleOf([{ cron: "0 8 * * *", spares: "10" }, campaign]);

    expect(between(schedule, "2026-12-31T00:00Z", "2027-01-01T12:00Z")).toEqual([
      "2026-12-31T08:00Z begins 10",
      "2026-12-31T12:00Z begins 50",
      "2027-01-01T00:00Z ends 10",
      "2027-01-01T08:00Z begins 10",
    ]);
    expect(lastBoundary(schedule, at("2027-01-01T00:00Z"))).toMatchObject({
      edge: "ends",
      name: "campaign",
      value: "10",
    });
  });

  it("leaves the word to the next source where it was alone", () => {
    const schedule = scheduleOf([campaign]);

    expect(last(schedule, "2030-01-01T00:00Z")).toBe("2027-01-01T00:00Z ends null");
    expect(next(schedule, "2027-01-01T00:00Z")).toBeNull();
  });

  it("does not fall back on an entry that has ended itself", () => {
    const other = { cron: "0 13 * * *", spares: "60", until: "2026-12-30" };

    expect(last(scheduleOf([campaign, other]), "2027-01-01T00:00Z")).toBe(
      "2027-01-01T00:00Z ends null",
    );
  });

  it("ends with its date where the clock is set back or forward at midnight", () => {
    const ends = (timezone: string, until: string) =>
      last(scheduleOf([{ cron: "0 12 * * *", timezone, spares: "1", until }]), "2027-01-01T00:00Z");

    expect(ends("Asia/Beirut", "2026-10-24")).toBe("2026-10-24T22:00Z ends null");
    expect(ends("America/Havana", "2026-03-07")).toBe("2026-03-08T05:00Z ends null skipped");
    expect(ends("America/Havana", "2026-10-31")).toBe("2026-11-01T04:00Z ends null repeated");
  });

  it("does not begin at its end, nor where a gap carries it there", () => {
    const midnight = scheduleOf([{ cron: "0 0 * * *", spares: "1", until: "2026-12-31" }]);
    const late = { cron: "30 23 * * *", timezone: "America/Nuuk", spares: "1" };

    expect(next(midnight, "2026-12-31T12:00Z")).toBe("2027-01-01T00:00Z ends null");
    expect(next(scheduleOf([{ ...late, until: "2024-03-30" }]), "2024-03-30T12:00Z")).toBe(
      "2024-03-31T01:00Z ends null",
    );
  });

  it("gives way at its end to an entry that begins there", () => {
    const midnight = { name: "midnight", cron: "0 0 * * *", spares: "7" };

    for (const entries of [
      [midnight, campaign],
      [campaign, midnight],
    ])
      expect(lastBoundary(scheduleOf(entries), at("2027-01-01T00:00Z"))).toMatchObject({
        name: "midnight",
        edge: "begins",
        value: "7",
      });
  });
});

describe("boundaries at one instant", () => {
  it("are one, of the entry that is later in the list", () => {
    const schedule = scheduleOf([
      { cron: "0 9 * * *", spares: "1" },
      { cron: "0 18 * * *", timezone: "Asia/Seoul", spares: "2" },
    ]);

    expect(between(schedule, "2026-11-24T00:00Z", "2026-11-25T00:00Z")).toEqual([
      "2026-11-24T09:00Z begins 2",
    ]);
  });
});
