/**
 * Boots that fail. An instance that we created and that never gave a reading within its time limit
 * takes the short way to deletion. Nothing else does: one that has answered is drained, and while
 * the eyes are blind a silent boot is not a failed boot, nor while it is owed its turn to be asked.
 */
import { isUnanswered, refusedPorts } from "./failing.ts";
import { deleteRoom } from "./guard.ts";
import { isListed } from "./listed.ts";
import { SCRIPT_LOG } from "./launch-script.ts";
import type { Hold, Instance } from "./model.ts";
import type { Tally } from "./occupancy.ts";
import { isProtected } from "./protection.ts";
import { cordon, deletions } from "./retire.ts";
import { rolloutOf } from "./rollout.ts";
import { isPaused, join, type Moves, NO_MOVES, type State } from "./state.ts";

/** A server whose ports were refused less often by themselves has waited while others tried. */
const REFUSALS_OF_ITS_OWN = 3;

export function giveUpBoots(state: State, counts: Tally): Moves {
  const overdue = [...state.instances.values()].filter((row) => isOverdue(state, row));
  if (overdue.length === 0 || counts.blind) return NO_MOVES;
  const silent = overdue.filter(
    (row) => row.createdByUs && !row.adopted && !row.everRead && !isProtected(row),
  );
  const heard = isPaused(state, "retire")
    ? []
    : overdue.filter((row) => row.everRead && row.phase === "warming" && !isProtected(row));
  const named = silent.filter((row) => isListed(state, row));
  const { room, blockers } = deleteRoom(state, counts, named.length);
  const failed = named.slice(0, room);
  const moves = deletions(state, failed, blockers, (row) => ({
    message: `delete ${row.name}: its boot failed, ${reasonOf(row)}`,
    data: { reason: "bootFailed", phase: row.phase, plannedAt: row.plannedAt },
  }));
  return join(join(moves, countFailedBoots(state, failed)), drains(state, heard));
}

/**
 * Only what the server had to do by itself counts, and only once we have looked: time in which it waited for
 * a call of ours, or for its turn to be asked, is not its fault.
 */
function isOverdue(state: State, row: Instance): boolean {
  const { startSeconds, readySeconds } = state.spec.timeouts;
  switch (row.phase) {
    case "starting": {
      const pendingAt = state.memory.pendingAt.get(row.name) ?? null;
      return pendingAt !== null && pendingAt - row.phaseSince >= startSeconds * 1000;
    }
    case "configuring":
      // It waits for its ports: that fails only if AWS refuses them, and neither for want of tokens nor of an answer.
      // What fails for one after the other would fail for the next one, too: those wait until it is put right.
      return (
        row.refusedSince !== null &&
        refusedMs(state, row.refusedSince, row) >= readySeconds * 1000 &&
        row.attempts >= REFUSALS_OF_ITS_OWN &&
        !isUnanswered(state, "ports") &&
        refusedPorts(state) === null
      );
    case "warming": {
      // Nobody asks a machine that is off: then it does not wait for its turn.
      const isOff = row.stoppedSince !== null;
      const askedAt = isOff ? state.now : (state.memory.freshness.get(row.name)?.askedAt ?? null);
      return askedAt !== null && askedAt - row.phaseSince >= readySeconds * 1000;
    }
    case "planned":
    case "ready":
    case "draining":
    case "deleting":
    case "lost":
    case "gone":
      return false;
  }
}

/** Up to its next attempt: from then on it waits for us. */
function refusedMs({ now }: State, since: number, { nextAttemptAt }: Instance): number {
  return Math.min(now, nextAttemptAt) - since;
}

function reasonOf(row: Instance): string {
  if (row.phase === "starting") return "it had no address within timeouts.startSeconds";
  if (row.phase === "configuring")
    return `its ports could not be opened for timeouts.readySeconds: ${row.lastError}`;
  return "its media server gave no reading within timeouts.readySeconds";
}

function drains(state: State, rows: readonly Instance[]): Moves {
  return {
    ...NO_MOVES,
    rows: rows.map((row) => cordon(state, row, "replace")),
    events: rows.map(({ name }) => ({
      kind: "drain",
      instance: name,
      message: `drain ${name}: it answered, but was never steadily ready within timeouts.readySeconds`,
      data: { reason: "replace" },
    })),
  };
}

/** Counts the failures; at the limit, launching stops for a while. */
export function countFailedBoots(state: State, failed: readonly Instance[]): Moves {
  if (failed.length === 0) return NO_MOVES;
  const { count, openSeconds } = state.spec.limits.failedBoots;
  const failedBoots = state.failedBoots + failed.length;
  const others = state.holds.filter(({ guard }) => guard !== "failedBoots" && guard !== "rollout");
  const hold = (guard: "failedBoots" | "rollout"): Hold => ({
    guard,
    subject: "",
    since: state.now,
    until: state.now + openSeconds * 1000,
    detail: `${failedBoots} failed boots in a row`,
  });
  const holds = [
    ...others,
    ...(failedBoots >= count ? [hold("failedBoots")] : []),
    ...(rolloutOf(state) === null ? [] : [hold("rollout")]),
  ];
  return {
    ...NO_MOVES,
    events: failed.map(({ name }) => ({
      kind: "bootFailed",
      instance: name,
      message: `${name} failed to boot (${failedBoots} in a row); to see why, protect one that boots and read ${SCRIPT_LOG} on it`,
    })),
    state: { failedBoots, holds },
  };
}
