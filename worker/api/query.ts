/** Reads a request's query: every parameter once, and none that is not known. */
import { z } from "zod";
import type { Call } from "./deps.ts";
import { type Checked, check, oneOf } from "./fields.ts";
import type { FieldError } from "./problem.ts";

/** What is wrong with the names of the parameters; their values are read by `readQuery`. */
export function strayParameters(c: Call, known: readonly string[]): FieldError[] {
  const names = parametersOf(c).map(([name]) => name);
  return [...new Set(names)].flatMap((name) => {
    if (!known.includes(name)) return [{ field: name, message: unknownAmong(known) }];
    const times = names.filter((each) => each === name).length;
    return times > 1 ? [{ field: name, message: "is given twice" }] : [];
  });
}

function unknownAmong(known: readonly string[]): string {
  const hint = known.length === 0 ? "none are known here" : `known here: ${known.join(", ")}`;
  return `is not a known parameter; ${hint}`;
}

export function readQuery<Query extends z.ZodObject>(
  c: Call,
  query: Query,
): Checked<z.output<Query>> {
  return check(query, Object.fromEntries(parametersOf(c)));
}

/** Most requests have none, and then the URL need not be read once more. */
function parametersOf({ req }: Call): readonly (readonly [string, string])[] {
  return req.url.includes("?") ? [...new URL(req.url).searchParams] : [];
}

/** A switch that is off where it is left out. A bare `?dryRun` is refused: nobody shall guess what it means. */
export const flag = oneOf(["true", "false"])
  .default("false")
  .transform((written) => written === "true");

/** A moment as ISO 8601 with its offset, read to milliseconds. */
export const moment = z.iso
  .datetime({
    offset: true,
    error: () => "must be a time with its offset, such as `2026-11-23T19:00:00+09:00`",
  })
  .transform((written) => Date.parse(written));

/** In a query, an unescaped `+` of the offset arrives as a space; people paste it that way. */
export const queryMoment = z.preprocess(
  (value) => (typeof value === "string" ? value.replace(/ (\d\d:\d\d)$/u, "+$1") : value),
  moment,
);
