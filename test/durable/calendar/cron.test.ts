import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginningsPerDay, cronProblem, localTimesOf } from "../../../durable/calendar/cron.ts";
import { matcherOf } from "../../calendar-reference/matcher.ts";
import { at, time } from "./schedule-builder.ts";

const MINUTE = 60_000;

function firstTimes(cron: string, from: string, count: number): string[] {
  const { firstAfter } = localTimesOf(cron);
  const found: string[] = [];
  let local: number | null = at(from) - 1;
  while (found.length < count) {
    local = firstAfter(local);
    if (local === null) break;
    found.push(time(local).slice(0, 16));
  }
  return found;
}

describe("a cron expression", () => {
  it.each([
    "0 9 * * 1-5",
    "  0  9 * * MON-FRI ",
    "*/15 0-6,22,23 1-31/2 jan,FEB-dec/3 *",
    "0 0 * * FRI-SUN",
    "0 0 * * 0-7",
    "0 0 29 2 *",
    "0 0 30 2 1",
  ])("may be `%s`", (cron) => {
    expect(cronProblem(cron)).toBeNull();
  });

  it.each([
    ["minute", "61 * * * *"],
    ["minute", "*/0 * * * *"],
    ["minute", "5/5 * * * *"],
    ["minute", "1- * * * *"],
    ["minute", ", * * * *"],
    ["minute", "? * * * *"],
    ["hour", "0 24 * * *"],
    ["hour", "0 5-1 * * *"],
    ["hour", "0 NINE * * *"],
    ["day of the month", "0 0 0 * *"],
    ["day of the month", "0 0 L * *"],
    ["day of the month", "0 0 15W * *"],
    ["month", "0 0 * 13 *"],
    ["month", "0 0 * MON *"],
    ["day of the week", "0 0 * * 8"],
    ["day of the week", "0 0 * * FRI#2"],
    ["day of the week", "0 0 * * 5L"],
    ["day of the week", "0 0 * * +1"],
    ["day of the week", "0 0 * * MONDAY"],
  ])("is refused with the %s that cannot be: `%s`", (field, cron) => {
    expect(cronProblem(cron)).toMatch(
      new RegExp(`^cannot have \`.*\` as the ${field}: that takes numbers from \\d`, "u"),
    );
  });

  it("has five fields: no seconds, no years, and no nickname", () => {
    for (const cron of ["", "0 9 * *", "0 0 9 * * *", "0 0 9 * * * 2026", "@daily"])
      expect(cronProblem(cron)).toMatch(/^must have five fields \(minute, hour, .*; this has \d$/u);
    expect(cronProblem(`0 ${"9,".repeat(200)}9 * * *`)).toBe("is longer than 256 characters");
  });

  it("names a day that there is", () => {
    for (const cron of ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *"])
      expect(cronProblem(cron)).toBe("names a day that there is not");
  });

  it("is met by either day where the month's and the week's are both restricted", () => {
    expect(firstTimes("0 0 13 * FRI", "2026-11-01T00:00Z", 3)).toEqual([
      "2026-11-06T00:00",
      "2026-11-13T00:00",
      "2026-11-20T00:00",
    ]);
  });

  it("must be met by both days where one begins with `*`, which croner takes for a restriction", () => {
    expect(firstTimes("0 0 */2 * SUN", "2026-11-01T00:00Z", 3)).toEqual([
      "2026-11-01T00:00",
      "2026-11-15T00:00",
      "2026-11-29T00:00",
    ]);
  });

  it("finds the same times backwards as a walk over the days does", () => {
    const moment = fc.integer({ min: at("2020-01-01T00:00Z"), max: at("2040-01-01T00:00Z") });
    const property = fc.property(cronExpression(), moment, (cron, from) => {
      const { lastUntil, firstAfter } = localTimesOf(cron);
      const matches = matcherOf(cron);
      const next = firstAfter(from);
      fc.pre(next !== null);

      expect(matches(next)).toBe(true);
      expect(lastUntil(next)).toBe(next);
      const last = lastUntil(next - 1);
      if (last === null) return;
      expect(last).toBeLessThanOrEqual(from);
      expect(matches(last)).toBe(true);
      expect(firstAfter(last)).toBe(next);
      for (
        let local = last + MINUTE;
        local < Math.min(next, last + 3_000 * MINUTE);
        local += MINUTE
      )
        if (matches(local)) expect.fail(`${cron} leaves out ${time(local)}`);
    });
    fc.assert(property, { numRuns: 200, seed: 20_261_124 });
  });
});

function cronExpression(): fc.Arbitrary<string> {
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant("*"),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 1, max: max - min }).map((step) => `*/${step}`),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`),
      fc
        .array(fc.integer({ min, max }), { minLength: 2, maxLength: 3 })
        .map((all) => all.join(",")),
    );
  return fc
    .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
    .map((fields) => fields.join(" "));
}

describe("how often an expression begins in a day", () => {
  it.each([
    "0 9 * * *",
    "*/7 */5 * * *",
    "1-30/4,5,59 0,12,22-23 * * *",
    "* * * * *",
    "59 23 1 * *",
  ])("is counted without the calendar, as the calendar has it: `%s`", (cron) => {
    const { firstAfter } = localTimesOf(cron);
    const midnight = at("2027-01-01T00:00");
    let count = 0;
    for (let local = firstAfter(midnight - 1); local !== null; local = firstAfter(local)) {
      if (local >= midnight + 1_440 * MINUTE) break;
      count++;
    }

    expect(beginningsPerDay(cron)).toBe(count);
  });
});
