/** A paid hour is kept as a spare until its last minutes, and no tick misses them. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instance } from "../../../durable/rules/model.ts";
import type { State } from "../../../durable/rules/state.ts";
import { chooseVictims } from "../../../durable/rules/victims.ts";
import {
  aRow,
  aState,
  idleFreshness,
  idleRows,
  MINUTE_MS,
  NOW,
  type SpecOverrides,
} from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;
const TICK_MS = 5_000;

/** How long before the end of its hour a server may go: drain, two probes, three ticks and a minute. */
function marginMs(drainSeconds: number, intervalSeconds: number): number {
  return drainSeconds * 1000 + 2 * intervalSeconds * 1000 + 3 * TICK_MS + MINUTE_MS;
}

function goes(state: State): boolean {
  return chooseVictims(state, state.instances.values(), 1).length > 0;
}

/** One idle server, so long before the end of its third hour. */
function before(leftMs: number, spec: SpecOverrides = {}, row: Partial<Instance> = {}): State {
  const only = aRow({ createdAt: NOW - 3 * HOUR_MS + leftMs, ...row });
  return aState({
    rows: [only],
    spec: { ...spec, retire: { billing: "hour", ...spec.retire } },
    memory: { freshness: new Map([[only.name, idleFreshness()]]) },
  });
}

describe("a server whose hour is paid", () => {
  it("stays until its last minutes, and goes then", () => {
    const margin = marginMs(30, 5);

    expect(goes(before(margin + 1))).toBe(false);
    expect(goes(before(margin))).toBe(true);
    expect(goes(before(1))).toBe(true);
    expect(goes(before(HOUR_MS - 1))).toBe(false);
  });

  it("is met in its last minutes by whichever ticks, with time left to drain and confirm it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(TICK_MS - 1),
        (drainSeconds, intervalSeconds, phase) => {
          const spec = { retire: { drainSeconds }, health: { intervalSeconds } };
          const needed = marginMs(drainSeconds, intervalSeconds) - 3 * TICK_MS - MINUTE_MS;
          const first = Array.from({ length: HOUR_MS / TICK_MS }, (_, tick) => tick)
            .map((tick) => HOUR_MS - phase - tick * TICK_MS)
            .find((leftMs) => leftMs > 0 && goes(before(leftMs, spec)));

          expect(first).toBeGreaterThanOrEqual(needed + 2 * TICK_MS + MINUTE_MS);
          expect(first).toBeLessThanOrEqual(marginMs(drainSeconds, intervalSeconds));
        },
      ),
      { numRuns: 20, seed: 20_261_124 },
    );
  });

  it("has hours of its own: of two, the one whose hour ends goes", () => {
    const [one, other] = [
      aRow({ name: "one", createdAt: NOW - 30 * MINUTE_MS }),
      aRow({ name: "other", createdAt: NOW - 59 * MINUTE_MS }),
    ];
    const freshness = new Map([one, other].map(({ name }) => [name, idleFreshness()]));
    const state = aState({
      rows: [one, other],
      spec: { retire: { billing: "hour" } },
      memory: { freshness },
    });

    expect(chooseVictims(state, state.instances.values(), 2)).toEqual([other]);
  });
});

describe("a server goes without waiting for the end of its hour", () => {
  const long = 40 * MINUTE_MS;

  it("where hours are not billed whole", () => {
    expect(goes(before(long, { retire: { billing: "none" } }))).toBe(true);
    expect(goes(before(long))).toBe(false);
  });

  it("where it is of an older template, or too old", () => {
    expect(goes(before(long, {}, { template: "an older one" }))).toBe(true);
    const old = { createdAt: NOW - 48 * HOUR_MS - 20 * MINUTE_MS };
    expect(goes(before(long, { rollout: { maxAgeDays: 2 } }, old))).toBe(true);
    expect(goes(before(long, { rollout: { maxAgeDays: 3 } }, old))).toBe(false);
  });

  it("where there are more than the maximum, and not where there are just so many", () => {
    const rows = idleRows(3, { createdAt: NOW - 20 * MINUTE_MS });
    const freshness = new Map(rows.map(({ name }) => [name, idleFreshness()]));
    const of = (maxInstances: number) =>
      aState({
        rows,
        spec: { retire: { billing: "hour" }, limits: { maxInstances } },
        memory: { freshness },
      });

    expect(goes(of(2))).toBe(true);
    expect(goes(of(3))).toBe(false);
  });
});
