/**
 * Plants each bug, runs the tests that are named for it, and demands that an assertion of each of these
 * files fails.
 */
import { UsageError } from "../aws/command-line.ts";
import { patchesOf } from "../sim/planted/bug.ts";
import type { HeldBug } from "./bug.ts";
import { HELD, LISTS } from "./bugs.ts";
import { changedFiles } from "./changed.ts";
import { Ground, ROOT } from "./ground.ts";
import type { PlantedOptions } from "./options.ts";
import { SHORT } from "./short.ts";
import { type FileVerdict, type Judged, judgedOf, verdictOf } from "./verdict.ts";

const SHOWN_MAX = 110;

/** @returns the exit code: 0 where every bug was caught by every test that is named for it */
export async function runHeld(options: PlantedOptions): Promise<number> {
  const bugs = await chosen(options);
  const width = Math.max(0, ...bugs.map(({ name }) => name.length));
  if (options.list) {
    for (const { name, heldBy } of bugs) console.log(`${name.padEnd(width)}  ${heldBy.join(", ")}`);
    return 0;
  }
  if (bugs.length === 0) {
    console.log("Nothing that a planted bug hangs on has changed.");
    return 0;
  }
  const rest = bugs.values();
  const survivors: string[] = [];
  const lanes = Array.from({ length: Math.min(options.workers, bugs.length) }, async () => {
    const ground = await Ground.open();
    try {
      for (const bug of rest) {
        const judged = await judge(ground, bug);
        if (judged.some(({ caughtBy }) => caughtBy === null)) survivors.push(bug.name);
        console.log(linesOf(bug, judged, width).join("\n"));
      }
    } finally {
      await ground.close();
    }
  });
  await Promise.all(lanes);
  console.log(`\n${bugs.length - survivors.length} of ${bugs.length} planted bugs were caught.`);
  if (survivors.length > 0) console.log(`Not caught: ${survivors.join(", ")}.`);
  return survivors.length === 0 ? 0 : 1;
}

async function chosen({ only, short, changed }: PlantedOptions): Promise<readonly HeldBug[]> {
  const named = HELD.filter(({ name }) => name.includes(only) && (!short || SHORT.has(name)));
  if (named.length === 0) throw new UsageError(`No planted bug has a name with ${only} in it.`);
  if (!changed) return named;
  const files = await changedFiles(ROOT);
  return named.filter((bug) => filesOf(bug).some((file) => files.has(file)));
}

/** What a bug hangs on: when one of these is another, it is worth a run. */
function filesOf(bug: HeldBug): readonly string[] {
  const lists = LISTS.filter(([, bugs]) => bugs.includes(bug)).map(([file]) => file);
  return [...patchesOf(bug).map(({ file }) => file), ...bug.heldBy, ...lists];
}

async function judge(ground: Ground, bug: HeldBug): Promise<readonly Judged[]> {
  const planted = await verdicts(ground, bug, bug.heldBy);
  const failed = planted.filter(({ failures }) => failures.length > 0).map(({ file }) => file);
  const without = await verdicts(ground, null, failed);
  return planted.map((verdict) =>
    judgedOf(verdict, without.find(({ file }) => file === verdict.file) ?? null),
  );
}

/** One for each file. */
async function verdicts(
  ground: Ground,
  bug: HeldBug | null,
  files: readonly string[],
): Promise<readonly FileVerdict[]> {
  if (files.length === 0) return [];
  const told = (await ground.run(bug, files)).map((module) => verdictOf(module));
  return files.map(
    (file) =>
      told.find((each) => each.file === file) ?? { file, tests: 0, trouble: null, failures: [] },
  );
}

function linesOf({ name, what }: HeldBug, judged: readonly Judged[], width: number): string[] {
  return judged.map(({ file, caughtBy, detail }) =>
    caughtBy === null
      ? `${name.padEnd(width)}  LIVES    ${file}: ${oneLine(detail)} (${what})`
      : `${name.padEnd(width)}  caught   ${file}: ${oneLine(caughtBy)}`,
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ").slice(0, SHOWN_MAX);
}
