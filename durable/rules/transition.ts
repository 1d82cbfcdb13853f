/**
 * The life of an instance: the one table of its moves, and the one function that makes them.
 *
 *   planned --created--> starting --has an address--> configuring --ports put--> warming --ready--> ready
 *      |                    |                              |                        |           |    ^
 *      | rejected           +----- boot failed or timed out, never a reading -------+    cordon v    | needed again
 *      v                                                   v                                 draining
 *     gone <---------absent twice---------- deleting <-----------------confirmed empty----------+
 *
 *   deleting -> draining: its address has changed before the delete was made, and the decision rests on replies.
 *   starting -> gone: AWS accepted its create, and says that it failed.
 *   Any phase after `planned` but `deleting` -> lost: no longer listed, and not by us; then gone.
 *   lost, gone -> ready: listed again with our tags, adopted.
 *
 * The ledger's trigger lists the same moves, so that SQL refuses what this function refuses; a test
 * compares the two.
 */
import type { Instance, Phase } from "./model.ts";

export const MOVES: Readonly<Record<Phase, readonly Phase[]>> = {
  planned: ["starting", "gone"],
  starting: ["configuring", "deleting", "lost", "gone"],
  configuring: ["warming", "deleting", "lost"],
  warming: ["ready", "draining", "deleting", "lost"],
  ready: ["draining", "deleting", "lost"],
  draining: ["ready", "deleting", "lost"],
  deleting: ["gone", "draining"],
  lost: ["gone", "ready"],
  gone: ["ready"],
};

export const PHASES = Object.keys(MOVES) as readonly Phase[];

/** Phases of an instance that is on its way to be a spare. */
export const LAUNCHING: ReadonlySet<Phase> = new Set([
  "planned",
  "starting",
  "configuring",
  "warming",
]);

/** Phases in which the media server is asked for its sessions. */
export const PROBED: ReadonlySet<Phase> = new Set(["warming", "ready", "draining"]);

/** What a write may change besides the phase; revision and times are the functions' own. */
export type Changes = Partial<
  Omit<Instance, "name" | "phase" | "phaseSince" | "revision" | "changedAt">
>;

/**
 * Moves an instance to another phase.
 * @throws if the table does not know the move: that is a fault of ours, never of the world.
 */
export function transition(row: Instance, to: Phase, now: number, changes: Changes = {}): Instance {
  if (!MOVES[row.phase].includes(to))
    throw new Error(`${row.name} cannot move from ${row.phase} to ${to}`);
  return {
    ...row,
    ...WAITS_FOR_NOTHING,
    ...changes,
    phase: to,
    phaseSince: now,
    revision: row.revision + 1,
    changedAt: now,
  };
}

/** Changes a row within its phase. */
export function change(row: Instance, now: number, changes: Changes): Instance {
  return { ...row, ...changes, revision: row.revision + 1, changedAt: now };
}

/** What a server is that goes back to work. */
export const NOT_DRAINING = {
  cordonedAt: null,
  drainReason: null,
  drainHold: false,
} as const satisfies Changes;

/** A new phase starts with a clean slate of attempts. */
const WAITS_FOR_NOTHING = {
  step: null,
  attempts: 0,
  nextAttemptAt: 0,
  lastError: null,
  refusedSince: null,
  command: null,
  mayExist: false,
} as const satisfies Changes;

/** A row of which nothing is known yet. */
export const BLANK: Omit<
  Instance,
  "name" | "phase" | "phaseSince" | "changedAt" | "plannedAt" | "zone"
> = {
  revision: 1,
  createdByUs: false,
  adopted: false,
  everRead: false,
  step: null,
  attempts: 0,
  nextAttemptAt: 0,
  lastError: null,
  refusedSince: null,
  command: null,
  mayExist: false,
  arn: null,
  operation: null,
  publicIp: null,
  privateIp: null,
  ipv6: null,
  movedTick: null,
  template: null,
  health: null,
  portsHash: null,
  tagsHash: null,
  bundle: null,
  occupancy: "unknown",
  sessions: 0,
  saysDraining: false,
  drainTold: false,
  protectedBy: null,
  protectedByTag: false,
  protectedSince: null,
  createdAt: null,
  readyAt: null,
  idleSince: null,
  busySince: null,
  stoppedSince: null,
  cordonedAt: null,
  drainReason: null,
  drainHold: false,
  deletingAt: null,
  restsOnReply: false,
  goneAt: null,
};
