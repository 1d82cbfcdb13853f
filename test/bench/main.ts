/** `npm run bench`: what Lightfleet does, measured. Each part is a command, and runs alone. */
import { UsageError } from "../aws/command-line.ts";
import { LOOKS_USAGE, readLooksOptions } from "./looks/options.ts";
import { MAKESPAN_USAGE, readMakespanOptions } from "./makespan/options.ts";
import { OBJECT_USAGE, readObjectOptions } from "./object/options.ts";

const USAGE = `Usage: npm run bench -- COMMAND [options]

  makespan   fleets from nothing to their size, beside the bound and other clients
  object     the work of a tick, and the rows that it writes
  looks      how many servers a fleet reads
  load       status and leases on local workerd, beside a Worker that does nothing else

${MAKESPAN_USAGE}
${OBJECT_USAGE}
${LOOKS_USAGE}`;

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
      await standIn();
      const { runMakespan } = await import("./makespan/command.ts");
      return await runMakespan(options);
    }
    case "object": {
      const options = readObjectOptions(args);
      await standIn();
      const { runObject } = await import("./object/command.ts");
      return await runObject(options);
    }
    case "looks": {
      const options = readLooksOptions(args);
      await standIn();
      const { runLooksTable } = await import("./looks/command.ts");
      return await runLooksTable(options);
    }
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
