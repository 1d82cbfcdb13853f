import { parseArgs } from "node:util";
import { UsageError, wholeOf } from "../aws/command-line.ts";

/** What the command line of `npm run fuzz` says. */
export interface Options {
  readonly requests: number;
  readonly seed: number;
  readonly from: number;
  /** The requests are those of each role in turn, against what the others have. */
  readonly roles: boolean;
}

const DEFAULTS = { requests: 10_000, from: 0 } as const;
const REQUESTS_MAX = 100_000_000;
const SEED_MAX = 2 ** 32 - 1;

export const USAGE = `Requests that are made of /openapi.json and then spoiled, against the Worker with its embedded AWS. A reply that
the description does not allow, or that fails, is told with its request, and the exit code is 1.

Usage: npm run fuzz -- [options]

  --requests N   how many (default ${DEFAULTS.requests})
  --seed S       what they are drawn from (default: another one each time; it is printed)
  --from N       the number of the first one (default ${DEFAULTS.from}): a finding tells its number
  --roles        as each role in turn, against what the others have: nobody gets what is another's
  --help         this text`;

/** The options, or null where help is wanted. Throws a UsageError for anything it does not know. */
export function readOptions(args: string[], freshSeed: number): Options | null {
  const { values } = parse(args);
  if (values.help === true) return null;
  return {
    requests: wholeOf("--requests", values.requests, DEFAULTS.requests, 1, REQUESTS_MAX),
    seed: wholeOf("--seed", values.seed, freshSeed, 0, SEED_MAX),
    from: wholeOf("--from", values.from, DEFAULTS.from, 0, REQUESTS_MAX),
    roles: values.roles === true,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        requests: { type: "string" },
        seed: { type: "string" },
        from: { type: "string" },
        roles: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
