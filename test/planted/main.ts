/** `npm run planted`: bugs outside the rules, for someone who wants to know what the named tests hold. */
import { UsageError } from "../aws/command-line.ts";
import { readOptions, USAGE } from "./options.ts";
import { runHeld } from "./run.ts";

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(USAGE);
  else process.exitCode = await runHeld(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nnpm run planted -- --help lists the options.`);
  process.exitCode = 2;
}
