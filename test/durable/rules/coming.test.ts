/** What will rule, and how long before it launches begin. */
import { describe, expect, it } from "vitest";
import { comingTargets, earlyOf, leadMs, nextOf } from "../../../durable/rules/coming.ts";
import type { Boundary, Override, Pause } from "../../../durable/rules/model.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import { targetOf } from "../../../durable/rules/target.ts";
import { anObservation, aRow, aRuling, freshFor, idleRows, MINUTE_MS, NOW } from "./builders.ts";
import { aBoundary, aConcert, says, tagged, writing } from "./schedule-builders.ts";

/** Within this many minutes of now; a launch takes three. */
const SOON = NOW + 3 * MINUTE_MS;
const LATER = NOW + 10 * MINUTE_MS;
const PAUSE: Pause = { what: "schedule", since: NOW, until: null, reason: "r", actor: "alice" };
const NO_TAG = { spec: { spares: { tag: null } } };

/** A fleet whose next boundaries are these, and launches of which take three minutes. */
function before(coming: readonly Boundary[], state: State = tagged()): State {
  return { ...state, leads: [3 * MINUTE_MS], agenda: { last: null, coming } };
}

function early(state: State, sessions = 0) {
  return earlyOf(state, sessions, targetOf(state, sessions));
}

function next(state: State) {
  return nextOf(state, 0, targetOf(state, 0));
}

function anOverride(overrides: Partial<Override> = {}): Override {
  const times = { from: SOON, until: LATER };
  return { id: "o1", expression: "30", reason: "final", actor: "alice", ...times, ...overrides };
}

describe("the lead", () => {
  it("is a guess until a launch was measured", () => {
    expect(leadMs({ leads: [] })).toBe(180_000);
    expect(leadMs({ leads: [42] })).toBe(42);
  });

  it("is what 95 of 100 launches did not exceed, in whatever order they came", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => (index + 1) * 1_000);

    expect(leadMs({ leads: hundred })).toBe(95_000);
    expect(leadMs({ leads: hundred.toReversed() })).toBe(95_000);
    expect(leadMs({ leads: hundred.slice(0, 20).toReversed() })).toBe(19_000);
    expect(leadMs({ leads: [9_000, 10_000] })).toBe(10_000);
  });

  it("is no longer than half an hour, and never negative", () => {
    expect(leadMs({ leads: [31 * MINUTE_MS] })).toBe(30 * MINUTE_MS);
    expect(leadMs({ leads: [-1] })).toBe(0);
  });

  it("is measured from the plan of a launch to its server being ready", () => {
    const row = aRow({ phase: "warming", plannedAt: NOW - 2 * MINUTE_MS, readyAt: null });
    const state = tagged({
      rows: [row, ...idleRows(1)].map((each, index) => ({ ...each, name: `m-${index}` })),
    });
    const warm = state.instances.get("m-0");
    if (warm === undefined) throw new Error("no such row");

    const ready = apply(state, { ...NOTHING, rows: [{ ...warm, phase: "ready" }] });

    expect(ready.leads).toEqual([2 * MINUTE_MS]);
  });

  it("is not measured on a server that comes back from its drain", () => {
    const row = aRow({ phase: "draining" });
    const state = tagged({ rows: [row] });

    expect(apply(state, { ...NOTHING, rows: [{ ...row, phase: "ready" }] }).leads).toEqual([]);
  });

  it("rests on the last fifty launches", () => {
    const row = aRow({ phase: "warming", plannedAt: NOW - MINUTE_MS });
    const leads = Array.from({ length: 50 }, (_, index) => index);
    const state = { ...tagged({ rows: [row] }), leads };

    const after = apply(state, { ...NOTHING, rows: [{ ...row, phase: "ready" }] });

    expect(after.leads).toEqual([...leads.slice(1), MINUTE_MS]);
  });

  const NOTHING = { commands: [], events: [], blockers: [], state: {}, memory: {} };
});

