import type { SimEvent } from "../event.ts";
import type { Truth } from "./invariant.ts";
export function startOracle(): (event: SimEvent, truth: Truth) => { invariant: string; detail: string } | null {
  return (event, truth) => {
    if (event.kind === "call" && event.op === "DeleteInstance" && event.hadEffect && event.by === "fleet")
      for (const n of event.names) if (truth.sessionsOn(n) > 0 && !truth.isForced(n)) return { invariant: "I1", detail: n };
    if (event.kind === "end" && truth.goal) { const ours = truth.held().filter(h => h.owner === truth.owner); if (truth.goal.instances !== null && ours.length !== truth.goal.instances) return { invariant: "I18", detail: `${ours.length} of ${truth.goal.instances}` }; }
    return null;
  };
}
