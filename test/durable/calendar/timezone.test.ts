import { describe, expect, it } from "vitest";
import {
  instantOf,
  isTimezone,
  latestLocal,
  localTime,
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
