/** `npm run mutate`: what of a change, or of the whole program, no test would notice. */
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { UsageError } from "../aws/command-line.ts";
import { chooseSubjects } from "./changes.ts";
import { inFairOrder, instrument, type Mutant } from "./mutants.ts";
import { Nearest } from "./nearest.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { countOf, type Outcome, rowsOf, scoreOf, textOf } from "./report.ts";
import { Runner } from "./runner.ts";
import { survey, Trial } from "./trial.ts";

const ROOT = resolve(import.meta.dirname, "../..");
try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(USAGE);
  else process.exitCode = await main(options);
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(options: Options): Promise<number> {
  const outcome = await mutate(options, options.json ? console.error : console.log);
  if (options.json)
    console.log(JSON.stringify({ ...outcome, rows: rowsOf(outcome.judged) }, null, 2));
  else console.log(textOf(outcome));
  const score = scoreOf(countOf(outcome.judged));
  const isLow = options.minScore !== null && score !== null && score < options.minScore;
  return outcome.broken.length > 0 || isLow ? 1 : 0;
}

async function mutate(options: Options, say: (line: string) => void): Promise<Outcome> {
  const began = Date.now();
  const deadline = began + options.minutes * 60_000;
  const seed = options.seed ?? randomInt(2 ** 32);
  const { what, subjects } = chooseSubjects(options, ROOT);
  say(what);
  const { mutants, texts } = await instrument(subjects, ROOT);
  const drawn = inFairOrder(mutants, seed).slice(0, options.sample ?? mutants.length);
  const files = new Set(drawn.map(({ path }) => path)).size;
  say(
    `${mutants.length} mutants in ${Object.keys(texts).length} files; ${drawn.length} of them, in ${files} files, are to be judged.`,
  );
  const folder = mkdtempSync(join(tmpdir(), "mutate-"));
  const textsPath = join(folder, "texts.json");
  writeFileSync(textsPath, JSON.stringify(texts));
  const runners = Array.from({ length: options.workers }, () => new Runner(ROOT, textsPath));
  try {
    const nearest = nearestOf(drawn, options.judges);
    const found = await survey(runners, nearest, deadline);
    const { surveyed, slow, unasked } = found;
    say(`${surveyed.length} test files run; ${seconds(Date.now() - began)} s are over.`);
    const judged = await new Trial(runners, deadline).judge(drawn, found, nearest, say);
    const broken = surveyed.flatMap(({ file, failures }) =>
      failures.map((failure) => `${file}: ${failure}`),
    );
    const ms = Date.now() - began;
    const counts = { found: mutants.length, drawn: drawn.length };
    return { what, seed, ...counts, judged, ms, broken, slow, unasked };
  } finally {
    for (const runner of runners) runner.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}

/** The nearest tests of each file with a mutant. */
function nearestOf(drawn: readonly Mutant[], judges: number): Map<string, readonly string[]> {
  const nearest = new Nearest(ROOT);
  const paths = new Set(drawn.map(({ path }) => path));
  return new Map([...paths].map((path) => [path, nearest.testsOf(path).slice(0, judges)]));
}
