/** The open path of the API: whether the fleets tick, and see their servers. */
import type { z } from "zod";
import { isGood } from "../../durable/rules/dead.ts";
import type { ApiDeps } from "./deps.ts";
import { WHATEVER, json, onAll } from "./operation.ts";
import { type Pulse, health } from "./schemas/status.ts";
import { type Seen, survey } from "./survey.ts";

/** AWS may be silent for so long before a monitor hears of it. */
const BLIND_MAX_MS = 60_000;

/** 200 while every fleet ticks and AWS shows it its servers, else 503. A name without a fleet (removed, or not yet begun) does not count. */
export const healthz = onAll({
  id: "healthz",
  tag: "Service",
  summary: "Whether the fleets tick",
  description:
    "It needs no token. Without one it says `ok` alone, as it was within the last second; with one of any role it names the fleets.",
  query: WHATEVER,
  replies: {
    200: json(
      "Every fleet ticked within the last minute, and sees its servers.",
      health,
      wellness(true),
    ),
    503: json(
      "A fleet did not, did not answer, or does not see its servers.",
      health,
      wellness(false),
    ),
  },
  answer: async (c, deps) => {
    const now = deps.now();
    if (c.get("caller") === null) {
      const ok = await deps.recentHealth.isOk(now, async () => (await look(deps, now)).ok);
      return c.json({ ok }, ok ? 200 : 503);
    }
    const seen = await look(deps, now);
    return c.json({ ...seen, settings: [...deps.settingsProblems] }, seen.ok ? 200 : 503);
  },
});

async function look(deps: ApiDeps, now: number): Promise<{ ok: boolean; fleets: Pulse[] }> {
  const seen = await survey(deps);
  const fleets = seen
    .filter((one) => !one.answered || one.status !== null)
    .map((one) => pulse(one, now));
  return { ok: fleets.every((fleet) => fleet.ok), fleets };
}

/** A fleet that has not told of a tick since it woke is not known to tick. */
function pulse({ name, status, answered }: Seen, now: number): Pulse {
  const at = status?.lastTick?.at ?? null;
  const ageMs = at === null ? null : Math.max(0, now - Date.parse(at));
  const blindSince = status?.blockers.find(({ guard }) => guard === "noListing")?.since ?? null;
  const blindMs = blindSince === null ? 0 : now - Date.parse(blindSince);
  return {
    name,
    ok: isGood({ answered, lastTickAgeMs: ageMs }) && blindMs < BLIND_MAX_MS,
    answered,
    lastTickAt: at,
    lastTickAgeSeconds: ageMs === null ? null : ageMs / 1_000,
    blindSince,
  };
}

function wellness(ok: boolean): z.output<typeof health> {
  const lastTickAt = "2026-11-22T10:00:05.000Z";
  const lastTickAgeSeconds = ok ? 3 : 75;
  const pulse = { name: "media", ok, answered: true, lastTickAt, lastTickAgeSeconds };
  return { ok, fleets: [{ ...pulse, blindSince: null }], settings: [] };
}
