import { describe, expect, it } from "vitest";
import { isDue, type Sample, sampleOf, usdBetween } from "../../../durable/rules/sample.ts";
import {
  aPlanned,
  aRow,
  aState,
  freshFor,
  idleRows,
  MINUTE_MS,
  NOW,
  SECOND_MS,
} from "./builders.ts";

const TICK_MS = 5 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const SAMPLE: Sample = {
  at: NOW,
  spares: 9,
  target: 10,
  busy: 4,
  unknown: 0,
  launching: 1,
  draining: 0,
  sessions: 4,
  usdPerHour: 0.4,
};

describe("a sample", () => {
  it("holds what the status counts, and what all that is billed costs in an hour", () => {
    const rows = [...idleRows(2), aRow({ name: "media-k3-9", occupancy: "busy", sessions: 1 })];

    const sample = sampleOf(aState({ rows, memory: freshFor(...rows) }), 5);

    expect(sample).toEqual({
      at: NOW,
      spares: 2,
      target: 5,
      busy: 1,
      unknown: 0,
      launching: 0,
      draining: 0,
      sessions: 1,
      usdPerHour: (3 * 24) / 744,
    });
  });

  it("does not count a launch as billed that is only planned", () => {
    expect(sampleOf(aState({ rows: [aPlanned()] }), 1)).toMatchObject({
      launching: 0,
      usdPerHour: 0,
    });
  });

  it("knows no cost while a price is not known", () => {
    expect(sampleOf(aState({ rows: idleRows(1), bundles: new Map() }), 1).usdPerHour).toBeNull();
  });
});

describe("a sample is due", () => {
  const due = (afterMs: number, changes: Partial<Sample> = {}): boolean =>
    isDue(SAMPLE, { ...SAMPLE, ...changes, at: NOW + afterMs }, TICK_MS);

  it("where there is none yet", () => {
    expect(isDue(null, SAMPLE, TICK_MS)).toBe(true);
  });

  it("a minute after the last one, if something is different", () => {
    expect(due(MINUTE_MS, { spares: 8 })).toBe(true);
    expect(due(MINUTE_MS - 1, { spares: 8 })).toBe(false);
  });

  it("not while all is the same, but for one in an hour", () => {
    expect(due(MINUTE_MS)).toBe(false);
    expect(due(HOUR_MS - 1)).toBe(false);
    expect(due(HOUR_MS)).toBe(true);
  });

  it("after the clock was set back", () => {
    expect(due(-HOUR_MS)).toBe(true);
  });
});

describe("what was spent between two moments", () => {
  const at = (minutes: number, usdPerHour: number | null): Sample => ({
    ...SAMPLE,
    at: NOW + minutes * MINUTE_MS,
    usdPerHour,
  });

  it("follows from what each sample cost an hour, until the next one", () => {
    const samples = [at(0, 1), at(30, 2), at(60, 0)];

    expect(usdBetween(samples, NOW, NOW + 2 * HOUR_MS)).toBeCloseTo(1.5);
  });

  it("counts of the first one only what lies within, and the last one until the end", () => {
    expect(usdBetween([at(-600, 1)], NOW, NOW + HOUR_MS)).toBeCloseTo(1);
  });

  it("leaves out the time in which no price was known, and is not known where none ever was", () => {
    expect(usdBetween([at(0, null), at(30, 2)], NOW, NOW + HOUR_MS)).toBeCloseTo(1);
    expect(usdBetween([at(0, null)], NOW, NOW + HOUR_MS)).toBeNull();
    expect(usdBetween([], NOW, NOW + HOUR_MS)).toBeNull();
  });
});
