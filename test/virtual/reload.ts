/**
 * A fleet's memory is a cache of its tables: what a transaction leaves in it is what a cold start would
 * load. Of `State.memory` only what is learned of AWS's rates is kept; the rest lives only as long as the object.
 */
import { isDeepStrictEqual } from "node:util";
import type { Engine } from "../../durable/engine.ts";
import { loadState } from "../../durable/ledger/ledger.ts";
import { readAlerts } from "../../durable/ledger/outbox.ts";
import { openCommands, readFleet } from "../../durable/ledger/records.ts";
import { BUCKETS } from "../../durable/rules/budget.ts";
import type { OpenAlert } from "../../durable/rules/bulletins.ts";
import { HOUR_MS, LEADS_KEPT } from "../../durable/rules/limits.ts";
import type { State } from "../../durable/rules/state.ts";

/** Sums of dollars have their last digits from the order in which they were made. */
const ROUNDING_USD = 1e-6;
const TOLD_MAX = 400;

/**
 * Compares the memory of a living engine with its tables. It costs a cold start.
 *
 * @param now milliseconds since the epoch, at or after the last commit
 * @returns one line for each difference; none while no fleet is configured
 */
export function differencesToTables(engine: Engine, now: number): string[] {
  const live = engine.read(now);
  const record = readFleet(engine.sql);
  if (live === null || record === null)
    return live === null && record === null ? [] : ["the fleet is only in one of the two"];
  // The month is the one in which the last tick began.
  const { beganAt } = live.state;
  const loaded = loadState(engine.sql, record, engine.tickMs, beganAt);
  // Alerts that people were not told of, and since when one has been away, are known to the memory alone.
  const alerts = engine.alerts
    .filter(({ severity }) => severity !== null)
    .map((alert) => ({ ...alert, awaySince: null }));
  return [
    ...differences("record", live.record, record),
    ...differences("state", keptOf(live.state, now), keptOf(loaded, now)),
    ...(Math.abs(live.state.spentOnGone - loaded.spentOnGone) < ROUNDING_USD
      ? []
      : differences("state.spentOnGone", live.state.spentOnGone, loaded.spentOnGone)),
    ...differences("budget", learnedOf(live.state), learnedOf(loaded)),
    ...differences(
      "alerts",
      sorted(alerts, keyOfAlert),
      sorted(readAlerts(engine.sql), keyOfAlert),
    ),
    ...unheldCommands(live.state, new Set(openCommands(engine.sql).map(({ number }) => number))),
  ];
}

/** All that the tables hold, in an order in which the same things are the same. */
function keptOf(state: State, now: number): Record<string, unknown> {
  // They are known by other means: the clock, the calendar, and numbers that are reserved in blocks.
  const { now: _now, beganAt: _beganAt, tick: _tick, agenda: _agenda, memory: _, ...rest } = state;
  const { spentOnGone: _spentOnGone, ...kept } = rest;
  const lastHour = (times: readonly number[]): number[] =>
    times.filter((at) => at > now - HOUR_MS).toSorted((one, other) => one - other);
  return {
    ...kept,
    instances: sorted(kept.instances.values(), ({ name }) => name),
    bundles: sorted(kept.bundles.values(), ({ id }) => id),
    leases: sorted([...kept.leases.values()].flat(), ({ id }) => id),
    holds: sorted(kept.holds, ({ guard, subject }) => `${guard} ${subject}`),
    failing: sorted(kept.failing, ({ call }) => call),
    overrides: sorted(kept.overrides, ({ id }) => id),
    pauses: sorted(kept.pauses, ({ what }) => what),
    adoptions: sorted(kept.adoptions, ({ name }) => name),
    leads: leadsOf(kept),
    launchTimes: lastHour(kept.launchTimes),
    deleteTimes: lastHour(kept.deleteTimes),
  };
}

/** Of servers that were ready in one moment, any may be the last that is remembered: then only how many there are. */
function leadsOf({ leads }: Pick<State, "leads">): readonly number[] | number {
  return leads.length < LEADS_KEPT ? leads.toSorted((one, other) => one - other) : leads.length;
}

/** What is kept of the budget: it is written at refusals, and what is learned between them is not. */
function learnedOf({ memory: { budget } }: State): Record<string, unknown> {
  const refusedAt = BUCKETS.flatMap((name) => {
    const bucket = budget.buckets[name];
    return bucket.ratePerSecond === null ? [] : [[name, bucket.refusedAt] as const];
  });
  return { apart: budget.apart, refusedAt: Object.fromEntries(refusedAt) };
}

function keyOfAlert({ kind, subject }: OpenAlert): string {
  return `${kind} ${subject}`;
}

/** A row that waits for a command waits for ever if the tables hold no open one of its number. */
function unheldCommands({ instances }: State, open: ReadonlySet<number>): string[] {
  return [...instances.values()]
    .filter(({ command }) => command !== null && !open.has(command))
    .map(({ name, command }) => `${name} waits for command ${command}, which is not open`);
}

function sorted<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Item[] {
  return [...items].toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

function differences(path: string, live: unknown, loaded: unknown): string[] {
  if (isDeepStrictEqual(live, loaded)) return [];
  if (!isPlain(live) || !isPlain(loaded))
    return [`${path}: ${told(live)} in memory, ${told(loaded)} in the tables`];
  const keys = new Set([...Object.keys(live), ...Object.keys(loaded)]);
  return [...keys].flatMap((key) => differences(`${path}.${key}`, live[key], loaded[key]));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function told(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, TOLD_MAX);
}
