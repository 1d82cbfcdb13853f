import { describe, expect, it } from "vitest";
import { launchRoom } from "../../../durable/rules/guard.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import type { State } from "../../../durable/rules/state.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import {
  A_MONTH,
  aHold,
  anObservation,
  aPlanned,
  aState,
  freshFor,
  idleRows,
  MEDIUM,
  MINUTE_MS,
  laneOf,
  NOW,
  type SpecOverrides,
} from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;
/** What one more server costs from NOW to the end of the month. */
const EACH_USD = (480 * MEDIUM.usdPerMonth) / 744;

function launches(state: State, wanted = 5) {
  return launchRoom(state, tally(state), wanted);
}

function capped(maxMonthlyUsd: number, rest: Parameters<typeof aState>[0] = {}, spec = {}): State {
  return aState({ ...rest, spec: { ...spec, limits: { maxMonthlyUsd } } });
}

describe("the cap of the month", () => {
  it("lets through as many as can run to the month's end within it", () => {
    expect(launches(capped(3 * EACH_USD + 0.01)).room).toBe(3);
    expect(launches(capped(3 * EACH_USD - 0.01)).room).toBe(2);
    expect(launches(capped(5 * EACH_USD + 0.01))).toEqual({ room: 5, blockers: [] });
  });

  it("counts what runs, what was planned and what is gone", () => {
    const rows = [...idleRows(1, { createdAt: NOW }), aPlanned({ name: "p", plannedAt: NOW })];

    expect(launches(capped(4 * EACH_USD + 0.01, { rows })).room).toBe(2);
    expect(launches(capped(4 * EACH_USD + 0.01, { rows, spentOnGone: EACH_USD })).room).toBe(1);
  });

  it("that is passed already leaves no room, and never a negative one", () => {
    expect(launches(capped(1, { rows: idleRows(3) }))).toMatchObject({
      room: 0,
      blockers: [{ guard: "maxMonthlyUsd", limit: 1 }],
    });
  });

  it("deletes nothing that runs: it only keeps more from being launched", () => {
    const rows = idleRows(3);
    const state = aState({
      rows,
      spec: { limits: { maxMonthlyUsd: 1 }, spares: { default: "3" } },
      memory: freshFor(...rows),
    });

    expect(plan(state, anObservation()).moves.rows).toEqual([]);
  });

  it.each<[string, Parameters<typeof aState>[0]]>([
    ["the bundle to be launched", { bundles: new Map() }],
    ["a server that runs", { rows: idleRows(1, { bundle: "unheard_of" }) }],
  ])("lets nothing through while the price is not known of %s", (_, rest) => {
    expect(launches(capped(1_000_000, rest))).toMatchObject({
      room: 0,
      blockers: [{ guard: "maxMonthlyUsd", value: null, limit: null }],
    });
  });

  it("that is not set needs no price", () => {
    expect(launches(aState({ bundles: new Map() })).room).toBe(5);
  });

  it("allows more of the same towards the end of the month", () => {
    const late = { ...capped(0.5), now: A_MONTH.endsAt - HOUR_MS };

    expect(launches(capped(0.5)).room).toBe(0);
    expect(launches(late, 20).room).toBe(15);
  });

  it("is not passed by an hour's rounding, whichever way hours are billed", () => {
    for (const billing of ["hour", "none"] as const) {
      const spec = { retire: { billing } };
      const now = A_MONTH.endsAt - HOUR_MS - 1;
      const cap = (2 * MEDIUM.usdPerMonth) / 744;
      const state = { ...capped(cap + 1e-9, {}, spec), now };

      expect(launches(state).room).toBe(1);
    }
  });
});

describe("the prices", () => {
  const unread = { bundlesReadAt: null, bundlesAskedAt: null };

  it("are asked for at once where they are not known, and then once a minute", () => {
    const asked = (ms: number) =>
      watchOf(aState({ bundles: new Map(), memory: { ...unread, bundlesAskedAt: NOW - ms } }))
        .bundles;

    expect(watchOf(aState({ memory: unread })).bundles).toBe(true);
    expect(asked(MINUTE_MS - 1)).toBe(false);
    expect(asked(MINUTE_MS)).toBe(true);
  });

  it("that are known hold for a day", () => {
    const read = (ms: number) => watchOf(aState({ memory: { bundlesReadAt: NOW - ms } })).bundles;

    expect(read(24 * HOUR_MS - 1)).toBe(false);
    expect(read(24 * HOUR_MS)).toBe(true);
  });

  it("are asked for also through a lane that can hold no more than one call", () => {
    const state = aState({ memory: { ...unread, ...laneOf("list", 1) } });

    expect(watchOf(state)).toMatchObject({ listing: null, bundles: true });
  });
});

describe("the quota of vCPUs", () => {
  const quota = (maxVcpus: number, rest: Parameters<typeof aState>[0] = {}) => {
    const spec: SpecOverrides = { limits: { maxVcpus } };
    return launches(aState({ ...rest, spec }));
  };

  it("lets through whole servers only", () => {
    expect(quota(7).room).toBe(3);
    expect(quota(10)).toEqual({ room: 5, blockers: [] });
  });

  it("counts planned servers too, and shows how many are used", () => {
    const rows = [...idleRows(2), aPlanned({ name: "p" })];

    expect(quota(9, { rows })).toMatchObject({
      room: 1,
      blockers: [{ guard: "quota", value: 6, limit: 9 }],
    });
  });

  it("lets nothing through while the vCPUs of the bundle are not known", () => {
    expect(quota(100, { bundles: new Map() })).toMatchObject({
      room: 0,
      blockers: [{ guard: "quota" }],
    });
  });

  it("that AWS refused is learned: what runs is all that it admits, until it is tried again", () => {
    const rows = idleRows(4);

    expect(launches(aState({ rows, holds: [aHold("quota")] }))).toMatchObject({
      room: 0,
      blockers: [{ guard: "quota", value: 8, limit: 8, retryAt: NOW + MINUTE_MS }],
    });
    expect(launches(aState({ rows, holds: [aHold("quota", { until: NOW })] })).room).toBe(1);
  });
});
