/** The overrides of a fleet: values of the target that people book, from now on or for later. */
import { readJson } from "./body.ts";
import { readBooking } from "./booking.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, problem, refused, refusedPart, unknownFleet } from "./problem.ts";

export const listOverrides = onFleet(async (c, { name, fleet }) => {
  const overrides = await fleet.overrides();
  return overrides === null ? unknownFleet(c, name) : c.json({ overrides });
});

export const postOverride = onFleet(async (c, { name, fleet, asked, deps }) => {
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  const wanted = readBooking(body.value, deps.now());
  if (!wanted.ok) return invalidFields(c, wanted.errors);

  const booked = await fleet.book(wanted.value, asked);
  if ("refused" in booked) return refused(c, booked);
  const { override, target } = booked;
  const place = `/v1/fleets/${name}/overrides/${encodeURIComponent(override.id)}`;
  return c.json({ override, target }, 201, { Location: place });
});

export const deleteOverride = onFleet(async (c, call) => {
  const target = await call.fleet.endOverride(c.req.param("id") ?? "", call.asked);
  return "refused" in target ? refusedPart(c, call, target, "unknown-override") : c.json(target);
});
