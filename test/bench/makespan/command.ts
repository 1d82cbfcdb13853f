/** `npm run bench -- makespan`: one line for each cell. */
import { rounded } from "../figures.ts";
import { boundSeconds } from "./bound.ts";
import type { Cell } from "./cell.ts";
import type { MakespanOptions } from "./options.ts";
import { type FleetRun, runFleet } from "./run-fleet.ts";

export async function runMakespan(options: MakespanOptions): Promise<void> {
  for (const cell of options.cells) {
    const beganAt = performance.now();
    const run = await runFleet(cell, options);
    const tookSeconds = rounded((performance.now() - beganAt) / 1_000);
    const line = { ...lineOf(cell, run), seed: options.seed, tookSeconds };
    console.log(options.json ? JSON.stringify(line) : words(line));
  }
}

function lineOf(cell: Cell, run: FleetRun) {
  const bound = boundSeconds(cell);
  const { makespanSeconds, scarce, refusals } = run;
  const { burst, perSecond } = cell.bucket;
  return {
    bench: "makespan",
    who: "lightfleet",
    servers: cell.servers,
    bucket: `${burst}+${perSecond}`,
    kind: cell.kind,
    costly: cell.costly,
    makespanSeconds,
    boundSeconds: bound,
    ratio: makespanSeconds === null ? null : ratioOf(makespanSeconds, bound),
    ready: run.ready,
    calls: run.calls,
    refusals,
    refusalsPerInstance: refusals / cell.servers,
    deletedOnTheWay: run.deletedOnTheWay,
    createdBeyond: run.createdBeyond,
    scarceCalls: scarce.calls,
    scarceLooks: scarce.looks,
    lookShareWhileScarce: scarce.calls === 0 ? null : rounded(scarce.looks / scarce.calls),
    ticks: run.ticks,
  };
}

type Line = ReturnType<typeof lineOf> & { readonly seed: number; readonly tookSeconds: number };

function ratioOf(makespan: number, bound: number): number {
  return Math.round((makespan / bound) * 1_000) / 1_000;
}

function words(line: Line): string {
  const { makespanSeconds: makespan, ratio, servers, ready, calls } = line;
  const arrived =
    makespan === null ? `NOT THERE (${ready} of ${servers})` : `${makespan} s, ${ratio} x`;
  const made = Object.entries(calls).map(([op, count]) => `${op} ${count}`);
  return [
    `${servers} servers, ${line.bucket} ${line.kind}${line.costly ? " costly" : ""}: ${arrived}`,
    `bound ${line.boundSeconds} s`,
    `${line.refusals} refusals (${rounded(line.refusalsPerInstance)} each)`,
    `${line.deletedOnTheWay} deleted, ${line.createdBeyond} beyond`,
    `looks ${line.scarceLooks} of ${line.scarceCalls} scarce calls`,
    `${made.join(" ")}, ${line.ticks} ticks`,
    `took ${line.tookSeconds} s`,
  ].join(" | ");
}
