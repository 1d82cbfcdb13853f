/** The command line of `npm run bench -- looks`. */
import { numberOf, wholeOf } from "../../aws/command-line.ts";
import { parseOptions } from "../parse.ts";
import type { LooksPlan } from "./fleet.ts";

export interface LooksOptions {
  readonly plans: readonly LooksPlan[];
  readonly roundTripsMs: readonly number[];
}

const SIZES = [100, 300, 1_000] as const;
const ROUND_TRIPS_MS = [20, 50, 100, 200, 400] as const;
const DROPPING = [0, 0.1] as const;
const MINUTES = 5;

export const LOOKS_USAGE = `How many servers a fleet reads, with six sockets for each invocation.

Usage: npm run bench -- looks [options]

  --servers N       one size (default: each of ${SIZES.join(", ")})
  --round-trip MS   one round trip (default: each of ${ROUND_TRIPS_MS.join(", ")}); a probe takes two
  --dropping X      the share of servers that drop every packet (default: ${DROPPING.join(" and ")})
  --minutes M       so long each fleet is measured, in its own time (default ${MINUTES})
`;

const OPTIONS = {
  servers: { type: "string" },
  "round-trip": { type: "string" },
  dropping: { type: "string" },
  minutes: { type: "string" },
} as const;

/** @throws UsageError about the first option that makes no sense. */
export function readLooksOptions(args: readonly string[]): LooksOptions {
  const {
    servers,
    "round-trip": roundTrip,
    dropping,
    minutes: minutesText,
  } = parseOptions(args, OPTIONS);
  const sizes = servers === undefined ? SIZES : [wholeOf("--servers", servers, 1, 1, 10_000)];
  const trips =
    roundTrip === undefined ? ROUND_TRIPS_MS : [numberOf("--round-trip", roundTrip, 0, 1, 1_000)];
  const shares = dropping === undefined ? DROPPING : [numberOf("--dropping", dropping, 0, 0, 1)];
  const minutes = numberOf("--minutes", minutesText, MINUTES, 1, 1_000);
  const plans = sizes.flatMap((servers) =>
    trips.flatMap((roundTripMs) =>
      shares.map((dropping) => ({ servers, roundTripMs, dropping, minutes })),
    ),
  );
  return { plans, roundTripsMs: trips };
}
