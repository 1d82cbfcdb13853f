/**
 * Plants every bug in turn, and sees whether the simulator finds it. A bug counts as caught by a
 * seed only if the same seed goes well without it.
 */
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { UsageError } from "../../aws/command-line.ts";
import type { PlantedBug } from "./bug.ts";
import { PLANTED } from "./bugs.ts";
import type { Catch, Ground, Hunted } from "./hunt.ts";
import { SHORT } from "./short.ts";

export interface PlantedOptions {
  /** Seeds that each bug may survive. */
  readonly seeds?: number;
  readonly seed?: number;
  readonly hours?: number;
  /** Only the few bugs that are found soon, for a quick check. */
  readonly short?: boolean;
  /** Only the bugs whose names hold this. */
  readonly only?: string;
  /** Bugs at the same time. */
  readonly workers?: number;
}

export const SEEDS_PER_BUG_MAX = 2_000;
const HOURS = 1;
/** A hunt that takes longer hangs, and has found nothing. */
const HUNT_MS = 3_600_000;
const DETAIL_SHOWN = 100;

const RUNTIME = moduleAt("../runtime/register.ts");
const PLANTING = moduleAt("register.ts");
const HUNT = join(import.meta.dirname, "hunt.ts");

interface Verdict {
  readonly bug: PlantedBug;
  readonly seedsRun: number;
  readonly caught: Catch | null;
  /** Why the hunt came to no end, or null. */
  readonly trouble: string | null;
}

/** @returns the exit code: 0 where every bug was caught. */
export async function runPlanted(options: PlantedOptions): Promise<number> {
  const bugs = chosen(options);
  const ground = {
    seed: options.seed ?? 1,
    seeds: Math.min(options.seeds ?? SEEDS_PER_BUG_MAX, SEEDS_PER_BUG_MAX),
    hours: options.hours ?? HOURS,
  };
  const width = Math.max(...bugs.map(({ name }) => name.length));
  const verdicts: Verdict[] = [];
  const rest = bugs.values();
  const lanes = Array.from({ length: options.workers ?? availableParallelism() }, async () => {
    for (const bug of rest) {
      const verdict = await judge(bug, ground);
      verdicts.push(verdict);
      console.log(lineOf(verdict, width));
    }
  });
  await Promise.all(lanes);
  console.log(summaryOf(verdicts));
  return verdicts.every(({ caught }) => caught !== null) ? 0 : 1;
}

function chosen({ short, only }: PlantedOptions): readonly PlantedBug[] {
  const bugs = PLANTED.filter(
    ({ name }) => (short !== true || SHORT.has(name)) && name.includes(only ?? ""),
  );
  if (bugs.length === 0) throw new UsageError(`No planted bug has a name with ${only} in it.`);
  return bugs;
}

async function judge(bug: PlantedBug, bounds: Omit<Ground, "isOfSize">): Promise<Verdict> {
  const ground = { ...bounds, isOfSize: bug.isOfSize === true };
  const end = ground.seed + ground.seeds;
  let seed = ground.seed;
  try {
    while (seed < end) {
      const { seedsRun, caught } = await hunt(bug, { ...ground, seed, seeds: end - seed });
      seed += seedsRun;
      if (caught === null) break;
      const { caught: without } = await hunt(null, { ...ground, seed: caught.seed, seeds: 1 });
      if (without === null) return { bug, seedsRun: seed - ground.seed, caught, trouble: null };
    }
    return { bug, seedsRun: seed - ground.seed, caught: null, trouble: null };
  } catch (error) {
    return { bug, seedsRun: seed - ground.seed, caught: null, trouble: String(error) };
  }
}

const execute = promisify(execFile);

async function hunt(bug: PlantedBug | null, ground: Ground): Promise<Hunted> {
  const imports = ["--import", RUNTIME, "--import", PLANTING];
  const { stdout } = await execute(process.execPath, [...imports, HUNT, JSON.stringify(ground)], {
    env: { ...process.env, LIGHTFLEET_PLANTED: bug?.name ?? "" },
    timeout: HUNT_MS,
    killSignal: "SIGKILL",
  });
  return JSON.parse(stdout) as Hunted;
}

function lineOf({ bug, seedsRun, caught, trouble }: Verdict, width: number): string {
  const name = bug.name.padEnd(width);
  const seeds = `${String(seedsRun).padStart(5)} ${seedsRun === 1 ? "seed " : "seeds"}`;
  if (trouble !== null) return `${name}  TROUBLE  ${seeds}  ${trouble}`;
  if (caught === null) return `${name}  SURVIVED ${seeds}  ${bug.what}`;
  const expected = bug.invariants.includes(caught.invariant) ? "" : " (another than expected)";
  const detail = caught.detail.replaceAll(/\s+/gu, " ").slice(0, DETAIL_SHOWN);
  return `${name}  ${caught.invariant.padEnd(8)} ${seeds}  seed ${caught.seed}${expected}: ${detail}`;
}

function summaryOf(verdicts: readonly Verdict[]): string {
  const needed = verdicts
    .filter(({ caught }) => caught !== null)
    .map(({ seedsRun }) => seedsRun)
    .toSorted((a, b) => a - b);
  const survivors = verdicts.filter(({ caught }) => caught === null).map(({ bug }) => bug.name);
  return [
    `\n${needed.length} of ${verdicts.length} planted bugs were caught.`,
    ...(needed.length === 0
      ? []
      : [`Seeds until then: median ${medianOf(needed)}, at most ${needed.at(-1)}.`]),
    ...(survivors.length === 0 ? [] : [`Not caught: ${survivors.join(", ")}.`]),
  ].join("\n");
}

/** Of numbers in order; of two in the middle, the larger. */
function medianOf(numbers: readonly number[]): number {
  return numbers[Math.floor(numbers.length / 2)] ?? 0;
}

function moduleAt(path: string): string {
  return pathToFileURL(join(import.meta.dirname, path)).href;
}
