import { parseArgs } from "node:util";
import { numberOf, UsageError, wholeOf } from "../aws/command-line.ts";

/** What the command line of `npm run soak` says. */
export interface Options {
  /** How long demand, faults and kills go on, in real time. */
  readonly minutes: number;
  /** The demand, the faults and the turns of the target are drawn from it. */
  readonly seed: number;
  readonly killEverySeconds: number;
  readonly json: boolean;
}

const DEFAULTS = { minutes: 30, seed: 1, killEverySeconds: 180 } as const;
const MINUTES = { min: 0.5, max: 10_080 };
/** A Worker that is killed sooner hardly gets to its first tick. */
const KILL_EVERY_SECONDS = { min: 20, max: 86_400 };

export const USAGE = `A soak of Lightfleet with real processes: demand in bursts on the embedded AWS, which throttles
5 % of the calls and loses 1 % of the replies, while the Worker is killed again and again.

Usage: npm run soak -- [options]

  --minutes N              how long demand, faults and kills go on (default ${DEFAULTS.minutes}); a few minutes more let it settle
  --kill-every SECONDS     the Worker is killed so often, and started again on its storage (default ${DEFAULTS.killEverySeconds})
  --seed N                 faults and demand are drawn from it (default ${DEFAULTS.seed})
  --json                   the report as JSON on standard output, without the table
  --help                   this text

At the end the cloud itself is asked, not the fleet. The exit code is 0 if no busy server was deleted, no zombie is
left and the maximum of instances was never exceeded; else 1, with names, times and sessions. Ctrl-C gives it up.`;

/** Seeds are of 32 bits, and each fault takes the next one. */
const SEED_MAX = 4_000_000_000;

const TEXT = { type: "string" } as const;
const SCHEMA = {
  minutes: TEXT,
  "kill-every": TEXT,
  seed: TEXT,
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** Reads a command line; null when it asks for help. Throws a UsageError for one that makes no sense. */
export function readOptions(args: string[]): Options | null {
  const values = parse(args);
  if (values.help === true) return null;
  return {
    minutes: numberOf("--minutes", values.minutes, DEFAULTS.minutes, MINUTES.min, MINUTES.max),
    seed: wholeOf("--seed", values.seed, DEFAULTS.seed, 0, SEED_MAX),
    killEverySeconds: numberOf(
      "--kill-every",
      values["kill-every"],
      DEFAULTS.killEverySeconds,
      KILL_EVERY_SECONDS.min,
      KILL_EVERY_SECONDS.max,
    ),
    json: values.json ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: SCHEMA, strict: true, allowPositionals: false }).values;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
