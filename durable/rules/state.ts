/**
 * Everything that a decision is made from, and everything that it makes. The rules are functions
 * from `State` to `Moves`; `apply` makes the next rule see what the last one did.
 */
import type { Word } from "./addresses.ts";
import type {
  Adoption,
  Agenda,
  Blocker,
  Bundle,
  Checks,
  Failing,
  Freshness,
  Hold,
  Instance,
  Override,
  Pausable,
  Pause,
  Ruling,
  TagJump,
  TagMemory,
  Trial,
  Turns,
} from "./model.ts";
import type { Unseen } from "./hole.ts";
import { LEADS_KEPT } from "./limits.ts";
import type { LeaseRefused } from "./lease-limits.ts";
import type { Leases } from "./leases.ts";
import type { Spec } from "./spec.ts";
import { bundleOf, costOf, type Month } from "./spend.ts";
import type { Budget } from "./budget.ts";
import type { Scan, Unread } from "./scan.ts";
import type { Command, Stranger } from "./world.ts";

export interface Identity {
  readonly fleet: string;
  /** `{DEPLOYMENT}/{fleet}`. */
  readonly owner: string;
  /** Drawn when the ledger was born, so that a rebuilt fleet never repeats a name. */
  readonly incarnation: string;
  readonly bornAt: number;
}

/** What AWS has shown of itself, and no documentation says. */
export interface Lessons {
  /** Whether it takes the ports of an instance that is still pending. */
  readonly portsWhilePending: "untried" | "accepted" | "refused";
}

export const NO_LESSONS: Lessons = { portsWhilePending: "untried" };

export interface State {
  readonly now: number;
  readonly tick: number;
  /** When this tick began, by the object's own clock: what it looked at, it looked at after that. */
  readonly beganAt: number;
  readonly tickMs: number;
  readonly identity: Identity;
  readonly spec: Spec;
  readonly template: string;
  readonly portsHash: string;
  /** Of the spec's check: the name by which its readings are known where it is tried. */
  readonly healthHash: string;
  /** Of the spec's schedule and special days. */
  readonly scheduleHash: string;
  readonly agenda: Agenda;
  /** The boundary that was applied last; null before the first tick of a ledger. */
  readonly ruling: Ruling | null;
  /** Of the spec's tags, and of those that are to be taken off. */
  readonly tagsHash: string;
  /** Keys that an earlier spec named. */
  readonly retiredTags: readonly string[];
  /** The month in which `now` lies. */
  readonly month: Month;
  /** Set while the fleet is being removed; `force` deletes busy servers too. */
  readonly removing: { readonly force: boolean } | null;
  /** One complete listing was seen in the life of this ledger. */
  readonly listed: boolean;
  /** The number of the next instance, and of the next command. */
  readonly nextInstance: number;
  readonly nextCommand: number;

  /** Every row that is not gone, by name. */
  readonly instances: ReadonlyMap<string, Instance>;
  readonly overrides: readonly Override[];
  readonly pauses: readonly Pause[];
  readonly holds: readonly Hold[];
  /** Kinds of calls that fail now. */
  readonly failing: readonly Failing[];
  readonly tagMemory: TagMemory;
  /** EC2 has told what the tag says, be it nothing: a new value is then no first word. */
  readonly tagWasRead: boolean;
  readonly tagJump: TagJump | null;
  readonly adoptions: readonly Adoption[];
  readonly leases: Leases;
  /** How servers are asked that are not asked as the spec says. */
  readonly checks: Checks;
  /** What AWS asks, by bundle; empty until it was read once. */
  readonly bundles: ReadonlyMap<string, Bundle>;
  /** US dollars that the instances which are gone have cost in this month. */
  readonly spentOnGone: number;
  /** Failed boots since a server last became ready. */
  readonly failedBoots: number;
  /**
   * When each launch and each delete of the last hour was surely carried out. One that is under way is
   * not among them: its row, `planned` or `deleting`, counts for it, however long AWS keeps it waiting.
   */
  readonly launchTimes: readonly number[];
  readonly deleteTimes: readonly number[];
  /** How long each of the last launches took until its server was ready, the newest last. */
  readonly leads: readonly number[];
  readonly lessons: Lessons;

  readonly memory: Memory;
}

