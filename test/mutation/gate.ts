/**
 * Judges the report of the last run, beyond its score. It fails on
 * - a survivor that no test ran for, though the mutant is not static: then the runner counted wrong,
 *   not the tests (https://github.com/stryker-mutator/stryker-js/issues/6213);
 * - a survivor in a file that protects servers, which `explained.ts` does not explain;
 * - an explanation of what does not survive any more.
 */
import { readFileSync } from "node:fs";
import { EXPLAINED, type Explained, PROTECTING } from "./explained.ts";

const REPORT = "reports/mutation/mutation.json";

interface Report {
  readonly files: Readonly<Record<string, { source: string; mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly status: string;
  readonly static?: boolean;
  readonly testsCompleted?: number;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Lines and columns count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

interface Survivor {
  readonly at: string;
  readonly file: string;
  readonly line: string;
  /** `part of the line => what it becomes`. */
  readonly mutant: string;
  readonly unjudged: boolean;
}

function survivorsOf({ files }: Report): Survivor[] {
  return Object.entries(files).flatMap(([path, { source, mutants }]) =>
    mutants
      .filter(({ status }) => status === "Survived" || status === "NoCoverage")
      .map((mutant) => survivorOf(path, source.split("\n"), mutant)),
  );
}

function survivorOf(path: string, lines: readonly string[], mutant: Mutant): Survivor {
  const { start, end } = mutant.location;
  const line = lines[start.line - 1] ?? "";
  const part = line.slice(start.column - 1, end.line === start.line ? end.column - 1 : undefined);
  return {
    at: `${path}:${start.line}`,
    file: fileOf(path),
    line: line.trim(),
    mutant: `${part} => ${mutant.replacement}`,
    unjudged: mutant.status === "Survived" && mutant.static !== true && !mutant.testsCompleted,
  };
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function explanationOf(survivor: Survivor): Explained | undefined {
  const { file, line, mutant } = survivor;
  return EXPLAINED.find(
    (why) => why.file === file && why.line === line && why.mutants.includes(mutant),
  );
}

function faultsOf(report: Report): string[] {
  const survivors = survivorsOf(report);
  const files = new Set(Object.keys(report.files).map(fileOf));
  const unjudged = survivors
    .filter((survivor) => survivor.unjudged)
    .map(({ at, mutant }) => `${at} survives, and no test ran for it: ${mutant}`);
  const unexplained = survivors
    .filter((survivor) => PROTECTING.has(survivor.file) && explanationOf(survivor) === undefined)
    .map(({ at, mutant }) => `${at} survives and is not explained: ${mutant}`);
  const explained = new Set(survivors.map((survivor) => explanationOf(survivor)));
  const idle = EXPLAINED.filter((why) => files.has(why.file) && !explained.has(why)).map(
    ({ file, line }) => `${file}: explained, and yet no such mutant survives: ${line}`,
  );
  return [...unjudged, ...unexplained, ...idle];
}

const faults = faultsOf(JSON.parse(readFileSync(REPORT, "utf8")) as Report);
for (const fault of faults) console.error(fault);
console.log(`${faults.length} faults in ${REPORT}`);
process.exitCode = faults.length === 0 ? 0 : 1;
