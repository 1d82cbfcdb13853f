/**
 * I14: the alarm is armed, or the cron re-arms it within two periods; there is one chain. Judged by the
 * time since the alarm last rang, which counts only while the clockwork works and a fleet is there:
 * two periods of the cron, two ticks, and half a minute for a tick that takes its time.
 */
import { armedAfterwards, armedFirst, ringsRarely, silentWithoutFleet } from "./i14-clockwork.ts";
import type { Check, Invariant } from "./invariant.ts";
import { several } from "./several.ts";

const CRON_PERIODS_MS = 2 * 60_000;
const SLACK_MS = 30_000;

export const alarm: Invariant = {
  id: "I14",
  says: "the alarm is re-armed within two periods, and there is one chain",
  start: several(rings, armedFirst, armedAfterwards, silentWithoutFleet, ringsRarely),
};

function rings(): Check {
  let since: number | null = null;
  let isRinging = false;
  return (event, truth) => {
    if (event.kind === "crash" || event.kind === "stateLost") isRinging = false;
    if (!truth.clockworkWorks) since = null;
    if (event.kind === "alarm") {
      if (event.what === "fired") {
        if (isRinging) return "the alarm rang while its last ring was not over";
        isRinging = true;
        since = truth.clockworkWorks ? truth.now : null;
      } else if (event.what === "finished") isRinging = false;
    }
    if (event.kind === "stateLost" || !truth.clockworkWorks) return null;
    if (since === null || truth.spec === null) {
      since = truth.now;
      return null;
    }
    const silentMs = truth.now - since;
    return silentMs <= CRON_PERIODS_MS + SLACK_MS + 2 * truth.tickMs
      ? null
      : `the alarm has not rung for ${silentMs} ms; it is armed for ${truth.alarmAt ?? "never"}`;
  };
}
