import { describe, expect, it } from "vitest";
import type { Instance, Pause } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { replaceOutdated, rolloutOf, stoppedRollout } from "../../../durable/rules/rollout.ts";
import type { State } from "../../../durable/rules/state.ts";
import {
  aHold,
  anObservation,
  aRow,
  aState,
  aTarget,
  freshFor,
  idleRows,
  MINUTE_MS,
  NOW,
  phases,
  type SpecOverrides,
} from "./builders.ts";
import { freshAndSilent } from "./silence.ts";

const OLD = { template: "an older one" } as const;
const DAY_MS = 24 * 60 * MINUTE_MS;

const PAUSE: Pause = { what: "rollout", since: NOW, until: null, reason: "", actor: "op" };

function fresh(count: number): Instance[] {
  return idleRows(count).map(({ name }) => aRow({ name: `new-${name}`, arn: `arn:${name}` }));
}

function stateOf(rows: readonly Instance[], spec: SpecOverrides = {}, rest = {}): State {
  return aState({ rows, spec, ...rest, memory: freshFor(...rows) });
}

function drained(state: State, spares: number): readonly string[] {
  return replaceOutdated(state, tally(state), aTarget(spares)).rows.map(({ name }) => name);
}

describe("a rollout", () => {
  it("is there while something at work is outdated, and not otherwise", () => {
    expect(rolloutOf(stateOf(fresh(2)))).toBeNull();
    expect(rolloutOf(stateOf(idleRows(1, OLD)))).not.toBeNull();
  });

  it.each<[string, Partial<Instance>]>([
    ["drains already", { phase: "draining" }],
    ["boots", { phase: "warming" }],
    ["is being deleted", { phase: "deleting" }],
    ["is off", { stoppedSince: NOW }],
  ])("is not there for a server that %s", (_, overrides) => {
    expect(rolloutOf(stateOf([aRow({ ...OLD, ...overrides })]))).toBeNull();
  });

  it("is not there while the fleet is being removed", () => {
    expect(rolloutOf(stateOf(idleRows(1, OLD), {}, { removing: { force: false } }))).toBeNull();
  });

  it("is there for servers of too great an age, from that very moment", () => {
    const ageOf = (ms: number) =>
      rolloutOf(stateOf([aRow({ createdAt: NOW - ms })], { rollout: { maxAgeDays: 7 } }));

    expect(ageOf(7 * DAY_MS - 1)).toBeNull();
    expect(ageOf(7 * DAY_MS)).toMatchObject({ stage: "canary", surge: 1 });
  });
});

