import { describe, expect, it } from "vitest";
import { parseSpec } from "../../../worker/api/spec.ts";
import { LEAST } from "./fakes.ts";

const MORNING = { name: "weekday morning", cron: "0 9 * * 1-5", spares: "20" };
const CONCERT = {
  name: "concert",
  from: "2026-12-31T18:00",
  until: "2027-01-01T02:00",
  spares: 40,
};

function problemsOf(spares: object): string[] {
  const parsed = parseSpec({ ...LEAST, spares });
  return parsed.ok ? [] : parsed.errors.map(({ field, message }) => `${field}: ${message}`);
}

function sparesOf(spares: object, more: object = {}) {
  const parsed = parseSpec({ ...LEAST, ...more, spares });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value.spares;
}

describe("a schedule", () => {
  it("is kept with every default, in the zone of the spec", () => {
    const schedule = [{ cron: " 0  9 * * MON-FRI ", spares: 20 }];

    expect(sparesOf({ schedule }, { timezone: "Asia/Seoul" }).schedule).toEqual([
      {
        name: null,
        cron: "0 9 * * MON-FRI",
        timezone: "Asia/Seoul",
        spares: "20",
        until: null,
      },
    ]);
    expect(sparesOf({ schedule }).schedule[0]?.timezone).toBe("UTC");
  });

  it("begins once a minute at the most, all entries together; the entry that begins most is named", () => {
    const every = (cron: string) => ({ ...MORNING, cron });
    const half = ["0-29 * * * *", "30-59 * * * *"].map(every);

    expect(problemsOf({ schedule: half })).toEqual([]);
    expect(problemsOf({ schedule: [MORNING, ...half] })).toEqual([
      "spares.schedule[1].cron: begins 720 times a day, and all entries together 1441 times; the limit is 1440 in all, one a minute",
    ]);
    expect(
      problemsOf({ schedule: Array.from({ length: 100 }, () => every("* * * * *")) }),
    ).toHaveLength(1);
    expect(problemsOf({ schedule: [every("61 * * * *"), every("* * * * *")] })).toHaveLength(1);
  });

  it("has no value above spares.max, and neither has a special day: each that has is named", () => {
    const spares = {
      default: 5,
      max: 30,
      schedule: [MORNING, { ...MORNING, spares: "2000" }, { ...MORNING, spares: "31+10%" }],
      specialDays: [CONCERT],
    };
    const above = "is above spares.max (30); lower it, or raise spares.max";

    expect(problemsOf(spares)).toEqual([
      `spares.schedule[1].spares: ${above}`,
      `spares.schedule[2].spares: ${above}`,
      `spares.specialDays[0].spares: ${above}`,
    ]);
    expect(problemsOf({ ...spares, max: 2_000 })).toEqual([]);
  });

  it("may have a zone and an end of its own", () => {
    const entry = { ...MORNING, timezone: "America/New_York", until: "2028-02-29" };

    expect(sparesOf({ schedule: [entry] }, { timezone: "Asia/Seoul" }).schedule).toEqual([entry]);
  });

  it("that was read back can be put again, with its keys in the same order", () => {
    const stored = sparesOf({ schedule: [MORNING], specialDays: [CONCERT] });

    expect(JSON.stringify(sparesOf(JSON.parse(JSON.stringify(stored)) as object))).toBe(
      JSON.stringify(stored),
    );
    expect(
      JSON.stringify(
        sparesOf({ schedule: [{ ...MORNING, timezone: "UTC" }], specialDays: [CONCERT] }),
      ),
    ).toBe(JSON.stringify(stored));
  });

  it("may be empty, and has at most 100 entries", () => {
    expect(sparesOf({ schedule: [] }).schedule).toEqual([]);
    expect(problemsOf({ schedule: Array.from({ length: 100 }, () => MORNING) })).toEqual([]);
    expect(problemsOf({ schedule: Array.from({ length: 101 }, () => MORNING) })).toEqual([
      "spares.schedule: has more than 100 entries",
    ]);
  });

  it.each([
    ["spares.schedule: must be a list of entries", null],
    ["spares.schedule: must be a list of entries", MORNING],
    ["spares.schedule[0]: must be a JSON object", ["0 9 * * *"]],
    ["spares.schedule[0].cron: is required", [{ spares: 1 }]],
    ["spares.schedule[0].spares: is required", [{ cron: "0 9 * * *" }]],
    [
      "spares.schedule[0].cron: must be a cron expression of five fields such as `0 9 * * 1-5`",
      [{ ...MORNING, cron: 9 }],
    ],
    [
      "spares.schedule[0].cron: must have five fields (minute, hour, day of the month, month, day of the week), such as `0 9 * * 1-5`; this has 6",
      [{ ...MORNING, cron: "0 0 9 * * 1-5" }],
    ],
    [
      "spares.schedule[1].cron: cannot have `25` as the hour: that takes numbers from 0 to 23, lists, ranges, `*`, and steps of `*` or of a range",
      [MORNING, { ...MORNING, cron: "0 25 * * *" }],
    ],
    [
      "spares.schedule[0].cron: names a day that there is not",
      [{ ...MORNING, cron: "0 0 30 2 *" }],
    ],
    [
      "spares.schedule[0].timezone: must be an IANA time zone such as `Asia/Seoul`",
      [{ ...MORNING, timezone: "+09:00" }],
    ],
    [
      "spares.schedule[0].spares: `auto` is not supported yet; give a number",
      [{ ...MORNING, spares: "auto" }],
    ],
    [
      "spares.schedule[0].until: must be a date such as `2026-12-31`, the last one of the entry, or null",
      [{ ...MORNING, until: "2026-02-30" }],
    ],
    [
      "spares.schedule[0].until: must be a date such as `2026-12-31`, the last one of the entry, or null",
      [{ ...MORNING, until: "2026-12-31T00:00" }],
    ],
    [
      "spares.schedule[0].name: must have 1 to 64 characters, all on one line",
      [{ ...MORNING, name: "" }],
    ],
    [
      "spares.schedule[0].name: must have 1 to 64 characters, all on one line",
      [{ ...MORNING, name: "여".repeat(65) }],
    ],
    [
      "spares.schedule[0].name: must have 1 to 64 characters, all on one line",
      [{ ...MORNING, name: "a\nb" }],
    ],
    [
      "spares.schedule[0].days: is not a known key; known here: name, cron, timezone, spares, until",
      [{ ...MORNING, days: 5 }],
    ],
  ])("is refused: %s", (problem, schedule) => {
    expect(problemsOf({ schedule })).toEqual([problem]);
  });
});

