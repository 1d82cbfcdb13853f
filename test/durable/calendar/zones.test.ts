/** A part of `npm run check:zones`: the zones with the oddest rules, and two years of them. */
import { describe, expect, it } from "vitest";
import { compareZone } from "../../calendar-reference/compare.ts";
import { matcherOf } from "../../calendar-reference/matcher.ts";
import { noteEntry, walkMinutes } from "../../calendar-reference/walk.ts";
import { clockOf, distinctZones } from "../../calendar-reference/zones.ts";
import { at, time } from "./schedule-builder.ts";

const FROM = at("2024-01-01T00:00Z");
const UNTIL = at("2026-01-01T00:00Z");

describe("the calendar and a walk over the minutes", () => {
  it.each([
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Havana",
    "Asia/Beirut",
    "Africa/Cairo",
    "Europe/Dublin",
    "America/Nuuk",
    "America/Asuncion",
  ])("agree in %s", (name) => {
    const [zone] = distinctZones([name], FROM, UNTIL);
    if (zone === undefined) throw new Error("no zone");

    const { boundaries, different, differences } = compareZone(zone);

    expect(zone.transitions.length).toBeGreaterThan(1);
    expect(boundaries).toBeGreaterThan(1_000);
    expect({ different, differences }).toEqual({ different: 0, differences: [] });
  });
});

describe("the walk", () => {
  function walked(from: string, until: string, cron: string, end: string | null = null) {
    const minutes = walkMinutes(clockOf("America/New_York"), at(from), at(until));
    const noted = noteEntry(minutes, matcherOf(cron), end === null ? null : at(end));
    return noted.map(({ at, edge, dst }) => `${time(at)} ${edge} ${dst}`);
  }

  it("notes a skipped minute at the end of the gap, once", () => {
    expect(walked("2026-03-08T00:00Z", "2026-03-08T12:00Z", "15,45 2 * * *")).toEqual([
      "2026-03-08T07:00Z begins skipped",
    ]);
  });

  it("notes a repeated minute when it comes first", () => {
    expect(walked("2026-11-01T00:00Z", "2026-11-01T12:00Z", "30 1,2 * * *")).toEqual([
      "2026-11-01T05:30Z begins repeated",
      "2026-11-01T07:30Z begins null",
    ]);
  });

  it("notes nothing after the end", () => {
    expect(
      walked("2026-06-01T00:00Z", "2026-06-03T00:00Z", "0 12 * * *", "2026-06-02T00:00Z"),
    ).toEqual(["2026-06-01T16:00Z begins null", "2026-06-02T04:00Z ends null"]);
  });

  it("takes zones whose clocks do the same for one", () => {
    const zones = distinctZones(["Europe/Berlin", "Europe/Vienna", "Asia/Seoul"], FROM, UNTIL);

    expect(zones.map(({ name, transitions }) => [name, transitions.length])).toEqual([
      ["Europe/Berlin", 4],
      ["Asia/Seoul", 0],
    ]);
  });
});
