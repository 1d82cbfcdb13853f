/** Everything that `npm run sim` prints: from values to text. */
import type { Totals } from "./pool.ts";
import type { Result, Violation } from "./result.ts";
import { WORDS } from "./fault-words.ts";
import type { Incident } from "./scenario.ts";
import type { Shrunk } from "./shrink.ts";
import type { Coverage, Plan } from "./single.ts";

interface Speed {
  readonly simulatedMs: number;
  readonly wallMs: number;
  /** Of all threads together. */
  readonly busyMs: number;
}

export interface Progress extends Speed {
  readonly done: number;
  readonly of: number;
  /** What is counted: `seeds` or `plans`. */
  readonly unit: string;
  readonly violations: number;
}

export function progressLine(progress: Progress): string {
  const { done, of, unit, violations } = progress;
  return [
    `${count(done)} of ${count(of)} ${unit}`,
    // Before the rest: a narrow terminal cuts off the end.
    violations === 0 ? "no violation" : plural(violations, "violation"),
    ...speedParts(progress),
  ].join(" | ");
}

function speedParts({ simulatedMs, wallMs, busyMs }: Speed) {
  return [
    `${hoursOf(simulatedMs)} simulated in ${seconds(wallMs)}`,
    `${rate(simulatedMs, wallMs)} h/s in all`,
    `${rate(simulatedMs, busyMs)} h/s per core`,
  ];
}

export interface Summary {
  /** What was run, as `seeds 5 to 104`. */
  readonly what: string;
  readonly totals: Totals;
  readonly wallMs: number;
  readonly coverage: Coverage | null;
  /** Nobody stopped it before its end. */
  readonly isWhole: boolean;
}

export function summaryText({ what, totals, wallMs, coverage, isWhole }: Summary): string {
  const { runs, simulatedMs, busyMs, violations } = totals;
  const speed = speedParts({ simulatedMs, wallMs, busyMs });
  const points = Object.entries(totals.points);
  return [
    `${what}${isWhole ? "" : " (stopped before the end)"}: ${plural(runs, "run")}, ${speed.join(", ")}`,
    ...(coverage === null ? [] : ["", ...coverageLines(coverage)]),
    ...table("faults that struck", ["times"], Object.entries(totals.faults).map(oneColumn)),
    ...table("moves", ["times"], Object.entries(totals.transitions).map(moveRow)),
    ...table(
      "effect points",
      ["passed", "died at"],
      points.map(([label, { passed, died }]) => [label, passed, died]),
    ),
    "",
    `hash of all runs   ${totals.hash}`,
    violations === 0
      ? "No invariant was broken."
      : `${plural(violations, "VIOLATION", "VIOLATIONS")}.`,
  ].join("\n");
}

type Row = readonly [string, ...number[]];

function oneColumn([name, times]: [string, number]): Row {
  return [name, times];
}

function moveRow([move, times]: [string, number]): Row {
  return [move.replace(">", " > "), times];
}

function table(title: string, columns: readonly string[], rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return ["", `${title}: none`];
  const cells = [
    [title, ...columns],
    ...rows.map(([name, ...n]) => [`  ${name}`, ...n.map(count)]),
  ];
  const widths = [0, ...columns].map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
  return ["", ...cells.map((row) => line(row).join("   "))];
}

function coverageLines(coverage: Coverage): readonly string[] {
  const { stories, plans, run, struck, points, pointsDied, labels } = coverage;
  const missed = coverage.labelsMissed;
  return [
    `${count(plans)} distinct plans of ${plural(stories, "story", "stories")}: ${count(run)} run, in ${count(struck)} of them the fault struck`,
    `the object died at ${count(pointsDied)} of ${count(points)} effect points (${percent(pointsDied, points)})`,
    `                and at ${count(labels - missed.length)} of ${count(labels)} kinds of them (${percent(labels - missed.length, labels)})`,
    ...(missed.length === 0 ? [] : [`it never died at: ${missed.join(", ")}`]),
  ];
}

export function planTitle(id: number, plan: Plan | undefined): string {
  if (plan === undefined) return `plan ${id}`;
  const { story, strike } = plan;
  if (strike === null) return `plan ${id} (story ${story}, no fault)`;
  return `plan ${id} (story ${story}, ${strike.fault} at effect point ${strike.point}, ${strike.label})`;
}

/** A run in which an invariant was broken. */
export interface Failure {
  /** As `seed 17`, or `plan 204`. */
  readonly title: string;
  readonly result: Result;
}

export function failureText(failure: Failure): string {
  const [first, ...others] = failure.result.violations;
  if (first === undefined) return `${failure.title}: no violation`;
  return [
    `${heading(first.invariant, failure.title)}, ${clock(first.at)} after its start`,
    ...indent(first.detail),
    ...others.map((violation) => `  and ${violationText(violation)}`),
  ].join("\n");
}

function heading(invariant: string, title: string): string {
  if (invariant === "crash") return `CRASH in ${title}`;
  if (invariant === "twice") return `TWO OUTCOMES of ${title}`;
  return `VIOLATION of ${invariant} by ${title}`;
}

