import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { numberOf, UsageError, wholeOf } from "../aws/command-line.ts";

/** Random scenarios, one for each seed. */
export interface SeedsMode {
  readonly kind: "seeds";
  readonly seeds: number;
  /** Null for a fresh start. */
  readonly first: number | null;
  readonly hours: number;
  /** Null, or the size of every fleet, for measuring. */
  readonly servers: number | null;
  /** Each scenario is one of a large fleet, whatever its seed says. */
  readonly sized: boolean;
  /** Null, or the incidents that stay; only with one seed. */
  readonly keep: readonly number[] | null;
  /** Null, or the hour at which the run of one seed ends early. */
  readonly cut: number | null;
  readonly trace: boolean;
}

/** Every fault that fits, at every effect point of every story. */
export interface SingleMode {
  readonly kind: "single";
  /** Null for all, or the number of the only one. */
  readonly plan: number | null;
  readonly stride: number;
  readonly offset: number;
}

/** What is left out is for the hunt to choose. */
export interface PlantedMode {
  readonly kind: "planted";
  readonly seeds?: number;
  readonly seed?: number;
  readonly hours?: number;
  readonly short: boolean;
  readonly only: string;
}

/** What the command line of `npm run sim` says. */
export interface Options {
  readonly mode: SeedsMode | SingleMode | PlantedMode;
  readonly json: boolean;
  readonly workers: number;
  /** Each run is made twice, and its hashes compared. */
  readonly twice: boolean;
}

const DEFAULTS = { seeds: 100, hours: 1, stride: 1, offset: 0 } as const;

export const USAGE = `Lightfleet under fire: the whole program on a simulated AWS, clock and network, where everything goes wrong.

Usage: npm run sim -- [options]

Random scenarios:
  --seeds N       how many (default ${DEFAULTS.seeds})
  --seed S        the first seed (default: a fresh start, which is printed)
  --hours H       simulated hours of each (default ${DEFAULTS.hours})
  --servers N     every fleet keeps N idle servers, instead of what its seed says; to measure the speed
  --sized         every fleet has 60 to 300 servers, and a slow AWS; otherwise few seeds have
  --keep 3,7      with one seed: only these incidents of its scenario ("none" for no incident at all)
  --cut H         with one seed: end it after H hours; its incidents stay those made for --hours
  --trace         with one seed: print all that happened

One fault at a time:
  --single        at every effect point of every story, every fault that fits there
  --stride K      only every K-th of these plans (default ${DEFAULTS.stride})
  --offset O      ... from the O-th on (default ${DEFAULTS.offset})
  --plan ID       only this plan, with its trace

Does the simulator find what is wrong?
  --planted       plants known bugs in the program, and sees whether each is found; --seeds, --seed and
                  --hours bound the hunt for each
  --short         only the few that are found soon
  --only NAME     only those with this in their names

All of them:
  --workers N     runs at the same time (default: as many as this machine has cores)
  --twice         make each run twice and compare (the same seed must give the same run); not of planted bugs
  --json          one JSON document on stdout at the end, progress on stderr; not of planted bugs
  --help          this text

Ends with 0 when no invariant was broken, 1 when one was, 2 when the options make no sense, 130 after Ctrl-C.`;

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;
const SCHEMA = {
  seeds: TEXT,
  seed: TEXT,
  hours: TEXT,
  servers: TEXT,
  sized: FLAG,
  keep: TEXT,
  cut: TEXT,
  trace: FLAG,
  single: FLAG,
  stride: TEXT,
  offset: TEXT,
  plan: TEXT,
  planted: FLAG,
  short: FLAG,
  only: TEXT,
  twice: FLAG,
  workers: TEXT,
  json: FLAG,
  help: FLAG,
} as const;

const SEEDS_MAX = 100_000_000;
export const SEED_MAX = 0xffff_ffff;
const HOURS = { min: 0.01, max: 10_000 };
const SERVERS_MAX = 1_000;
const WORKERS_MAX = 256;
/** For one bug; each takes a process of its own. */
const PLANTED_SEEDS_MAX = 2_000;
const PLANS_MAX = 100_000_000;

/** What goes with one way to run only, or with some. */
const OF_RUNS = ["seeds", "seed", "hours", "servers", "sized"] as const;
const OF_ONE_SEED = ["keep", "cut", "trace"] as const;
const OF_SINGLE = ["stride", "offset", "plan"] as const;
const OF_PLANTED = ["short", "only"] as const;

