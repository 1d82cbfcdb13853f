/** What a calendar month in UTC has cost: out of the rows, which are kept for a while after they are gone. */
import { type Engine, HISTORY_MS } from "./engine.ts";
import { iso, isoOrNull } from "./iso.ts";
import { goneServers } from "./ledger/instances.ts";
import { monthOf } from "./ledger/month.ts";
import {
  endOf,
  fixedUsd,
  type Life,
  peakOf,
  type Period,
  projectedUsd,
  type Share,
  sharesOf,
  type Sum,
  sumOf,
} from "./rules/cost.ts";
import type { CostView, ServerCost } from "./rules/cost-views.ts";
import type { Instance } from "./rules/model.ts";
import { bundleOf } from "./rules/spend.ts";
import type { State } from "./rules/state.ts";
import type { Refusal } from "./rules/views.ts";

/** More in one reply would be of use to a program alone, and it gets their sum. */
const LISTED_MAX = 1_000;

/**
 * @param at any moment of the month
 * @returns null where no fleet was ever configured; a 404 refusal where nothing of the month is kept
 */
export function costOfMonth(
  engine: Engine,
  at: number,
  ec2HourlyUsd: number | null,
  now: number,
): CostView | Refusal | null {
  const live = engine.read(now);
  if (live === null) return null;
  const { state } = live;
  const month = monthOf(at);
  const { bornAt } = state.identity;
  const knownSince = Math.max(bornAt, now - HISTORY_MS);
  if (month.startsAt > now) return unknown(`${nameOf(at)} has not begun.`);
  if (month.endsAt <= knownSince) return unknown(whyUnknown(at, bornAt, knownSince));

  const gone = goneServers(engine.sql, month.startsAt);
  // A planned one is not there yet; one that came back is not gone.
  const running = [...state.instances.values()]
    .filter(({ phase }) => phase !== "planned")
    .map((row) => ({ ...row, goneAt: null }));
  const lives = [...running, ...gone].map((row) => lifeOf(state, row));
  const period: Period = { month, billing: state.spec.retire.billing, now };
  const shares = sharesOf(lives, period);
  const first = Math.min(bornAt, ...shares.map(({ from }) => from));
  const from = Math.max(month.startsAt, first);
  const [listed, rest] = [shares.slice(0, LISTED_MAX), shares.slice(LISTED_MAX)];
  const total = sumOf(shares);
  return {
    fleet: state.identity.fleet,
    month: nameOf(at),
    from: iso(from),
    until: iso(endOf(period)),
    knownSince: knownSince > month.startsAt ? iso(knownSince) : null,
    ...shown(total),
    projectedUsd: month.endsAt <= now ? null : cents(projectedUsd(lives, period)),
    ec2:
      ec2HourlyUsd === null
        ? null
        : { hourlyUsd: ec2HourlyUsd, usd: round(total.hours * ec2HourlyUsd, 2) },
    fixedFleet: fixedFleetOf(lives, from, period),
    instances: listed.map(serverOf),
    omitted: rest.length === 0 ? null : { count: rest.length, ...shown(sumOf(rest)) },
  };
}

function lifeOf(
  state: State,
  row: Pick<Instance, "name" | "bundle" | "createdAt" | "plannedAt" | "goneAt">,
): Life {
  return {
    name: row.name,
    bundle: row.bundle ?? state.spec.bundle,
    usdPerMonth: bundleOf(state, row)?.usdPerMonth ?? null,
    from: row.createdAt ?? row.plannedAt,
    until: row.goneAt,
  };
}

function fixedFleetOf(
  lives: readonly Life[],
  from: number,
  period: Period,
): CostView["fixedFleet"] {
  const peak = peakOf(lives, period);
  if (peak === null) return null;
  const usd = cents(fixedUsd(peak, from, period));
  return { servers: peak.lives.length, at: iso(peak.at), usd };
}

function serverOf(share: Share): ServerCost {
  const { name, bundle, from, until } = share;
  return { name, bundle, from: iso(from), until: isoOrNull(until), ...shown(share) };
}

function shown({ hours, billedHours, usd }: Sum): Sum {
  return { hours: round(hours, 2), billedHours: round(billedHours, 2), usd: cents(usd) };
}

function cents(usd: number | null): number | null {
  return usd === null ? null : round(usd, 2);
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

function nameOf(at: number): string {
  return iso(at).slice(0, 7);
}

function whyUnknown(at: number, bornAt: number, knownSince: number): string {
  return knownSince === bornAt
    ? `Nothing is known of ${nameOf(at)}: this fleet was made at ${iso(bornAt)}. AWS's own bill has what was before.`
    : `Nothing of ${nameOf(at)} is kept any more: a server is known for 90 days after it is gone. AWS's own bill has it.`;
}

function unknown(detail: string): Refusal {
  return { refused: { status: 404, title: "Nothing of that month is kept", detail } };
}
