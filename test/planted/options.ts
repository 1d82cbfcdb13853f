import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { UsageError, wholeOf } from "../aws/command-line.ts";

export interface PlantedOptions {
  /** Only the bugs with this in their names. */
  readonly only: string;
  /** Only those whose source, tests or list differ from main. */
  readonly changed: boolean;
  /** Only the few of the quick check. */
  readonly short: boolean;
  /** Only the names, and nothing is run. */
  readonly list: boolean;
  /** Bugs at the same time. */
  readonly workers: number;
}

const WORKERS_MAX = 64;

export const USAGE = `Are the tests that docs/safety.md names worth their names? Plants known bugs outside the simulator's reach, one at a time, and runs the tests that are named for each: an assertion of every one of them must fail.

Usage: npm run planted -- [options]

  --only NAME     only the bugs with this in their names
  --changed       only those whose source, tests or list differ from main (on main: in the last commit)
  --short         only a few, of several kinds: under a minute
  --list          print their names, with what each is held by, and run nothing
  --workers N     bugs at the same time (default: as many as this machine has cores)
  --help          this text

What fails is run again without the bug: a test that fails then, too, has not found it.
Ends with 0 when every bug was caught, 1 when one was not, 2 when the options make no sense.`;

/** @returns null where help is asked for */
export function readOptions(args: readonly string[]): PlantedOptions | null {
  const values = parsed(args);
  if (values.help === true) return null;
  return {
    only: values.only ?? "",
    changed: values.changed === true,
    short: values.short === true,
    list: values.list === true,
    workers: wholeOf("--workers", values.workers, availableParallelism(), 1, WORKERS_MAX),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        changed: { type: "boolean" },
        short: { type: "boolean" },
        list: { type: "boolean" },
        workers: { type: "string" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
