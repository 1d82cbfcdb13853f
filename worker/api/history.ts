/** What a fleet was in the hours before now: what the page draws. */
import { strict, whole } from "./fields.ts";
import { HISTORY } from "./openapi/examples.ts";
import { json, onFleet } from "./operation.ts";
import { unknownFleet } from "./problem.ts";
import { history } from "./schemas/history.ts";

/** A week; the ledger keeps a day more. */
const HOURS_MAX = 168;
const HOURS_DEFAULT = 24;

export const getHistory = onFleet({
  id: "getHistory",
  tag: "History",
  summary: "What the fleet was in the last hours",
  query: strict({ hours: whole(1, HOURS_MAX).default(HOURS_DEFAULT) }),
  replies: { 200: json("Points, and what happened beside them.", history, HISTORY) },
  answer: async (c, { name, fleet }, { query }) => {
    const told = await fleet.history(query.hours);
    return told === null ? unknownFleet(c, name) : c.json(told);
  },
});
