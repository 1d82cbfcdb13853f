/** The boundaries that a spec's schedule has by the reference, which walks minutes and knows no calendar. */
import {
  type Expected,
  expectedBoundaries,
  type WrittenSchedule,
} from "../../calendar-reference/schedule.ts";
import type { Spec } from "../../../durable/rules/spec.ts";
import type { Truth } from "./invariant.ts";

const DAY_MS = 86_400_000;
/** Every entry of a simulated schedule begins at least once a day. */
const BEFORE_MS = 2 * DAY_MS;
const AHEAD_MS = DAY_MS;

export function isScheduled({ spares }: Spec): boolean {
  return spares.schedule.length + spares.specialDays.length > 0;
}

/** The schedule of a spec, to tell one from another. */
export function writtenOf({ spares: { schedule, specialDays } }: Spec): string {
  return JSON.stringify([schedule, specialDays]);
}

export class Expectation {
  #spec: Spec | null = null;
  #written = "";
  #until = -Infinity;
  #boundaries: readonly Expected[] = [];

  /** The newest boundary until a moment, or null. */
  last(spec: Spec, at: number): Expected | null {
    return this.#of(spec, at).findLast((each) => each.at <= at) ?? null;
  }

  /** Those after a moment, until another and with it. */
  between(spec: Spec, from: number, until: number): readonly Expected[] {
    return this.#of(spec, from).filter(({ at }) => at > from && at <= until);
  }

  #of(spec: Spec, at: number): readonly Expected[] {
    if (spec !== this.#spec || at > this.#until) {
      const written = writtenOf(spec);
      if (written !== this.#written || at > this.#until) this.#look(spec.spares, at);
      this.#written = written;
      this.#spec = spec;
    }
    return this.#boundaries;
  }

  #look(schedule: WrittenSchedule, at: number): void {
    this.#boundaries = expectedBoundaries(schedule, at - BEFORE_MS, at + AHEAD_MS);
    this.#until = at + AHEAD_MS / 2;
  }
}

/** The boundary that the ledger has applied last; null for a ledger that has not looked yet. */
export interface Ruled {
  readonly at: number | null;
  readonly value: string | null;
  readonly special: boolean;
  readonly appliedAt: number;
}

export function ruledOf({ sql }: Truth): Ruled | null {
  const [row] = sql.rows("SELECT boundaryAt, value, special, appliedAt FROM ruling");
  if (row === undefined) return null;
  const { boundaryAt, value, special, appliedAt } = row;
  return {
    at: boundaryAt === null ? null : Number(boundaryAt),
    value: value === null ? null : String(value),
    special: special === 1,
    appliedAt: Number(appliedAt),
  };
}

/** A boundary's value on its way into the tag. */
export interface Written {
  readonly value: string;
  readonly isRead: boolean;
}

export function writeOf({ sql }: Truth): Written | null {
  const [row] = sql.rows("SELECT value, readBackAt FROM tagWrite");
  return row === undefined
    ? null
    : { value: String(row["value"]), isRead: row["readBackAt"] !== null };
}

export function isPausedAt({ sql }: Truth, at: number): boolean {
  const statement =
    "SELECT 1 FROM pauses WHERE what = 'schedule' AND (endsAt IS NULL OR endsAt > ?)";
  return sql.rows(statement, at).length > 0;
}

export function isRemoved({ sql }: Truth): boolean {
  return sql.rows("SELECT 1 FROM fleet WHERE removing IS NULL").length === 0;
}
