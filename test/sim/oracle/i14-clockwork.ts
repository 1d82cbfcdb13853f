/**
 * I14, ring by ring: the next alarm is set before anything is written, it stands when the ring is over,
 * an object without a fleet falls silent, and nothing rings much more often than it should.
 */
import type { Check, Truth } from "./invariant.ts";
import { liveRows } from "./rows.ts";

/** Without a fleet: rings after deaths, and one to see that there is none. */
const IDLE_RINGS_MAX = 6;
const MINUTE_MS = 60_000;
/** Twelve and two from the cron, with room for a tick that a clock's jump moved. */
const RINGS_PER_MINUTE_MAX = 20;
/** A tick may come a fifth of a beat after the one before it, where something is about to end. */
const HASTENED_PER_MINUTE_MAX = 60;
/** What may bring a ring forward, or have it handled again. */
const RINGS_FOR_EACH = 2;
const REASONS: ReadonlySet<string> = new Set(["request", "crash", "fault", "call"]);

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
  let idle: number[] = [];
  let reasons: number[] = [];
  return (event, truth) => {
    if (REASONS.has(event.kind)) reasons.push(truth.now);
    if (event.kind !== "alarm" || event.what !== "fired") return null;
    const isRecent = (at: number): boolean => at > truth.now - MINUTE_MS;
    rings = [...rings.filter(isRecent), truth.now];
    idle = idle.filter(isRecent);
    if (!isUnderWay(truth)) idle.push(truth.now);
    reasons = reasons.filter(isRecent);
    const more = RINGS_FOR_EACH * reasons.length;
    if (rings.length > HASTENED_PER_MINUTE_MAX + more)
      return `the alarm rang ${rings.length} times in a minute`;
    return idle.length > RINGS_PER_MINUTE_MAX + more
      ? `the alarm rang ${idle.length} times in a minute in which nothing was under way`
      : null;
  };
}

/** A server comes or goes: its next step may come at any moment. */
function isUnderWay(truth: Truth): boolean {
  return liveRows(truth).some(({ phase }) => phase !== "ready" && phase !== "lost");
}
