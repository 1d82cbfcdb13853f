/** Each figure in the page's sentences is the one that its words say: of a fleet in which no two are alike. */
import { describe, expect, it } from "vitest";
import type { Status } from "../../../durable/rules/views.ts";
import { columnsOf } from "../../../worker/dashboard/browser/series.js";
import { judge } from "../../../worker/dashboard/browser/verdict.js";
import { A_HISTORY, NOW, UNLIKE } from "../../worker/unlike.ts";

const MINUTE_MS = 60_000;
const [A_BLOCKER] = UNLIKE.blockers;
const CALM = { blockers: [], alerts: [], paused: [] };
const LATE = { at: new Date(NOW - 34 * MINUTE_MS).toISOString() };
const MANY = { ...CALM, spares: 51, counts: { ...UNLIKE.counts, unknown: 0 } };

describe("the page says of a fleet that is", () => {
  it.each<[string, string, Partial<Status>]>([
    [
      "Stale",
      "The last tick was 34 min ago, so nothing is decided and these numbers are old.",
      { lastTick: UNLIKE.lastTick === null ? null : { ...UNLIKE.lastTick, ...LATE } },
    ],
    [
      "Removing",
      "The fleet is being removed: 125 servers left, with 47 sessions.",
      { removing: true },
    ],
    [
      "Blind",
      "7 servers do not answer at once: nothing new is deleted, and nothing is launched in their place.",
      { blockers: A_BLOCKER === undefined ? [] : [{ ...A_BLOCKER, guard: "blindEyes" }] },
    ],
    [
      "Observing",
      "31 of 43 spares. It decides, and changes nothing, until its mode is active.",
      { mode: "observe" },
    ],
    ["No spares", "A new session finds no room. 11 servers are being launched.", { spares: 0 }],
    ["Held back", "31 of 43 spares, 12 short. 11 servers are being launched.", {}],
    ["Growing", "31 of 43 spares. 11 servers are being launched.", CALM],
    [
      "Short",
      "31 of 43 spares, and nothing is on its way yet.",
      { ...CALM, counts: { ...UNLIKE.counts, launching: 0 } },
    ],
    ["Paused", "51 of 43 spares, but rollout is paused.", { spares: 51, blockers: [] }],
    ["Unsure", "51 of 43 spares, but 7 servers have not answered lately.", { ...CALM, spares: 51 }],
    [
      "Shrinking",
      "8 spares more than the target of 43. 13 servers drain; none with a session is touched.",
      MANY,
    ],
    [
      "Well",
      "43 of 43 spares. 11 servers are being launched.",
      { ...MANY, spares: 43, counts: { ...MANY.counts, draining: 0 } },
    ],
  ])("%s: %s", (word, why, changes) => {
    const verdict = judge({ ...UNLIKE, ...changes }, NOW);

    expect([verdict.word, verdict.why]).toEqual([word, why]);
  });
});

it("the chart draws what was busy, what was there and what was wanted, and then what is now", () => {
  expect(columnsOf(A_HISTORY, UNLIKE, NOW)).toEqual([
    [40, 20, 0].map((minutes) => (NOW - minutes * MINUTE_MS) / 1_000),
    [83, 103, 37],
    [81, 101, 31],
    [82, 97, 43],
  ]);
});