describe("the canary", () => {
  it("is launched alone first, and the old ones stay", () => {
    const state = stateOf(idleRows(5, OLD), { spares: { default: "5" } });

    const { moves } = plan(state, anObservation());

    expect(rolloutOf(state)).toMatchObject({ stage: "canary", surge: 1 });
    expect(moves.commands).toMatchObject([{ action: { kind: "create", names: ["media-k3-100"] } }]);
    expect(moves.rows.filter(({ phase }) => phase === "draining")).toEqual([]);
  });

  it("is not one that still boots", () => {
    const booting = aRow({ name: "new-1", phase: "warming" });

    expect(rolloutOf(stateOf([...idleRows(3, OLD), booting]))?.stage).toBe("canary");
  });

  it("ready lets as many be launched as may stand more than wanted", () => {
    const state = stateOf([...idleRows(5, OLD), ...fresh(1)], { rollout: { maxSurge: 3 } });

    expect(rolloutOf(state)).toMatchObject({ stage: "replacing", surge: 3 });
  });

  it("is never more than the surge can bring, nor than there is to replace", () => {
    const spec = { rollout: { canary: 4, maxSurge: 2 } };

    expect(rolloutOf(stateOf([...idleRows(5, OLD), ...fresh(2)], spec))?.stage).toBe("replacing");
    expect(rolloutOf(stateOf(idleRows(1, OLD), spec))?.surge).toBe(1);
  });

  it("of none begins with the replacement", () => {
    const state = stateOf(idleRows(3, OLD), { rollout: { canary: 0 } });

    expect(rolloutOf(state)).toMatchObject({ stage: "replacing", surge: 2 });
  });

  it("does not lose its place to old ones: only those too many by themselves go", () => {
    const spec = { rollout: { canary: 2 } };
    const waiting = [...idleRows(5, OLD), ...fresh(1)];

    expect(drained(stateOf(waiting, spec), 5)).toEqual([]);
    expect(drained(stateOf(waiting, spec), 4)).toHaveLength(1);
  });

  it("counts old ones that must stay among those that are too many", () => {
    const kept = aRow({ ...OLD, name: "kept", protectedBy: "alice" });

    expect(drained(stateOf([kept, ...idleRows(2, OLD)]), 2)).toHaveLength(1);
    expect(drained(stateOf([kept, ...idleRows(2, OLD)]), 3)).toEqual([]);
  });

  describe("where nothing has room any more", () => {
    const spec = { rollout: { canary: 3, maxSurge: 3 }, limits: { maxInstances: 7 } };
    const full = [...idleRows(5, OLD), ...fresh(2)];
    /** What is drained where one of the old ones is on its way from or to somewhere. */
    const whileOneIs = (overrides: Partial<Instance>): readonly string[] => {
      const [, ...others] = full;
      return drained(stateOf([...others, aRow({ name: "moving", ...overrides })], spec), 4);
    };

    it("makes room for those that are missing, and for no more", () => {
      expect(drained(stateOf(full, spec), 5)).toHaveLength(1);
      expect(drained(stateOf(full, spec), 4)).toHaveLength(2);
    });

    it("takes no spare of the target", () => {
      expect(drained(stateOf(full, spec), 7)).toEqual([]);
    });

    it("makes none by itself: it must be proven first", () => {
      expect(drained(stateOf(idleRows(7, OLD), spec), 7)).toEqual([]);
    });

    it.each<[string, Partial<Instance>]>([
      ["another one boots", { phase: "warming" }],
      ["one is being deleted", { phase: "deleting" }],
      ["one drains for the fleet", { phase: "draining", drainReason: "replace" }],
    ])("waits while %s", (_, overrides) => {
      expect(whileOneIs(overrides)).toEqual([]);
    });

    it.each<[string, Partial<Instance>]>([
      ["one of the old template boots", { ...OLD, phase: "warming" }],
      ["an operator drains one", { phase: "draining", drainReason: "operator" }],
    ])("does not wait while %s: it may be for long", (_, overrides) => {
      expect(whileOneIs(overrides)).toHaveLength(1);
    });
  });
});

describe("old servers", () => {
  const replacing = (spares: number, overrides: Partial<Instance> = {}): readonly string[] =>
    drained(stateOf([...idleRows(5, { ...OLD, ...overrides }), ...fresh(2)]), spares);

  it("are drained as long as the target is met without them", () => {
    expect(replacing(6)).toHaveLength(1);
    expect(replacing(5)).toHaveLength(2);
    expect(replacing(7)).toEqual([]);
    expect(replacing(0)).toHaveLength(5);
  });

  it.each<[string, Partial<Instance>]>([
    ["busy", { occupancy: "busy", sessions: 1, idleSince: null }],
    ["protected", { protectedBy: "alice" }],
    ["protected by tag", { protectedByTag: true }],
    ["idle too lately", { idleSince: NOW }],
  ])("that are %s wait", (_, overrides) => {
    expect(replacing(0, overrides)).toEqual([]);
  });

  it("say in the drain why they go", () => {
    const state = stateOf([...idleRows(1, OLD), ...fresh(1)]);

    const { rows, events } = replaceOutdated(state, tally(state), aTarget(1));

    expect(rows).toMatchObject([{ phase: "draining", drainReason: "replace", cordonedAt: NOW }]);
    expect(events).toMatchObject([
      { kind: "drain", data: { reason: "replace", template: "an older one" } },
    ]);
  });

  it("of capacity 4 go by their slots, whole servers at a time", () => {
    const of = (spares: number): readonly string[] =>
      drained(stateOf([...idleRows(2, OLD), ...fresh(1)], { health: { capacity: 4 } }), spares);

    expect(of(9)).toEqual([]);
    expect(of(8)).toHaveLength(1);
    expect(of(4)).toHaveLength(2);
  });

  it("of capacity 4 are replaced by whole servers beyond the target", () => {
    const rows = idleRows(2, OLD);
    const spec = { health: { capacity: 4 }, spares: { default: "8" } };

    const { moves } = plan(stateOf(rows, spec), anObservation());

    expect(moves.commands).toHaveLength(1);
    expect(phases(moves.rows.slice(0, 1))).toEqual(["media-k3-100: planned"]);
  });
});

