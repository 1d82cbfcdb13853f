/** What `/metrics` is made from, besides the status. */
import type { Meters } from "./meters.ts";
import { bucketOf, LANES, tokens } from "./rules/budget.ts";
import { leadMs } from "./rules/coming.ts";
import type { Occupancy, Phase } from "./rules/model.ts";
import { occupancyOf } from "./rules/occupancy.ts";
import type { AccountReading, LaneReading, Readings } from "./rules/readings.ts";
import type { State } from "./rules/state.ts";
import type { Lane } from "./rules/world.ts";

export function readingsOf(state: State, meters: Meters, account: AccountReading): Readings {
  const { failedBoots, maxInstances } = state.spec.limits;
  return {
    instances: instancesOf(state),
    instancesMax: maxInstances,
    lanes: lanesOf(state),
    account,
    holds: state.holds
      .filter(({ until }) => until > state.now)
      .map(({ guard, subject, until }) => ({ guard, subject, until })),
    failedBoots: { inRow: state.failedBoots, limit: failedBoots.count },
    leadSeconds: leadMs(state) / 1000,
    counters: meters.read(),
  };
}

function instancesOf(state: State): Readings["instances"] {
  const counts: Partial<Record<`${Phase} ${Occupancy}`, number>> = {};
  for (const row of state.instances.values()) {
    const key = `${row.phase} ${occupancyOf(state, row)}` as const;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function lanesOf({ memory, now }: State): Readings["lanes"] {
  const { budget } = memory;
  const lanes: Partial<Record<Lane, LaneReading>> = {};
  for (const lane of LANES) {
    const bucket = bucketOf(budget, lane);
    const { ratePerSecond } = budget.buckets[bucket];
    if (ratePerSecond === null) continue;
    lanes[lane] = { bucket, ratePerSecond, tokens: tokens(budget, lane, now) };
  }
  return lanes;
}
