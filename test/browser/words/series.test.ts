import { describe, expect, it } from "vitest";
import type { HistoryPoint, HistoryView } from "../../../durable/rules/history-views.ts";
import { columnsOf, summaryOf } from "../../../worker/dashboard/browser/series.js";
import { history, status } from "../../worker/api/views.ts";

const START = Date.parse("2026-11-22T00:00:00.000Z");
const MINUTE_MS = 60_000;

function aHistory(
  ...points: readonly [minute: number, spares: number, target: number][]
): HistoryView {
  const [any] = history().points;
  if (any === undefined) throw new Error("the example has a point");
  return {
    ...history(),
    points: points.map(([minute, spares, target]): HistoryPoint => ({
      ...any,
      at: new Date(START + minute * MINUTE_MS).toISOString(),
      spares,
      target,
      busy: 1,
    })),
  };
}

describe("the columns of the chart", () => {
  it("hold the samples, and what is now", () => {
    const [times, busy, spares, target] = columnsOf(
      aHistory([0, 5, 6], [1, 6, 6]),
      status("media"),
      START + 2 * MINUTE_MS,
    );

    expect(times).toEqual([START / 1_000, START / 1_000 + 60, START / 1_000 + 120]);
    expect(spares).toEqual([5, 6, 9]);
    expect(target).toEqual([6, 6, 10]);
    expect(busy).toEqual([1, 1, 4]);
  });

  it("have a gap where the fleet did not tick", () => {
    const [, , spares] = columnsOf(aHistory([0, 5, 6], [300, 6, 6]), null, START);

    expect(spares).toEqual([5, null, 6]);
  });

  it("have none where nothing happened for an hour or two", () => {
    const [, , spares] = columnsOf(aHistory([0, 5, 6], [60, 5, 6], [180, 6, 6]), null, START);

    expect(spares).toEqual([5, 5, 6]);
  });
});

describe("the chart in a sentence", () => {
  it("tells the fewest spares, when, and how long the target was met", () => {
    const columns = columnsOf(
      aHistory([0, 6, 6], [30, 2, 6], [60, 6, 6], [120, 6, 6]),
      null,
      START,
    );

    expect(
      summaryOf(columns, "the last hour", (at) => new Date(at).toISOString().slice(11, 16)),
    ).toBe(
      "In the last hour there were at the least 2 spares (at 00:30); the target was met for 75 % of the time.",
    );
  });

  it("says that nothing is known where there is nothing", () => {
    expect(summaryOf([[], [], [], []], "the last hour", String)).toBe(
      "Nothing is known of the last hour yet.",
    );
  });
});
