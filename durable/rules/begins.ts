/** What a spec begins to do with the next tick, in a sentence or two: people read it in the reply to their PUT. */
import { tally } from "./occupancy.ts";
import { dollars, many } from "./phrases.ts";
import { rolloutOf } from "./rollout.ts";
import { supply } from "./size.ts";
import type { State } from "./state.ts";
import { targetOf } from "./target.ts";

export function beginsOf(state: State): string {
  const { spec } = state;
  if (spec.mode === "observe")
    return 'Nothing is changed: the spec says "mode": "observe". The dry run and the status say what it would do.';
  const counts = tally(state);
  const { spares, source, expression } = targetOf(state, counts.expected);
  const wanted = `${many(spares, "spare")} (${source}: ${expression})`;
  const missing = Math.ceil((spares - supply(state, counts)) / spec.health.capacity);
  if (missing > 0)
    return `From the next tick on it launches ${many(missing, "server")} for ${wanted}. ${bounds(state)}`;
  const outdated = rolloutOf(state)?.outdated.length ?? 0;
  if (outdated > 0)
    return `From the next tick on it replaces ${many(outdated, "outdated server")}, one after the other. ${bounds(state)}`;
  const surplus = Math.floor((counts.spares - spares) / spec.health.capacity);
  if (surplus > 0)
    return `It keeps ${wanted}. ${many(surplus, "idle server")} more than that are retired once that has lasted for ${spec.retire.idleForSeconds} s.`;
  return `It keeps ${wanted}, and has or launches them already. ${bounds(state)}`;
}

/** How far it may go, and what else may change the target soon. */
function bounds({ spec, memory }: State): string {
  const { maxInstances, maxMonthlyUsd } = spec.limits;
  const cap =
    maxMonthlyUsd === null
      ? "limits.maxMonthlyUsd sets no limit to what a month may cost."
      : `A month may cost ${dollars(maxMonthlyUsd)} at the most.`;
  const tag =
    spec.spares.tag === null || memory.tagReadAt !== null
      ? ""
      : ` The tag on ${spec.spares.tag.resource} is read first, and may say another target.`;
  return `It never has more than ${many(maxInstances, "server")}. ${cap}${tag}`;
}
