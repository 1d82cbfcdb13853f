/** How many spares a fleet wants now, and the short form of a person's word on it. */
import { bookingFromNowOn } from "./booking.ts";
import { TARGET } from "./openapi/examples.ts";
import { json, onFleet } from "./operation.ts";
import { refused, unknownFleet } from "./problem.ts";
import { target } from "./schemas/target.ts";

const replies = { 200: json("The target, with every source of it.", target, TARGET) };

export const getTarget = onFleet({
  id: "getTarget",
  tag: "Target",
  summary: "How many spares the fleet wants now, and why",
  replies,
  answer: async (c, { name, fleet }) => {
    const status = await fleet.status();
    return status === null ? unknownFleet(c, name) : c.json(status.target);
  },
});

export const putTarget = onFleet({
  id: "putTarget",
  tag: "Target",
  summary: "Override the target from now on",
  description: "Short for an override that begins now.",
  body: bookingFromNowOn,
  replies,
  problems: ["conflict"],
  answer: async (c, { fleet, asked }, { body }) => {
    const booked = await fleet.book(body, asked);
    return "refused" in booked ? refused(c, booked) : c.json(booked.target);
  },
});

export const deleteTarget = onFleet({
  id: "deleteTarget",
  tag: "Target",
  summary: "End the overrides that rule now",
  description: "Those that are booked for later stay.",
  replies,
  answer: async (c, { fleet, asked }) => {
    const ended = await fleet.endOverrides(asked);
    return "refused" in ended ? refused(c, ended) : c.json(ended);
  },
});
