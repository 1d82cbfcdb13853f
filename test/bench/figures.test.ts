import { expect, test } from "vitest";
import { median, quantile, rounded } from "./figures.ts";

test("a quantile is one of the values, whatever their order", () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);

  expect(quantile(values, 0.5)).toBe(100);
  expect(quantile(values, 0.99)).toBe(198);
  expect(quantile(values, 1)).toBe(200);
  expect(quantile([7], 0.01)).toBe(7);
  expect(quantile([], 0.5)).toBeNaN();
});

test("a median stands in the middle", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
  expect(median([])).toBeNaN();
});

test("figures are told with three digits", () => {
  expect([1234.5, 0.012345, 20].map(rounded)).toEqual([1230, 0.0123, 20]);
});
