/** The fleet is being removed: everything is drained and deleted, or with force deleted at once. */
import { brokenBy, withLeasesBroken } from "./lease.ts";
import { isListed } from "./listed.ts";
import type { Phase } from "./model.ts";
import { many } from "./phrases.ts";
import { isProtected, protectedBlockers } from "./protection.ts";
import { cancelPlanned, cordon, deletions } from "./retire.ts";
import { isPaused, join, type Moves, NO_MOVES, type State } from "./state.ts";
import { change } from "./transition.ts";

/** What a forced removal deletes at once. */
const FORCED: ReadonlySet<Phase> = new Set([
  "starting",
  "configuring",
  "warming",
  "ready",
  "draining",
]);

/** While a fleet is removed: all that serves is drained; with force, everything is deleted at once. */
export function removeAll(state: State): Moves {
  if (state.removing === null || isPaused(state, "retire")) return NO_MOVES;
  const rows = [...state.instances.values()];
  const cancelled = cancelPlanned(state, Number.POSITIVE_INFINITY, "is not needed any more");
  if (state.removing.force) {
    const alive = rows.filter((row) => FORCED.has(row.phase) && isListed(state, row));
    const [kept, dying] = [alive.filter(isProtected), alive.filter((row) => !isProtected(row))];
    const deleted = deletions(state, dying, protectedBlockers(kept.length), (row) => ({
      message: `delete ${row.name}: the fleet is removed by force, with ${many(row.sessions, "session")} on it${withLeasesBroken(state, row)}`,
      data: { reason: "force", sessions: row.sessions, leases: brokenBy(state, row) },
    }));
    return join(deleted, { ...NO_MOVES, ...cancelled });
  }
  const ready = rows.filter(({ phase }) => phase === "ready");
  const serving = ready.filter((row) => !isProtected(row));
  // Anyone who wants the fleet gone does not want one of its servers held.
  const draining = rows.filter(
    ({ phase, drainReason, drainHold }) =>
      phase === "draining" && (drainReason === "surplus" || drainHold),
  );
  return {
    ...NO_MOVES,
    rows: [
      ...cancelled.rows,
      ...serving.map((row) => cordon(state, row, "fleet")),
      ...draining.map((row) => change(row, state.now, { drainReason: "fleet", drainHold: false })),
    ],
    events: [
      ...cancelled.events,
      ...serving.map(({ name }) => ({
        kind: "drain" as const,
        instance: name,
        message: `drain ${name}: the fleet is being removed`,
        data: { reason: "fleet" },
      })),
    ],
    blockers: protectedBlockers(ready.length - serving.length),
  };
}
