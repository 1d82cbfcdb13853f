/**
 * Demand from a file: `timestamp,value` lines, the value taken as relative arrival rate.
 *
 * A value holds from its timestamp to the next row's; so a gap in the rows is bridged by the last
 * value before it. The last row holds for the usual (median) step of the file. Rows may come in
 * any order, and rows with the same timestamp are averaged: local wall time repeats an hour each
 * autumn, and skips one in spring.
 */
import type { Rate } from "./rate.ts";
import { requireSessionsPerHour } from "./rate.ts";
import { readTimestamp } from "./timestamp.ts";

/** A trace as steps; `values[i]` holds from `startsMs[i]` (since the first row) to the next start. */
export interface Trace {
  readonly startsMs: readonly number[];
  readonly values: readonly number[];
  /** From the first row to the end of the last one. */
  readonly periodMs: number;
}

/** What became of a file; `problem` is a sentence that names the line, where there is one. */
export type ParsedTrace =
  | { readonly ok: true; readonly trace: Trace }
  | { readonly ok: false; readonly line: number | null; readonly problem: string };

interface Row {
  readonly atMs: number;
  readonly zoned: boolean;
  readonly value: number;
}

/** Two years of minutes fit, with room for wide numbers. */
export const TRACE_CHARACTERS_MAX = 64 * 1024 * 1024;
export const TRACE_ROWS_MAX = 2_000_000;

/** Far above any count; keeps sums of all rows finite. */
const TRACE_VALUE_MAX = 1e15;

const SHOWN_CHARACTERS_MAX = 60;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Parses a CSV file of `timestamp,value`, with or without a header line.
 *
 * Timestamps: `YYYY-MM-DD HH:MM:SS`, ISO 8601 with or without a zone, or a bare date. Empty lines,
 * quotes around a field, a byte order mark and CRLF are taken as they come; anything else that is
 * not a row refuses the file, with its line number.
 */
export function parseTrace(text: string): ParsedTrace {
  if (text.length > TRACE_CHARACTERS_MAX) {
    return refuse(
      null,
      `The trace is larger than ${TRACE_CHARACTERS_MAX} characters; thin it out.`,
    );
  }
  const rows: Row[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  let seenText = false;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const fields = line.split(",").map(unquote);
    const isHeader = !seenText && isHeaderLine(fields);
    seenText = true;
    if (isHeader) continue;
    const row = readRow(fields);
    if (typeof row === "string") return refuse(index + 1, `${row} (${shown(line)})`);
    if (rows[0] !== undefined && rows[0].zoned !== row.zoned) {
      return refuse(index + 1, `some timestamps have a zone and some have none (${shown(line)})`);
    }
    if (rows.push(row) > TRACE_ROWS_MAX) {
      return refuse(index + 1, `there are more than ${TRACE_ROWS_MAX} rows; thin the file out`);
    }
  }
  return stepsOf(rows);
}

/**
 * The trace as a rate: scaled so that its mean over time is `sessionsPerHour`, beginning with its
 * first row at model time `originMs` (default 0), and starting over whenever it ends.
 */
export function traceRate(
  trace: Trace,
  options: { readonly sessionsPerHour: number; readonly originMs?: number },
): Rate {
  const { sessionsPerHour, originMs = 0 } = options;
  requireSessionsPerHour(sessionsPerHour);
  const scale = sessionsPerHour / meanOf(trace);

  return {
    maxPerHour: trace.values.reduce((max, value) => Math.max(max, value), 0) * scale,
    perHour(atMs) {
      const elapsedMs = (atMs - originMs) % trace.periodMs;
      const phaseMs = elapsedMs < 0 ? elapsedMs + trace.periodMs : elapsedMs;
      return (trace.values[stepAt(trace.startsMs, phaseMs)] ?? 0) * scale;
    },
  };
}

function unquote(field: string): string {
  const trimmed = field.trim();
  return /^"[^"]*"$/.test(trimmed) ? trimmed.slice(1, -1).trim() : trimmed;
}

/** Only words make a header: a first row with one bad field is an error, and no header. */
function isHeaderLine(fields: readonly string[]): boolean {
  const [timestamp = "", value = ""] = fields;
  return fields.length === 2 && /^[^\d]/.test(timestamp) && !NUMBER.test(value);
}

/** The row, or what is wrong with it. */
function readRow(fields: readonly string[]): Row | string {
  const [timestamp, value] = fields;
  if (fields.length !== 2 || timestamp === undefined || value === undefined) {
    return `expected timestamp,value but found ${fields.length} field(s)`;
  }
  const time = readTimestamp(timestamp);
  if (time === null) {
    return "the timestamp is not a valid YYYY-MM-DD HH:MM:SS or ISO 8601 time";
  }
  if (!NUMBER.test(value)) return "the value is not a number";
  const number = Number(value);
  if (number < 0) return "the value is negative, but a rate is from 0 up";
  if (number > TRACE_VALUE_MAX) return `the value is above ${TRACE_VALUE_MAX}`;
  return { ...time, value: number };
}

function stepsOf(rows: readonly Row[]): ParsedTrace {
  const moments = new Map<number, { sum: number; count: number }>();
  for (const { atMs, value } of rows) {
    const moment = moments.get(atMs) ?? { sum: 0, count: 0 };
    moments.set(atMs, { sum: moment.sum + value, count: moment.count + 1 });
  }
  const steps = [...moments].sort(([a], [b]) => a - b);
  const [first, second] = steps;
  if (first === undefined || second === undefined) {
    return refuse(
      null,
      "The trace needs rows at two different times at least, as timestamp,value.",
    );
  }
  if (!rows.some((row) => row.value > 0)) {
    return refuse(null, "Every value of the trace is 0; there is no demand to scale.");
  }
  const startsMs = steps.map(([atMs]) => atMs - first[0]);
  const lastMs = startsMs.at(-1) ?? 0;
  const values = steps.map(([, { sum, count }]) => sum / count);
  return { ok: true, trace: { startsMs, values, periodMs: lastMs + medianStep(startsMs) } };
}

function medianStep(startsMs: readonly number[]): number {
  const gapsMs = startsMs.slice(1).map((startMs, index) => startMs - (startsMs[index] ?? 0));
  return gapsMs.sort((a, b) => a - b)[Math.floor(gapsMs.length / 2)] ?? 0;
}

function meanOf({ startsMs, values, periodMs }: Trace): number {
  let sum = 0;
  for (const [index, value] of values.entries()) {
    sum += value * ((startsMs[index + 1] ?? periodMs) - (startsMs[index] ?? 0));
  }
  return sum / periodMs;
}

/** The last step that begins at or before this phase. */
function stepAt(startsMs: readonly number[], phaseMs: number): number {
  let low = 0;
  let high = startsMs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((startsMs[middle] ?? 0) <= phaseMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

function refuse(line: number | null, problem: string): ParsedTrace {
  return { ok: false, line, problem: line === null ? problem : `Line ${line}: ${problem}.` };
}

function shown(line: string): string {
  const clipped =
    line.length > SHOWN_CHARACTERS_MAX ? `${line.slice(0, SHOWN_CHARACTERS_MAX)}...` : line;
  return JSON.stringify(clipped);
}
