/** Holding a fleet back, letting it go on, and asking it to look now. */
import { z } from "zod";
import type { PauseView, Refusal } from "../../durable/rules/views.ts";
import type { Call } from "./deps.ts";
import { reason, said, strict, whole } from "./fields.ts";
import { PAUSE } from "./openapi/examples.ts";
import { askedOf } from "./on-fleet.ts";
import { json, onAll, onFleet, optionalBody } from "./operation.ts";
import { refused } from "./problem.ts";
import { paused, pausedAll, scheduled } from "./schemas/status.ts";
import { PAUSABLE_WORDS, pausableOf } from "./schemas/words.ts";
import { type Answer, askAll } from "./survey.ts";

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

const halted = {
  200: json("What is paused now, by fleet.", pausedAll, everywhere(true)),
  503: json("Some fleets did not answer: repeat it.", pausedAll, everywhere(false)),
};

export const pauseAll = onAll({
  id: "pauseAll",
  tag: "Steering",
  summary: "Hold every fleet back",
  description: "Those that answer are paused, also where others do not.",
  body: optionalBody(pauseBody, { reason: "AWS has trouble" }),
  replies: halted,
  answer: async (c, deps, { body }) => {
    const { what, reason, expiresInSeconds } = body;
    const asked = askedOf(c);
    const options = { reason, expiresInSeconds };
    return told(c, await askAll(deps, (fleet) => fleet.pause(what, options, asked)));
  },
});

export const resumeAll = onAll({
  id: "resumeAll",
  tag: "Steering",
  summary: "Let every fleet go on",
  body: optionalBody(resumeBody, {}),
  replies: halted,
  answer: async (c, deps, { body }) => {
    const asked = askedOf(c);
    return told(c, await askAll(deps, (fleet) => fleet.resume(body.what, asked)));
  },
});

/** A name without a fleet has nothing to pause. */
function told(c: Call, answers: readonly Answer<PauseView[] | Refusal>[]): Response {
  const fleets = answers.flatMap(({ name, told, answered }) =>
    told !== null && "refused" in told ? [] : [{ name, answered, paused: told }],
  );
  return c.json({ fleets }, fleets.every(({ answered }) => answered) ? 200 : 503);
}

function everywhere(answered: boolean): z.output<typeof pausedAll> {
  return { fleets: [{ name: "media", answered, paused: answered ? [PAUSE] : null }] };
}

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
