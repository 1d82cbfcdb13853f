/**
 * I15, of what is launched for early: a value above the target that a launch or a drain was decided with is
 * what a source will say within the longest lead. It is a boundary of the reference, or an override that was
 * booked; where something ends within that time, also what will be left then.
 */
import { LEAD_MAX_MS } from "../../../durable/rules/limits.ts";
import { Expectation, isPausedAt, ruledOf } from "./expected.ts";
import { targetsOf } from "./i15-ruling-source.ts";
import type { Check, Truth } from "./invariant.ts";
import { Trail } from "./rows.ts";
import { sparesBy, tagHeld } from "./ruling.ts";

export function earlyIsComing(): Check {
  const expectation = new Expectation();
  const trail = new Trail();
  return (event, truth) => {
    if (event.kind !== "commit" || truth.spec === null) return null;
    const after = trail.advance(truth);
    if (event.stage !== "plan" || event.moves.length === 0) return null;
    for (const { target, early, sessions } of targetsOf(truth, after)) {
      if (early === null) continue;
      if (early <= target) return `${early} is launched for early, and the target is ${target}`;
      const texts = comingTexts(expectation, truth);
      if (!texts.some((text) => mayMean(text, early, sessions, truth)))
        return `${early} is launched for early, and what is coming says ${texts.join(" or ")}`;
    }
    return null;
  };
}

/**
 * A total counts beside what is coming, which nobody knows here: what it says alone is enough. What lies
 * beneath it now says nothing of then.
 */
function mayMean(text: string, early: number, sessions: number, truth: Truth): boolean {
  const alone = sparesBy(text, sessions, truth, 0);
  return text.startsWith("total") ? alone !== null && early >= alone : alone === early;
}

function comingTexts(expectation: Expectation, truth: Truth): readonly string[] {
  const { spec, sql, objectNow: now } = truth;
  if (spec === null) return [];
  const until = now + LEAD_MAX_MS;
  const boundaries = isPausedAt(truth, now) ? [] : expectation.between(spec, now, until);
  const booked = sql.rows(
    "SELECT expression FROM overrides WHERE startsAt > ? AND startsAt <= ?",
    now,
    until,
  );
  const ending = sql.rows("SELECT 1 FROM overrides WHERE endsAt > ? AND endsAt <= ?", now, until);
  const standing = sql.rows("SELECT expression FROM overrides WHERE endsAt > ?", now);
  const left = [tagHeld(truth), ruledOf(truth)?.value ?? null, spec.spares.default];
  const isLeft = ending.length > 0 || boundaries.some(({ value }) => value === null);
  return [
    ...boundaries.flatMap(({ value }) => (value === null ? [] : [value])),
    ...booked.map(({ expression }) => String(expression)),
    ...(ending.length > 0 ? standing.map(({ expression }) => String(expression)) : []),
    ...(isLeft ? left.flatMap((text) => (text === null ? [] : [text])) : []),
  ];
}