describe("what will rule", () => {
  it("is told of each boundary after now, up to a moment and with it, in order", () => {
    const coming = [NOW + 1, SOON, LATER].map((at, index) => aBoundary({ at, value: `${index}` }));

    expect(comingTargets(before(coming), 0, SOON)).toEqual([
      { at: NOW + 1, source: "schedule", name: "morning", expression: "0", spares: 0 },
      { at: SOON, source: "schedule", name: "morning", expression: "1", spares: 1 },
    ]);
  });

  it("is not told of what is now", () => {
    const state = before([aBoundary({ at: NOW })]);

    expect(comingTargets(state, 0, LATER)).toEqual([]);
  });

  it("is the boundary's value rather than the tag's, for it goes into the tag", () => {
    expect(comingTargets(before([aBoundary({ at: SOON })]), 0, SOON)).toMatchObject([
      { source: "schedule", spares: 20 },
    ]);
  });

  it("is the tag's still at a moment at which only an override begins or ends", () => {
    const state = { ...before([]), overrides: [anOverride({ from: NOW - 1 })] };

    expect(comingTargets(state, 0, LATER)).toEqual([
      { at: LATER, source: "tag", name: "the tag", expression: "3", spares: 3 },
    ]);
  });

  it("is the boundary's at such a moment while it is not in the tag yet", () => {
    const state = { ...writing(), overrides: [anOverride({ from: NOW - 1 })] };

    expect(comingTargets(state, 0, LATER)).toMatchObject([
      { at: LATER, source: "schedule", name: "morning", spares: 20 },
    ]);
  });

  it("is the default where nothing else is left", () => {
    const state = tagged({ ...NO_TAG, overrides: [anOverride({ from: NOW - 1 })] });

    expect(comingTargets(state, 0, LATER)).toEqual([
      { at: LATER, source: "default", name: "the default", expression: "5", spares: 5 },
    ]);
  });

  it("is the last boundary's where several have passed by then, and an override's by its reason", () => {
    const coming = [
      aBoundary({ at: NOW + MINUTE_MS, value: "7" }),
      aConcert({ at: NOW + 2 * MINUTE_MS }),
    ];
    const state = { ...before(coming), overrides: [anOverride()] };

    expect(comingTargets(state, 0, Number.POSITIVE_INFINITY)).toMatchObject([
      { spares: 7, source: "schedule", name: "morning" },
      { spares: 40, source: "specialDay", name: "concert" },
      { spares: 30, source: "override", name: "final" },
      { at: LATER, spares: 40, source: "specialDay", name: "concert" },
    ]);
  });

  it("is told once of a moment at which several things change", () => {
    const twice = [anOverride({ id: "a" }), anOverride({ id: "b" })];
    const state = { ...before([aBoundary({ at: SOON })]), overrides: twice };

    expect(comingTargets(state, 0, LATER).map(({ at }) => at)).toEqual([SOON, LATER]);
  });

  it("leaves the boundaries out while the schedule is paused, and not the overrides", () => {
    const state = {
      ...before([aBoundary({ at: SOON })], tagged({ pauses: [PAUSE] })),
      overrides: [anOverride({ from: LATER, until: LATER + 1 })],
    };

    expect(comingTargets(state, 0, LATER)).toMatchObject([{ at: LATER, source: "override" }]);
  });

  it("counts the sessions that are held now", () => {
    const overrides = [anOverride({ expression: "total:60" })];
    const state = { ...before([aBoundary({ at: SOON, value: "10+50%" })]), overrides };

    expect(comingTargets(state, 8, SOON)).toMatchObject([{ spares: 52 }]);
    expect(comingTargets({ ...state, overrides: [] }, 8, SOON)).toMatchObject([{ spares: 14 }]);
  });

  it("is in the order of time, though an override begins before the first boundary", () => {
    const overrides = [anOverride({ from: NOW + 1, until: LATER + 1 })];
    const state = { ...before([aBoundary({ at: SOON })]), overrides };

    expect(comingTargets(state, 0, LATER).map(({ at }) => at)).toEqual([NOW + 1, SOON]);
  });

  it("is told before the first tick of a ledger, too", () => {
    const overrides = [anOverride({ from: NOW - 1 })];
    const state = tagged({ ruling: null, overrides });

    expect(comingTargets(state, 0, LATER)).toMatchObject([{ source: "tag", spares: 3 }]);
  });

  it("comes first as the next", () => {
    const coming = [aBoundary({ at: SOON }), aBoundary({ at: LATER, value: "9" })];

    expect(next(before(coming))).toMatchObject({ at: SOON, spares: 20 });
    expect(next(before([]))).toBeNull();
  });

  it("is next only where it differs from what rules now", () => {
    const coming = [aBoundary({ at: SOON }), aBoundary({ at: LATER, value: "9" })];
    const ruled = aRuling({ boundary: aBoundary({ at: NOW - 1 }) });
    const state = { ...before(coming, tagged(NO_TAG)), ruling: ruled };

    expect(next(state)).toMatchObject({ at: LATER, expression: "9" });
  });
});

