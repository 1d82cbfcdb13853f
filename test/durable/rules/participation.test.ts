/** Servers that take part in draining: they are told, and they themselves say so. */
import { describe, expect, it } from "vitest";
import { checkHash, checkOf, needsName } from "../../../durable/rules/checks.ts";
import { standing } from "../../../durable/rules/guard.ts";
import { DRAIN_AGAIN_MS, RETURNING_FOR_MS } from "../../../durable/rules/limits.ts";
import type { Freshness, Instance } from "../../../durable/rules/model.ts";
import { slotsOf, tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { isConfirmedEmpty } from "../../../durable/rules/retire.ts";
import { settleCommand } from "../../../durable/rules/settle.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import {
  aHoleOf,
  aCloudInstance,
  anAnswer,
  anObservation,
  aRow,
  aSpec,
  aState,
  complete,
  found,
  freshFor,
  MINUTE_MS,
  NOW,
  type SpecOverrides,
} from "./builders.ts";

const SPEC: SpecOverrides = {
  health: { drain: { method: "POST", path: "/{verb}", secretRef: "DRAIN" } },
};
const CORDONED: Partial<Instance> = {
  phase: "draining",
  cordonedAt: NOW - 10 * MINUTE_MS,
  drainReason: "surplus",
};

function stateOf(row: Instance, spec = SPEC, rest: Parameters<typeof aState>[0] = {}): State {
  return aState({ ...rest, rows: [row], spec, memory: { ...freshFor(row), ...rest.memory } });
}

function verbs(state: State, observation = anObservation()): readonly string[] {
  return plan(state, observation).moves.commands.map(({ action }) =>
    action.kind === "drain" ? action.verb : action.kind,
  );
}

/** One tick, in which every command is carried out. */
function ticked(
  state: State,
  said: { draining: boolean; sessions?: number; named?: boolean } | null,
): State {
  const [row] = state.instances.values();
  if (row === undefined) throw new Error("there is no row");
  const reading =
    said === null
      ? aHoleOf(row)
      : anAnswer(row, said.sessions ?? 0, { startedAt: state.now, ...said });
  const lookUps = found(watchOf(state).lookUps);
  const { moves } = plan(state, anObservation({ tick: state.tick, readings: [reading], lookUps }));
  let next = apply(state, moves);
  for (const command of moves.commands) {
    const outcome = { number: command.number, calls: [], kind: "done", requestId: null } as const;
    next = apply(next, settleCommand(next, command, outcome));
  }
  const now = next.now + next.tickMs;
  return { ...next, now, beganAt: now, tick: next.tick + 1 };
}

function only(state: State): Instance | undefined {
  return [...state.instances.values()][0];
}

