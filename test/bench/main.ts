/** `npm run bench`: what Lightfleet does, measured; each part is a command. */
import { UsageError } from "../aws/command-line.ts";
import { OBJECT_USAGE, readObjectOptions } from "./object/options.ts";
import { MAKESPAN_USAGE, readMakespanOptions } from "./makespan/options.ts";

const USAGE = `Usage: npm run bench -- [load | makespan | object] [options]

  load       status and leases on local workerd, beside a Worker that does nothing else
  makespan   fleets from nothing to their size, beside the bound
  object     the work of a tick by the size of the fleet, and the rows that it writes

${MAKESPAN_USAGE}
${OBJECT_USAGE}`;

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
    case undefined:
    case "load":
      await import("./load-command.ts");
      return;
    case "makespan": {
      const options = readMakespanOptions(args);
      // The program's own files need what only the Workers runtime has, before they are loaded.
      await import("../sim/runtime/register.ts");
      const { runMakespan } = await import("./makespan/command.ts");
      return await runMakespan(options);
    }
    case "object": {
      const options = readObjectOptions(args);
      await import("../sim/runtime/register.ts");
      const { runObject } = await import("./object/command.ts");
      return await runObject(options);
    }
    default:
      throw new UsageError(`There is no command "${command}".\n${USAGE}`);
  }
}