describe("a higher value that is near", () => {
  it("is launched for as long before it as a launch takes", () => {
    expect(early(before([aBoundary({ at: SOON })]))).toMatchObject({ at: SOON, spares: 20 });
    expect(early(before([aBoundary({ at: SOON + 1 })]))).toBeNull();
  });

  it("is not one that is lower, or the same", () => {
    expect(early(before([aBoundary({ at: SOON, value: "2" })]))).toBeNull();
    expect(early(before([aBoundary({ at: SOON, value: "3" })]))).toBeNull();
  });

  it("is the highest of several, and the first of equal ones", () => {
    const of = (...values: string[]): Boundary[] =>
      values.map((value, index) => aBoundary({ at: NOW + (index + 1) * 1_000, value }));

    expect(early(before(of("9", "40", "12")))).toMatchObject({ spares: 40 });
    expect(early(before(of("9", "9")))).toMatchObject({ at: NOW + 1_000 });
  });

  it("may be an override's, and the end of one that is lower than what is beneath", () => {
    const low = anOverride({ expression: "1", from: NOW - 1, until: SOON });

    expect(early({ ...before([]), overrides: [anOverride()] })).toMatchObject({ spares: 30 });
    expect(early({ ...before([]), overrides: [low] })).toMatchObject({ at: SOON, spares: 3 });
  });

  it("is nobody's concern while the fleet is removed", () => {
    expect(early({ ...before([aBoundary({ at: SOON })]), removing: { force: false } })).toBeNull();
  });

  it("is not above the spec's maximum", () => {
    const state = before([aBoundary({ at: SOON })], tagged({ spec: { spares: { max: 8 } } }));

    expect(early(state)).toMatchObject({ spares: 8 });
  });

  it("is launched for by the plan, while the target and the tag stay what they are", () => {
    const rows = idleRows(3);
    const state = before([aBoundary({ at: SOON })], tagged({ rows, memory: freshFor(...rows) }));

    const { target, decision, moves } = plan(state, anObservation({ tag: says("3") }));

    expect(target).toMatchObject({ spares: 3, source: "tag" });
    expect(decision).toBe("launch 17: spares 3 < target 3, 20 from morning on, launching 0");
    expect(moves.commands.some(({ action }) => action.kind === "targetTag")).toBe(false);
    expect(moves.events.filter(({ kind }) => kind === "boundary")).toEqual([]);
  });

  it("keeps the servers that were launched for it", () => {
    const rows = idleRows(20);
    const surplusSince = NOW - 10 * MINUTE_MS;
    const memory = { ...freshFor(...rows), surplusSince };

    const near = plan(before([aBoundary({ at: SOON })], tagged({ rows, memory })), anObservation());
    const far = plan(before([aBoundary({ at: LATER })], tagged({ rows, memory })), anObservation());

    expect(near.moves.rows).toEqual([]);
    expect(far.moves.rows.filter(({ phase }) => phase === "draining").length).toBeGreaterThan(0);
  });
});

describe("faults that were found", () => {
  it("what comes after the end of a special day is not told as the day itself", () => {
    const ended = aConcert({ at: SOON, edge: "ends", special: false, value: "9" });

    expect(early(before([ended]))).toMatchObject({ name: "after concert", spares: 9 });
  });
});

it("seed 17999048: a total is counted beside the boundary that rules then, not beside the tag of now", () => {
  const rules = anOverride({ id: "o1", expression: "4", from: NOW - MINUTE_MS });
  const booked = anOverride({ id: "o2", expression: "total:8", from: NOW + 2 * MINUTE_MS });
  const state = tagged({
    tagMemory: { value: "20", garbled: null },
    overrides: [rules, { ...booked, until: SOON }],
  });
  const coming = [aBoundary({ at: NOW + MINUTE_MS, value: "2" })];

  expect(early(before(coming, state), 1)).toMatchObject({ source: "override", spares: 7 });
  expect(early(before([], state), 1)).toMatchObject({ source: "override", spares: 20 });
});
