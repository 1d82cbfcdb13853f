/** The command line of `npm run bench -- cost`. */
import { numberOf, wholeOf } from "../../aws/command-line.ts";
import { parseOptions } from "../parse.ts";

export interface CostOptions {
  readonly sizes: readonly number[];
  readonly roundTripMs: number;
}

const SIZES = [30, 100, 300, 1_000] as const;
const ROUND_TRIP_MS = 50;

export const COST_USAGE = `What Lightfleet costs a month on Cloudflare, for one, two and five fleets.

Usage: npm run bench -- cost [options]

  --servers N       one size (default: each of ${SIZES.join(", ")})
  --round-trip MS   to the servers (default ${ROUND_TRIP_MS})
`;

const OPTIONS = { servers: { type: "string" }, "round-trip": { type: "string" } } as const;

/** @throws UsageError about the first option that makes no sense. */
export function readCostOptions(args: readonly string[]): CostOptions {
  const { servers, "round-trip": roundTrip } = parseOptions(args, OPTIONS);
  return {
    sizes: servers === undefined ? SIZES : [wholeOf("--servers", servers, 1, 1, 10_000)],
    roundTripMs: numberOf("--round-trip", roundTrip, ROUND_TRIP_MS, 1, 1_000),
  };
}
