import { parseArgs } from "node:util";
import { bucketOf, numberOf, UsageError, wholeOf } from "../aws/command-line.ts";
import type { BucketOptions } from "../aws/wire/throttle.ts";
import { targetMax } from "./size.ts";

/** What the command line of `npm start` says. */
export interface Options {
  /** A file of timestamp,value lines, or null for the built-in day. */
  readonly trace: string | null;
  readonly sessionsPerHour: number;
  /** Spares that the fleet's tag asks for at the start. */
  readonly target: number;
  readonly capacity: number;
  /** One bucket for all of Lightsail's calls, or null for the embedded AWS's own generous ones. */
  readonly throttle: BucketOptions | null;
  readonly speed: number;
  readonly port: number;
  readonly awsPort: number;
}

const DEFAULTS = {
  sessionsPerHour: 20,
  target: 10,
  capacity: 1,
  speed: 10,
  port: 8787,
  awsPort: 4566,
} as const;

export const USAGE = `Lightfleet on this machine: the Worker, an embedded AWS, media servers, and sessions that come and go.

Usage: npm start -- [options]

  --trace FILE.csv         demand from a file of timestamp,value lines; the value is the relative arrival rate
                           (default: a built-in day, from seven in the evening on)
  --sessions-per-hour N    new sessions per hour of the model, on average (default ${DEFAULTS.sessionsPerHour})
  --target N               spares that the fleet keeps: room for so many sessions more (default ${DEFAULTS.target})
  --capacity N             sessions that one server holds (default ${DEFAULTS.capacity})
  --throttle BURST,RATE    one bucket for all of Lightsail's calls: so many at once, then so many per second of
                           AWS's time (default: generous, a bucket for each kind of call)
  --speed N                AWS, demand, bill and ticks run N times as fast as real time (default ${DEFAULTS.speed})
  --port N                 port of the Worker, 0 for any free one (default ${DEFAULTS.port})
  --aws-port N             port of the embedded AWS, 0 for any free one (default ${DEFAULTS.awsPort})
  --help                   this text

A large fleet, and one that AWS holds back; both at the speed of real time:
  npm start -- --target 300 --speed 1
  npm start -- --target 60 --throttle 5,0.5 --speed 1

Ctrl-C ends all of it. Nothing is kept, and nothing leaves this machine.`;

const TEXT = { type: "string" } as const;
const SCHEMA = {
  trace: TEXT,
  "sessions-per-hour": TEXT,
  target: TEXT,
  capacity: TEXT,
  throttle: TEXT,
  speed: TEXT,
  port: TEXT,
  "aws-port": TEXT,
  help: { type: "boolean" },
} as const;

const PORT_MAX = 65_535;
/** Faster, and the ticks come closer together than one of them takes. */
const SPEED = { min: 0.1, max: 50 };
const SESSIONS_PER_HOUR_MAX = 10_000;
const CAPACITY_MAX = 10_000;

/** Reads a command line; null when it asks for help. Throws a UsageError for one that makes no sense. */
export function readOptions(args: string[]): Options | null {
  const values = parse(args);
  if (values.help === true) return null;
  const port = wholeOf("--port", values.port, DEFAULTS.port, 0, PORT_MAX);
  const awsPort = wholeOf("--aws-port", values["aws-port"], DEFAULTS.awsPort, 0, PORT_MAX);
  if (port !== 0 && port === awsPort)
    throw new UsageError(`--port and --aws-port are both ${port}; give two different ones.`);
  const capacity = wholeOf("--capacity", values.capacity, DEFAULTS.capacity, 1, CAPACITY_MAX);
  const rates = bucketOf("--throttle", values.throttle);
  return {
    trace: values.trace ?? null,
    sessionsPerHour: numberOf(
      "--sessions-per-hour",
      values["sessions-per-hour"],
      DEFAULTS.sessionsPerHour,
      0,
      SESSIONS_PER_HOUR_MAX,
    ),
    target: wholeOf("--target", values.target, DEFAULTS.target, 0, targetMax(capacity)),
    capacity,
    throttle: rates === null ? null : { ...rates, refusedCost: 0 },
    speed: numberOf("--speed", values.speed, DEFAULTS.speed, SPEED.min, SPEED.max),
    port,
    awsPort,
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