describe("special days", () => {
  it("are kept in the zone of the spec, also those that are over", () => {
    const past = { ...CONCERT, from: "2020-02-28T23:59", until: "2020-02-29T00:00" };

    expect(sparesOf({ specialDays: [past] }, { timezone: "Asia/Seoul" }).specialDays).toEqual([
      { ...past, timezone: "Asia/Seoul", spares: "40" },
    ]);
  });

  it("may have a zone of their own", () => {
    const [day] = sparesOf({ specialDays: [{ ...CONCERT, timezone: "Asia/Kolkata" }] }).specialDays;

    expect(day?.timezone).toBe("Asia/Kolkata");
  });

  it("are at most a year of them", () => {
    expect(problemsOf({ specialDays: Array.from({ length: 366 }, () => CONCERT) })).toEqual([]);
    expect(problemsOf({ specialDays: Array.from({ length: 367 }, () => CONCERT) })).toEqual([
      "spares.specialDays: has more than 366 special days",
    ]);
  });

  it("tell all that they lack at once", () => {
    expect(problemsOf({ specialDays: [{}] })).toEqual([
      "spares.specialDays[0].name: is required",
      "spares.specialDays[0].from: is required",
      "spares.specialDays[0].until: is required",
      "spares.specialDays[0].spares: is required",
    ]);
  });

  it.each([
    ["until: must be later than from", { until: CONCERT.from }],
    ["until: must be later than from", { until: "2026-12-31T17:59" }],
    ["name: must have 1 to 64 characters, all on one line", { name: null }],
    ["spares: is more than 10000 spares", { spares: 10_001 }],
    ["timezone: must be an IANA time zone such as `Asia/Seoul`", { timezone: "Seoul" }],
  ])("are refused: %s", (problem, more) => {
    expect(problemsOf({ specialDays: [{ ...CONCERT, ...more }] })).toEqual([
      `spares.specialDays[0].${problem}`,
    ]);
  });

  it.each([
    "2026-12-31",
    "2026-12-31T18:00:00",
    "2026-12-31T18:00Z",
    "2026-12-31T18:00+09:00",
    "2026-12-31 18:00",
    "2026-02-29T18:00",
    "2026-13-01T18:00",
    "2026-12-31T24:00",
    "2026-12-31T18:60",
    "",
    null,
    1_798_736_400_000,
  ])("are written in local times, and %j is none", (from) => {
    expect(problemsOf({ specialDays: [{ ...CONCERT, from }] })).toEqual([
      "spares.specialDays[0].from: must be a local time such as `2026-12-31T18:00`, without seconds and without an offset",
    ]);
  });
});

describe("a total", () => {
  it.each([
    ["spares.default", { default: "total:60" }],
    ["spares.schedule[0].spares", { schedule: [{ ...MORNING, spares: "total:60" }] }],
    ["spares.specialDays[0].spares", { specialDays: [{ ...CONCERT, spares: "total:60" }] }],
  ])("is refused as %s, in plain words: it needs other sources beneath it", (field, spares) => {
    expect(problemsOf(spares)).toEqual([
      `${field}: \`total:\` is for overrides only; give a number of spares`,
    ]);
  });
});
