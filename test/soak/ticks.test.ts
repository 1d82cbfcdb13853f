import { expect, test } from "vitest";
import { Ticks } from "./ticks.ts";

test("ticks between two looks are counted by their numbers", () => {
  const ticks = new Ticks(500, 0);

  ticks.saw(3, 1_500);
  ticks.saw(3, 1_600);
  ticks.saw(5, 2_500);

  expect(ticks.count).toBe(5);
});

test("the numbers that a crash skips are not ticks, whenever they are first seen", () => {
  const ticks = new Ticks(500, 0);
  ticks.saw(10, 5_000);

  ticks.startedAgain(20_000);
  ticks.saw(10, 20_100);
  ticks.saw(101, 20_600);
  ticks.saw(102, 21_100);

  expect(ticks.count).toBeLessThanOrEqual(10 + 3);
  expect(ticks.count).toBeGreaterThanOrEqual(10 + 2);
});
