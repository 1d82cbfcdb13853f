/** Whether it is well, in one word and one sentence: what a person at 3 a.m. reads first. */
import { TICK_AGE_MAX_MS } from "../../durable/rules/dead.ts";
import { areOf, lasted, many } from "../../durable/rules/phrases.ts";
import type { Status } from "../../durable/rules/views.ts";
import { isRoutine, placeOf } from "./guards.ts";

export interface Verdict {
  readonly word: "STALE" | "REMOVING" | "BLIND" | "HELD BACK" | "PAUSED" | "GROWING" | "WELL";
  /** What holds it back, or what is paused. */
  readonly by: string | null;
  readonly why: string;
}

/** The worst of what is true. */
export function verdictOf(status: Status, now: number): Verdict {
  const { lastTick, removing, paused } = status;
  const ageMs = lastTick === null ? null : now - Date.parse(lastTick.at);
  if (ageMs === null)
    return {
      word: "STALE",
      by: null,
      why: "No tick is known: the fleet is new, or its object has just woken. One comes within a minute.",
    };
  if (ageMs > TICK_AGE_MAX_MS)
    return {
      word: "STALE",
      by: null,
      why: `Nobody runs the fleet: its last good tick was ${lasted(ageMs)} ago. Nothing is launched or deleted, and what is below is old.`,
    };
  if (removing) return { word: "REMOVING", by: null, why: removal(status) };
  if (status.blockers.some(({ guard }) => guard === "blindEyes"))
    return {
      word: "BLIND",
      by: null,
      why: `${many(status.counts.unknown, "server")} ${areOf(status.counts.unknown)} silent at once: nobody knows which are free. Nothing is deleted.`,
    };
  const [worst] = status.blockers
    .map(({ guard }) => guard)
    .filter((guard) => guard !== "paused" && !isRoutine(guard))
    .toSorted((a, b) => placeOf(a) - placeOf(b));
  const { listedAt } = status.eyes;
  if (worst === "noListing" && listedAt !== null) {
    const seen = lasted(now - Date.parse(listedAt));
    return {
      word: "HELD BACK",
      by: worst,
      why: `${spares(status)} AWS last showed the servers ${seen} ago.`,
    };
  }
  if (worst !== undefined)
    return { word: "HELD BACK", by: worst, why: `${spares(status)} ${onItsWay(status)}` };
  if (paused.length > 0) return { word: "PAUSED", by: names(status), why: spares(status) };
  if (status.spares < status.target.spares)
    return { word: "GROWING", by: null, why: `${spares(status)} ${onItsWay(status)}` };
  const { unknown } = status.counts;
  const silent = unknown === 0 ? "" : ` ${many(unknown, "server")} ${areOf(unknown)} silent.`;
  return { word: "WELL", by: null, why: `${spares(status)}${silent}` };
}

function removal({ counts, sessions }: Status): string {
  const waits =
    sessions === 0 ? "" : ` ${many(sessions, "session")} ${areOf(sessions)} waited for.`;
  return `The fleet is being removed: ${many(counts.total, "server")} ${areOf(counts.total)} left.${waits}`;
}

function spares({ spares, target }: Status): string {
  if (spares === 0 && target.spares > 0)
    return `New sessions cannot start: no spare is left, ${target.spares} wanted.`;
  return `${many(spares, "spare")}, ${target.spares} wanted.`;
}

function onItsWay({ counts, mode }: Status): string {
  if (mode === "observe") return "It only observes, and launches nothing.";
  const { launching } = counts;
  if (launching === 0) return "Nothing is on its way.";
  return `${many(launching, "server")} ${areOf(launching)} on ${launching === 1 ? "its" : "their"} way.`;
}

function names({ paused }: Status): string {
  return [...new Set(paused.map(({ what }) => what))].join(", ");
}
