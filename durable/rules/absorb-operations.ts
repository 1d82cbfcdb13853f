/** AWS's word on the operation that makes a server: accepted is not made. */
import { adviceFor } from "./advice.ts";
import { countFailedBoots } from "./boots.ts";
import { failingAfter } from "./failing.ts";
import { holdsAfterRefusal } from "./holds.ts";
import { join, type Moves, NO_MOVES, type State } from "./state.ts";
import { transition } from "./transition.ts";
import type { OperationReading, Outcome, Rejection } from "./world.ts";

/** Refusals that a hold of their own keeps from being repeated; all others count as failed boots. */
const HELD: ReadonlySet<Rejection> = new Set(["zoneCapacity", "quota", "credentials"]);

/**
 * A create that failed after AWS had accepted it. What follows is what a refusal of the create itself would have
 * brought, and the row is gone. If AWS lists it after all, it is adopted.
 */
export function absorbOperation(state: State, reading: OperationReading): Moves {
  const row = state.instances.get(reading.name);
  if (reading.kind !== "failed" || row?.phase !== "starting") return NO_MOVES;
  if (row.operation !== reading.id) return NO_MOVES;
  const { rejection, code, message } = reading;
  const refusal = { kind: "rejected", number: 0, calls: [], requestId: null } as const;
  const outcome: Outcome & { kind: "rejected" } = { ...refusal, rejection, code, message };
  const { what, fix } = adviceFor(outcome);
  const lastError = `${code}: ${message}`;
  const gone = transition(row, "gone", state.now, {
    goneAt: state.now,
    lastError,
  });
  const moves: Moves = {
    ...NO_MOVES,
    rows: [gone],
    events: [
      {
        kind: "rejected",
        instance: row.name,
        message: `AWS accepted the create of ${row.name}, and it failed: ${what} ${fix}`,
        data: { names: [row.name], operation: reading.id, zone: row.zone },
      },
    ],
    state: {
      ...failingAfter(state, "create", outcome),
      ...holdsAfterRefusal(state, { kind: "create", zone: row.zone }, outcome),
    },
  };
  if (HELD.has(rejection)) return moves;
  const held = { ...state, ...moves.state };
  return join(moves, countFailedBoots(held, [gone]));
}
