/**
 * I18: after faults cease, the fleet reaches its target within a stated time, and ends where the same run
 * without faults ends. The goal is that end; the run is over when it is reached or its time is.
 */
import type { Goal, Invariant, Truth } from "./invariant.ts";
import { liveRows } from "./rows.ts";

export const converges: Invariant = {
  id: "I18",
  says: "after faults cease, the fleet reaches its target",
  start: () => (event, truth) => {
    if (event.kind !== "end" || truth.goal === null) return null;
    return (
      missedInstances(truth, truth.goal) ??
      missedSpares(truth, truth.goal) ??
      missedTag(truth, truth.goal) ??
      unfinished(truth)
    );
  },
};

function missedInstances(truth: Truth, { instances }: Goal): string | null {
  const ours = truth.held().filter(({ owner }) => owner === truth.owner);
  if (instances === null) return null;
  if (ours.length !== instances) return `${ours.length} instances, the goal is ${instances}`;
  const idle = ours.find(({ state }) => state !== "running");
  return idle === undefined ? null : `${idle.name} is ${idle.state}`;
}

function missedSpares(truth: Truth, { spares, instances }: Goal): string | null {
  const capacity = truth.spec?.health.capacity ?? 0;
  const held = new Set(truth.held().map(({ name }) => name));
  const there = liveRows(truth)
    .filter(({ phase, name }) => phase === "ready" && held.has(String(name)))
    .reduce((sum, { name }) => sum + Math.max(0, capacity - truth.sessionsOn(String(name))), 0);
  // Spares come by whole servers.
  const isTooMany = instances !== null && there >= spares + Math.max(1, capacity);
  const isReached = there >= spares && !isTooMany;
  return isReached ? null : `${there} spares, the goal is ${spares}`;
}

function missedTag(truth: Truth, { tag }: Goal): string | null {
  const said = truth.tagWritten();
  return tag === null || said === tag ? null : `the tag says ${said}, the last writer wrote ${tag}`;
}

function unfinished(truth: Truth): string | null {
  if (truth.spec === null) return null;
  const row = liveRows(truth).find(({ phase }) => phase !== "ready");
  if (row !== undefined) return `${row["name"]} is still ${row["phase"]}`;
  const [untold] = truth.sql.rows("SELECT id FROM outbox LIMIT 1");
  if (untold !== undefined) return `message ${untold["id"]} to people is not delivered`;
  const unlike = truth.unlikeItsSpec();
  if (unlike !== null) return unlike;
  const [open] = truth.sql.rows("SELECT number FROM commands WHERE outcome IS NULL LIMIT 1");
  return open === undefined ? null : `command ${open["number"]} is not settled`;
}
