/** What people are told of, and how loudly, as a spec writes it. */
import type { AlertKind } from "../../durable/rules/spec.ts";
import { decimal, oneOf, strict } from "./fields.ts";
import { mayLack } from "./may-lack.ts";

const HOURS = { min: 0.01, max: 720 };
const MINUTES = { min: 1, max: 10_080 };

const loudness = mayLack(oneOf(["page", "tell", "off"]));

/** A table and not a list, so that a new kind does not compile without its line. */
const KINDS: Record<AlertKind, typeof loudness> = {
  noSpares: loudness,
  noTick: loudness,
  blindEyes: loudness,
  credentials: loudness,
  failedBoots: loudness,
  guard: loudness,
  spend: loudness,
  lost: loudness,
  stranger: loudness,
  unread: loudness,
  rival: loudness,
  adopted: loudness,
  busyForLong: loudness,
  unknownForLong: loudness,
  drainingForLong: loudness,
  protectedForLong: loudness,
  pausedForLong: loudness,
  rollout: loudness,
  forced: loudness,
  tag: loudness,
};

export const alerts = strict({
  kinds: strict(KINDS).prefault({}),
  busyForHours: hours(12),
  unknownForMinutes: decimal(MINUTES.min, MINUTES.max).default(10),
  drainingForHours: hours(24),
  protectedForHours: hours(168),
  pausedForHours: hours(24),
});

function hours(standard: number) {
  return decimal(HOURS.min, HOURS.max).default(standard);
}