describe("the surge", () => {
  it.each<[string, Partial<Instance>]>([
    ["busy", { occupancy: "busy", sessions: 1 }],
    ["protected", { protectedBy: "alice" }],
  ])("is nothing while all that is outdated is %s: none could go", (_, overrides) => {
    expect(rolloutOf(stateOf([aRow({ ...OLD, ...overrides }), ...fresh(1)]))?.surge).toBe(0);
  });

  it("is nothing for a server that is silent: it could not go, and the surge would never end", () => {
    const silent = aRow({ ...OLD, name: "silent" });
    const news = fresh(9);
    const state = aState({ rows: [silent, ...news], memory: freshFor(...news) });

    expect(rolloutOf(state)?.surge).toBe(0);
  });

  it("is nothing for a server that is not listed as ours: it could not go", () => {
    const rows = [aRow({ ...OLD, name: "unlisted" }), ...fresh(2)];
    const memory = { ...freshFor(...rows), unlisted: new Set(["unlisted"]) };

    expect(rolloutOf(aState({ rows, memory }))?.surge).toBe(0);
  });
});

describe("a rollout that is held", () => {
  const rows = [...idleRows(4, OLD), ...fresh(2)];

  it("by a pause surges nothing and drains nothing", () => {
    const state = stateOf(rows, {}, { pauses: [PAUSE] });

    expect(rolloutOf(state)).toMatchObject({ stage: "paused", surge: 0 });
    expect(drained(state, 0)).toEqual([]);
  });

  it("by failed boots keeps the old ones, and shows until when", () => {
    const state = stateOf(rows, {}, { holds: [aHold("rollout")] });

    expect(rolloutOf(state)).toMatchObject({ stage: "stopped", surge: 0 });
    expect(drained(state, 0)).toEqual([]);
    expect(stoppedRollout(state)).toMatchObject([
      { guard: "rollout", value: 4, retryAt: NOW + MINUTE_MS },
    ]);
  });

  it("shows nothing where the hold has ended, or nothing is outdated", () => {
    const ended = stateOf(rows, {}, { holds: [aHold("rollout", { until: NOW })] });

    expect(stoppedRollout(ended)).toEqual([]);
    expect(stoppedRollout(stateOf(fresh(2), {}, { holds: [aHold("rollout")] }))).toEqual([]);
  });

  it("begins with a failed boot while something is outdated, and not with another", () => {
    const failed = aRow({
      name: "failed",
      phase: "warming",
      everRead: false,
      phaseSince: NOW - 60 * MINUTE_MS,
    });
    const holdsAfter = (working: readonly Instance[]) => {
      const state = aState({
        rows: [...working, failed],
        memory: freshAndSilent(working, [failed]),
      });
      return (plan(state, anObservation()).moves.state.holds ?? []).map(({ guard }) => guard);
    };

    expect(holdsAfter(idleRows(3, OLD))).toEqual(["rollout"]);
    expect(holdsAfter(fresh(3))).toEqual([]);
  });
});
