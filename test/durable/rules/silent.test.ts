import { describe, expect, it } from "vitest";
import { SILENT_REPLACED_MAX } from "../../../durable/rules/limits.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { type Plan, plan } from "../../../durable/rules/plan.ts";
import { NO_TURNS } from "../../../durable/rules/turns.ts";
import type { State } from "../../../durable/rules/state.ts";
import { anObservation, aState, idleRows, NOW } from "./builders.ts";
import { freshAndSilent } from "./silence.ts";

/** A fleet of idle servers, the last `silent` of which do not answer. */
function fleetOf(all: number, silent: number, overrides: Partial<Instance> = {}): State {
  const rows = idleRows(all).map((row, index) =>
    index < all - silent ? row : { ...row, ...overrides },
  );
  return aState({
    rows,
    spec: { spares: { default: String(all) }, limits: { maxInstances: 200 } },
    memory: freshAndSilent(rows.slice(0, all - silent), rows.slice(all - silent)),
  });
}

function launched({ moves }: Plan): number {
  return moves.rows.filter(({ phase, command }) => phase === "planned" && command === null).length;
}

const guards = ({ blockers }: Plan): string[] => blockers.map(({ guard }) => guard);

describe("silent servers", () => {
  it("are replaced, one for each, as long as they are few", () => {
    const made = plan(fleetOf(100, SILENT_REPLACED_MAX), anObservation());

    expect(launched(made)).toBe(SILENT_REPLACED_MAX);
    expect(guards(made)).not.toContain("silentServers");
  });

  it("are waited for beyond that, and it shows", () => {
    const made = plan(fleetOf(100, SILENT_REPLACED_MAX + 3), anObservation());

    expect(launched(made)).toBe(SILENT_REPLACED_MAX);
    expect(made.blockers).toContainEqual(
      expect.objectContaining({
        guard: "silentServers",
        value: SILENT_REPLACED_MAX + 3,
        limit: SILENT_REPLACED_MAX,
      }),
    );
  });

  it("are not replaced at all where so many are that it is the eyes", () => {
    const made = plan(fleetOf(20, 10), anObservation());

    expect(launched(made)).toBe(0);
    expect(guards(made)).toEqual(["blindEyes"]);
  });

  it("are not replaced while many others were silent when last asked, and are only not stale yet", () => {
    const state = fleetOf(100, 3);
    const freshness = new Map(state.memory.freshness);
    for (const [name, fresh] of [...freshness].slice(0, 30))
      freshness.set(name, { ...fresh, goodInRow: 0, idleReadings: [] });
    const memory = { ...state.memory, freshness };

    expect(launched(plan(state, anObservation()))).toBe(3);
    const made = plan({ ...state, memory }, anObservation());
    expect(launched(made)).toBe(0);
    expect(tally({ ...state, memory })).toMatchObject({ blind: false, waitedFor: 3 });
  });

  it("are not replaced while most of those are silent too that had answered until now", () => {
    const state = fleetOf(100, 3);
    const at = (silent: number) => ({
      ...state,
      memory: { ...state.memory, turns: { ...NO_TURNS, expected: { asked: 12, silent } } },
    });

    expect(tally(at(12))).toMatchObject({ blind: false, waitedFor: 3 });
    expect(tally(at(2))).toMatchObject({ blind: false, waitedFor: 0 });
  });

  it("that were busy are hoped for no more room than they had", () => {
    const state = fleetOf(100, SILENT_REPLACED_MAX + 3, { occupancy: "busy", sessions: 1 });

    expect(tally(state)).toMatchObject({ waitedFor: 3, hoped: 0 });
  });

  it("that have more sessions than room are hoped for nothing, and not for less", () => {
    const state = fleetOf(100, SILENT_REPLACED_MAX + 3, { occupancy: "busy", sessions: 4 });

    expect(tally(state).hoped).toBe(0);
  });

  it("that are off are neither waited for nor a sign of blind eyes", () => {
    const state = fleetOf(20, 10, { stoppedSince: NOW });

    expect(tally(state)).toMatchObject({ blind: false, waitedFor: 0, hoped: 0 });
  });

  it("are never retired", () => {
    const state = { ...fleetOf(100, 8), spec: aState().spec };
    const { moves } = plan(
      { ...state, memory: { ...state.memory, surplusSince: NOW - 600_000 } },
      anObservation(),
    );
    const silent = new Set([...state.instances.keys()].slice(92));

    expect(moves.rows.filter(({ phase }) => phase === "draining").length).toBeGreaterThan(0);
    expect(moves.rows.filter(({ name }) => silent.has(name))).toEqual([]);
  });
});
