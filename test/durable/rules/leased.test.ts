/** What a lease keeps from happening to its server, and what it does to the numbers. */
import { describe, expect, it } from "vitest";
import { tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { removeAll } from "../../../durable/rules/remove.ts";
import { cordonSurplus, finishDrains, isConfirmedEmpty } from "../../../durable/rules/retire.ts";
import { rolloutOf } from "../../../durable/rules/rollout.ts";
import { retireStopped } from "../../../durable/rules/stopped.ts";
import {
  aLease,
  anObservation,
  aRow,
  aState,
  aTarget,
  freshFor,
  idleFreshness,
  idleRows,
  leased,
  MINUTE_MS,
  NOW,
  phases,
} from "./builders.ts";

const SURPLUS = { surplusSince: NOW - 10 * MINUTE_MS };
const RETIRE = { billing: "none", idleForSeconds: 10, confirmations: 1, drainSeconds: 5 } as const;
const DRAINED = aRow({
  phase: "draining",
  phaseSince: NOW - 10 * MINUTE_MS,
  cordonedAt: NOW - 10 * MINUTE_MS,
  drainReason: "operator",
});
const MEMORY = { freshness: new Map([[DRAINED.name, idleFreshness(20)]]) };

describe("in the numbers", () => {
  it("a leased slot is no spare, and a session that is expected", () => {
    const rows = idleRows(3);

    const counts = tally(aState({ rows, memory: freshFor(...rows), ...leased(aLease()) }));

    expect(counts).toMatchObject({ spares: 2, sessions: 0, leased: 1, expected: 1, idle: 3 });
  });

  it("a session and its lease together are not more than the server can hold", () => {
    const rows = [aRow({ occupancy: "busy", sessions: 1 })];

    const counts = tally(aState({ rows, memory: freshFor(...rows), ...leased(aLease()) }));

    expect(counts).toMatchObject({ spares: 0, sessions: 1, leased: 1, expected: 1 });
  });

  it("a silent server with a lease is not hoped for as a spare", () => {
    const state = { ...aState({ rows: idleRows(2), ...leased(aLease()) }) };

    expect(tally(aState({ rows: idleRows(2) })).hoped).toBe(2);
    // While the eyes are blind, every unknown one counts as idle.
    expect(tally(state)).toMatchObject({ spares: 0, blind: true, hoped: 2 });
  });

  it("a fleet whose spares are leased launches others", () => {
    const rows = idleRows(2);
    const spec = { spares: { default: "2" } };
    const memory = freshFor(...rows);

    const free = plan(aState({ spec, rows, memory }), anObservation());
    const taken = plan(aState({ spec, rows, memory, ...leased(aLease()) }), anObservation());

    expect(free.decision).toContain("nothing to do: spares 2");
    expect(taken.decision).toContain("launch 1: spares 1 < target 2");
  });

  it("a share of the sessions counts those that are leased", () => {
    const rows = idleRows(4);
    const spec = { spares: { default: "1+50%" } };
    const both = [aLease(), aLease({ id: "lease-2", instance: "media-k3-2" })];

    const state = aState({ spec, rows, memory: freshFor(...rows), ...leased(...both) });

    expect(plan(state, anObservation()).target.spares).toBe(2);
  });
});

describe("a server with a lease", () => {
  it("is not cordoned for surplus, and another is", () => {
    const rows = idleRows(2);
    const memory = { ...freshFor(...rows), ...SURPLUS };
    const state = aState({ spec: { retire: RETIRE }, rows, memory, ...leased(aLease()) });

    const moves = cordonSurplus(state, tally(state), aTarget(0));

    expect(phases(moves.rows)).toEqual(["media-k3-2: draining"]);
  });

  it("is not replaced by a rollout before it is free", () => {
    const rows = idleRows(2, { template: "old" });
    const state = aState({ rows, memory: freshFor(...rows), ...leased(aLease()) });

    expect(rolloutOf(state)?.idle.map(({ name }) => name)).toEqual(["media-k3-2"]);
  });

  it("is not confirmed empty, also where an operator drained it after the lease was given", () => {
    const spec = { retire: RETIRE };
    const state = aState({ spec, rows: [DRAINED], memory: MEMORY, ...leased(aLease()) });

    expect(isConfirmedEmpty(state, DRAINED)).toBe(false);
    expect(finishDrains(state, tally(state)).rows).toEqual([]);
    expect(isConfirmedEmpty({ ...state, leases: new Map() }, DRAINED)).toBe(true);
  });

  it("is not confirmed empty by a lease that has expired and was not looked at since", () => {
    const expired = leased(aLease({ expiresAt: NOW - 1 }));
    const state = aState({ spec: { retire: RETIRE }, rows: [DRAINED], memory: MEMORY, ...expired });

    expect(isConfirmedEmpty(state, DRAINED)).toBe(false);
  });

  it("is not given up because it is off, until its lease is over", () => {
    const row = aRow({ stoppedSince: NOW - 16 * MINUTE_MS });
    const retired = (lease: Parameters<typeof aLease>[0]) => {
      const state = aState({ rows: [row], ...leased(aLease(lease)) });
      return phases(retireStopped(state, tally(state)).rows);
    };

    expect(retired({})).toEqual([]);
    expect(retired({ expiresAt: NOW })).toEqual(["media-k3-1: draining"]);
  });

  it("drains while its fleet is removed, and is not deleted before its lease is over", () => {
    const row = aRow();
    const removing = { removing: { force: false } };
    const state = aState({ ...removing, rows: [row], memory: freshFor(row), ...leased(aLease()) });

    expect(phases(removeAll(state).rows)).toEqual(["media-k3-1: draining"]);
  });

  it("is deleted with a fleet that is removed by force, and the audit row tells of the lease", () => {
    const row = aRow();
    const state = aState({ removing: { force: true }, rows: [row], ...leased(aLease()) });

    const { events } = removeAll(state);

    expect(events).toMatchObject([{ kind: "delete", data: { leases: ["leas…"] } }]);
    expect(events[0]?.message).toContain("which breaks 1 leases");
  });
});
