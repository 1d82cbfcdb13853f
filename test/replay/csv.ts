/**
 * Demand as people have it: a CSV of sessions (`start,duration_s`) or of counts for bins
 * (`timestamp,value`). Times are seconds, or moments such as `2026-11-30T08:00:00Z`.
 */
import { UsageError } from "../aws/command-line.ts";

/** Times are in seconds since the first moment of the file's own clock. */
export type Demand =
  | { readonly kind: "sessions"; readonly sessions: readonly Session[] }
  | { readonly kind: "bins"; readonly bins: readonly Bin[] };

export interface Session {
  readonly start: number;
  readonly seconds: number;
}

/** So many sessions start between `start` and the next bin. */
export interface Bin {
  readonly start: number;
  readonly count: number;
}

type Row = readonly [at: number, amount: number];

const HEADERS = { "start,duration_s": "sessions", "timestamp,value": "bins" } as const;

/**
 * Reads either form; its header says which.
 * @throws UsageError that names the file, the line and what is wrong with it
 */
export function readDemand(name: string, text: string): Demand {
  const lines = text.replace(/^\uFEFF/u, "").split(/\r?\n/u);
  const header = (lines[0] ?? "").trim();
  const kind = Object.entries(HEADERS).find(([each]) => each === header)?.[1];
  if (kind === undefined)
    throw new UsageError(
      `${name}, line 1: the header must be ${Object.keys(HEADERS).join(" or ")}, not "${header}".`,
    );
  const rows = rowsOf(name, lines, header);
  if (rows.length === 0) throw new UsageError(`${name} has no line after its header.`);
  return kind === "sessions"
    ? { kind, sessions: rows.map(([start, seconds]) => ({ start, seconds })) }
    : { kind, bins: rows.map(([start, count]) => ({ start, count })) };
}

function rowsOf(name: string, lines: readonly string[], header: string): Row[] {
  const [timeName = "", amountName = ""] = header.split(",");
  const rows: Row[] = [];
  let before = -Infinity;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === "") continue;
    const wrong = (what: string): UsageError =>
      new UsageError(`${name}, line ${index + 1}: ${what}.`);
    const fields = line.split(",");
    const [time = "", amount = ""] = fields.map((field) => field.trim());
    if (fields.length !== 2) throw wrong(`it has not 2 fields but ${fields.length}`);
    const at = secondsOf(time);
    if (at === null) throw wrong(`${timeName} "${time}" is neither seconds nor a moment`);
    const value = Number(amount);
    if (amount === "" || !Number.isFinite(value) || value < 0)
      throw wrong(`${amountName} "${amount}" is not a number from 0 on`);
    const isSameBin = timeName === "timestamp" && at === before;
    if (at < before || isSameBin)
      throw wrong(
        `${timeName} "${time}" is ${isSameBin ? "there twice" : "before the line above"}`,
      );
    before = at;
    rows.push([at, value]);
  }
  return rows;
}

const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$/u;

/** A moment without a zone is in UTC. */
function secondsOf(text: string): number | null {
  const seconds = Number(text);
  if (text !== "" && Number.isFinite(seconds)) return seconds;
  if (!MOMENT.test(text)) return null;
  const hasZone = /(?:Z|[+-]\d{2}:\d{2})$/u.test(text);
  const at = Date.parse(hasZone ? text : `${text.replace(" ", "T")}Z`);
  return Number.isNaN(at) ? null : at / 1000;
}
