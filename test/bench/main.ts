/** `npm run bench`: what Lightfleet does, measured. Each part is a command, and runs alone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { UsageError } from "../aws/command-line.ts";
import { COST_USAGE, readCostOptions } from "./cost/options.ts";
import { LOOKS_USAGE, readLooksOptions } from "./looks/options.ts";
import { MAKESPAN_USAGE, readMakespanOptions } from "./makespan/options.ts";
import { OBJECT_USAGE, readObjectOptions } from "./object/options.ts";
import { READS_USAGE, readReadsOptions } from "./reads/options.ts";
import { runTable, TABLE_USAGE } from "./table/command.ts";

const USAGE = `Usage: npm run bench -- [COMMAND] [options]

Without a command all are run, one after the other, and print JSON lines.

  makespan   fleets from nothing to their size, beside the bound and other clients
  object     the work of a tick, and the rows that it writes
  reads      what each read takes of the object's thread
  looks      how many servers a fleet reads
  cost       what Lightfleet costs a month on Cloudflare
  table      the Markdown tables of the JSON lines on standard input
  load       status and leases on local workerd, beside a Worker that does nothing else

${MAKESPAN_USAGE}
${OBJECT_USAGE}
${READS_USAGE}
${LOOKS_USAGE}
${COST_USAGE}
${TABLE_USAGE}`;

/** Each in a process of its own: what one has loaded or warmed up must not change the figures of another. */
const ALL: readonly (readonly string[])[] = [
  ["makespan", "--client", "all", "--seeds", "5", "--spread", "0.2", "--json"],
  ["makespan", "--servers", "100", "--kind", "shared", "--free", "--retire", "--json"],
  ["object"],
  ["reads"],
  ["looks"],
  ["cost"],
  ["load"],
];

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function run([command, ...args]: readonly string[]): Promise<void> {
  if (args.includes("--help") || command === "--help") return console.log(USAGE);
  switch (command) {
    case "makespan": {
      const options = readMakespanOptions(args);
      const { runMakespan } = await import("./makespan/command.ts");
      return await runMakespan(options);
    }
    case "object": {
      const options = readObjectOptions(args);
      await standIn();
      const { runObject } = await import("./object/command.ts");
      return await runObject(options);
    }
    case "reads": {
      const options = readReadsOptions(args);
      await standIn();
      const { runReads } = await import("./reads/command.ts");
      return await runReads(options);
    }
    case "looks": {
      const options = readLooksOptions(args);
      await standIn();
      const { runLooksTable } = await import("./looks/command.ts");
      return await runLooksTable(options);
    }
    case "cost": {
      const options = readCostOptions(args);
      await standIn();
      const { runCost } = await import("./cost/command.ts");
      return await runCost(options);
    }
    case "table":
      return await runTable(args);
    case undefined:
      return await runAll();
    case "load":
      await import("./load-command.ts");
      return;
    default:
      throw new UsageError(`Name what is to be measured.\n\n${USAGE}`);
  }
}

/** The program's own files need what only the Workers runtime has, before they are loaded. */
async function standIn(): Promise<void> {
  await import("../sim/runtime/register.ts");
}

async function runAll(): Promise<void> {
  for (const args of ALL) {
    const child = spawn(process.execPath, [import.meta.filename, ...args], { stdio: "inherit" });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new UsageError(`npm run bench -- ${args.join(" ")} failed.`);
  }
}