export function violationText({ invariant, at, detail }: Violation): string {
  return `${invariant} at ${clock(at)}: ${detail.split("\n")[0] ?? ""}`;
}

/** The other runs that failed, a line each. */
export function othersText(failures: readonly Failure[]): string {
  const lines = failures.map(({ title, result }) => {
    const first = result.violations[0];
    return `  ${title}   ${first === undefined ? "" : violationText(first)}`;
  });
  return ["Also:", ...lines].join("\n");
}

/** What shrinking came to. `whole` is what it started from. */
export function shrunkText(
  shrunk: Shrunk,
  whole: { readonly incidents: readonly Incident[]; readonly hours: number },
): string {
  const { incidents, hours } = shrunk.scenario;
  const effort = `${plural(shrunk.runs, "run")} (${seconds(shrunk.ms)})`;
  const from = `from ${plural(whole.incidents.length, "incident")} and ${whole.hours} h to ${incidents.length} and ${hours} h`;
  const how: Readonly<Record<Shrunk["end"], string>> = {
    minimal: `Shrunk ${from}, in ${effort}: each that is left is needed.`,
    limit: `Shrunk ${from}, in ${effort}: the search ended at its limit, so some may not be needed.`,
    notAgain: `Not shrunk: run again, it did not fail in the same way. So the runs are not deterministic.`,
  };
  return [how[shrunk.end], ...incidentLines(incidents)].join("\n");
}

export function incidentLines(incidents: readonly Incident[]): readonly string[] {
  if (incidents.length === 0) return ["  none: this is fair weather"];
  const rows = incidents.map(({ id, when, fault, forMs, n }) => [
    `#${id}`,
    "at" in when
      ? `at ${clock(when.at)}`
      : `at effect point ${when.point}${when.of === undefined ? "" : ` of the kind ${when.of}`}`,
    fault,
    WORDS[fault],
    `(${forMs > 0 ? `for ${seconds(forMs)}, ` : ""}n ${n})`,
  ]);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = [width(0), width(1), width(2), width(3)];
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`);
}

export function traceText(trace: readonly string[], lines: number): string {
  if (trace.length === 0) return "It left no trace.";
  const shown = trace.slice(-lines);
  const title = shown.length < lines ? "What happened" : `The last ${lines} lines of what happened`;
  return [`${title}:`, ...shown.map((line) => `  ${traceLine(line)}`)].join("\n");
}

/** A line that is a moment and an event as JSON, made readable; any other as it is. */
function traceLine(line: string): string {
  const [, at, json] = /^(\d+) (\{.*\})$/s.exec(line) ?? [];
  if (at === undefined || json === undefined) return line;
  const { kind, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const parts = Object.entries(rest).flatMap(([name, value]) => {
    if (Array.isArray(value) && value.length === 0) return [];
    return [`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
  return `${clock(Number(at))}  ${String(kind).padEnd(7)}  ${parts.join(" ")}`;
}

export interface Replay {
  readonly seed: number;
  readonly hours: number;
  /** Its scenario is one of a large fleet because somebody asked for such. */
  readonly sized: boolean;
  /** Null, or where the run is cut off. */
  readonly cut: number | null;
  /** Null for all. */
  readonly keep: readonly number[] | null;
}

/** The command that makes the same run again. */
export function replayCommand({ seed, hours, sized, cut, keep }: Replay): string {
  const ids = keep === null ? "" : ` --keep ${keep.length === 0 ? "none" : keep.join(",")}`;
  const size = sized ? " --sized" : "";
  const end = cut === null ? "" : ` --cut ${cut}`;
  return `npm run sim -- --seed ${seed} --seeds 1 --hours ${hours}${size}${end}${ids} --trace`;
}

/** A moment of a run, as 1:02:03.456. */
export function clock(ms: number): string {
  const part = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, "0");
  const whole = Math.round(ms);
  return `${Math.floor(whole / 3_600_000)}:${part((whole / 60_000) % 60, 2)}:${part((whole / 1_000) % 60, 2)}.${part(whole % 1_000, 3)}`;
}

function indent(text: string): readonly string[] {
  return text.split("\n").map((line) => `  ${line}`);
}

/** In English whatever the machine's language, so that two machines print the same. */
function count(value: number): string {
  return value.toLocaleString("en-US");
}

function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function hoursOf(ms: number): string {
  return `${(ms / 3_600_000).toLocaleString("en-US", { maximumFractionDigits: 1 })} h`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toLocaleString("en-US", { maximumFractionDigits: 1 })} s`;
}

/** Simulated hours per real second. */
function rate(simulatedMs: number, realMs: number): string {
  if (realMs <= 0) return "0";
  return (simulatedMs / 3_600 / realMs).toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** Rounded down: 100 % is said of all and of nothing less. */
function percent(part: number, whole: number): string {
  if (part === whole) return "100 %";
  return `${(Math.floor((part / whole) * 1_000) / 10).toFixed(1)} %`;
}
