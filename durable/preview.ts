/** What a preview of the schedule needs of a fleet: the Worker makes the preview, so that no tick waits for it. */
import { overridesOf } from "./report.ts";
import { leadMs } from "./rules/coming.ts";
import { tally } from "./rules/occupancy.ts";
import { isPending } from "./rules/schedule.ts";
import { hourlyUsdOf } from "./rules/spend.ts";
import type { State } from "./rules/state.ts";
import { targetOf } from "./rules/target.ts";
import type { ScheduleBasis } from "./rules/target-views.ts";

export function scheduleBasisOf(state: State): ScheduleBasis {
  const { now, spec, ruling, leads } = state;
  const { expected } = tally(state);
  const { schedule, specialDays, min, max } = spec.spares;
  return {
    now,
    spares: { schedule, specialDays, min, max, default: spec.spares.default },
    sessions: expected,
    sparesNow: targetOf(state, expected).spares,
    capacity: spec.health.capacity,
    hourlyUsd: hourlyUsdOf(state),
    leadMs: leadMs(state),
    leadMeasuredOn: leads.length,
    ruling: ruling?.boundary ?? null,
    tagWritePending: isPending(ruling),
    overrides: overridesOf(state),
  };
}
