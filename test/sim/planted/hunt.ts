/**
 * One hunt, in a process of its own: runs seeds of the program as it was loaded, planted bug and all,
 * until one of them breaks an invariant, and says so as one JSON document.
 */
import { ordinaryOf } from "../generate.ts";
import { sizedOf } from "../generate-size.ts";
import { simulate } from "../simulate.ts";

/** What the first argument holds, as JSON. */
export interface Ground {
  readonly seed: number;
  readonly seeds: number;
  readonly hours: number;
  /** Scenarios of large fleets, or of others. */
  readonly isOfSize: boolean;
}

export interface Catch {
  readonly seed: number;
  readonly invariant: string;
  readonly detail: string;
}

export interface Hunted {
  readonly seedsRun: number;
  /** Null where every seed went well. */
  readonly caught: Catch | null;
}

/** The seed that is being run. */
let current = 0;

if (import.meta.main) {
  const ground = JSON.parse(process.argv[2] ?? "") as Ground;
  process.on("uncaughtException", (error) => {
    // The console is the simulated object's while a seed is run.
    process.stdout.write(JSON.stringify(thrownIn(ground, error)));
    process.exit();
  });
  console.log(JSON.stringify(await hunt(ground)));
}

async function hunt({ seed: first, seeds, hours, isOfSize }: Ground): Promise<Hunted> {
  for (let seed = first; seed < first + seeds; seed += 1) {
    current = seed;
    const { violations } = await simulate(
      isOfSize ? sizedOf(seed, hours) : ordinaryOf(seed, hours),
    );
    const [violation] = violations;
    if (violation === undefined) continue;
    const { invariant, detail } = violation;
    return { seedsRun: seed - first + 1, caught: { seed, invariant, detail } };
  }
  return { seedsRun: seeds, caught: null };
}

/** The program under test threw where nobody waits for it. */
function thrownIn({ seed: first }: Ground, { message: detail }: Error): Hunted {
  const caught = { seed: current, invariant: "crash", detail };
  return { seedsRun: current - first + 1, caught };
}
