/** The command line of `npm run bench -- object`. */
import { wholeOf } from "../../aws/command-line.ts";
import { parseOptions } from "../parse.ts";

export interface ObjectOptions {
  readonly sizes: readonly number[];
  readonly ticks: number;
}

const SIZES = [10, 100, 1_000, 5_000] as const;
const SERVERS_MAX = 20_000;
const TICKS = 100;

export const OBJECT_USAGE = `What a tick costs: the work of the object and of its eyes and hands, and the rows that it writes.

Usage: npm run bench -- object [options]

  --servers N       one size (default: each of ${SIZES.join(", ")})
  --ticks N         ticks of each case (default ${TICKS})
`;

const OPTIONS = { servers: { type: "string" }, ticks: { type: "string" } } as const;

/** @throws UsageError about the first option that makes no sense. */
export function readObjectOptions(args: readonly string[]): ObjectOptions {
  const { servers, ticks } = parseOptions(args, OPTIONS);
  return {
    sizes: servers === undefined ? SIZES : [wholeOf("--servers", servers, 1, 1, SERVERS_MAX)],
    ticks: wholeOf("--ticks", ticks, TICKS, 5, 100_000),
  };
}