type Values = ReturnType<typeof parse>;

/** Reads a command line; null when it asks for help. Throws a UsageError for one that makes no sense. */
export function readOptions(args: string[]): Options | null {
  const values = parse(args);
  if (values.help === true) return null;
  return {
    mode: modeOf(values),
    json: values.json === true,
    workers: wholeOf("--workers", values.workers, availableParallelism(), 1, WORKERS_MAX),
    twice: values.twice === true,
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

function modeOf(values: Values): Options["mode"] {
  if (values.planted === true) {
    refuse(values, "--planted", [
      "single",
      "twice",
      "json",
      "servers",
      "sized",
      ...OF_ONE_SEED,
      ...OF_SINGLE,
    ]);
    return plantedMode(values);
  }
  for (const name of OF_PLANTED)
    if (values[name] !== undefined) throw new UsageError(`--${name} goes with --planted.`);
  if (values.single === true) {
    refuse(values, "--single", [...OF_RUNS, ...OF_ONE_SEED]);
    return singleMode(values);
  }
  for (const name of OF_SINGLE)
    if (values[name] !== undefined) throw new UsageError(`--${name} goes with --single.`);
  return seedsMode(values);
}

function refuse(values: Values, mode: string, names: readonly (keyof Values)[]): void {
  for (const name of names)
    if (values[name] !== undefined)
      throw new UsageError(`--${name} says nothing to ${mode}; leave one of them out.`);
}

function plantedMode({ seeds, seed, hours, short, only }: Values): PlantedMode {
  return {
    kind: "planted",
    ...(seeds === undefined ? {} : { seeds: wholeOf("--seeds", seeds, 1, 1, PLANTED_SEEDS_MAX) }),
    ...(seed === undefined ? {} : { seed: wholeOf("--seed", seed, 0, 0, SEED_MAX) }),
    ...(hours === undefined ? {} : { hours: numberOf("--hours", hours, 1, HOURS.min, HOURS.max) }),
    short: short === true,
    only: only ?? "",
  };
}

function singleMode(values: Values): SingleMode {
  const whole = values.stride === undefined && values.offset === undefined;
  if (values.plan !== undefined && !whole)
    throw new UsageError("--plan names one plan; leave out --stride and --offset.");
  return {
    kind: "single",
    plan: values.plan === undefined ? null : wholeOf("--plan", values.plan, 0, 0, PLANS_MAX),
    stride: wholeOf("--stride", values.stride, DEFAULTS.stride, 1, PLANS_MAX),
    offset: wholeOf("--offset", values.offset, DEFAULTS.offset, 0, PLANS_MAX),
  };
}

function seedsMode(values: Values): SeedsMode {
  const trace = values.trace === true;
  const single = OF_ONE_SEED.find((name) => values[name] !== undefined);
  const fallback = single === undefined ? DEFAULTS.seeds : 1;
  const seeds = wholeOf("--seeds", values.seeds, fallback, 1, SEEDS_MAX);
  if (single !== undefined && seeds !== 1)
    throw new UsageError(`--${single} is for one seed, not ${seeds}: add --seeds 1.`);
  if (values.keep !== undefined && values.seed === undefined)
    throw new UsageError("--keep names incidents of one scenario: add its --seed.");
  const hours = numberOf("--hours", values.hours, DEFAULTS.hours, HOURS.min, HOURS.max);
  return {
    kind: "seeds",
    seeds,
    first:
      values.seed === undefined ? null : wholeOf("--seed", values.seed, 0, 0, SEED_MAX - seeds + 1),
    hours,
    servers:
      values.servers === undefined ? null : wholeOf("--servers", values.servers, 0, 1, SERVERS_MAX),
    sized: values.sized === true,
    keep: values.keep === undefined ? null : idsOf(values.keep),
    cut: values.cut === undefined ? null : numberOf("--cut", values.cut, hours, HOURS.min, hours),
    trace,
  };
}

function idsOf(text: string): readonly number[] {
  if (text === "none") return [];
  const ids = text.split(",").map((id) => (/^\d+$/.test(id.trim()) ? Number(id) : Number.NaN));
  if (!ids.some((id) => Number.isNaN(id))) return ids;
  throw new UsageError(`--keep must be numbers of incidents, as 3,7,9, or "none"; not "${text}".`);
}
