/** What the schedule and the special days of a fleet will do in the days to come. */
import { strict, whole } from "./fields.ts";
import { SCHEDULE } from "./openapi/examples.ts";
import { json, onFleet } from "./operation.ts";
import { PREVIEWS } from "./previews.ts";
import { unknownFleet } from "./problem.ts";
import { schedule } from "./schemas/target.ts";

const DAYS_MAX = 366;
const DAYS_DEFAULT = 7;

export const getSchedule = onFleet({
  id: "getSchedule",
  tag: "Target",
  summary: "What the schedule and the special days will do",
  query: strict({ days: whole(1, DAYS_MAX).default(DAYS_DEFAULT) }),
  replies: { 200: json("The boundaries to come.", schedule, SCHEDULE) },
  answer: async (c, { name, fleet }, { query }) => {
    const basis = await fleet.schedule();
    return basis === null ? unknownFleet(c, name) : c.json(PREVIEWS.of(basis, query.days));
  },
});
