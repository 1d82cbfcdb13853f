/** The overrides of a fleet: values of the target that people book, from now on or for later. */
import { booking } from "./booking.ts";
import { OVERRIDE, TARGET } from "./openapi/examples.ts";
import { strict } from "./fields.ts";
import { json, onFleet } from "./operation.ts";
import { pageOf, pageQuery } from "./pages.ts";
import { refused, refusedPart, unknownFleet } from "./problem.ts";
import { booked, overrideList, target } from "./schemas/target.ts";

/** As many as can be booked. */
const PAGE_MAX = 100;

export const listOverrides = onFleet({
  id: "listOverrides",
  tag: "Target",
  summary: "The overrides that are not over, by their beginning",
  query: strict(pageQuery(PAGE_MAX)),
  replies: {
    200: json("A page of overrides.", overrideList, { overrides: [OVERRIDE], nextCursor: null }),
  },
  answer: async (c, { name, fleet }, { query }) => {
    const overrides = await fleet.overrides();
    if (overrides === null) return unknownFleet(c, name);
    const { items, nextCursor } = pageOf(overrides, ({ from, id }) => `${from}.${id}`, query);
    return c.json({ overrides: items, nextCursor });
  },
});

export const postOverride = onFleet({
  id: "postOverride",
  tag: "Target",
  summary: "Book an override",
  description: "After a 503, look at the list before you repeat it, or it may be booked twice.",
  body: booking,
  replies: {
    201: json(
      "It is booked.",
      booked,
      { override: OVERRIDE, target: TARGET },
      {
        Location: "The path of the override.",
      },
    ),
  },
  problems: ["conflict"],
  answer: async (c, { name, fleet, asked }, { body }) => {
    const told = await fleet.book(body, asked);
    if ("refused" in told) return refused(c, told);
    const { override, target } = told;
    const place = `/v1/fleets/${name}/overrides/${encodeURIComponent(override.id)}`;
    return c.json({ override, target }, 201, { Location: place });
  },
});

export const deleteOverride = onFleet({
  id: "deleteOverride",
  tag: "Target",
  summary: "End one override, whether it has begun or not",
  replies: { 200: json("The target after it.", target, TARGET) },
  problems: ["unknown-override"],
  answer: async (c, call) => {
    const ended = await call.fleet.endOverride(c.req.param("id") ?? "", call.asked);
    return "refused" in ended ? refusedPart(c, call, ended, "unknown-override") : c.json(ended);
  },
});
