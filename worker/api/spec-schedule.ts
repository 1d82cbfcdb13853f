/** The schedule and the special days of a fleet, as a spec writes them. */
import { z } from "zod";
import { beginningsPerDay, cronProblem } from "../../durable/calendar/cron.ts";
import { isTimezone } from "../../durable/calendar/timezone.ts";
import type { ScheduleEntry } from "../../durable/rules/spec.ts";
import { characters } from "./aws-names.ts";
import { expression, said, strict, text } from "./fields.ts";

const ENTRIES_MAX = 100;
/** Each is looked for ahead in every tick's calendar, and shown to people. */
const BEGINNINGS_PER_DAY_MAX = 1_440;
/** A year of them. */
const SPECIAL_DAYS_MAX = 366;
const NAME_LENGTH_MAX = 64;

const DATE = /^[12]\d{3}-\d{2}-\d{2}$/u;
const LOCAL_TIME = /^[12]\d{3}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/u;

export const timezone = text(isTimezone, "must be an IANA time zone such as `Asia/Seoul`");

const name = text(
  (written) => written !== "" && characters(written) <= NAME_LENGTH_MAX && !/\p{Cc}/u.test(written),
  `must have 1 to ${NAME_LENGTH_MAX} characters, all on one line`,
);

const cron = z
  .string(said("must be a cron expression of five fields such as `0 9 * * 1-5`"))
  .transform((written, context) => {
    const problem = cronProblem(written);
    if (problem === null) return written.trim().replaceAll(/\s+/gu, " ");
    context.addIssue({ code: "custom", message: problem, input: written });
    return z.NEVER;
  });

const entry = strict({
  name: name.nullable().default(null),
  cron,
  timezone: timezone.nullable().default(null),
  spares: expression,
  until: text(
    (written) => DATE.test(written) && isDate(written),
    "must be a date such as `2026-12-31`, the last one of the entry, or null",
  )
    .nullable()
    .default(null),
});

const localTime = text(
  (written) => LOCAL_TIME.test(written) && isDate(written.slice(0, 10)),
  "must be a local time such as `2026-12-31T18:00`, without seconds and without an offset",
);

const specialDay = strict({
  name,
  from: localTime,
  until: localTime,
  timezone: timezone.nullable().default(null),
  spares: expression,
}).refine((day) => day.from < day.until, {
  path: ["until"],
  error: () => "must be later than from",
});

export const schedule = z
  .array(entry, said("must be a list of entries"))
  .max(ENTRIES_MAX, { error: () => `has more than ${ENTRIES_MAX} entries` })
  .superRefine((entries, context) => {
    const counts = entries.map(({ cron }) => beginningsPerDay(cron));
    const sum = counts.reduce((total, count) => total + count, 0);
    if (sum <= BEGINNINGS_PER_DAY_MAX) return;
    const most = counts.indexOf(Math.max(...counts));
    context.addIssue({
      code: "custom",
      path: [most, "cron"],
      message: `begins ${counts[most] ?? 0} times a day, and all entries together ${sum} times; the limit is ${BEGINNINGS_PER_DAY_MAX} in all, one a minute`,
    });
  });

export const specialDays = z
  .array(specialDay, said("must be a list of special days"))
  .max(SPECIAL_DAYS_MAX, { error: () => `has more than ${SPECIAL_DAYS_MAX} special days` });

type InZone<Written> = Omit<Written, "timezone"> & Pick<ScheduleEntry, "timezone">;

/** What names no zone of its own is in the zone of the spec. */
export function inZone<Written extends { readonly timezone: string | null }>(
  written: readonly Written[],
  standard: string,
): InZone<Written>[] {
  return written.map((each) => ({ ...each, timezone: each.timezone ?? standard }));
}

/** Whether the calendar has that day: there is no 30th of February. */
function isDate(written: string): boolean {
  const date = new Date(`${written}T00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(written);
}
