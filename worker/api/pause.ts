/** Holding a fleet back, letting it go on, and asking it to look now. */
import { z } from "zod";
import { reason, said, strict, whole } from "./fields.ts";
import { PAUSE } from "./openapi/examples.ts";
import { json, onFleet, optionalBody } from "./operation.ts";
import { refused } from "./problem.ts";
import { paused, scheduled } from "./schemas/status.ts";
import { PAUSABLE_WORDS, pausableOf } from "./schemas/words.ts";

const PAUSE_SECONDS_MAX = 365 * 86_400;

const what = z
  .array(
    pausableOf(said(`must be one of ${PAUSABLE_WORDS.join(", ")}`)),
    said("must be a list; leave it out for everything"),
  )
  .min(1, { error: () => "must not be empty; leave it out for everything" })
  .transform((named) => PAUSABLE_WORDS.filter((one) => named.includes(one)))
  .default([...PAUSABLE_WORDS]);

const pauseBody = strict({
  what,
  reason,
  expiresInSeconds: whole(1, PAUSE_SECONDS_MAX).nullable().default(null),
}).meta({ id: "PauseBody" });

const resumeBody = strict({ what }).meta({ id: "ResumeBody" });

const replies = { 200: json("What is paused now.", paused, { paused: [PAUSE] }) };

export const pause = onFleet({
  id: "pause",
  tag: "Steering",
  summary: "Hold the fleet back",
  description: "Half-made instances are still finished, and leases go on.",
  body: optionalBody(pauseBody, { what: ["retire"], reason: "deploy", expiresInSeconds: 600 }),
  replies,
  answer: async (c, { fleet, asked }, { body }) => {
    const { what, reason, expiresInSeconds } = body;
    const held = await fleet.pause(what, { reason, expiresInSeconds }, asked);
    return "refused" in held ? refused(c, held) : c.json({ paused: held });
  },
});

export const resume = onFleet({
  id: "resume",
  tag: "Steering",
  summary: "Let the fleet go on",
  body: optionalBody(resumeBody, { what: ["retire"] }),
  replies,
  answer: async (c, { fleet, asked }, { body }) => {
    const held = await fleet.resume(body.what, asked);
    return "refused" in held ? refused(c, held) : c.json({ paused: held });
  },
});

export const reconcile = onFleet({
  id: "reconcile",
  tag: "Steering",
  summary: "Bring the next tick forward to now",
  replies: { 202: json("The next tick comes now.", scheduled, { scheduled: true }) },
  answer: async (c, { fleet, asked }) => {
    const told = await fleet.reconcile(asked);
    return "refused" in told ? refused(c, told) : c.json(told, 202);
  },
});
