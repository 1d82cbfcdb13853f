import { describe, expect, it } from "vitest";
import { lookDueAt, looksOf, pagesAhead } from "../../../durable/rules/looks.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import type { Scan } from "../../../durable/rules/scan.ts";
import type { Command } from "../../../durable/rules/world.ts";
import { aCommand, aRow, aState, idleRows, laneOf, MINUTE_MS, NOW, SECOND_MS } from "./builders.ts";

const MANY_CALLS = 100;

/** Servers that have booted for so many seconds. */
function booting(count: number, seconds: number): Instance[] {
  return Array.from({ length: count }, (_, index) =>
    aRow({
      name: `boot-${index}`,
      phase: "starting",
      phaseSince: NOW - seconds * SECOND_MS,
      publicIp: null,
    }),
  );
}

const SCAN: Scan = {
  startedAt: NOW,
  next: "p2",
  pages: 1,
  present: new Map(),
  strangers: [],
  unread: [],
};

/** Everything was looked at a moment ago. */
const SEEN = { listedAt: NOW - SECOND_MS, scannedAt: NOW - SECOND_MS };

describe("while servers boot", () => {
  it("nobody is asked before a boot can be over", () => {
    const state = aState({ rows: booting(40, 9), memory: SEEN });

    expect(looksOf(state, MANY_CALLS)).toEqual({ names: [], pages: 0 });
  });

  it("one of many stands for all until a boot was measured, and it is another one each time", () => {
    const ask = (tick: number) =>
      looksOf(aState({ rows: booting(40, 30), memory: SEEN, tick }), MANY_CALLS);

    expect(ask(7)).toEqual({ names: ["boot-7"], pages: 0 });
    expect(ask(8)).toEqual({ names: ["boot-8"], pages: 0 });
  });

  it("all are listed as soon as one of them runs", () => {
    const memory = { ...SEEN, scannedAt: NOW - 40 * SECOND_MS, boots: [30 * SECOND_MS] };

    expect(looksOf(aState({ rows: booting(40, 31), memory }), MANY_CALLS)).toEqual({
      names: [],
      pages: 5,
    });
  });

  it("one page is listed instead, where it tells of all of them for the same price", () => {
    const memory = { ...SEEN, scannedAt: NOW - 3 * SECOND_MS };

    expect(looksOf(aState({ rows: booting(5, 30), memory }), MANY_CALLS)).toEqual({
      names: [],
      pages: 5,
    });
  });

  it("the last ones are asked for by name, three at a time", () => {
    const rows = [...idleRows(50), ...booting(2, 60)];
    const memory = { ...SEEN, boots: [30 * SECOND_MS] };

    expect(looksOf(aState({ rows, memory }), MANY_CALLS).names).toEqual(["boot-1", "boot-0"]);
  });

  it("they are asked no more often than every half beat", () => {
    const state = (ago: number) =>
      aState({ rows: booting(40, 30), memory: { ...SEEN, polledAt: NOW - ago } });

    expect(looksOf(state(2_499), MANY_CALLS).names).toEqual([]);
    expect(looksOf(state(2_500), MANY_CALLS).names).toHaveLength(1);
    expect(lookDueAt(state(1_000))).toBe(NOW + 1_500);
  });

  it("a long wait of ours does not pass for a long boot", () => {
    const memory = { ...SEEN, scannedAt: NOW - MINUTE_MS, boots: [10 * MINUTE_MS] };

    expect(looksOf(aState({ rows: booting(40, 60), memory }), MANY_CALLS).pages).toBe(5);
  });
});

describe("a listing", () => {
  it("is not made for servers of which all still boot", () => {
    const memory = { listedAt: NOW - MINUTE_MS, scannedAt: NOW - MINUTE_MS };

    expect(looksOf(aState({ rows: booting(40, 9), memory }), MANY_CALLS).pages).toBe(0);
  });

  it("follows changes at a pace that leaves half of the calls to others", () => {
    const rows = [...idleRows(99), aRow({ name: "d", phase: "deleting" })];
    const due = (ago: number) =>
      looksOf(
        aState({
          rows,
          memory: { ...laneOf("list", 10), listedAt: NOW - ago, scannedAt: NOW - ago },
        }),
        MANY_CALLS,
      ).pages;

    expect(due(11 * SECOND_MS)).toBe(0);
    expect(due(12 * SECOND_MS)).toBe(5);
  });

  it("is made also where the clock was set back since the last one", () => {
    const later = NOW + 60 * MINUTE_MS;
    const state = aState({ rows: idleRows(1), memory: { listedAt: later, scannedAt: later } });

    expect(looksOf(state, MANY_CALLS).pages).toBe(5);
  });

  it("that is unfinished hastens no tick of a fleet in which nothing changes", () => {
    const state = (rows: readonly Instance[]) => aState({ rows, memory: { ...SEEN, scan: SCAN } });

    expect(lookDueAt(state(idleRows(1)))).toBe(Number.POSITIVE_INFINITY);
    expect(lookDueAt(state([aRow({ phase: "deleting", command: 9 })]))).toBe(NOW);
  });

  it("that failed waits for the beat", () => {
    const memory = { ...SEEN, scan: SCAN, listingTrouble: "timed out" };

    expect(lookDueAt(aState({ rows: [aRow({ phase: "deleting", command: 9 })], memory }))).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it("is due no sooner than there is a call for it", () => {
    const memory = { ...SEEN, ...laneOf("list", 0), scan: SCAN };

    expect(
      lookDueAt(aState({ rows: [aRow({ phase: "deleting", command: 9 })], memory })),
    ).toBeGreaterThan(NOW);
  });
});

describe("while the hands are at work", () => {
  const command = (bucket: string): Command => ({
    ...aCommand({ kind: "delete", name: "d", arn: "arn:d" }),
    pace: { bucket, atOnce: 1 },
  });

  it("an unfinished listing goes on", () => {
    const state = aState({ memory: { scan: SCAN } });

    expect(pagesAhead(state, [command("all")])).toBe(10);
    expect(pagesAhead(state, [])).toBe(0);
    expect(pagesAhead(aState(), [command("all")])).toBe(0);
  });

  it("it takes only calls that the hands leave over", () => {
    const state = aState({ memory: { ...laneOf("list", 3), scan: SCAN } });
    const ours = command("list");

    expect(pagesAhead(state, [command("ports")])).toBe(3);
    expect(pagesAhead(state, [ours])).toBe(2);
    expect(pagesAhead(state, [ours, ours, ours, ours])).toBe(0);
  });

  it("it does not go on where its last look failed", () => {
    const state = aState({ memory: { scan: SCAN, listingTrouble: "timed out" } });

    expect(pagesAhead(state, [command("all")])).toBe(0);
  });
});
