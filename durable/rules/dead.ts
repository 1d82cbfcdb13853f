/**
 * Fleets that nobody runs: told by the cron, for a fleet that does not tick cannot tell it itself. Once
 * when it begins, once an hour while it lasts, once when it ends.
 */
import { type Bulletin, type News, severityOf } from "./bulletins.ts";
import { lasted } from "./phrases.ts";
import type { AlertsSpec } from "./spec.ts";
import type { DeadFleet } from "./views.ts";

/** A fleet as the cron found it. */
export interface Pulse {
  readonly fleet: string;
  readonly answered: boolean;
  /** Null where it has had no good tick since it woke. */
  readonly lastTickAgeMs: number | null;
  readonly kinds: AlertsSpec["kinds"];
}

type Dead = Readonly<Record<string, DeadFleet>>;

export interface Roll {
  readonly bulletins: readonly Bulletin[];
  /** What to remember if the bulletins were delivered, and what if they were not. */
  readonly told: Dead;
  readonly untold: Dead;
}

/** Twelve ticks of five seconds: one that is merely late is no alarm. */
export const TICK_AGE_MAX_MS = 60_000;
const AGAIN_AFTER_MS = 3_600_000;
/** The cron comes each minute, more or less. */
const CRON_JITTER_MS = 10_000;

export function isGood({
  answered,
  lastTickAgeMs,
}: Pick<Pulse, "answered" | "lastTickAgeMs">): boolean {
  return answered && lastTickAgeMs !== null && lastTickAgeMs <= TICK_AGE_MAX_MS;
}

/** One look over all fleets; one that is not among them is forgotten. */
export function callRoll(dead: Dead, pulses: readonly Pulse[], now: number): Roll {
  const bulletins: Bulletin[] = [];
  const told: Record<string, DeadFleet> = {};
  const untold: Record<string, DeadFleet> = {};
  for (const pulse of pulses) {
    const { fleet } = pulse;
    const before = dead[fleet];
    const after = isGood(pulse) ? null : stillDead(before, pulse, now);
    const stage = stageOf(before, after, now);
    const bulletin = stage === null ? null : bulletinOf(pulse, stage, after ?? before, now);
    if (bulletin !== null) bulletins.push(bulletin);
    if (after !== null) told[fleet] = bulletin === null ? after : { ...after, toldAt: now };
    if (after !== null) untold[fleet] = after;
    else if (before !== undefined && bulletin !== null) untold[fleet] = before;
  }
  return { bulletins, told, untold };
}

function stillDead(before: DeadFleet | undefined, pulse: Pulse, now: number): DeadFleet {
  return before ?? { since: now - (pulse.lastTickAgeMs ?? 0), toldAt: null };
}

/** A fleet that just woke, or whose object was replaced by a deployment, is given until the next round. */
function stageOf(
  before: DeadFleet | undefined,
  after: DeadFleet | null,
  now: number,
): Bulletin["stage"] | null {
  if (after === null) return (before?.toldAt ?? null) === null ? null : "ends";
  if (after.toldAt === null)
    return now - after.since >= TICK_AGE_MAX_MS - CRON_JITTER_MS ? "begins" : null;
  return now - after.toldAt >= AGAIN_AFTER_MS - CRON_JITTER_MS ? "again" : null;
}

function bulletinOf(
  pulse: Pulse,
  stage: Bulletin["stage"],
  dead: DeadFleet | undefined,
  now: number,
): Bulletin | null {
  const severity = severityOf(pulse.kinds, "noTick");
  if (severity === "off") return null;
  const forMs = now - (dead?.since ?? now);
  const words = stage === "ends" ? endOf(forMs) : wordsOf(pulse, forMs);
  const loudness = stage === "ends" ? "tell" : severity;
  const { fleet } = pulse;
  return { fleet, at: now, stage, severity: loudness, kind: "noTick", subject: "", ...words };
}

type Words = Pick<News, "what" | "doing" | "canDo">;

function endOf(forMs: number): Words {
  const what = `The fleet is run again: its ticks are good. It lasted ${lasted(forMs)}.`;
  return { what, doing: "", canDo: "" };
}

function wordsOf({ fleet, answered }: Pulse, forMs: number): Words {
  const why = answered ? "it has had no good tick" : "it has not answered";
  return {
    what: `Nobody runs the fleet: ${why} for ${lasted(forMs)}. What runs goes on, and no server is launched or retired.`,
    doing: "Lightfleet visits it every minute, and winds its clock again where it has stopped.",
    canDo: `You can read why in lastTick.error of GET /v1/fleets/${fleet} and with \`npx wrangler tail\`; if it goes on, look at cloudflarestatus.com, and deploy the last version that worked.`,
  };
}
