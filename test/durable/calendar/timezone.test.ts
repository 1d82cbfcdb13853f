import { describe, expect, it } from "vitest";
import {
  clockChangesOn,
  instantOf,
  isTimezone,
  latestLocal,
  localTime,
  shownAt,
} from "../../../durable/calendar/timezone.ts";
import { at, time } from "./schedule-builder.ts";

function instant(timezone: string, local: string): string {
  const { at, dst } = instantOf(timezone, localTime(local));
  return dst === null ? time(at) : `${time(at)} ${dst}`;
}

function latest(timezone: string, now: string): string {
  return new Date(latestLocal(timezone, at(now))).toISOString().slice(0, -1);
}

describe("the instant of a local time", () => {
  it.each([
    ["Asia/Seoul", "2026-11-24T09:00", "2026-11-24T00:00Z"],
    ["Asia/Kolkata", "2026-11-24T09:00", "2026-11-24T03:30Z"],
    ["UTC", "2026-11-24T00:00", "2026-11-24T00:00Z"],
    ["UTC", "2026-11-24", "2026-11-24T00:00Z"],
    ["Pacific/Kiritimati", "2026-01-01T00:00", "2025-12-31T10:00Z"],
    ["Pacific/Pago_Pago", "2026-01-01T00:00", "2026-01-01T11:00Z"],
  ])("in %s is plain where the clock is: %s", (timezone, local, expected) => {
    expect(instant(timezone, local)).toBe(expected);
  });

  it.each([
    ["the north", "America/New_York", "2026-03-08T02:30", "2026-03-08T07:00Z skipped"],
    ["the south", "Australia/Sydney", "2026-10-04T02:30", "2026-10-03T16:00Z skipped"],
    ["half an hour", "Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30Z skipped"],
    ["midnight", "America/Havana", "2026-03-08T00:00", "2026-03-08T05:00Z skipped"],
    ["midnight", "Asia/Beirut", "2026-03-29T00:30", "2026-03-28T22:00Z skipped"],
    ["midnight", "Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00Z skipped"],
    ["two dates", "America/Nuuk", "2024-03-30T23:30", "2024-03-31T01:00Z skipped"],
    ["a whole day", "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z skipped"],
  ])("that is skipped is the first after the gap: %s, %s %s", (_what, zone, local, expected) => {
    expect(instant(zone, local)).toBe(expected);
  });

  it.each([
    ["the north", "America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z repeated"],
    ["the south", "Australia/Sydney", "2026-04-05T02:30", "2026-04-04T15:30Z repeated"],
    ["half an hour", "Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z repeated"],
    ["before midnight", "Asia/Beirut", "2026-10-24T23:30", "2026-10-24T20:30Z repeated"],
    ["winter as the exception", "Europe/Dublin", "2026-10-25T01:30", "2026-10-25T00:30Z repeated"],
    ["Ramadan", "Africa/Casablanca", "2025-02-23T02:30", "2025-02-23T01:30Z repeated"],
  ])("that comes twice is its first coming: %s, %s %s", (_what, zone, local, expected) => {
    expect(instant(zone, local)).toBe(expected);
  });

  it("does not call the first and last minutes around a change skipped or repeated", () => {
    expect(instant("America/New_York", "2026-03-08T01:59")).toBe("2026-03-08T06:59Z");
    expect(instant("America/New_York", "2026-03-08T03:00")).toBe("2026-03-08T07:00Z");
    expect(instant("America/New_York", "2026-11-01T00:59")).toBe("2026-11-01T04:59Z");
    expect(instant("America/New_York", "2026-11-01T02:00")).toBe("2026-11-01T07:00Z");
    expect(instant("Asia/Beirut", "2026-10-25T00:00")).toBe("2026-10-24T22:00Z");
  });
});

describe("the latest local time", () => {
  it("is what the clock shows", () => {
    expect(latest("Asia/Seoul", "2026-11-24T00:00:00.123Z")).toBe("2026-11-24T09:00:00.123");
    expect(latest("America/New_York", "2026-03-08T06:59:59.999Z")).toBe("2026-03-08T01:59:59.999");
    expect(latest("America/New_York", "2026-03-08T07:00Z")).toBe("2026-03-08T03:00:00.000");
  });

  it("stands still while the clock repeats an hour", () => {
    expect(latest("America/New_York", "2026-11-01T05:59:59.999Z")).toBe("2026-11-01T01:59:59.999");
    expect(latest("America/New_York", "2026-11-01T06:30Z")).toBe("2026-11-01T01:59:59.999");
    expect(latest("America/New_York", "2026-11-01T07:00Z")).toBe("2026-11-01T02:00:00.000");
  });
});

