/**
 * Cron expressions of five fields, by croner, which is given no zone here: it only says which local
 * times an expression names. What instants these are is `timezone.ts`'s to say, because croner with a
 * zone (11.0.1) treats expressions differently by how they are written. Only one whose minute and hour
 * are single numbers does what a schedule needs; a list, a range or a step is left out in a gap, and
 * comes twice in a repeat, as `0 2,14 * * *` does.
 *
 * Day of the month and day of the week are as crontab(5) has them: where both are restricted, one of
 * the two is enough; where one begins with `*`, both must be met. By itself croner takes a step of `*`
 * for a restriction, which crontab does not.
 */
import { Cron } from "croner";

const FIELDS = [
  { name: "minute", range: "0 to 59" },
  { name: "hour", range: "0 to 23" },
  { name: "day of the month", range: "1 to 31" },
  { name: "month", range: "1 to 12, or JAN to DEC" },
  { name: "day of the week", range: "0 to 7, or SUN to SAT" },
] as const;
const NAMES = FIELDS.map(({ name }) => name).join(", ");
const LENGTH_MAX = 256;
const YEAR = 366 * 86_400_000;
/** The 29th of February may stay away for eight years, as after 2096. */
const RARE = 10 * YEAR;

const MONTHS = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b/giu;
const WEEKDAYS = /\b(sun|mon|tue|wed|thu|fri|sat)\b/giu;
/** Neither seconds nor the letters of other dialects (`L`, `W`, `#`, `?`), nor nicknames (`@daily`). */
const PLAIN = /^[\d*,/-]*$/u;

/** The local times that an expression names. */
export interface LocalTimes {
  /** The latest one that is not after the local time. */
  readonly lastUntil: (local: number) => number | null;
  /** The first one after the local time. */
  readonly firstAfter: (local: number) => number | null;
}

export function localTimesOf(expression: string): LocalTimes {
  const cron = parse(expression);
  return {
    lastUntil: (local) => cron.previousRuns(1, new Date(local + 1))[0]?.getTime() ?? null,
    firstAfter: (local) => cron.nextRun(new Date(local))?.getTime() ?? null,
  };
}

/** What is wrong with an expression, in plain words; null where nothing is. */
export function cronProblem(expression: string): string | null {
  const fields = fieldsOf(expression);
  if (expression.length > LENGTH_MAX) return `is longer than ${LENGTH_MAX} characters`;
  if (fields.length !== FIELDS.length)
    return `must have five fields (${NAMES}), such as \`0 9 * * 1-5\`; this has ${fields.length}`;

  for (const [index, { name, range }] of FIELDS.entries()) {
    const field = fields[index] ?? "";
    if (!isField(index, field))
      return `cannot have \`${field}\` as the ${name}: that takes numbers from ${range}, lists, ranges, \`*\`, and steps of \`*\` or of a range`;
  }
  const first = localTimesOf(expression).firstAfter(0);
  if (first === null || first > RARE) return "names a day that there is not";
  return null;
}

/** So many times a day an expression begins at the most, on the days that it names. */
export function beginningsPerDay(expression: string): number {
  const [minutes = "", hours = ""] = fieldsOf(expression);
  return valuesOf(minutes, 59).size * valuesOf(hours, 23).size;
}

/** The numbers that a field without names stands for. */
function valuesOf(field: string, max: number): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [range = "", step = "1"] = part.split("/");
    const [first = "", last = first] = range === "*" ? ["0", String(max)] : range.split("-");
    for (let value = Number(first); value <= Number(last); value += Number(step)) values.add(value);
  }
  return values;
}

/** Each field alone, so that it can be named. */
function isField(index: number, field: string): boolean {
  const bare =
    index === 3
      ? field.replaceAll(MONTHS, "")
      : index === 4
        ? field.replaceAll(WEEKDAYS, "")
        : field;
  if (!PLAIN.test(bare)) return false;
  try {
    parse(FIELDS.map((_, other) => (other === index ? field : "*")).join(" "));
    return true;
  } catch (thrown) {
    // croner says what is wrong by the numbers it keeps inside: day 0 as -1.
    if (thrown instanceof TypeError || thrown instanceof RangeError) return false;
    throw thrown;
  }
}

function parse(expression: string): Cron {
  const fields = fieldsOf(expression);
  const startsWithStar = (field: string | undefined) => field?.startsWith("*") === true;
  return new Cron(fields.join(" "), {
    mode: "5-part",
    utcOffset: 0,
    domAndDow: startsWithStar(fields[2]) || startsWithStar(fields[4]),
  });
}

function fieldsOf(expression: string): string[] {
  return expression.match(/\S+/gu) ?? [];
}
