/** What the schedule and the special days of a fleet will do in the days to come. */
import { whole } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, unknownFleet } from "./problem.ts";
import { readQuery } from "./query.ts";

const DAYS_MAX = 366;
const DAYS_DEFAULT = 7;

export const getSchedule = onFleet(async (c, { name, fleet }) => {
  const query = readQuery(c, { days: whole(1, DAYS_MAX).default(DAYS_DEFAULT) });
  if (!query.ok) return invalidFields(c, query.errors);

  const schedule = await fleet.schedule(query.value.days);
  return schedule === null ? unknownFleet(c, name) : c.json(schedule);
});
