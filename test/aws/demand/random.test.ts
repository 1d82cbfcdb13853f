import { expect, test } from "vitest";
import { createRandom, exponential, lognormal } from "./random.ts";
import type { Random } from "./random.ts";

const DRAWS = 200_000;

function draws(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const center = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
}

test("a seed and a stream give the same numbers again", () => {
  expect(draws(50, createRandom(7, "arrivals"))).toEqual(draws(50, createRandom(7, "arrivals")));
});

test("another seed or another stream does not give the same numbers", () => {
  const numbers = draws(50, createRandom(7, "arrivals"));

  expect(draws(50, createRandom(8, "arrivals"))).not.toEqual(numbers);
  expect(draws(50, createRandom(7, "lengths"))).not.toEqual(numbers);
});

test("draws are spread evenly over [0, 1), and neighbours are not correlated", () => {
  const numbers = draws(DRAWS, createRandom(1, "even"));

  const tenths = Array.from({ length: 10 }, () => 0);
  for (const number of numbers) {
    const tenth = Math.floor(number * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  const chiSquared = tenths.reduce((sum, n) => sum + (n - DRAWS / 10) ** 2 / (DRAWS / 10), 0);
  const products = numbers
    .slice(1)
    .map((number, index) => (number - 0.5) * ((numbers[index] ?? 0) - 0.5));

  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(chiSquared).toBeLessThan(27.9); // 9 degrees of freedom, one in a thousand
  expect(Math.abs(mean(products))).toBeLessThan(4 / 12 / Math.sqrt(DRAWS));
});

test("exponential draws have their mean as deviation", () => {
  const random = createRandom(2, "exponential");

  const gaps = draws(DRAWS, () => exponential(random, 40));

  expect(mean(gaps)).toBeCloseTo(40, 0);
  expect(deviation(gaps)).toBeCloseTo(40, 0);
});

test("lognormal draws have the mean and the variation that were asked for", () => {
  const random = createRandom(3, "lognormal");

  const lengths = draws(DRAWS, () => lognormal(random, 30, 1));

  expect(mean(lengths) / 30).toBeCloseTo(1, 1);
  expect(deviation(lengths) / mean(lengths)).toBeCloseTo(1, 1);
});

test("the ends of the uniform range do not give infinite or missing numbers", () => {
  const ends: Random[] = [() => 0, () => 1 - 2 ** -32];

  for (const random of ends) {
    expect(Number.isFinite(exponential(random, 1))).toBe(true);
    expect(Number.isFinite(lognormal(random, 1, 1))).toBe(true);
    expect(exponential(random, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  }
});
