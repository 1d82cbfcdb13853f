/** What a fleet was in the hours before now: what the page draws. */
import { whole } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, unknownFleet } from "./problem.ts";
import { readQuery } from "./query.ts";

/** A week; the ledger keeps a day more. */
const HOURS_MAX = 168;
const HOURS_DEFAULT = 24;

export const getHistory = onFleet(async (c, { name, fleet }) => {
  const query = readQuery(c, { hours: whole(1, HOURS_MAX).default(HOURS_DEFAULT) });
  if (!query.ok) return invalidFields(c, query.errors);

  const history = await fleet.history(query.value.hours);
  return history === null ? unknownFleet(c, name) : c.json(history);
});
