/** One cell of the table for one client: the medians of several seeds, beside the bound. */
import { median, rounded } from "../figures.ts";
import { runBaseline } from "./baselines.ts";
import { boundSeconds } from "./bound.ts";
import type { Cell, Client, Seeding } from "./cell.ts";
import { runFleet, runThereAndBack } from "./run-fleet.ts";

interface Run {
  readonly makespanSeconds: number | null;
  readonly refusals: number;
  readonly calls: Readonly<Record<string, number>>;
}

export interface Plan extends Omit<Seeding, "seed"> {
  readonly seeds: readonly number[];
}

export type Line = Awaited<ReturnType<typeof measure>>;

export async function measure(client: Client, cell: Cell, plan: Plan) {
  const beganAt = performance.now();
  const runs: Run[] = [];
  let more: object = {};
  if (client === "lightfleet") {
    const fleets = await each(plan, (seeding) => runFleet(cell, seeding));
    runs.push(...fleets);
    const { length: count } = fleets;
    const sum = (of: (run: (typeof fleets)[number]) => number): number =>
      fleets.reduce((total, run) => total + of(run), 0);
    const looks = sum(({ scarce }) => scarce.looks);
    const scarceCalls = sum(({ scarce }) => scarce.calls);
    more = {
      readyLeast: Math.min(...fleets.map(({ ready }) => ready)),
      deletedOnTheWay: Math.max(...fleets.map(({ deletedOnTheWay }) => deletedOnTheWay)),
      createdBeyond: Math.max(...fleets.map(({ createdBeyond }) => createdBeyond)),
      scarceCalls: rounded(scarceCalls / count),
      scarceLooks: rounded(looks / count),
      lookShareWhileScarce: scarceCalls === 0 ? null : rounded(looks / scarceCalls),
      ticks: median(fleets.map(({ ticks }) => ticks)),
    };
  } else runs.push(...(await each(plan, (seeding) => runBaseline(client, cell, seeding))));
  return { ...lineOf(client, cell, runs), ...more, tookSeconds: secondsSince(beganAt) };
}

/** Calls for each instance of a fleet that comes and goes, without those that only look. */
export async function measureRoundTrip(cell: Cell, plan: Plan) {
  const trips = await each(plan, (seeding) => runThereAndBack(cell, seeding));
  const perInstance = trips.map(({ calls }) => changesOf(calls) / cell.servers);
  return {
    bench: "round-trip",
    ...cellOf(cell),
    runs: trips.length,
    makespanSeconds: middle(trips.map(({ arrived }) => arrived.makespanSeconds)),
    retiredSeconds: middle(trips.map(({ retiredSeconds }) => retiredSeconds)),
    callsPerInstance: rounded(median(perInstance)),
    calls: callsOf(trips),
  };
}

const LOOKS = new Set(["GetInstances", "GetInstance", "GetBundles"]);

function changesOf(calls: Readonly<Record<string, number>>): number {
  return Object.entries(calls).reduce((sum, [op, count]) => sum + (LOOKS.has(op) ? 0 : count), 0);
}

async function each<T>(
  { seeds, ...rest }: Plan,
  run: (seeding: Seeding) => Promise<T>,
): Promise<T[]> {
  const done: T[] = [];
  for (const seed of seeds) done.push(await run({ ...rest, seed }));
  return done;
}

function cellOf({ bucket, ...cell }: Cell) {
  return { ...cell, bucket: `${bucket.burst}+${bucket.perSecond}` };
}

function lineOf(client: Client, cell: Cell, runs: readonly Run[]) {
  const bound = boundSeconds(cell);
  const makespans = runs.map(({ makespanSeconds }) => makespanSeconds);
  const ratioOf = (seconds: number | null): number | null =>
    seconds === null ? null : Math.round((seconds / bound) * 1_000) / 1_000;
  const refusals = runs.map(({ refusals }) => refusals);
  return {
    bench: "makespan",
    client,
    ...cellOf(cell),
    runs: runs.length,
    boundSeconds: bound,
    makespanSeconds: middle(makespans),
    ratio: ratioOf(middle(makespans)),
    ratioWorst: makespans.includes(null) ? null : ratioOf(Math.max(...makespans.map(Number))),
    refusals: median(refusals),
    refusalsPerInstance: rounded(median(refusals) / cell.servers),
    refusalsPerInstanceWorst: rounded(Math.max(...refusals) / cell.servers),
    calls: callsOf(runs),
  };
}

/** The median, where a run that did not arrive counts as the longest; null where the median did not. */
function middle(seconds: readonly (number | null)[]): number | null {
  const value = median(seconds.map((each) => each ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(value) ? value : null;
}

function callsOf(runs: readonly Pick<Run, "calls">[]): Record<string, number> {
  const ops = new Set(runs.flatMap(({ calls }) => Object.keys(calls)));
  return Object.fromEntries(
    [...ops].map((op) => [op, median(runs.map(({ calls }) => calls[op] ?? 0))]),
  );
}

function secondsSince(beganAt: number): number {
  return rounded((performance.now() - beganAt) / 1_000);
}
