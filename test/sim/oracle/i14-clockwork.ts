/**
 * I14, ring by ring: the next alarm is set before anything is written, it stands when the ring is over,
 * an object without a fleet falls silent, and nothing rings much more often than it should.
 */
import type { Check } from "./invariant.ts";

/** Without a fleet: rings after deaths, and one to see that there is none. */
const IDLE_RINGS_MAX = 6;
const MINUTE_MS = 60_000;
/** Twelve and two from the cron, with room for a tick that a clock's jump moved. */
const RINGS_PER_MINUTE_MAX = 20;
/** While servers come or go a ring may follow after a fifth of a period. */
const BUSY_RINGS_PER_MINUTE_MAX = 64;
/** What may bring a ring forward, or have it handled again. */
const RINGS_FOR_EACH = 2;

const COMING_OR_GOING =
  "SELECT name FROM instances WHERE phase NOT IN ('ready', 'gone') OR command IS NOT NULL LIMIT 1";

export function armedFirst(): Check {
  let isUnarmed = false;
  return (event) => {
    if (event.kind === "crash" || event.kind === "stateLost") isUnarmed = false;
    if (event.kind === "alarm") isUnarmed = event.what === "fired";
    return event.kind === "commit" && event.stage !== "request" && isUnarmed
      ? "a tick wrote before the next alarm was set"
      : null;
  };
}

export function armedAfterwards(): Check {
  let isExcused = false;
  return (event, truth) => {
    if (event.kind === "fault" && event.fault === "alarmLost") isExcused = true;
    if (event.kind !== "alarm") return null;
    if (event.what === "fired" || event.what === "set") isExcused = false;
    if (event.what !== "finished" || isExcused || truth.alarmAt !== null) return null;
    return truth.spec === null ? null : "a ring is over, and no alarm is set";
  };
}

export function silentWithoutFleet(): Check {
  let rings = 0;
  return (event, truth) => {
    if (event.kind !== "alarm" || event.what !== "fired") return null;
    rings = truth.spec === null ? rings + 1 : 0;
    return rings > IDLE_RINGS_MAX ? `the alarm rang ${rings} times without a fleet` : null;
  };
}

export function ringsRarely(): Check {
  let rings: number[] = [];
  let reasons: number[] = [];
  let busyAt = Number.NEGATIVE_INFINITY;
  return (event, truth) => {
    if (event.kind === "request" || event.kind === "crash" || event.kind === "fault")
      reasons.push(truth.now);
    if (event.kind !== "alarm" || event.what !== "fired") return null;
    const isRecent = (at: number): boolean => at > truth.now - MINUTE_MS;
    rings = [...rings.filter(isRecent), truth.now];
    reasons = reasons.filter(isRecent);
    if (truth.spec !== null && truth.sql.rows(COMING_OR_GOING).length > 0) busyAt = truth.now;
    const most = isRecent(busyAt) ? BUSY_RINGS_PER_MINUTE_MAX : RINGS_PER_MINUTE_MAX;
    const limit = most + RINGS_FOR_EACH * reasons.length;
    return rings.length > limit ? `the alarm rang ${rings.length} times in a minute` : null;
  };
}
