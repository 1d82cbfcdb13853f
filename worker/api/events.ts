/** The audit trail of a fleet, newest first, page by page. */
import { strict, text, whole } from "./fields.ts";
import { json, onFleet } from "./operation.ts";
import { invalidFields, unknownFleet } from "./problem.ts";
import { flag, queryMoment } from "./query.ts";
import { eventList } from "./schemas/instance.ts";
import { EVENT } from "./openapi/examples.ts";
import { verifyAudit } from "./verify-audit.ts";

const LIMIT_MAX = 200;
const LIMIT_DEFAULT = 50;

const WORD = /^[\w.:-]{1,255}$/u;

const query = strict({
  since: queryMoment.optional(),
  until: queryMoment.optional(),
  kind: text(WORD, "must be a kind of event, such as one in an earlier reply").optional(),
  instance: text(WORD, "must be the name of an instance").optional(),
  cursor: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  verify: flag,
  limit: whole(1, LIMIT_MAX).default(LIMIT_DEFAULT),
});

export const listEvents = onFleet({
  id: "listEvents",
  tag: "History",
  summary: "The audit trail, newest first, page by page",
  description:
    "With `verify=true` the reply also has `chain`: whether the hashes of the whole trail follow from each other, and where they do not.",
  query,
  replies: { 200: json("A page of events.", eventList, { events: [EVENT], nextCursor: 41 }) },
  answer: async (c, { name, fleet }, { query }) => {
    const { since = null, until = null, kind = null, instance = null, cursor = null } = query;
    if (since !== null && until !== null && since >= until)
      return invalidFields(c, [{ field: "since", message: "must be before until" }]);

    const { limit } = query;
    const events = await fleet.events({ since, until, kind, instance, before: cursor, limit });
    if (events === null) return unknownFleet(c, name);
    const last = events.at(-1);
    // A full page may be the last one; then the next is empty, and ends the reading.
    const nextCursor = last !== undefined && events.length >= limit ? last.id : null;
    if (!query.verify) return c.json({ events, nextCursor });
    const chain = await verifyAudit(fleet);
    return chain === null ? unknownFleet(c, name) : c.json({ events, nextCursor, chain });
  },
});
