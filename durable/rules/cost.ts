/**
 * What a month has cost, by the lives of its servers.
 *
 * 1. The sums are those of their parts: of servers, of months, of what is listed and what is omitted.
 * 2. An hour on the border of two months is paid for once.
 * 3. Where one price is not known, no sum that needs it is told.
 */
import { HOUR_MS } from "./limits.ts";
import type { Spec } from "./spec.ts";
import { billedHours, type Month, usdOfHours } from "./spend.ts";

/** One server's life as AWS bills it. */
export interface Life {
  readonly name: string;
  readonly bundle: string;
  /** Null where its price is not known. */
  readonly usdPerMonth: number | null;
  readonly from: number;
  /** Null while it runs. */
  readonly until: number | null;
}

export interface Period {
  readonly month: Month;
  readonly billing: Spec["retire"]["billing"];
  readonly now: number;
}

export interface Sum {
  readonly hours: number;
  readonly billedHours: number;
  readonly usd: number | null;
}

export type Share = Life & Sum;

/** What each server has cost in the month, the dearest first; those that were not there then are left out. */
export function sharesOf(lives: readonly Life[], period: Period): Share[] {
  return lives
    .map((life): Share => ({ ...life, ...shareOf(life, period, endOf(period)) }))
    .filter(({ hours }) => hours > 0)
    .toSorted(
      (one, other) => (other.usd ?? 0) - (one.usd ?? 0) || (one.name < other.name ? -1 : 1),
    );
}

export function sumOf(parts: readonly Sum[]): Sum {
  const usd = parts.map((part) => part.usd);
  return {
    hours: parts.reduce((sum, { hours }) => sum + hours, 0),
    billedHours: parts.reduce((sum, { billedHours }) => sum + billedHours, 0),
    usd: sumOfKnown(usd),
  };
}

/** US dollars of the month, should all that runs now run to its end. */
export function projectedUsd(lives: readonly Life[], period: Period): number | null {
  const there = lives.filter((life) => shareOf(life, period, period.month.endsAt).hours > 0);
  return sumOfKnown(there.map((life) => shareOf(life, period, period.month.endsAt).usd));
}

export interface Peak {
  readonly at: number;
  readonly lives: readonly Life[];
}

/** When most servers were there at once in the month so far, for the first time; null where none was. */
export function peakOf(lives: readonly Life[], period: Period): Peak | null {
  const end = endOf(period);
  const within = lives
    .map((life) => ({
      life,
      from: Math.max(life.from, period.month.startsAt),
      until: Math.min(life.until ?? end, end),
    }))
    .filter(({ from, until }) => from < until);
  // The number rises only where a life begins; one that ends at that very moment is over.
  const begun = within.map(({ from }) => from).sort((one, other) => one - other);
  const ended = within.map(({ until }) => until).sort((one, other) => one - other);
  let [most, at, over] = [0, 0, 0];
  for (const [index, from] of begun.entries()) {
    while ((ended[over] ?? Number.POSITIVE_INFINITY) <= from) over += 1;
    const there = index + 1 - over;
    if (there > most) [most, at] = [there, from];
  }
  if (most === 0) return null;
  return {
    at,
    lives: within.filter(({ from, until }) => from <= at && at < until).map(({ life }) => life),
  };
}

/** US dollars, had the servers of the peak been there from `from` on. */
export function fixedUsd({ lives }: Peak, from: number, period: Period): number | null {
  const always = lives.map((life) => ({ ...life, from, until: null }));
  return sumOfKnown(always.map((life) => shareOf(life, period, endOf(period)).usd));
}

/** The month so far, or all of it. */
export function endOf({ month, now }: Pick<Period, "month" | "now">): number {
  return Math.min(now, month.endsAt);
}

function shareOf({ from, until, usdPerMonth }: Life, period: Period, end: number): Sum {
  const { month, billing } = period;
  const last = Math.min(until ?? end, end);
  const hours = Math.max(0, last - Math.max(from, month.startsAt)) / HOUR_MS;
  const billed = billedHours(month, billing, from, last);
  const usd = usdPerMonth === null ? null : usdOfHours(billed, usdPerMonth);
  return { hours, billedHours: billed, usd };
}

function sumOfKnown(parts: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const part of parts) {
    if (part === null) return null;
    sum += part;
  }
  return sum;
}