/** What lives only as long as the object; a cold start begins with `coldMemory`. */
export interface Memory {
  readonly freshness: ReadonlyMap<string, Freshness>;
  readonly turns: Turns;
  /** What AWS's word came to of servers that are to be deleted because of what they replied, by name. */
  readonly words: ReadonlyMap<string, Word>;
  /** Servers on which the spec's check was tried in vain, by name. */
  readonly trials: ReadonlyMap<string, Trial>;
  /**
   * Servers that answer, though the last complete listing lacked them: it lags, or they are not ours any
   * more, because somebody took our tag away. Nothing of theirs is changed.
   */
  readonly unlisted: ReadonlySet<string>;
  /** When the first complete listing began that lacked an instance. */
  readonly absentSince: ReadonlyMap<string, number>;
  /** When the first of the last listings began that were empty, though several instances should be in them. */
  readonly emptySince: number | null;
  /** Since which listing a server is not as the spec says, by name. */
  readonly driftSince: ReadonlyMap<string, number>;
  /** As the last complete listing showed them. */
  readonly strangers: readonly Stranger[];
  readonly unread: Unread;
  /** When the last complete listing began. */
  readonly listedAt: number | null;
  /** The last look at the listing was complete, and not suspiciously empty. */
  readonly listingTrusted: boolean;
  /** When AWS was last asked what became of the operation that makes a server, by its name. */
  readonly operationsAskedAt: ReadonlyMap<string, number>;
  /** Why the last look at the listing failed; null where it did not. */
  readonly listingTrouble: string | null;
  /** Since when no page of the listing was read, though one was due, and whether AWS throttled it; null where it is read. */
  readonly unseen: Unseen | null;
  /** When the last good reading of the tag began. */
  readonly tagReadAt: number | null;
  /** Since when it could not be read, though it was due; null where it is read. */
  /** The last refusal by each limit of leases. */
  readonly leasesRefused: readonly LeaseRefused[];
  readonly tagUnread: (Unseen & { readonly words: string }) | null;
  /** It was read in a later tick than the one that last wrote it: by the order of ticks, for the clock can jump. */
  readonly tagReadSinceWrite: boolean;
  /** The spec names another tag since then: readings that began before are of the one before. */
  readonly tagChangedAt: number;
  /** What ruled in the last tick, to tell when something else does; null before the first. */
  readonly ruled: { readonly source: string; readonly expression: string } | null;
  readonly bundlesAskedAt: number | null;
  readonly bundlesReadAt: number | null;
  /** Why the prices could not be read when they were last asked for; null where they were. */
  readonly bundlesTrouble: string | null;
  /** Since when there are more spares than wanted. */
  readonly surplusSince: number | null;
  readonly budget: Budget;
  /** A listing that goes on in the next look; null where none does. */
  readonly scan: Scan | null;
  /** When the last listing began, finished or not. */
  readonly scannedAt: number | null;
  /** The tick in which the last page of the last whole listing was read; null before the first. */
  readonly listedTick: number | null;
  /** Pages of the last whole listing. */
  readonly listedPages: number;
  /** When booting servers were last asked for by name. */
  readonly polledAt: number | null;
  /** In which tick a look last showed a booting server without an address: when that tick began, by name. */
  readonly pendingAt: ReadonlyMap<string, number>;
  /** How long each of the last boots took until a look showed its address, the newest last; milliseconds. */
  readonly boots: readonly number[];
  /** Names that AWS takes in one create of this template, since it has refused more; null before that. */
  readonly namesMax: {
    readonly template: string;
    readonly names: number;
    /** A create of so many was carried out. */
    readonly isProven: boolean;
  } | null;
}

export type EventKind =
  | "adopted"
  | "bootFailed"
  | "boundary"
  | "cancelled"
  | "configured"
  | "created"
  | "delete"
  | "deleted"
  | "doctor"
  | "accepted"
  | "adoption"
  | "forced"
  | "protect"
  | "rival"
  | "stranger"
  | "undrain"
  | "drain"
  | "drainEnded"
  | "drift"
  | "dryRun"
  | "guard"
  | "launch"
  | "lease"
  | "lost"
  | "nameClash"
  | "override"
  | "pause"
  | "ready"
  | "reconcile"
  | "rejected"
  | "removing"
  | "resume"
  | "spec"
  | "stopped"
  | "tag"
  | "target"
  | "unknown"
  | "unread"
  | "would";

