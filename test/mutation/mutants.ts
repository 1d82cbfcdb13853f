/** Finds the mutants of files by means of Stryker's own instrumenter, and draws samples of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Instrumenter } from "@stryker-mutator/instrumenter";
import { seededRandom } from "../aws/cloud/ids.ts";
import type { Lines, Subject } from "./changes.ts";

/** One change in one place. */
export interface Mutant {
  readonly id: string;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly mutator: string;
  /** What stands there, and what it becomes, each on one line. */
  readonly before: string;
  readonly after: string;
}

export interface Instrumented {
  readonly mutants: readonly Mutant[];
  /** The text of each file that has mutants, with all of them in it, each behind a switch. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Lines and columns from 0. */
interface Range {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

const silent = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
};

export async function instrument(
  subjects: readonly Subject[],
  root: string,
): Promise<Instrumented> {
  const sources = new Map(
    subjects.map(({ path }) => [path, readFileSync(join(root, path), "utf8")]),
  );
  const { files, mutants } = await new Instrumenter(silent).instrument(
    [...sources].map(([name, content]) => ({ name, content, mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [] },
  );
  const linesOf = new Map(subjects.map(({ path, lines }) => [path, lines]));
  const found = mutants
    .filter(({ status }) => status === undefined)
    .map(({ id, fileName, mutatorName, replacement, location }) => ({
      id,
      path: fileName,
      line: location.start.line + 1,
      mutator: mutatorName,
      before: onOneLine(textAt(sources.get(fileName) ?? "", location)),
      after: onOneLine(replacement),
    }))
    .filter(({ path, line }) => isWithin(linesOf.get(path) ?? null, line));
  const mutated = new Set(found.map(({ path }) => path));
  const texts = files
    .filter(({ name }) => mutated.has(name))
    .map(({ name, content }) => [name, content]);
  return { mutants: found, texts: Object.fromEntries(texts) as Record<string, string> };
}

function isWithin(lines: readonly Lines[] | null, line: number): boolean {
  return lines === null || lines.some(({ first, last }) => first <= line && line <= last);
}

function textAt(source: string, { start, end }: Range): string {
  const lines = source.split("\n").slice(start.line, end.line + 1);
  const last = lines.length - 1;
  return lines
    .map((line, index) =>
      line.slice(
        index === 0 ? start.column : 0,
        index === last ? end.column : Number.POSITIVE_INFINITY,
      ),
    )
    .join("\n");
}

const SHOWN_MAX = 120;

function onOneLine(code: string): string {
  const line = code.replaceAll(/\s+/gu, " ");
  return line.length <= SHOWN_MAX ? line : `${line.slice(0, SHOWN_MAX)} ...`;
}

/**
 * Orders mutants by chance, so that the beginning of the order, however long, is a fair sample: each
 * file has as large a part in it as in the whole.
 */
export function inFairOrder(mutants: readonly Mutant[], seed: number): Mutant[] {
  const random = seededRandom(seed);
  const byPath = Map.groupBy(mutants, ({ path }) => path);
  return [...byPath.values()]
    .flatMap((ofFile) => {
      const drawn = ofFile
        .map((mutant) => ({ mutant, key: random() }))
        .toSorted((a, b) => a.key - b.key);
      const offset = random() / 2 ** 32;
      return drawn.map(({ mutant }, index) => ({ mutant, at: (index + offset) / drawn.length }));
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ mutant }) => mutant);
}
