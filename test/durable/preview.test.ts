/** What the schedule will do, as people are told of it. */
import { describe, expect, it } from "vitest";
import { Previews } from "../../durable/calendar/preview.ts";
import { scheduleBasisOf } from "../../durable/preview.ts";
import type { ScheduleEntry, SpecialDay } from "../../durable/rules/spec.ts";
import type { State } from "../../durable/rules/state.ts";
import type { BoundaryView, ScheduleView } from "../../durable/rules/target-views.ts";
import { aRow, aRuling, freshFor, MEDIUM, MINUTE_MS } from "./rules/builders.ts";
import { aBoundary, tagged, writing } from "./rules/schedule-builders.ts";

function scheduleOf(state: State, days: number): ScheduleView {
  return new Previews().of(scheduleBasisOf(state), days);
}

/** A Sunday evening in Seoul. */
const NOW = Date.parse("2026-11-29T12:00Z");
const DAY_USD = (MEDIUM.usdPerMonth / 744) * 24;

function entry(overrides: Partial<ScheduleEntry>): ScheduleEntry {
  const hours = { cron: "0 9 * * *", timezone: "Asia/Seoul", until: null };
  return { name: "morning", spares: "20", ...hours, ...overrides };
}

const CONCERT: SpecialDay = {
  name: "concert",
  from: "2026-11-30T18:00",
  until: "2026-12-01T02:00",
  timezone: "Asia/Seoul",
  spares: "40",
};

type Spares = Partial<State["spec"]["spares"]>;

function aState(spares: Spares = {}, overrides: Partial<State> = {}): State {
  const state = tagged({
    now: NOW,
    leads: [4 * MINUTE_MS],
    spec: { spares: { tag: null, schedule: [entry({})], ...spares } },
  });
  return { ...state, ...overrides };
}

/** Local time, value, spares and when launches begin. */
function shown({ local, expression, spares, launchFrom }: BoundaryView): unknown[] {
  return [local, expression, spares, launchFrom];
}

