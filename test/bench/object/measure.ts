/** What ticks of one size cost: idle, churning, and after a cold start, beside a fixed piece of work. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { median, quantile, rounded } from "../figures.ts";
import { BenchFleet, type Part, PARTS, type Tick } from "./fleet.ts";

export const CASES = ["idle", "churning", "cold"] as const;
export type Case = (typeof CASES)[number];

export interface ObjectPlan {
  readonly servers: number;
  readonly ticks: number;
}

/** Sessions begin on so many of the servers in each tick, and end on as many. */
export const CHURN_SHARE = 0.05;
/** Ticks that run before anything is measured: the compiler's, and the settling of what has just arrived. */
const WARM_UP_TICKS = 30;
/** Processes that start anew. */
const FRESH_STARTS = 5;
/** The object's own parts; the others are the Worker's. */
const OBJECT: readonly Part[] = ["begin", "plan", "settle"];

export async function* measureObject({ servers, ticks }: ObjectPlan) {
  const fleet = new BenchFleet();
  try {
    await fleet.arrive(servers);
    for (let tick = 0; tick < WARM_UP_TICKS; tick += 1) await fleet.tick();
    const freshMs = await freshStarts(fleet);
    for (const each of CASES) {
      const line = await measureCase(fleet, each, servers, ticks);
      yield each === "cold" ? { ...line, freshMs } : line;
    }
  } finally {
    fleet.close();
  }
}

/** The median of several first ticks, each in a process of its own, in milliseconds. */
async function freshStarts(fleet: BenchFleet): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "lightfleet-bench-"));
  try {
    const took: number[] = [];
    for (let start = 0; start < FRESH_STARTS; start += 1) {
      const path = join(folder, `${start}.sqlite`);
      const args = [join(import.meta.dirname, "fresh.ts"), path, String(fleet.save(path))];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      took.push(Number(stdout));
    }
    return rounded(median(took));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureCase(fleet: BenchFleet, which: Case, servers: number, ticks: number) {
  const measured: Tick[] = [];
  const baselines: number[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    if (which === "churning") fleet.churn(Math.max(1, Math.round(CHURN_SHARE * servers)));
    if (which === "cold") fleet.restart();
    measured.push(await fleet.tick());
    baselines.push(baselineMs(fleet.rows()));
  }
  const objectMs = measured.map(({ parts }) => sum(OBJECT.map((part) => parts[part])));
  const baselineP50 = quantile(baselines, 0.5);
  return {
    bench: "object",
    servers,
    case: which,
    ticks,
    objectP50Ms: rounded(quantile(objectMs, 0.5)),
    objectP99Ms: rounded(quantile(objectMs, 0.99)),
    baselineP50Ms: rounded(baselineP50),
    ratio: rounded(quantile(objectMs, 0.5) / baselineP50),
    partsMs: Object.fromEntries(PARTS.map((part) => [part, quantilesOf(measured, part)])),
    workP50Ms: rounded(quantile(measured.map(workMs), 0.5)),
    rowsWrittenP50: median(measured.map(written)),
    rowsWrittenMean: mean(measured.map(written)),
    rowsReadMean: mean(measured.map(({ rowsRead }) => rowsRead)),
    bytesWrittenMean: mean(measured.map(({ bytesWritten }) => bytesWritten)),
  };
}

/** Of the object, its eyes and its hands together. */
function workMs({ parts }: Tick): number {
  return sum(PARTS.map((part) => parts[part]));
}

/** Each alarm that is set is a row too. */
function written({ rowsWritten, alarms }: Tick): number {
  return rowsWritten + alarms;
}

function quantilesOf(ticks: readonly Tick[], part: Part) {
  const values = ticks.map(({ parts }) => parts[part]);
  return { p50: rounded(quantile(values, 0.5)), p99: rounded(quantile(values, 0.99)) };
}

/** The fixed piece of work: the same rows written as JSON and read again. */
function baselineMs(rows: readonly object[]): number {
  const beganAt = performance.now();
  JSON.parse(JSON.stringify(rows));
  return performance.now() - beganAt;
}

function mean(values: readonly number[]): number {
  return rounded(sum(values) / values.length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
