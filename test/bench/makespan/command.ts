/** `npm run bench -- makespan`: one line for each client in each cell. */
import { machine } from "../machine.ts";
import type { Line } from "./measure.ts";
import type { MakespanOptions } from "./options.ts";
import { measureAll } from "./threads.ts";

export async function runMakespan(options: MakespanOptions): Promise<void> {
  const { cells, clients, json, threads } = options;
  const { seeds, latencySpread, limit } = options;
  const plan = { seeds, latencySpread, limit };
  if (json) console.log(JSON.stringify(machine("makespan")));
  if (options.retires) {
    // The program's own files need what only the Workers runtime has, before they are loaded.
    await import("../../sim/runtime/register.ts");
    const { measureRoundTrip } = await import("./measure.ts");
    for (const cell of cells) console.log(JSON.stringify(await measureRoundTrip(cell, plan)));
    return;
  }
  const jobs = cells.flatMap((cell) => clients.map((client) => ({ client, cell, plan })));
  for await (const line of measureAll(jobs, threads))
    console.log(json ? JSON.stringify(line) : wordsOf(line));
}

function wordsOf(line: Line): string {
  const { client, servers, bucket, kind, costly, makespanSeconds, ratio, calls } = line;
  const arrived = makespanSeconds === null ? "NOT THERE" : `${makespanSeconds} s, ${ratio} x`;
  const made = Object.entries(calls).map(([op, count]) => `${op} ${count}`);
  const { boundSeconds, ratioWorst, refusals, refusalsPerInstance, ...rest } = line;
  const more = Object.entries(rest).filter(([key]) => MORE.has(key));
  return [
    `${client}: ${servers} servers, ${bucket} ${kind}${costly ? " costly" : ""}: ${arrived}`,
    `bound ${boundSeconds} s, worst ${ratioWorst} x`,
    `${refusals} refusals (${refusalsPerInstance} each)`,
    made.join(" "),
    ...more.map(([key, value]) => `${key} ${JSON.stringify(value)}`),
  ].join(" | ");
}

/** What is said of Lightfleet alone. */
const MORE = new Set([
  "readyLeast",
  "deletedOnTheWay",
  "createdBeyond",
  "scarceLooks",
  "scarceCalls",
  "ticks",
  "tookSeconds",
]);
