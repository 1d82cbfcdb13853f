/** The doctor's report for a terminal: what is wrong first, each with what to do about it. */
import type { Check, CheckStatus, DoctorReport } from "../doctor/report.ts";
import { cleaned, wrap } from "./width.ts";

const WIDTH = 80;
const WORD = 6;

const WORDS: Readonly<Record<CheckStatus, string>> = {
  fail: "FAIL",
  warn: "WARN",
  skipped: "-",
  ok: "ok",
};
const ORDER: readonly CheckStatus[] = ["fail", "warn", "skipped", "ok"];

export function reportOf({ fleet, region, durationMs, summary, checks }: DoctorReport): string[] {
  const head = `${fleet} (${region}), looked at in ${(durationMs / 1000).toFixed(1)} s`;
  const parts = ORDER.map((status) =>
    checks.filter((check) => check.status === status).flatMap(linesOf),
  ).filter(({ length }) => length > 0);
  return [
    ...wrap(head, WIDTH),
    ...wrap(cleaned(summary), WIDTH),
    ...parts.flatMap((part) => ["", ...part]),
  ];
}

function linesOf({ name, status, what, fix }: Check): string[] {
  const said = wrap(cleaned(`${name}: ${what}`), WIDTH - WORD);
  const told = fix === null || status === "ok" ? [] : wrap(cleaned(`-> ${fix}`), WIDTH - WORD);
  return [...said, ...told].map(
    (line, index) => `${(index === 0 ? WORDS[status] : "").padEnd(WORD)}${line}`,
  );
}
