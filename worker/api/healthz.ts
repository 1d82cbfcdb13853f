/** The two open paths: whether the fleets tick, and what this is. */
import type { Handler } from "./deps.ts";
import { type Seen, survey } from "./survey.ts";

/** Twelve ticks of five seconds: one that is merely late is no alarm. */
const TICK_AGE_MAX_MS = 60_000;

/** 200 while every fleet ticks, else 503. A name without a fleet (removed, or not yet begun) does not count. */
export const healthz: Handler = async (c, deps) => {
  const now = deps.now();
  const seen = await survey(deps);
  const fleets = seen
    .filter((one) => !one.answered || one.status !== null)
    .map((one) => pulse(one, now));
  const ok = fleets.every((fleet) => fleet.ok);
  return c.json({ ok, fleets }, ok ? 200 : 503);
};

/** A fleet that has not told of a tick since it woke is not known to tick. */
function pulse({ name, status, answered }: Seen, now: number) {
  const at = status?.lastTick?.at ?? null;
  const ageMs = at === null ? null : Math.max(0, now - Date.parse(at));
  return {
    name,
    ok: ageMs !== null && ageMs <= TICK_AGE_MAX_MS,
    answered,
    lastTickAt: at,
    lastTickAgeSeconds: ageMs === null ? null : ageMs / 1_000,
  };
}

export const front: Handler = (c) => {
  const { origin } = new URL(c.req.url);
  return c.text(
    [
      "Lightfleet keeps fleets of AWS Lightsail servers exactly as large as they must be.",
      "Its API is under /v1 and needs a token. To list the fleets:",
      "",
      `  curl -H "Authorization: Bearer $OPERATOR_TOKEN" ${origin}/v1/fleets`,
      "",
      "How to create one is in the README; every call is in docs/api.md.",
      "",
    ].join("\n"),
  );
};
