/** How many spares a fleet wants now, and the short form of a person's word on it. */
import { readJson } from "./body.ts";
import { readBookingFromNowOn } from "./booking.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, problem, refused, unknownFleet } from "./problem.ts";

export const getTarget = onFleet(async (c, { name, fleet }) => {
  const status = await fleet.status();
  return status === null ? unknownFleet(c, name) : c.json(status.target);
});

export const putTarget = onFleet(async (c, { fleet, asked, deps }) => {
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  const wanted = readBookingFromNowOn(body.value, deps.now());
  if (!wanted.ok) return invalidFields(c, wanted.errors);

  const booked = await fleet.book(wanted.value, asked);
  return "refused" in booked ? refused(c, booked) : c.json(booked.target);
});

export const deleteTarget = onFleet(async (c, { fleet, asked }) => {
  const target = await fleet.endOverrides(asked);
  return "refused" in target ? refused(c, target) : c.json(target);
});