describe("a server that drains", () => {
  it("is told so in the tick that cordons it", () => {
    const state = stateOf(aRow(), SPEC, { memory: { surplusSince: NOW - 10 * MINUTE_MS } });

    const { moves } = plan(state, anObservation());

    expect(moves.commands).toMatchObject([
      { action: { kind: "drain", verb: "drain", name: "media-k3-1", address: "203.0.113.7" } },
    ]);
    expect(apply(state, moves).instances.get("media-k3-1")?.drainTold).toBe(true);
  });

  it("is told again and again until it says so itself", () => {
    expect(verbs(stateOf(aRow({ ...CORDONED, phaseSince: NOW, drainTold: true })))).toEqual([
      "drain",
    ]);
    expect(
      verbs(stateOf(aRow({ ...CORDONED, drainTold: true, saysDraining: true }))),
    ).not.toContain("drain");
  });

  it("that was told just now is given time to say so", () => {
    const row = aRow({ ...CORDONED, phaseSince: NOW, nextAttemptAt: NOW + 1 });
    const told = ticked(stateOf(aRow({ ...CORDONED, phaseSince: NOW, cordonedAt: NOW })), {
      draining: false,
    });

    expect(verbs(stateOf(row))).toEqual([]);
    expect(only(told)?.nextAttemptAt).toBe(NOW + DRAIN_AGAIN_MS);
  });

  it("is not told where servers do not take part", () => {
    const state = stateOf(aRow({ ...CORDONED, phaseSince: NOW, cordonedAt: NOW }), {});

    expect(verbs(state)).toEqual([]);
  });

  it("is not told while it is silent, for it could not be deleted either", () => {
    expect(verbs(aState({ rows: [aRow(CORDONED)], spec: SPEC }))).toEqual([]);
  });

  it("is deleted only after its word, however long it has been empty", () => {
    const row = aRow({ ...CORDONED, phaseSince: NOW, cordonedAt: NOW });
    let without = stateOf(row);
    let said = stateOf(row);
    for (let tick = 0; tick < 20; tick++) {
      without = ticked(without, { draining: false });
      said = ticked(said, { draining: true });
    }

    expect(only(without)?.phase).toBe("draining");
    expect(only(said)?.phase).toBe("deleting");
  });

  it("that takes its word back must give all its readings again", () => {
    let state = stateOf(aRow({ ...CORDONED, phaseSince: NOW, cordonedAt: NOW }));
    for (let tick = 0; tick < 7; tick++) state = ticked(state, { draining: true });
    const idle = (now: State): number =>
      now.memory.freshness.get("media-k3-1")?.idleReadings.length ?? -1;

    expect(idle(state)).toBe(7);
    expect(idle(ticked(state, { draining: false }))).toBe(0);
  });

  it("is not confirmed empty by readings from before its spec asked for its word", () => {
    const row = aRow({ ...CORDONED, phaseSince: NOW - 10 * MINUTE_MS });

    expect(isConfirmedEmpty(stateOf(row, {}), row)).toBe(true);
    expect(isConfirmedEmpty(stateOf(row), row)).toBe(false);
  });

  it("is deleted without any word where servers do not take part", () => {
    let state = stateOf(aRow({ ...CORDONED, phaseSince: NOW, cordonedAt: NOW }), {});
    for (let tick = 0; tick < 12; tick++) state = ticked(state, { draining: false });

    expect(only(state)?.phase).toBe("deleting");
  });

  it("gets its ports also where it never says the word, though its calls are accepted", () => {
    const waiting = aRow({ ...CORDONED, phaseSince: NOW, cordonedAt: NOW, portsHash: null });
    let state = stateOf(waiting);
    for (let tick = 0; tick < 30; tick++) state = ticked(state, { draining: false });

    expect(only(state)?.portsHash).toBe(state.portsHash);
  });
});

describe("a server that is called back", () => {
  const back = (overrides: Partial<Instance> = {}): Instance =>
    aRow({ phaseSince: NOW, saysDraining: true, drainTold: true, ...overrides });

  it("goes back instead of a launch, and is told so at once", () => {
    const row = aRow({ ...CORDONED, saysDraining: true, drainTold: true });
    const state = stateOf(row, { ...SPEC, spares: { default: "1" } });

    expect(verbs(state, anObservation())).toEqual(["undrain"]);
    expect(apply(state, plan(state, anObservation()).moves).instances.size).toBe(1);
  });

  it("is no spare until it says so, and is hoped for meanwhile", () => {
    const state = stateOf(back());

    expect(slotsOf(state, back())).toBe(0);
    expect(tally(state)).toMatchObject({ spares: 0, hoped: 1 });
  });

  it("is a spare once it has said so, counted once", () => {
    const state = stateOf(back({ saysDraining: false }));

    expect(tally(state)).toMatchObject({ spares: 1, hoped: 0 });
  });

  it("is hoped for only so long; then another is launched, and it is still told", () => {
    const since = (ms: number) =>
      stateOf(back({ phaseSince: NOW - ms }), { ...SPEC, spares: { default: "1" } });

    expect(tally(since(RETURNING_FOR_MS - 1)).hoped).toBe(1);
    expect(tally(since(RETURNING_FOR_MS)).hoped).toBe(0);
    expect(verbs(since(RETURNING_FOR_MS - 1))).toEqual(["undrain"]);
    expect(verbs(since(RETURNING_FOR_MS))).toEqual(["undrain", "create"]);
  });

  it("with more sessions than room is hoped for nothing, and not for less", () => {
    const state = stateOf(back({ occupancy: "busy", sessions: 3 }));

    expect(tally(state).hoped).toBe(0);
  });

  it("is not told any more when it has said that it takes sessions", () => {
    const returned = ticked(stateOf(back({ phaseSince: NOW - MINUTE_MS })), { draining: false });

    expect(only(returned)).toMatchObject({ saysDraining: false, drainTold: false });
    expect(verbs(returned, anObservation({ tick: 8 }))).toEqual([]);
  });

  it("is told to come back also where the call to drain arrives after it had said that it takes sessions", () => {
    const answered = ticked(stateOf(aRow({ phaseSince: NOW, drainTold: true })), {
      draining: false,
    });
    const row = only(answered) ?? aRow();
    const late = anAnswer(row, 0, { startedAt: answered.now, draining: true });

    expect(verbs(answered, anObservation({ tick: 8, readings: [late] }))).toEqual(["undrain"]);
  });
});

