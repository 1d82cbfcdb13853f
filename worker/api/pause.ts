/** Holding a fleet back, letting it go on, and asking it to look now. */
import { z } from "zod";
import type { Pausable } from "../../durable/rules/model.ts";
import { readJson } from "./body.ts";
import { check, reason, said, strict, whole } from "./fields.ts";
import { onFleet } from "./on-fleet.ts";
import { invalidFields, problem, refused } from "./problem.ts";

const PAUSE_SECONDS_MAX = 365 * 86_400;

/** A table and not a list, so that a new one does not compile without its line. */
const PAUSABLES: Record<Pausable, Pausable> = {
  launch: "launch",
  retire: "retire",
  schedule: "schedule",
  rollout: "rollout",
};
const EVERYTHING: readonly Pausable[] = Object.values(PAUSABLES);

const what = z
  .array(
    z.enum(PAUSABLES, said(`must be one of ${EVERYTHING.join(", ")}`)),
    said("must be a list; leave it out for everything"),
  )
  .min(1, { error: () => "must not be empty; leave it out for everything" })
  .transform((named) => EVERYTHING.filter((one) => named.includes(one)))
  .default([...EVERYTHING]);

const pauseBody = strict({
  what,
  reason,
  expiresInSeconds: whole(1, PAUSE_SECONDS_MAX).nullable().default(null),
});

const resumeBody = strict({ what });

export const pause = onFleet(async (c, { fleet, asked }) => {
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  const read = check(pauseBody, body.value ?? {});
  if (!read.ok) return invalidFields(c, read.errors);

  const { what, reason, expiresInSeconds } = read.value;
  const paused = await fleet.pause(what, { reason, expiresInSeconds }, asked);
  return "refused" in paused ? refused(c, paused) : c.json({ paused });
});

export const resume = onFleet(async (c, { fleet, asked }) => {
  const body = await readJson(c.req.raw);
  if (!body.ok) return problem(c, body.problem);
  const read = check(resumeBody, body.value ?? {});
  if (!read.ok) return invalidFields(c, read.errors);

  const paused = await fleet.resume(read.value.what, asked);
  return "refused" in paused ? refused(c, paused) : c.json({ paused });
});

export const reconcile = onFleet(async (c, { fleet, asked }) => {
  const scheduled = await fleet.reconcile(asked);
  return "refused" in scheduled ? refused(c, scheduled) : c.json(scheduled, 202);
});
