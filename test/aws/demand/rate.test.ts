import { expect, test } from "vitest";
import { dayRate } from "./rate.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function minutesOf(rate: ReturnType<typeof dayRate>, day: number): number[] {
  return Array.from({ length: 1_440 }, (_, minute) =>
    rate.perHour(day * DAY_MS + minute * MINUTE_MS),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test("every day has the mean that was asked for", () => {
  const rate = dayRate({ sessionsPerHour: 20, seed: 1 });

  for (const day of [-2, 0, 1, 20_000]) expect(mean(minutesOf(rate, day))).toBeCloseTo(20, 9);
});

test("no moment is above the bound, and the highest one is not far below it", () => {
  const rate = dayRate({ sessionsPerHour: 20, seed: 1 });

  const peaks = Array.from({ length: 60 }, (_, day) => Math.max(...minutesOf(rate, day)));

  expect(Math.max(...peaks)).toBeLessThanOrEqual(rate.maxPerHour);
  expect(Math.max(...peaks)).toBeGreaterThan(rate.maxPerHour / 2);
});

test("the evening is busy and the night is not", () => {
  const day = minutesOf(dayRate({ sessionsPerHour: 20, seed: 1 }), 3);

  expect(mean(day.slice(20 * 60, 22 * 60))).toBeGreaterThan(5 * mean(day.slice(3 * 60, 6 * 60)));
});

test("sessions start on the clock: at :00 and :30 more than around them", () => {
  const day = minutesOf(dayRate({ sessionsPerHour: 20, seed: 1 }), 3);

  const at = (minute: number): number => day[4 * 60 + minute] ?? 0;

  expect(at(0) / at(10)).toBeCloseTo(3, 1);
  expect(at(30) / at(29)).toBeGreaterThan(1.7);
  expect(at(40) / at(41)).toBeCloseTo(1, 1);
});

test("bursts come at other times on another day and with another seed, not at the same", () => {
  const rate = dayRate({ sessionsPerHour: 20, seed: 1 });

  expect(minutesOf(rate, 1)).not.toEqual(minutesOf(rate, 2));
  expect(minutesOf(dayRate({ sessionsPerHour: 20, seed: 2 }), 1)).not.toEqual(minutesOf(rate, 1));
  expect(minutesOf(dayRate({ sessionsPerHour: 20, seed: 1 }), 1)).toEqual(minutesOf(rate, 1));
});

test("the local offset moves the day", () => {
  const utc = dayRate({ sessionsPerHour: 20, seed: 1 });
  const seoul = dayRate({ sessionsPerHour: 20, seed: 1, localOffsetMs: 9 * HOUR_MS });

  expect(seoul.perHour(12 * HOUR_MS)).toBe(utc.perHour(21 * HOUR_MS));
});

test("a mean of zero is a day without sessions, and one below zero is refused", () => {
  expect(dayRate({ sessionsPerHour: 0, seed: 1 }).maxPerHour).toBe(0);
  expect(() => dayRate({ sessionsPerHour: -1, seed: 1 })).toThrow("sessions per hour");
  expect(() => dayRate({ sessionsPerHour: Number.NaN, seed: 1 })).toThrow("sessions per hour");
});
