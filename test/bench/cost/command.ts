/**
 * `npm run bench -- cost`: what a fleet of each size costs a month, from what its ticks use. Sessions of
 * half an hour follow each other on every server, so the rows lie between those of an idle and those of a
 * churning tick.
 */
import { rounded } from "../figures.ts";
import { runLooks } from "../looks/fleet.ts";
import { machine } from "../machine.ts";
import { CHURN_SHARE, measureObject } from "../object/measure.ts";
import { billOf, type PerTick, usageOf } from "./bill.ts";
import type { CostOptions } from "./options.ts";

const FLEETS = [1, 2, 5] as const;
const TICK_SECONDS = 5;
const SESSION_SECONDS = 1_800;
/** Of all servers, those on which a session begins in a tick; on as many one ends. */
const BUSY_SHARE = TICK_SECONDS / SESSION_SECONDS;
const TICKS = 30;
const MINUTES = 2;

export async function runCost({ sizes, roundTripMs }: CostOptions): Promise<void> {
  console.log(JSON.stringify(machine("cost")));
  for (const servers of sizes) {
    const tick = await tickOf(servers, roundTripMs);
    const usage = usageOf(tick);
    const bills = FLEETS.map((fleets) => {
      const { usd, usdByStartedMillions } = billOf(usage, fleets);
      return { fleets, usd: cents(usd), usdByStartedMillions: cents(usdByStartedMillions) };
    });
    console.log(JSON.stringify({ bench: "cost", servers, roundTripMs, tick, usage, bills }));
  }
}

async function tickOf(servers: number, roundTripMs: number): Promise<PerTick> {
  const looks = await runLooks({ servers, roundTripMs, dropping: 0, minutes: MINUTES });
  const mean: PerTick[] = [];
  for await (const { case: which, ...line } of measureObject({ servers, ticks: TICKS })) {
    if (which === "cold") continue;
    mean.push({
      seconds: looks.tickSeconds,
      shardSeconds: looks.shardSeconds,
      shards: looks.shards,
      cpuMs: line.workP50Ms,
      rowsRead: line.rowsReadMean,
      rowsWritten: line.rowsWrittenMean,
    });
  }
  const [idle, churning] = mean;
  if (idle === undefined || churning === undefined) throw new Error("a case was not measured");
  const between = (of: (tick: PerTick) => number): number =>
    rounded(of(idle) + ((of(churning) - of(idle)) * BUSY_SHARE) / CHURN_SHARE);
  return {
    ...idle,
    seconds: rounded(idle.seconds),
    cpuMs: between(({ cpuMs }) => cpuMs),
    rowsRead: between(({ rowsRead }) => rowsRead),
    rowsWritten: between(({ rowsWritten }) => rowsWritten),
  };
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}