describe("a server that says by itself that it drains", () => {
  const byItself = aRow({ saysDraining: true });

  it("is no spare, is not hoped for, and is not told to stop", () => {
    const state = stateOf(byItself);

    expect(tally(state)).toMatchObject({ spares: 0, hoped: 0, idle: 1 });
    expect(verbs(state)).toEqual([]);
  });

  it("is replaced, for nobody else can be placed on it", () => {
    expect(verbs(stateOf(byItself, { ...SPEC, spares: { default: "1" } }))).toEqual(["create"]);
  });

  it("is no spare either where servers do not take part", () => {
    expect(slotsOf(stateOf(byItself, {}), byItself)).toBe(0);
  });
});

describe("the word of a server that is silent", () => {
  it("stays what it was: a hole says neither", () => {
    const row = aRow({ ...CORDONED, saysDraining: true, drainTold: true, phaseSince: NOW });

    expect(only(ticked(stateOf(row), null))).toMatchObject({ saysDraining: true, drainTold: true });
  });

  it("is forgotten when it is adopted anew, but not that it may have been told", () => {
    const lost = aRow({ phase: "lost", saysDraining: true, drainTold: true });
    const fresh: ReadonlyMap<string, Freshness> = new Map();
    const state = aState({ rows: [lost], spec: SPEC, memory: { freshness: fresh } });

    const { moves } = plan(state, anObservation({ listing: complete([aCloudInstance()]) }));

    expect(moves.rows[0]).toMatchObject({ phase: "ready", saysDraining: false, drainTold: true });
  });
});

describe("a server whose name is required", () => {
  const NAMED: SpecOverrides = { health: { ...SPEC.health, nameRequired: true } };
  const state = (): State => {
    const row = aRow({ ...CORDONED, saysDraining: true, drainTold: true });
    return {
      ...stateOf(row, NAMED),
      memory: { ...stateOf(row, NAMED).memory, freshness: new Map() },
    };
  };
  /** After twenty ticks with the same reply. */
  const afterTicks = (reply: { named?: boolean }): State => {
    let now = state();
    for (let tick = 0; tick < 20; tick++) now = ticked(now, { draining: true, ...reply });
    return now;
  };

  it("is never deleted because of replies that may be another's", () => {
    const nameless = afterTicks({});

    expect(only(nameless)).toMatchObject({ phase: "draining", sessions: 0, saysDraining: true });
    expect(nameless.memory.freshness.get("media-k3-1")?.idleReadings).toEqual([]);
  });

  it("is deleted once its replies say its name", () => {
    expect(only(afterTicks({ named: true }))?.phase).toBe("deleting");
  });

  it("is shown, with what to do, after it has been empty for five minutes without its name", () => {
    const nameless = afterTicks({});

    const [blocker] = standing(nameless, tally(nameless));

    expect(blocker).toMatchObject({ guard: "drainFailing", value: 1 });
    expect(blocker?.fix).toMatch(/"instance": "media-k3-1".*health\.nameRequired/u);
    const named = afterTicks({ named: true });
    expect(standing(named, tally(named))).toEqual([]);
  });

  it("is ready and busy without its name: only deletion rests on it", () => {
    const row = aRow({ phase: "warming", everRead: false });
    let now = stateOf(row, NAMED);
    for (let tick = 0; tick < 3; tick++) now = ticked(now, { draining: false, sessions: 1 });

    expect(only(now)).toMatchObject({ phase: "ready", occupancy: "busy" });
  });

  it("keeps what it was built for while the spec asks more of a new image", () => {
    const built = checkOf(aSpec(SPEC));
    const old = aRow({ ...CORDONED, template: "an older one", health: checkHash(built) });
    const checks = new Map([[checkHash(built), built]]);

    const now = aState({ rows: [old], spec: NAMED, checks });

    expect(needsName(now, old)).toBe(false);
    expect(needsName(now, aRow())).toBe(true);
  });
});
