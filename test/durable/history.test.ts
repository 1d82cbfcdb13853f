import { expect, test } from "vitest";
import { historyOf } from "../../durable/history.ts";
import { book } from "../../durable/operate-target.ts";
import type { HistoryView } from "../../durable/rules/history-views.ts";
import { START, startFleet, TICK_MS, type VirtualFleet } from "../virtual/fleet.ts";

const MINUTE_MS = 60_000;
const TICKS_PER_MINUTE = MINUTE_MS / TICK_MS;

function historyFrom(fleet: VirtualFleet, hours = 1): HistoryView {
  const live = fleet.engine().read(fleet.now());
  if (live === null) throw new Error("the fleet is gone");
  return historyOf(fleet.engine(), live.state, hours);
}

function override(fleet: VirtualFleet, expression: string, seconds: number): void {
  const given = { now: fleet.now(), word: () => "k7" };
  const booking = { expression, fromMs: null, untilMs: null, expiresInSeconds: seconds };
  book(fleet.engine(), { ...booking, reason: "concert" }, { actor: "olga" }, given);
}

test("the history shows how the fleet came to its target", async () => {
  const fleet = startFleet({ spec: { spares: { default: "4" } } });

  await fleet.run(20 * TICKS_PER_MINUTE);

  const { points, from, until } = historyFrom(fleet);
  expect(until).toBe(new Date(fleet.now()).toISOString());
  expect(Date.parse(until) - Date.parse(from)).toBe(60 * MINUTE_MS);
  expect(points[0]).toMatchObject({ spares: 0, target: 4, launching: 4 });
  expect(points.at(-1)).toMatchObject({ spares: 4, target: 4, launching: 0 });
  const times = points.map(({ at }) => Date.parse(at));
  expect(times.every((at, index) => index === 0 || at - (times[index - 1] ?? 0) >= MINUTE_MS)).toBe(
    true,
  );
});

test("a fleet in which nothing happens has one sample an hour", async () => {
  const fleet = startFleet({ spec: { spares: { default: "4" } } });
  await fleet.run(20 * TICKS_PER_MINUTE);
  const before = historyFrom(fleet, 168).points.length;

  await fleet.run(180 * TICKS_PER_MINUTE);

  expect(historyFrom(fleet, 168).points.length - before).toBe(3);
});

test("an override is marked from its beginning to its end", async () => {
  const fleet = startFleet({ spec: { spares: { default: "4" } } });
  await fleet.run(TICKS_PER_MINUTE);
  const at = fleet.now();
  override(fleet, "7", 300);

  await fleet.run(10 * TICKS_PER_MINUTE);

  expect(historyFrom(fleet).marks).toEqual([
    {
      kind: "override",
      name: "7",
      note: `target 7 until ${new Date(at + 300_000).toISOString()}: concert`,
      from: new Date(at).toISOString(),
      until: new Date(at + 300_000).toISOString(),
    },
  ]);
});

test("a guard is marked while it binds", async () => {
  const fleet = startFleet({ spec: { spares: { default: "4" }, limits: { maxInstances: 2 } } });

  await fleet.run(5 * TICKS_PER_MINUTE);

  expect(historyFrom(fleet).marks).toMatchObject([
    { kind: "guard", name: "maxInstances", until: null },
  ]);
});

test("today costs what ran since midnight in the fleet's zone", async () => {
  const fleet = startFleet({ spec: { spares: { default: "4" }, timezone: "Asia/Seoul" } });

  await fleet.run(120 * TICKS_PER_MINUTE);

  const { today } = historyFrom(fleet);
  expect(Date.parse(today.since)).toBe(START - 9 * 60 * MINUTE_MS);
  // Four medium servers at 24 dollars a month, for a little less than two hours.
  expect(today.usd).toBeCloseTo(0.25, 1);
});
