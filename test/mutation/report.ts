/** What a run of `npm run mutate` says at its end. */
import type { Mutant } from "./mutants.ts";

export type Verdict =
  /** A test failed. */
  | { readonly kind: "killed"; readonly killer: string }
  /** A test came to no end. */
  | { readonly kind: "hung" }
  /** So many tests reached it, and all passed. */
  | { readonly kind: "survived"; readonly tests: number }
  /** No test reached it. */
  | { readonly kind: "unreached" };

export interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

/** All that is known at the end. */
export interface Outcome {
  readonly what: string;
  readonly seed: number;
  /** All mutants that there are, before a sample was drawn. */
  readonly found: number;
  /** Those that were to be judged. */
  readonly drawn: number;
  readonly judged: readonly Judged[];
  readonly ms: number;
  /** Test files that failed without any mutant, each with the test. */
  readonly broken: readonly string[];
  /** Test files that took too long to judge. */
  readonly slow: readonly string[];
  /** Test files for which there was no time. */
  readonly unasked: readonly string[];
}

export interface Row {
  readonly path: string;
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
  readonly unreached: number;
}

export function rowsOf(judged: readonly Judged[]): Row[] {
  return [...Map.groupBy(judged, ({ mutant }) => mutant.path)]
    .map(([path, ofFile]) => ({ path, ...countOf(ofFile) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export function countOf(judged: readonly Judged[]): Omit<Row, "path"> {
  const of = (kind: Verdict["kind"]) =>
    judged.filter(({ verdict }) => verdict.kind === kind).length;
  return {
    mutants: judged.length,
    killed: of("killed") + of("hung"),
    survived: of("survived"),
    unreached: of("unreached"),
  };
}

/** Percent of the mutants that a test noticed, or null if there is none. */
export function scoreOf({ mutants, killed }: Omit<Row, "path">): number | null {
  return mutants === 0 ? null : (100 * killed) / mutants;
}

export function textOf(outcome: Outcome): string {
  const { judged, drawn, broken, slow, unasked } = outcome;
  const survivors = survivorsOf(judged);
  const missed = drawn - judged.length;
  return [
    ...table(judged),
    survivors.length === 0 && judged.length > 0 ? "No mutant survived." : null,
    ...survivors.map(lineOf),
    ...broken.map((test) => `Fails without any change, and judged nothing: ${test}`),
    slow.length === 0 ? null : `Too slow to judge, and left out: ${slow.join(", ")}.`,
    unasked.length === 0
      ? null
      : `There was no time for ${unasked.length} test files, so a survivor may be one only of the nearest: ${unasked.join(", ")}.`,
    missed === 0
      ? null
      : `The time was over: ${missed} of ${drawn} mutants were not reached. What was judged is a fair sample; --minutes takes more.`,
    summaryOf(outcome),
  ]
    .filter((line) => line !== null)
    .join("\n");
}

function summaryOf({ judged, found, seed, ms }: Outcome): string {
  const total = countOf(judged);
  const score = scoreOf(total);
  const share = judged.length < found ? ` (a sample of ${found})` : "";
  const percent = score === null ? "" : `, ${score.toFixed(1)} %`;
  return `${total.killed} of ${total.mutants} mutants${share} were noticed${percent}, in ${Math.round(ms / 1_000)} s with seed ${seed}.`;
}

/** In the order of files and lines. */
export function survivorsOf(judged: readonly Judged[]): Judged[] {
  return judged
    .filter(({ verdict }) => verdict.kind === "survived" || verdict.kind === "unreached")
    .toSorted(
      ({ mutant: a }, { mutant: b }) =>
        (a.path === b.path ? 0 : a.path < b.path ? -1 : 1) || a.line - b.line,
    );
}

function lineOf({ mutant, verdict }: Judged): string {
  const { path, line, before, after } = mutant;
  const why = verdict.kind === "survived" ? `${verdict.tests} tests passed` : "no test reached it";
  return `${path}:${line}  ${before} => ${after}  (${why})`;
}

function table(judged: readonly Judged[]): string[] {
  const rows = rowsOf(judged);
  if (rows.length === 0) return [];
  const header = ["file", "mutants", "killed", "survived", "unreached", "score"];
  const cells = [
    header,
    ...[...rows, { path: "all", ...countOf(judged) }].map((row) => [
      row.path,
      String(row.mutants),
      String(row.killed),
      String(row.survived),
      String(row.unreached),
      `${(scoreOf(row) ?? 0).toFixed(1)} %`,
    ]),
  ];
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  return [...lines, ""];
}
