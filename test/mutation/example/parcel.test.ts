import { expect, test } from "vitest";
import { countTo, fits, isWhole, SIZES } from "./parcel.ts";

test("a light parcel fits and a heavy one does not", () => {
  expect(fits(1, 5)).toBe(true);
  expect(fits(9, 5)).toBe(false);
});

test("counting ends at the end", () => {
  expect(countTo(3)).toBe(3);
});

test("a parcel that never fell is whole", () => {
  expect(isWhole(0)).toBe(true);
});

test("the smallest size comes first", () => {
  expect(SIZES[0]).toBe("small");
});
