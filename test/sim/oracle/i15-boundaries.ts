/**
 * I15: each boundary of the schedule is applied exactly once, at the right local time. Judged at every
 * plan that is committed, by the boundaries of the reference and the object's own clock:
 *
 * 1. What is applied is a boundary of the reference with its value, and the newest one: of those that
 *    were missed the others are never applied.
 * 2. Not before its instant by the clock that the object had.
 * 3. Once: while the schedule stays the same, no boundary that is not newer is applied again, whatever
 *    happens to the object or to its clock.
 * 4. After the plan the newest boundary is the one that rules. A schedule that is paused, or a fleet that
 *    is being removed, applies none.
 * 5. It is applied within a minute of the first ring of the alarm that was over and left it behind, while
 *    the object's storage works.
 */
import type { Expected } from "../../calendar-reference/schedule.ts";
import type { Spec } from "../../../durable/rules/spec.ts";
import type { SimEvent } from "../event.ts";
import {
  Expectation,
  isPausedAt,
  isRemoved,
  isScheduled,
  ruledOf,
  type Ruled,
  writtenOf,
} from "./expected.ts";
import type { Check, Truth } from "./invariant.ts";
import { incarnationOf } from "./rows.ts";

const APPLIED_WITHIN_MS = 60_000;

/** An audit row. */
interface Applied {
  readonly id: number;
  readonly byClock: number;
  readonly at: number;
  readonly value: string | null;
}

export function boundariesAreAppliedOnce(): Check {
  const expectation = new Expectation();
  const reign = new Reign();
  let skew = 0;
  return (event, truth) => {
    const before = skew;
    skew = truth.objectNow - truth.now;
    const { spec } = truth;
    if (event.kind !== "commit" || event.stage !== "plan" || spec === null) return null;
    const applied = reign.newlyApplied(spec, truth);
    if (applied === null) return null;
    // The clock has jumped between the decision and its commit: nobody can say when it was.
    return (
      wrongly(applied, reign, expectation, truth) ??
      (before === skew ? notRuling(spec, expectation, truth) : null)
    );
  };
}

/** What was applied by one ledger while its schedule stays the same. */
class Reign {
  #incarnation: string | null = null;
  #written = "[[],[]]";
  #lastEvent = 0;
  #newest = -Infinity;

  /** Null where there is no schedule, and was none. */
  newlyApplied(spec: Spec, truth: Truth): readonly Applied[] | null {
    const incarnation = incarnationOf(truth);
    if (incarnation !== this.#incarnation) {
      this.#lastEvent = 0;
      this.#newest = -Infinity;
    }
    this.#incarnation = incarnation;
    const written = writtenOf(spec);
    if (!isScheduled(spec) && written === this.#written) return null;
    if (written !== this.#written) this.#newest = -Infinity;
    this.#written = written;
    const rows = truth.sql.rows(
      "SELECT id, at, data FROM events WHERE id > ? AND kind = 'boundary' ORDER BY id",
      this.#lastEvent,
    );
    return rows.map((row) => {
      const { at, value } = JSON.parse(String(row["data"])) as Pick<Applied, "at" | "value">;
      return { id: Number(row["id"]), byClock: Number(row["at"]), at, value };
    });
  }

  /** Whether it was applied before, or one that is newer. */
  knows({ id, at }: Applied): boolean {
    const isKnown = at <= this.#newest;
    this.#lastEvent = id;
    this.#newest = Math.max(at, this.#newest);
    return isKnown;
  }
}

function wrongly(
  applied: readonly Applied[],
  reign: Reign,
  expectation: Expectation,
  truth: Truth,
): string | null {
  let found: string | null = null;
  for (const each of applied) {
    const isAgain = reign.knows(each);
    found ??= isAgain ? `the boundary ${told(each)} was applied again` : null;
    found ??= wrong(each, expectation, truth);
  }
  return found ?? (applied.length > 1 ? `${applied.length} boundaries applied in one tick` : null);
}

function wrong(applied: Applied, expectation: Expectation, truth: Truth): string | null {
  const { spec } = truth;
  if (spec === null) return null;
  const { at, byClock } = applied;
  if (byClock < at) return `the boundary ${told(applied)} was applied before its time`;
  if (isPausedAt(truth, byClock))
    return `${told(applied)} was applied, though the schedule is paused`;
  if (isRemoved(truth)) return `${told(applied)} was applied, though the fleet is being removed`;
  const newest = expectation.last(spec, byClock);
  return newest !== null && newest.at === at && newest.value === applied.value
    ? null
    : `the boundary ${told(applied)} was applied; by the reference it is ${told(newest)}`;
}

function notRuling(spec: Spec, expectation: Expectation, truth: Truth): string | null {
  const ruled = ruledOf(truth);
  if (isPausedAt(truth, truth.objectNow) || isRemoved(truth)) return null;
  if (ruled === null) return "a plan was committed, and nothing says which boundary rules";
  const newest = expectation.last(spec, truth.objectNow);
  return isBehind(ruled, newest)
    ? `the boundary ${told(newest)} is due, and ${told(ruled)} rules`
    : null;
}

/** A boundary that was applied stands, though the clock was set back since. */
function isBehind(ruled: Ruled, newest: Expected | null): boolean {
  if (newest === null || (ruled.at !== null && ruled.at > newest.at)) return false;
  return ruled.at !== newest.at || ruled.value !== newest.value || ruled.special !== newest.special;
}

export function boundariesAreAppliedInTime(): Check {
  const expectation = new Expectation();
  let behindSince: number | null = null;
  return (event, truth) => {
    const { spec } = truth;
    if (spec === null || !truth.clockworkWorks || isInterrupted(event)) behindSince = null;
    if (event.kind !== "alarm" || event.what !== "finished" || spec === null) return null;
    if (!truth.clockworkWorks || !isScheduled(spec)) return null;
    const ruled = ruledOf(truth);
    const newest = expectation.last(spec, truth.objectNow);
    const isHeld = isPausedAt(truth, truth.objectNow) || isRemoved(truth);
    if (isHeld || (ruled !== null && !isBehind(ruled, newest))) behindSince = null;
    else behindSince ??= truth.now;
    return behindSince !== null && truth.now - behindSince > APPLIED_WITHIN_MS
      ? `the boundary ${told(newest)} is due, and has not been applied for ${truth.now - behindSince} ms`
      : null;
  };
}

/** The object is dead, or cannot read its ledger for a while. */
function isInterrupted(event: SimEvent): boolean {
  if (event.kind === "fault") return event.fault === "newerSchema";
  return event.kind === "crash" || event.kind === "stateLost";
}

function told(boundary: { at: number | null; value: string | null } | null): string {
  if (boundary === null || boundary.at === null) return "none";
  return `of ${new Date(boundary.at).toISOString()} (${boundary.value ?? "nothing"})`;
}
