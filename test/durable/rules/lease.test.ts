import { describe, expect, it } from "vitest";
import { brokenBy, chooseSlots, comingServers } from "../../../durable/rules/lease.ts";
import type { State } from "../../../durable/rules/state.ts";
import { HOUR_MS } from "../../../durable/rules/limits.ts";
import {
  aLease,
  aPlanned,
  aRow,
  aState,
  freshFor,
  idleRows,
  leased,
  MINUTE_MS,
  NOW,
} from "./builders.ts";

const [FIRST, SECOND, THIRD] = ["media-k3-1", "media-k3-2", "media-k3-3"] as const;

function chosen(state: State, count = 1, zone: string | null = null): string[] {
  return chooseSlots(state, { count, zone }).map(({ name }) => name);
}

/** One server, of which a test says what is not usual; its reading is fresh. */
function one(overrides: Parameters<typeof aRow>[0], changes: Parameters<typeof aState>[0] = {}) {
  const row = aRow(overrides);
  return aState({ rows: [row], memory: freshFor(row), ...changes });
}

describe("a slot", () => {
  it("is one of a ready, idle server that answered lately", () => {
    expect(chosen(one({}))).toEqual([FIRST]);
  });

  it.each([
    ["drains", { phase: "draining", cordonedAt: NOW, drainReason: "operator" }],
    ["warms", { phase: "warming" }],
    ["is being deleted", { phase: "deleting" }],
    ["says that it drains", { saysDraining: true }],
    ["is busy", { occupancy: "busy", sessions: 1 }],
    ["has no address", { publicIp: null }],
    ["is off", { stoppedSince: NOW - MINUTE_MS }],
  ] as const)("is not one of a server that %s", (_, overrides) => {
    expect(chosen(one(overrides))).toEqual([]);
  });

  it("is not one of a server that is silent, or was not heard of since a cold start", () => {
    const row = aRow();

    expect(chosen(aState({ rows: [row] }))).toEqual([]);
    expect(
      chosen({ ...aState({ rows: [row], memory: freshFor(row) }), now: NOW + 16_000 }),
    ).toEqual([]);
  });

  it("is not one of a server that is listed without our tags", () => {
    const row = aRow();
    const memory = { ...freshFor(row), unlisted: new Set([row.name]) };

    expect(chosen(aState({ rows: [row], memory }))).toEqual([]);
  });

  it("is not one that a lease holds, nor is there one below zero", () => {
    expect(chosen(one({}, leased(aLease())))).toEqual([]);
    expect(chosen(one({}, leased(aLease(), aLease({ id: "lease-2" }))), 5)).toEqual([]);
  });

  it("is not one that an expired lease holds before a reading has shown what became of it", () => {
    expect(chosen(one({}, leased(aLease({ expiresAt: NOW - 1 }))))).toEqual([]);
  });

  it("is as many of one server as its capacity leaves beside sessions and leases", () => {
    const spec = { health: { capacity: 4 } };

    const state = one({ sessions: 1, occupancy: "busy" }, { spec, ...leased(aLease()) });

    expect(chosen(state, 10)).toEqual([FIRST, FIRST]);
  });
});

describe("of several servers", () => {
  const rows = idleRows(3);

  it("the one whose paid hour has longest to run comes first", () => {
    const [a, b, c] = rows.map((row, index) => ({
      ...row,
      createdAt: NOW - HOUR_MS + (2 - index) * 10 * MINUTE_MS + MINUTE_MS,
    }));
    if (a === undefined || b === undefined || c === undefined) throw new Error("three rows");

    // Of the hour of the first 21 minutes are left, of the last one minute.
    expect(chosen(aState({ rows: [c, a, b], memory: freshFor(a, b, c) }), 3)).toEqual([
      FIRST,
      SECOND,
      THIRD,
    ]);
  });

  it("the fullest comes before that, leases counted as sessions", () => {
    const spec = { health: { capacity: 3 } };
    const [a, b, c] = rows;
    if (a === undefined || b === undefined || c === undefined) throw new Error("three rows");
    const busy = { ...b, occupancy: "busy" as const, sessions: 1 };
    const two = [aLease({ instance: THIRD }), aLease({ id: "lease-2", instance: THIRD })];

    const state = aState({
      spec,
      rows: [a, busy, c],
      memory: freshFor(a, busy, c),
      ...leased(...two),
    });

    expect(chosen(state, 4)).toEqual([THIRD, SECOND, SECOND, FIRST]);
  });

  it("an outdated one comes last, or its rollout would wait for ever", () => {
    const spec = { health: { capacity: 3 } };
    const [a, b] = rows;
    if (a === undefined || b === undefined) throw new Error("two rows");
    const old = { ...a, template: "old", occupancy: "busy" as const, sessions: 2 };

    expect(chosen(aState({ spec, rows: [old, b], memory: freshFor(old, b) }))).toEqual([SECOND]);
  });

  it("one of the preferred zone comes before all, and another where there is none", () => {
    const [a, b] = rows;
    if (a === undefined || b === undefined) throw new Error("two rows");
    const far = { ...b, zone: "ap-northeast-2c", createdAt: NOW - HOUR_MS + MINUTE_MS };
    const state = aState({ rows: [a, far], memory: freshFor(a, far) });

    expect(chosen(state, 2, "ap-northeast-2c")).toEqual([SECOND, FIRST]);
    expect(chosen(state, 2, "ap-northeast-2d")).toEqual(chosen(state, 2));
  });
});

describe("what is coming", () => {
  it("is expected as long after its decision as launches took", () => {
    const rows = [
      aPlanned({ name: FIRST, plannedAt: NOW - 60_000 }),
      aPlanned({ name: SECOND, plannedAt: NOW - 10_000 }),
    ];

    expect(comingServers(aState({ rows, leads: [100_000] }))).toEqual({
      starting: 2,
      expectedAt: NOW + 40_000,
    });
  });

  it("is not expected in the past, nor where nothing comes", () => {
    const late = aState({ rows: [aPlanned({ plannedAt: NOW - HOUR_MS })], leads: [100_000] });

    expect(comingServers(late)).toEqual({ starting: 1, expectedAt: NOW });
    expect(comingServers(aState({ rows: idleRows(2) }))).toEqual({ starting: 0, expectedAt: null });
  });
});

it("a server that is deleted by force breaks the leases that live, and no others", () => {
  const row = aRow();
  const state = one(row, leased(aLease(), aLease({ id: "over", expiresAt: NOW })));

  expect(brokenBy(state, row)).toEqual(["leas…"]);
});
