/** The command line of `npm run bench -- reads`. */
import { wholeOf } from "../../aws/command-line.ts";
import { parseOptions } from "../parse.ts";
import type { ReadsPlan } from "./measure.ts";

const SERVERS = 1_000;
const REQUESTS = 200;

export const READS_USAGE = `What each read takes of the object's thread, with the largest spec and a full ledger.

Usage: npm run bench -- reads [options]

  --servers N       servers that are ready (default ${SERVERS})
  --requests N      of each read (default ${REQUESTS})
`;

const OPTIONS = { servers: { type: "string" }, requests: { type: "string" } } as const;

/** @throws UsageError about the first option that makes no sense. */
export function readReadsOptions(args: readonly string[]): ReadsPlan {
  const { servers, requests } = parseOptions(args, OPTIONS);
  return {
    servers: wholeOf("--servers", servers, SERVERS, 1, 5_000),
    requests: wholeOf("--requests", requests, REQUESTS, 1, 100_000),
  };
}