describe("a time zone", () => {
  it("is one that the runtime knows by a name", () => {
    for (const name of ["UTC", "Asia/Seoul", "America/Argentina/Buenos_Aires", "Etc/GMT+9"])
      expect(isTimezone(name)).toBe(true);
  });

  it("is no offset, which knows no summer time, and no other word", () => {
    for (const name of ["+09:00", "", "Asia/Soul", "Asia/Seoul ", "x".repeat(80)])
      expect(isTimezone(name)).toBe(false);
  });
});

describe("what a clock shows", () => {
  it.each([
    ["Asia/Seoul", "2026-11-30T00:00Z", "Mon 2026-11-30T09:00:00+09:00"],
    ["Asia/Seoul", "2026-12-31T15:00Z", "Fri 2027-01-01T00:00:00+09:00"],
    ["Asia/Kathmandu", "2026-11-30T00:00Z", "Mon 2026-11-30T05:45:00+05:45"],
    ["UTC", "2026-11-30T00:00:07.999Z", "Mon 2026-11-30T00:00:07+00:00"],
    ["America/New_York", "2026-03-08T06:59:59Z", "Sun 2026-03-08T01:59:59-05:00"],
    ["America/New_York", "2026-03-08T07:00Z", "Sun 2026-03-08T03:00:00-04:00"],
    ["America/New_York", "2026-11-01T05:30Z", "Sun 2026-11-01T01:30:00-04:00"],
    ["America/New_York", "2026-11-01T06:30Z", "Sun 2026-11-01T01:30:00-05:00"],
    ["Australia/Lord_Howe", "2026-10-03T15:29:59Z", "Sun 2026-10-04T01:59:59+10:30"],
    ["Australia/Lord_Howe", "2026-10-03T15:30Z", "Sun 2026-10-04T02:30:00+11:00"],
    ["America/St_Johns", "2026-01-15T12:00Z", "Thu 2026-01-15T08:30:00-03:30"],
    ["Pacific/Kiritimati", "2026-11-28T10:00Z", "Sun 2026-11-29T00:00:00+14:00"],
    ["Pacific/Pago_Pago", "2026-12-01T10:59:59Z", "Mon 2026-11-30T23:59:59-11:00"],
  ])("in %s at %s is %s", (timezone, instant, expected) => {
    const { local, weekday } = shownAt(timezone, at(instant));

    expect(`${weekday} ${local}`).toBe(expected);
    expect(Date.parse(local)).toBe(Math.floor(at(instant) / 1000) * 1000);
  });
});

describe("the day on which a clock is set", () => {
  it.each([
    ["America/New_York", "2026-03-08", "2026-03-08T05:00Z", "2026-03-09T03:59:59Z"],
    ["America/New_York", "2026-11-01", "2026-11-01T04:00Z", "2026-11-02T04:59:59Z"],
    ["Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30Z", "2026-10-04T12:59:59Z"],
    ["Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", "2026-04-05T13:29:59Z"],
  ])("in %s is %s, from its midnight to the next", (timezone, _day, first, last) => {
    const changes = (instant: number): boolean => clockChangesOn(timezone, instant);

    expect([changes(at(first)), changes(at(last))]).toEqual([true, true]);
    expect([changes(at(first) - 1), changes(at(last) + 1_000)]).toEqual([false, false]);
  });

  it.each([
    ["Asia/Seoul", "2026-03-08T12:00Z"],
    ["Asia/Kathmandu", "2026-10-04T12:00Z"],
    ["UTC", "2026-03-08T12:00Z"],
    ["America/New_York", "2026-07-04T12:00Z"],
    ["America/New_York", "2026-12-31T12:00Z"],
  ])("does not come in %s at %s", (timezone, instant) => {
    expect(clockChangesOn(timezone, at(instant))).toBe(false);
  });

  it("comes where midnight itself is skipped", () => {
    expect(clockChangesOn("America/Havana", at("2026-03-08T12:00Z"))).toBe(true);
    expect(clockChangesOn("America/Havana", at("2026-03-07T12:00Z"))).toBe(false);
  });
});
