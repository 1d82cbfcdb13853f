import { expect, test } from "vitest";
import { burstsOf, turnsOfTarget } from "./demand.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 22, 9);

function ratesOf(seed: number, minutes: number): number[] {
  const rate = burstsOf(seed).rateFrom(START_MS);
  return Array.from({ length: minutes }, (_, minute) =>
    rate.perHour(START_MS + minute * MINUTE_MS),
  );
}

test("bursts come again and again, last minutes, and are never above the bound", () => {
  const rates = ratesOf(1, 300);
  const { maxPerHour } = burstsOf(1).rateFrom(START_MS);

  const inBursts = rates.filter((perHour) => perHour === maxPerHour).length;
  expect(inBursts).toBeGreaterThanOrEqual(40);
  expect(inBursts).toBeLessThanOrEqual(60);
  expect(Math.max(...rates)).toBe(maxPerHour);
  expect(Math.min(...rates)).toBeGreaterThan(0);
});

test("bursts are the same for one seed, and others for another", () => {
  expect(ratesOf(1, 100)).toEqual(ratesOf(1, 100));
  expect(ratesOf(1, 100)).not.toEqual(ratesOf(2, 100));
});

test("nobody comes after the end", () => {
  const bursts = burstsOf(1);
  const rate = bursts.rateFrom(START_MS);

  bursts.stopAt(START_MS + MINUTE_MS);

  expect(rate.perHour(START_MS + MINUTE_MS - 1)).toBeGreaterThan(0);
  expect(rate.perHour(START_MS + MINUTE_MS)).toBe(0);
});

test("the target is turned within its bounds, by the seed", () => {
  const turns = (seed: number): number[] => {
    const targets = turnsOfTarget(seed, { min: 1, max: 10 });
    return Array.from({ length: 50 }, () => targets.next().value);
  };

  expect(Math.min(...turns(1))).toBe(1);
  expect(Math.max(...turns(1))).toBe(10);
  expect(turns(1)).toEqual(turns(1));
  expect(turns(1)).not.toEqual(turns(2));
});
