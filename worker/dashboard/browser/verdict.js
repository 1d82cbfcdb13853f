/** Whether the fleet is well, in one word. */
import { lasting, many } from "./format.js";

/**
 * @import { Status } from "../../../durable/rules/views.ts"
 * @typedef {"good" | "move" | "warn" | "bad" | "quiet"} Tone
 * @typedef {{ word: string, tone: Tone, why: string }} Verdict
 */

/** Six ticks: one that is merely late is no alarm. */
export const STALE_AFTER_MS = 30_000;

/** Guards that bind for a tick as a matter of course. @type {ReadonlySet<string>} */
const ROUTINE = new Set(["maxLaunchesPerTick", "maxDeletesPerTick", "awsRequestRate"]);

/** Alerts that stay open for a while after their end: of these the numbers say what is now. @type {ReadonlySet<string>} */
const JUDGED = new Set(["noSpares", "blindEyes"]);

/**
 * The first of the rules that holds: what is worse stands higher.
 *
 * @param {Status} status
 * @param {number} now by the server's clock
 * @returns {Verdict}
 */
export function judge(status, now) {
  const { target, spares, counts, lastTick, paused, mode, alerts } = status;
  const short = target.spares - spares;
  const numbers = `${spares} of ${many(target.spares, "spare")}`;
  /** @type {(word: string, tone: Tone, why: string) => Verdict} */
  const say = (word, tone, why) => ({ word, tone, why });

  if (lastTick === null)
    return say(
      "Waking",
      "quiet",
      "The fleet has not told of a tick yet; the first comes within seconds.",
    );
  const age = now - Date.parse(lastTick.at);
  if (lastTick.error !== null)
    return say("Failing", "bad", `The last tick failed: ${lastTick.error}`);
  if (age > STALE_AFTER_MS)
    return say(
      "Stale",
      "bad",
      `The last tick was ${lasting(age)} ago, so nothing is decided and these numbers are old.`,
    );
  if (status.removing) return say("Removing", "warn", removal(status));
  if (isBlind(status))
    return say(
      "Blind",
      "bad",
      `${many(counts.unknown, "server")} do not answer at once: nothing new is deleted, and nothing is launched in their place.`,
    );
  if (mode === "observe")
    return say(
      "Observing",
      "quiet",
      `${numbers}. It decides, and changes nothing, until its mode is active.`,
    );
  if (spares === 0 && short > 0)
    return say("No spares", "bad", `A new session finds no room. ${launching(counts)}`);
  if (short > 0 && isHeld(status))
    return say("Held back", "warn", `${numbers}, ${short} short. ${launching(counts)}`);
  if (isUnseen(status))
    return say(
      "Held back",
      "warn",
      `${numbers}. ${lastShown(status, now)} Nothing is deleted until it shows them again.`,
    );
  const alarm = alerts.find(({ kind, severity }) => severity === "page" && !JUDGED.has(kind));
  if (alarm !== undefined) return say("Alarm", "bad", alarm.what);
  if (short > 0 && counts.launching > 0)
    return say("Growing", "move", `${numbers}. ${launching(counts)}`);
  if (short > 0) return say("Short", "warn", `${numbers}, and nothing is on its way yet.`);
  if (paused.length > 0)
    return say(
      "Paused",
      "warn",
      `${numbers}, but ${paused.map(({ what }) => what).join(", ")} ${paused.length === 1 ? "is" : "are"} paused.`,
    );
  if (counts.unknown > 0)
    return say(
      "Unsure",
      "warn",
      `${numbers}, but ${many(counts.unknown, "server")} ${counts.unknown === 1 ? "has" : "have"} not answered lately.`,
    );
  if (counts.draining > 0 || short < 0) return say("Shrinking", "move", surplus(status));
  return say("Well", "good", `${numbers}. ${launching(counts)}`);
}

/** @param {Status} status */
function isHeld({ blockers }) {
  return blockers.some(({ guard }) => !ROUTINE.has(guard));
}

/** @param {Status} status @param {number} now */
function lastShown({ eyes }, now) {
  return eyes.listedAt === null
    ? "AWS has not shown the servers yet."
    : `AWS last showed the servers ${lasting(now - Date.parse(eyes.listedAt))} ago.`;
}

/** AWS does not show which servers there are. @param {Status} status */
function isUnseen({ blockers }) {
  return blockers.some(({ guard }) => guard === "noListing");
}

/** @param {Status} status */
function isBlind({ blockers }) {
  return blockers.some(({ guard }) => guard === "blindEyes");
}

/** @param {Status["counts"]} counts */
function launching(counts) {
  return counts.launching === 0
    ? "Nothing is being launched."
    : `${many(counts.launching, "server")} ${counts.launching === 1 ? "is" : "are"} being launched.`;
}

/** @param {Status} status */
function surplus({ target, spares, counts }) {
  const more = spares - target.spares;
  const numbers =
    more > 0
      ? `${many(more, "spare")} more than the target of ${target.spares}.`
      : `${spares} of ${many(target.spares, "spare")}.`;
  const drains = `${many(counts.draining, "server")} ${counts.draining === 1 ? "drains" : "drain"}; none with a session is touched.`;
  return `${numbers} ${counts.draining > 0 ? drains : "The surplus goes when it has lasted long enough."}`;
}

/** @param {Status} status */
function removal({ counts, sessions }) {
  const left = counts.total - counts.deleting;
  // They drain, so that none of them counts as busy any more.
  return `The fleet is being removed: ${many(left, "server")} left, with ${many(sessions, "session")}.`;
}
