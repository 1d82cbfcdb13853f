/** The reference of whole schedules and the calendar say the same, each in its own way. */
import { expect, test } from "vitest";
import { boundariesBetween } from "../../durable/calendar/boundaries.ts";
import { createRandom } from "../aws/demand/random.ts";
import { scheduleOf } from "../sim/generate-schedule.ts";
import { expectedBoundaries } from "./schedule.ts";
import { DAY } from "./zones.ts";

const HOUR = DAY / 24;
const SEEDS = 30;

test("the schedules of the simulator have the same boundaries by both", () => {
  let compared = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const drawn = scheduleOf(createRandom(seed, "reference"), 1);
    const { startsAt, schedule, specialDays } = drawn;
    const written = {
      schedule: schedule.map((entry) => ({ name: null, until: null, ...entry })),
      specialDays,
    };
    const until = startsAt + 3 * HOUR;

    const expected = expectedBoundaries(written, startsAt - 2 * DAY, until);

    const told = boundariesBetween(written, startsAt, until, Infinity);
    const later = expected.filter(({ at }) => at > startsAt && at <= until);
    expect(told.map(({ at, value, special }) => ({ at, value, special }))).toEqual(later);
    compared += later.length;
  }
  expect(compared).toBeGreaterThan(SEEDS);
});
