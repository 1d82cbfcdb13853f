/** Each figure in the page's sentences is the one that its words say: of a fleet in which no two are alike. */
import { expect, it } from "vitest";
import { columnsOf } from "../../../worker/dashboard/browser/series.js";
import { A_HISTORY, NOW, UNLIKE } from "../../worker/unlike.ts";

const MINUTE_MS = 60_000;

it("the chart draws what was busy, what was there and what was wanted, and then what is now", () => {
  expect(columnsOf(A_HISTORY, UNLIKE, NOW)).toEqual([
    [40, 20, 0].map((minutes) => (NOW - minutes * MINUTE_MS) / 1_000),
    [83, 103, 37],
    [81, 101, 31],
    [82, 97, 43],
  ]);
});
