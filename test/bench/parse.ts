/** The command lines of the benchmarks. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "../aws/command-line.ts";

/** @throws UsageError about the first option that makes no sense. */
export function parseOptions<Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
