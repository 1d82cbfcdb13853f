import { describe, expect, test } from "vitest";
import type { Trace } from "./trace.ts";
import { parseTrace, TRACE_CHARACTERS_MAX, traceRate } from "./trace.ts";

const MINUTE_MS = 60_000;

function parsed(text: string): Trace {
  const result = parseTrace(text);
  if (!result.ok) throw new Error(result.problem);
  return result.trace;
}

function problemOf(text: string): { line: number | null; problem: string } {
  const result = parseTrace(text);
  if (result.ok) throw new Error("the trace was taken");
  return { line: result.line, problem: result.problem };
}

describe("reading", () => {
  const expected: Trace = {
    startsMs: [0, 30 * MINUTE_MS, 60 * MINUTE_MS],
    values: [10, 20, 30.5],
    periodMs: 90 * MINUTE_MS,
  };

  test.each([
    [
      "a header",
      "timestamp,value\n2014-07-01 00:00:00,10\n2014-07-01 00:30:00,20\n2014-07-01 01:00:00,30.5\n",
    ],
    ["no header", "2014-07-01 00:00:00,10\n2014-07-01 00:30:00,20\n2014-07-01 01:00:00,30.5"],
    [
      "ISO times",
      "t,v\n2014-07-01T00:00Z,1e1\n2014-07-01T00:30:00.000Z,20\n2014-07-01T10:00:00+09:00,30.5",
    ],
    [
      "another exporter's habits",
      '\uFEFF"timestamp","value"\r\n"2014-07-01 00:00","10"\r\n2014-07-01 00:30, 20\r\n\r\n2014-07-01 01:00,30.5\r\n',
    ],
    [
      "rows in any order",
      "2014-07-01 01:00:00,30.5\n2014-07-01 00:00:00,10\n2014-07-01 00:30:00,20",
    ],
    [
      "an hour that comes twice",
      "2014-07-01 00:00:00,8\n2014-07-01 00:30:00,20\n2014-07-01 00:00:00,12\n2014-07-01 01:00:00,30.5",
    ],
  ])("takes a file with %s", (_, text) => {
    expect(parsed(text)).toEqual(expected);
  });

  test("takes bare dates as days", () => {
    expect(parsed("2014-07-01,1\n2014-07-02,2").periodMs).toBe(2 * 24 * 60 * MINUTE_MS);
  });

  test.each([
    [
      "a word as value",
      "timestamp,value\n2014-07-01 00:00:00,10\n2014-07-01 00:30:00,many",
      3,
      "not a number",
    ],
    ["NaN", "2014-07-01 00:00:00,10\n2014-07-01 00:30:00,NaN", 2, "not a number"],
    ["infinity", "2014-07-01 00:00:00,Infinity\n2014-07-01 00:30:00,1", 1, "not a number"],
    ["an empty value", "2014-07-01 00:00:00,10\n2014-07-01 00:30:00,", 2, "not a number"],
    ["a negative value", "2014-07-01 00:00:00,10\n\n2014-07-01 00:30:00,-1", 3, "negative"],
    ["an absurd value", "2014-07-01 00:00:00,1e300\n2014-07-01 00:30:00,1", 1, "above"],
    [
      "a day that does not exist",
      "2014-02-28 00:00:00,10\n2014-02-30 00:00:00,10",
      2,
      "not a valid",
    ],
    [
      "an hour that does not exist",
      "2014-02-28 00:00:00,10\n2014-02-28 24:00:00,10",
      2,
      "not a valid",
    ],
    ["a day first", "2014-02-28 00:00:00,10\n28.02.2014 01:00,10", 2, "not a valid"],
    ["a third column", "timestamp,value\n2014-07-01 00:00:00,10,3", 2, "3 field"],
    ["a second header", "timestamp,value\ntimestamp,value\n", 2, "not a valid"],
    ["zones in some rows only", "2014-07-01 00:00:00,10\n2014-07-01T00:30:00Z,10", 2, "zone"],
  ])("does not take %s, and names the line", (_, text, line, problem) => {
    const refusal = problemOf(text);

    expect(refusal.line).toBe(line);
    expect(refusal.problem).toContain(`Line ${line}: `);
    expect(refusal.problem).toContain(problem);
  });

  test.each([
    ["an empty file", "", "two different times"],
    ["a header alone", "timestamp,value\n", "two different times"],
    ["a single moment", "2014-07-01 00:00:00,10\n2014-07-01 00:00:00,20", "two different times"],
    ["zeros only", "2014-07-01 00:00:00,0\n2014-07-01 00:30:00,0", "no demand"],
    ["a file that is too large", "x".repeat(TRACE_CHARACTERS_MAX + 1), "larger than"],
  ])("does not take %s", (_, text, problem) => {
    const refusal = problemOf(text);

    expect(refusal.line).toBeNull();
    expect(refusal.problem).toContain(problem);
  });

  test("quotes a long bad line only in part", () => {
    expect(problemOf(`2014-07-01 00:00:00,${"9x".repeat(500)}`).problem.length).toBeLessThan(150);
  });
});

describe("as a rate", () => {
  const trace = parsed("2014-07-01 00:00:00,10\n2014-07-01 00:30:00,0\n2014-07-01 01:00:00,20");

  test("keeps the proportions, with the mean that was asked for", () => {
    const rate = traceRate(trace, { sessionsPerHour: 40 });

    const perHour = [0, 15, 30, 59, 60, 89].map((minute) => rate.perHour(minute * MINUTE_MS));

    expect(perHour).toEqual([40, 40, 0, 0, 80, 80]);
    expect(rate.maxPerHour).toBe(80);
  });

  test("starts over when it ends, and before it began", () => {
    const rate = traceRate(trace, { sessionsPerHour: 40 });

    expect(rate.perHour(90 * MINUTE_MS)).toBe(40);
    expect(rate.perHour((90 * 7 + 60) * MINUTE_MS)).toBe(80);
    expect(rate.perHour(-MINUTE_MS)).toBe(80);
  });

  test("begins with its first row at the origin", () => {
    const originMs = Date.UTC(2026, 10, 22);

    const rate = traceRate(trace, { sessionsPerHour: 40, originMs });

    expect(rate.perHour(originMs)).toBe(40);
    expect(rate.perHour(originMs + 61 * MINUTE_MS)).toBe(80);
  });

  test("bridges a gap with the last value, weighs it by its length, and ends after a usual step", () => {
    const gapped = parsed(
      ["00:00,6", "00:10,6", "00:20,0", "01:00,12", "01:10,12"]
        .map((row) => `2014-07-01 ${row}`)
        .join("\n"),
    );

    const rate = traceRate(gapped, { sessionsPerHour: 9 });

    expect(gapped.periodMs).toBe(80 * MINUTE_MS);
    expect(rate.perHour(59 * MINUTE_MS)).toBe(0);
    expect(rate.perHour(79 * MINUTE_MS)).toBeCloseTo(12 * (9 / 4.5), 9);
  });
});