/** An event before the ledger numbers it. The fleet itself is its actor unless one is named. */
export interface EventDraft {
  readonly kind: EventKind;
  readonly instance: string | null;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly actor?: string;
}

/** What a rule wants done. */
export interface Moves {
  /** Rows that are new or changed, whole. */
  readonly rows: readonly Instance[];
  readonly commands: readonly Command[];
  readonly events: readonly EventDraft[];
  readonly blockers: readonly Blocker[];
  /** Anything else of the state that changes. */
  readonly state: Partial<
    Pick<
      State,
      | "listed"
      | "nextInstance"
      | "nextCommand"
      | "holds"
      | "failing"
      | "tagMemory"
      | "tagWasRead"
      | "tagJump"
      | "failedBoots"
      | "adoptions"
      | "leases"
      | "bundles"
      | "checks"
      | "ruling"
      | "lessons"
    >
  >;
  readonly memory: Partial<Memory>;
}

export const NO_MOVES: Moves = {
  rows: [],
  commands: [],
  events: [],
  blockers: [],
  state: {},
  memory: {},
};

/** The state after the moves of a rule; the same one if they change nothing. */
export function apply(state: State, moves: Moves): State {
  return applied(state, moves, () => new Map(state.instances));
}

/** The same as `apply`. @param instances gives a map of the state's rows that may be changed */
export function applied(state: State, moves: Moves, instances: () => Map<string, Instance>): State {
  const { memory } = state;
  const isSame = moves.rows.length === 0 && hasAll(state, moves.state);
  const isRemembered = hasAll(memory, moves.memory);
  if (isSame && isRemembered) return state;
  return {
    ...state,
    ...moves.state,
    ...(moves.rows.length === 0 ? {} : replaced(state, instances(), moves.rows)),
    memory: isRemembered ? memory : { ...memory, ...moves.memory },
  };
}

/** Each of the values is there already. */
function hasAll<Whole extends object>(whole: Whole, part: Partial<Whole>): boolean {
  return (Object.keys(part) as (keyof Whole)[]).every((key) => whole[key] === part[key]);
}

function replaced(
  state: State,
  instances: Map<string, Instance>,
  rows: readonly Instance[],
): Pick<State, "instances" | "launchTimes" | "deleteTimes" | "leads" | "spentOnGone"> {
  const launched: number[] = [];
  const deleted: number[] = [];
  let { leads, spentOnGone } = state;
  for (const row of rows) {
    const was = instances.get(row.name);
    const before = was?.phase;
    if (before === "planned" && row.phase === "starting") launched.push(state.now);
    if (before === "warming" && row.phase === "ready")
      leads = [...leads, state.now - row.plannedAt].slice(-LEADS_KEPT);
    if (before === "deleting" && row.phase === "gone") deleted.push(state.now);
    if (row.phase === "gone") {
      instances.delete(row.name);
      if (was !== undefined && was.phase !== "planned") spentOnGone += costOfGone(state, row);
    } else instances.set(row.name, row);
  }
  return {
    instances,
    launchTimes: [...state.launchTimes, ...launched],
    deleteTimes: [...state.deleteTimes, ...deleted],
    leads,
    spentOnGone,
  };
}

function costOfGone(state: State, row: Instance): number {
  const bundle = bundleOf(state, row);
  if (bundle === null || row.createdAt === null) return 0;
  return costOf(state, row, bundle, row.goneAt ?? state.now);
}

/** One after the other. A row may stand in it several times: each is a move of its own, in order. */
export function join(first: Moves, second: Moves): Moves {
  return {
    rows: [...first.rows, ...second.rows],
    commands: [...first.commands, ...second.commands],
    events: [...first.events, ...second.events],
    blockers: [...first.blockers, ...second.blockers],
    state: { ...first.state, ...second.state },
    memory: { ...first.memory, ...second.memory },
  };
}

export function isPaused(state: State, what: Pausable): boolean {
  return state.pauses.some(
    (pause) => pause.what === what && (pause.until === null || pause.until > state.now),
  );
}

export function holdsNow(state: State, guard: Hold["guard"]): readonly Hold[] {
  return state.holds.filter((hold) => hold.guard === guard && hold.until > state.now);
}
