/**
 * I15: a value for a moment means ready by then, so the launches for it begin before. Judged where nothing
 * else can be the reason: a plan that applies a boundary launches nothing, where for a while nothing was
 * seen to happen but rings of the alarm and probes, and no fault for longer. What binds launches (holds,
 * a cap on the hour) may end at any moment, and excuses it; so does another boundary to come, for which
 * they are early.
 */
import type { SimEvent } from "../event.ts";
import { isScheduled, ruledOf } from "./expected.ts";
import type { Check, Truth } from "./invariant.ts";
import { targetsOf } from "./i15-ruling-source.ts";
import { Trail } from "./rows.ts";

/** Even the fastest server takes longer, from its launch to its second good answer. */
const QUIET_MS = 20_000;
/** The longest that a fault keeps the object from planning and is not seen to: an alarm that was lost. */
const NO_FAULT_MS = 180_000;
const HOUR_MS = 3_600_000;

export function launchesBeginEarly(): Check {
  let quietSince = Infinity;
  let faultAt = -Infinity;
  let boundary: number | null = null;
  const trail = new Trail();
  return (event, truth) => {
    const isQuiet = !isStir(event);
    const since = quietSince;
    if (event.kind === "fault" || event.kind === "crash" || !truth.clockworkWorks)
      faultAt = truth.now;
    if (quietSince === Infinity || !isQuiet) quietSince = truth.now;
    if (event.kind !== "commit" || truth.spec === null) return null;
    const after = trail.advance(truth);
    if (event.stage !== "plan" || !isScheduled(truth.spec)) return null;
    const at = ruledOf(truth)?.at ?? null;
    const isNew = at !== null && boundary !== null && at > boundary;
    boundary = at;
    if (!isNew || truth.now - since < QUIET_MS) return null;
    if (truth.now - faultAt < NO_FAULT_MS || isBound(truth)) return null;
    // A server that is lost in the same plan is replaced, boundary or not.
    if (event.moves.some(({ to }) => to === "lost")) return null;
    const launched = event.moves.filter(({ from, to }) => from === null && to === "planned").length;
    const [target] = targetsOf(truth, after);
    return launched > 0 && target !== undefined && target.early === null
      ? `${launched} were launched with the boundary itself, for a target of ${target.target}`
      : null;
  };
}

function isStir(event: SimEvent): boolean {
  switch (event.kind) {
    case "alarm":
    case "text":
    case "probe":
    case "stranger":
    case "memory":
      return false;
    case "call":
      return event.outcome !== "ok" || event.hadEffect === event.op.startsWith("Create");
    case "commit":
      return event.moves.length > 0 || event.stage === "request";
    case "session":
    case "lease":
    case "request":
    case "fault":
    case "moved":
    case "crash":
    case "stateLost":
    case "healed":
    case "end":
      return true;
  }
}

function isBound({ sql, objectNow, spec }: Truth): boolean {
  const recent = sql.rows(
    "SELECT 1 FROM events WHERE kind = 'launch' AND at > ?",
    objectNow - HOUR_MS,
  );
  const held = sql.rows("SELECT 1 FROM holds UNION SELECT 1 FROM pauses");
  const overridden = sql.rows("SELECT 1 FROM overrides");
  const isCapped = spec === null || spec.limits.maxMonthlyUsd !== null;
  return isCapped || held.length > 0 || overridden.length > 0 || recent.length >= 12;
}