describe("the preview", () => {
  it("tells each boundary of the days to come, in its own zone's time, and no later one", () => {
    const schedule = [entry({}), entry({ name: "night", cron: "0 22 * * *", spares: "3" })];

    const { boundaries, more } = scheduleOf(aState({ schedule }), 2);

    expect(boundaries.map((each) => shown(each))).toEqual([
      ["2026-11-29T22:00:00+09:00", "3", 3, null],
      ["2026-11-30T09:00:00+09:00", "20", 20, "2026-11-29T23:56:00.000Z"],
      ["2026-11-30T22:00:00+09:00", "3", 3, null],
      ["2026-12-01T09:00:00+09:00", "20", 20, "2026-11-30T23:56:00.000Z"],
    ]);
    expect(boundaries[1]).toMatchObject({
      at: "2026-11-30T00:00:00.000Z",
      weekday: "Mon",
      timezone: "Asia/Seoul",
      source: "schedule",
      name: "morning",
      edge: "begins",
      dst: null,
      clockChanges: false,
    });
    expect(more).toBe(false);
  });

  it("tells the edges of special days, which mute what lies between", () => {
    const schedule = [entry({}), entry({ name: "night", cron: "0 22 * * *", spares: "3" })];

    const { boundaries } = scheduleOf(aState({ schedule, specialDays: [CONCERT] }), 2);

    expect(
      boundaries.map(({ local, name, edge, spares }) => [local.slice(5, 16), name, edge, spares]),
    ).toEqual([
      ["11-29T22:00", "night", "begins", 3],
      ["11-30T09:00", "morning", "begins", 20],
      ["11-30T18:00", "concert", "begins", 40],
      ["12-01T02:00", "concert", "ends", 3],
      ["12-01T09:00", "morning", "begins", 20],
    ]);
  });

  it("has the default where nothing of the schedule holds any more", () => {
    const { boundaries } = scheduleOf(aState({ schedule: [], specialDays: [CONCERT] }), 2);

    expect(boundaries.map((each) => shown(each))).toEqual([
      ["2026-11-30T18:00:00+09:00", "40", 40, "2026-11-30T08:56:00.000Z"],
      ["2026-12-01T02:00:00+09:00", null, 5, null],
    ]);
  });

  it("is within the bounds of the spec, and counts the sessions of an expression", () => {
    const rows = [1, 2, 3].map((number) =>
      aRow({ name: `m-${number}`, occupancy: "busy", sessions: 1 }),
    );
    const busy = tagged({ rows, memory: freshFor(...rows) });
    const { instances, memory } = busy;
    const of = (spares: Spares) =>
      scheduleOf(aState(spares, { instances, memory }), 1).boundaries[0]?.spares;

    expect(of({ max: 8 })).toBe(8);
    expect(of({ min: 30 })).toBe(30);
    expect(of({ schedule: [entry({ spares: "10+100%" })] })).toBe(13);
  });

  it("says what a day costs with the servers that are busy now, and nothing without prices", () => {
    const rows = [1, 2].map((number) =>
      aRow({ name: `m-${number}`, occupancy: "busy", sessions: 1 }),
    );
    const { instances, memory } = tagged({ rows, memory: freshFor(...rows) });
    const state = aState({}, { instances, memory });
    const costOf = (each: State) => scheduleOf(each, 1).boundaries[0]?.usdPerDay;

    expect(costOf(state)).toBeCloseTo(22 * DAY_USD, 1);
    expect(costOf(withCapacity(state, 4))).toBeCloseTo(6 * DAY_USD, 1);
    expect(costOf({ ...state, bundles: new Map() })).toBeNull();
  });

  it("flags the days on which a clock is set, and the times that are skipped or come twice", () => {
    const schedule = [
      entry({ name: "skipped", cron: "30 2 8 3 *", timezone: "America/New_York" }),
      entry({ name: "repeated", cron: "30 1 1 11 *", timezone: "America/New_York" }),
      entry({ name: "plain", cron: "0 9 2 11 *", timezone: "America/New_York" }),
      entry({ name: "same day", cron: "0 9 8 3 *", timezone: "America/New_York", spares: "7" }),
    ];
    const state = aState({ schedule }, { now: Date.parse("2026-03-01T00:00Z") });

    const { boundaries } = scheduleOf(state, 250);

    expect(
      boundaries.map(({ name, local, dst, clockChanges }) => [name, local, dst, clockChanges]),
    ).toEqual([
      ["skipped", "2026-03-08T03:00:00-04:00", "skipped", true],
      ["same day", "2026-03-08T09:00:00-04:00", null, true],
      ["repeated", "2026-11-01T01:30:00-04:00", "repeated", true],
      ["plain", "2026-11-02T09:00:00-05:00", null, false],
    ]);
  });

  it("says how long a launch takes, and on how many that was measured", () => {
    expect(scheduleOf(aState(), 1)).toMatchObject({ leadSeconds: 240, leadMeasuredOn: 1 });
    expect(scheduleOf(aState({}, { leads: [] }), 1)).toMatchObject({
      leadSeconds: 180,
      leadMeasuredOn: 0,
    });
  });

  it("says what rules now, and whether it waits for the tag", () => {
    const boundary = aBoundary({ at: NOW - MINUTE_MS });
    const ruled = aState({}, { ruling: aRuling({ boundary }) });

    expect(scheduleOf(ruled, 1)).toMatchObject({
      ruling: { local: "2026-11-29T20:59:00+09:00", spares: 20, launchFrom: null },
      tagWritePending: false,
    });
    expect(scheduleOf(aState(), 1).ruling).toBeNull();
    expect(scheduleOf(writing(), 1).tagWritePending).toBe(true);
  });

  it("lists the overrides that are not over", () => {
    const override = { id: "a", expression: "9", from: NOW, reason: "r", actor: "olga" };
    const overrides = [
      { ...override, until: NOW + 1 },
      { ...override, id: "b", until: NOW },
    ];

    expect(scheduleOf(aState({}, { overrides }), 1).overrides.map(({ id }) => id)).toEqual(["a"]);
  });

  it("is cut after a thousand boundaries, and says so", () => {
    const schedule = [entry({ cron: "* * * * *" })];

    const { boundaries, more } = scheduleOf(aState({ schedule }), 1);

    expect([boundaries.length, more]).toEqual([1_000, true]);
  });
});

function withCapacity(state: State, capacity: number): State {
  return { ...state, spec: { ...state.spec, health: { ...state.spec.health, capacity } } };
}

describe("faults that were found", () => {
  it("launches for the first boundary are told also where no boundary has ruled before", () => {
    expect(scheduleOf(aState(), 1).boundaries[0]?.launchFrom).toBe("2026-11-29T23:56:00.000Z");
  });

  it("none are told where a person has turned the fleet up beyond it", () => {
    const tag = { resource: "key-0abc1234", key: "spares" };
    const boundary = aBoundary({ at: NOW - MINUTE_MS, value: "3" });
    const ruling = aRuling({ boundary });
    const state = aState({ tag }, { ruling, tagMemory: { value: "30", garbled: null } });

    expect(scheduleOf(state, 1).boundaries[0]?.launchFrom).toBeNull();
  });
});
