import { describe, expect, it } from "vitest";
import { migrate } from "../../../durable/ledger/migrations.ts";
import { forgetSamples, keepSample, readSamples } from "../../../durable/ledger/samples.ts";
import type { Sql } from "../../../durable/ledger/sql.ts";
import type { Sample } from "../../../durable/rules/sample.ts";
import { nodeSql } from "../../virtual/node-sql.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TICK_MS = 5_000;
/** The first moment of a day, and so of an hour. */
const START = Date.UTC(2026, 10, 22);

function aLedger(): Sql {
  const sql = nodeSql();
  migrate(sql, START);
  return sql;
}

function aSample(at: number, spares: number): Sample {
  return {
    at,
    spares,
    target: 10,
    busy: 0,
    unknown: 0,
    launching: 0,
    draining: 0,
    sessions: 0,
    usdPerHour: 0.1,
  };
}

/** One a minute, each different from the one before. */
function fill(sql: Sql, from: number, minutes: number, sparesAt: (minute: number) => number): void {
  for (let minute = 0; minute < minutes; minute += 1)
    keepSample(sql, aSample(from + minute * MINUTE_MS, sparesAt(minute)), TICK_MS);
}

function spares(samples: readonly Sample[]): number[] {
  return samples.map((sample) => sample.spares);
}

describe("the history in the ledger", () => {
  it("gives back what was kept", () => {
    const sql = aLedger();
    keepSample(sql, aSample(START, 7), TICK_MS);

    expect(readSamples(sql, START, START, 1)).toEqual([aSample(START, 7)]);
  });

  it("holds what stood where it begins, and nothing of later", () => {
    const sql = aLedger();
    fill(sql, START, 10, (minute) => minute);

    const from = START + 4.5 * MINUTE_MS;
    expect(spares(readSamples(sql, from, from + 2 * MINUTE_MS, 1))).toEqual([4, 5, 6]);
  });

  it("does not keep two of the same minute", () => {
    const sql = aLedger();
    keepSample(sql, aSample(START, 7), TICK_MS);
    keepSample(sql, aSample(START + TICK_MS, 3), TICK_MS);

    expect(spares(readSamples(sql, START, START + HOUR_MS, 1))).toEqual([7]);
  });

  it("gives of each bucket the sample that was furthest below its target", () => {
    const sql = aLedger();
    fill(sql, START, 20, (minute) => (minute === 13 ? 2 : 8 + (minute % 2)));

    expect(spares(readSamples(sql, START, START + HOUR_MS, 10 * MINUTE_MS))).toEqual([8, 2]);
  });

  it("drops what a clock wrote before it was set back", () => {
    const sql = aLedger();
    fill(sql, START + DAY_MS, 3, (minute) => minute);

    keepSample(sql, aSample(START, 5), TICK_MS);

    expect(spares(readSamples(sql, START, START + 2 * DAY_MS, 1))).toEqual([5]);
  });

  it("is whole for two days, and then the worst of each hour", () => {
    const sql = aLedger();
    fill(sql, START, 120, (minute) => (minute === 40 ? 1 : 5 + (minute % 2)));
    const read = () => readSamples(sql, START, START + 2 * HOUR_MS, 1);

    forgetSamples(sql, START + 2 * DAY_MS);
    expect(read()).toHaveLength(120);

    forgetSamples(sql, START + 2 * DAY_MS + 2 * HOUR_MS);
    expect(spares(read())).toEqual([1, 5]);
  });

  it("is forgotten after eight days", () => {
    const sql = aLedger();
    keepSample(sql, aSample(START, 5), TICK_MS);

    forgetSamples(sql, START + 8 * DAY_MS + 1);

    expect(readSamples(sql, 0, START + 9 * DAY_MS, 1)).toEqual([]);
  });

  it("is bounded: of ten busy days some three thousand samples are left", () => {
    const sql = aLedger();
    fill(sql, START, 10 * 24 * 60, (minute) => minute % 7);

    forgetSamples(sql, START + 10 * DAY_MS);

    const left = readSamples(sql, 0, START + 10 * DAY_MS, 1);
    expect(left.length).toBeLessThanOrEqual(2 * 24 * 60 + 6 * 24 + 1);
  });
});
