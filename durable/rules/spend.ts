/**
 * What the month costs. AWS asks a 744th of the monthly price for each hour of a server's life, and for
 * no server more than that price in a month; a stopped server costs the same. A month is a calendar
 * month in UTC. (https://aws.amazon.com/lightsail/pricing: the hourly rate goes up to the monthly one.)
 *
 * The cap binds on what is *committed*: the hours that were run, and what runs now, should all of it
 * run to the end of the month. That is the least that nobody can take back: a server with a broadcast
 * on it stays, however dear it becomes.
 */
import { HOUR_MS } from "./limits.ts";
import type { Bundle, Instance } from "./model.ts";
import { onceFor } from "./once.ts";
import type { Spec } from "./spec.ts";
import type { State } from "./state.ts";

export const PRICED_HOURS_PER_MONTH = 744;

/** A calendar month in UTC: from its first moment to the first of the next. */
export interface Month {
  readonly startsAt: number;
  readonly endsAt: number;
}

export interface Spend {
  /** US dollars for the hours that were run. */
  readonly spent: number;
  /** US dollars, should all that runs now run to the end of the month. */
  readonly committed: number;
  /** False where a price is not known: then the sums say nothing. */
  readonly priced: boolean;
}

/** Added up once for each state. */
export const spendOf = onceFor((state: State): Spend => {
  const { month, now } = state;
  let [spent, committed] = [state.spentOnGone, state.spentOnGone];
  let priced = true;
  for (const row of state.instances.values()) {
    const bundle = bundleOf(state, row);
    if (bundle === null) priced = false;
    else {
      spent += costOf(state, row, bundle, now);
      committed += costOf(state, row, bundle, month.endsAt);
    }
  }
  return { spent, committed, priced };
});

/** US dollars of this month for a server that lives until `until`. */
export function costOf(
  { month, spec }: Pick<State, "month" | "spec">,
  row: Pick<Instance, "createdAt" | "plannedAt">,
  { usdPerMonth }: Bundle,
  until: number,
): number {
  const hours = billedHours(month, spec.retire.billing, row.createdAt ?? row.plannedAt, until);
  return usdOfHours(hours, usdPerMonth);
}

/** Hours of this month for which a server pays that lives from `from` until `until`: begun ones, or those run. */
export function billedHours(
  month: Month,
  billing: Spec["retire"]["billing"],
  from: number,
  until: number,
): number {
  const hours = (at: number): number => {
    const lived = Math.max(0, Math.min(at, month.endsAt) - from) / HOUR_MS;
    return billing === "hour" ? Math.ceil(lived) : lived;
  };
  return Math.max(0, hours(until) - hours(month.startsAt));
}

/** US dollars for so many hours of one server in one month. */
export function usdOfHours(hours: number, usdPerMonth: number): number {
  return Math.min(usdPerMonth, (hours * usdPerMonth) / PRICED_HOURS_PER_MONTH);
}

/** US dollars for an hour of one more server of the spec's bundle; null where its price is not known. */
export function hourlyUsdOf({ bundles, spec }: Pick<State, "bundles" | "spec">): number | null {
  const bundle = bundles.get(spec.bundle);
  return bundle === undefined ? null : bundle.usdPerMonth / PRICED_HOURS_PER_MONTH;
}

/** US dollars for an hour of all that is billed; null where a price is not known. */
export function runningHourlyUsdOf(state: State): number | null {
  const rows = [...state.instances.values()];
  return hourlyUsdOfRows(
    state,
    rows.filter(({ phase }) => phase !== "planned" && phase !== "lost"),
  );
}

/** US dollars for an hour of these servers; null where a price is not known. */
export function hourlyUsdOfRows(state: State, rows: readonly Instance[]): number | null {
  const perMonth = monthlyUsdOfRows(state, rows);
  return perMonth === null ? null : perMonth / PRICED_HOURS_PER_MONTH;
}

/** US dollars for a whole month of all that is there or planned; null where a price is not known. */
export function monthlyUsdOf(state: State): number | null {
  return monthlyUsdOfRows(state, [...state.instances.values()]);
}

function monthlyUsdOfRows(state: State, rows: readonly Instance[]): number | null {
  let sum = 0;
  for (const row of rows) {
    const bundle = bundleOf(state, row);
    if (bundle === null) return null;
    sum += bundle.usdPerMonth;
  }
  return sum;
}

/** Sums of dollars have their last digits from the order in which they were made. */
const ROUNDING = 1e-9;

/**
 * How many more servers of the spec's bundle the cap allows, and below zero how many it has too many;
 * null where its price is not known.
 */
export function affordable(state: State, cap: number): number | null {
  const { committed, priced } = spendOf(state);
  const bundle = state.bundles.get(state.spec.bundle);
  if (!priced || bundle === undefined) return null;
  const hours = Math.ceil((state.month.endsAt - state.now) / HOUR_MS);
  const each = Math.min(bundle.usdPerMonth, (hours * bundle.usdPerMonth) / PRICED_HOURS_PER_MONTH);
  if (each === 0) return Number.POSITIVE_INFINITY;
  return Math.floor((cap - committed) / each + ROUNDING);
}

/** vCPUs of everything that is billed; of a bundle that is not known, those of the spec's. */
export const vcpusOf = onceFor((state: State): number => {
  let vcpus = 0;
  const assumed = state.bundles.get(state.spec.bundle)?.vcpus ?? 0;
  for (const row of state.instances.values()) vcpus += bundleOf(state, row)?.vcpus ?? assumed;
  return vcpus;
});

/** What it is billed as; a row that has not been listed yet is what the spec says. */
export function bundleOf(
  state: Pick<State, "bundles" | "spec">,
  row: Pick<Instance, "bundle">,
): Bundle | null {
  return state.bundles.get(row.bundle ?? state.spec.bundle) ?? null;
}
