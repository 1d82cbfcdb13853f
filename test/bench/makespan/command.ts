/** `npm run bench -- makespan`: one line for each client in each cell. */
import { machine } from "../machine.ts";
import { type Line, measure, measureRoundTrip } from "./measure.ts";
import type { MakespanOptions } from "./options.ts";

export async function runMakespan(options: MakespanOptions): Promise<void> {
  const { cells, clients, json } = options;
  if (json) console.log(JSON.stringify(machine("makespan")));
  for (const cell of cells) {
    if (options.retires) console.log(JSON.stringify(await measureRoundTrip(cell, options)));
    else
      for (const client of clients) {
        const line = await measure(client, cell, options);
        console.log(json ? JSON.stringify(line) : wordsOf(line));
      }
  }
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
