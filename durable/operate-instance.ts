/**
 * What operators do to one instance. Each is one transaction with its audit row. What its state does not
 * allow is refused in plain words, with what to do instead, and changes nothing.
 */
import type { Engine } from "./engine.ts";
import { type Given, noFleet, refusal } from "./refusal.ts";
import { instanceOf } from "./report.ts";
import { blindness, within } from "./rules/guard.ts";
import { brokenBy, withLeasesBroken } from "./rules/lease.ts";
import { leasesOn } from "./rules/leases.ts";
import { isListed } from "./rules/listed.ts";
import type { Instance } from "./rules/model.ts";
import { tally } from "./rules/occupancy.ts";
import { many } from "./rules/phrases.ts";
import { isProtected } from "./rules/protection.ts";
import { isConfirmedEmpty } from "./rules/retire.ts";
import {
  type EventDraft,
  type EventKind,
  type Moves,
  NO_MOVES,
  type State,
} from "./rules/state.ts";
import { change, LAUNCHING, NOT_DRAINING, transition } from "./rules/transition.ts";
import type { Acted, Asked, InstanceAction, Refusal } from "./rules/views.ts";

/** A row after an action, with what is told of it; or why it may not be. */
type Done = { readonly row: Instance; readonly event: EventDraft } | Refusal;

export function act(
  engine: Engine,
  name: string,
  action: InstanceAction,
  { actor }: Asked,
  { now }: Given,
): Acted {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const { state } = live;
  if (state.spec.mode === "observe" && CHANGES_THE_WORLD.has(action.kind))
    return conflict("The fleet only observes", 'set `"mode": "active"` in its spec first');
  const row = state.instances.get(name);
  if (action.kind === "adopt")
    return adopt(engine, state, { name, actor, row, reason: action.reason });
  if (row === undefined) return unknownInstance(name);

  const done = doneTo(state, row, action, actor);
  if ("refused" in done) return done;
  if (done.row !== row) {
    const { data } = done.event;
    const event = { ...done.event, actor, data: { ...data, reason: action.reason } };
    engine.change({ ...NO_MOVES, rows: [done.row], events: [event] }, now);
  }
  const after = engine.read(now)?.state ?? state;
  return { instance: instanceOf(after, after.instances.get(name) ?? done.row) };
}

/** Each costs a call of AWS in every look: more of them would keep the fleet from its own servers. */
const ADOPTIONS_MAX = 50;

const CHANGES_THE_WORLD: ReadonlySet<InstanceAction["kind"]> = new Set([
  "drain",
  "delete",
  "adopt",
]);

type OnRow = Exclude<InstanceAction, { kind: "adopt" }>;

function doneTo(state: State, row: Instance, action: OnRow, actor: string): Done {
  switch (action.kind) {
    case "drain":
      return drain(state, row, action.then === "hold");
    case "undrain":
      return undrain(state, row);
    case "protect":
      return protect(state, row, actor);
    case "unprotect":
      return unprotect(state, row);
    case "delete":
      return remove(state, row, action);
  }
}

/** The fleet never takes an operator's drain back. A drain of its own becomes the operator's. */
function drain(state: State, row: Instance, drainHold: boolean): Done {
  const message = `drain ${row.name}, then ${drainHold ? "hold it" : "delete it"}: an operator wants it`;
  const leases = leasesOn(state, row.name).length;
  const event = eventOf("drain", row, message, { sessions: row.sessions, leases, drainHold });
  const drainReason = "operator";
  // Its fleet's removal would take the hold off again in the next tick.
  if (drainHold && state.removing !== null) return beingRemoved(row);
  if (row.phase === "ready" || row.phase === "warming") {
    const cordoned = { cordonedAt: state.now, drainReason, drainHold } as const;
    return { row: transition(row, "draining", state.now, cordoned), event };
  }
  if (row.phase === "draining" && row.drainReason === "fleet") return beingRemoved(row);
  if (row.phase === "draining") {
    if (row.drainReason === drainReason && row.drainHold === drainHold) return { row, event };
    return { row: change(row, state.now, { drainReason, drainHold }), event };
  }
  return wrongPhase(row, "Only a server that is warming, ready or draining can be drained");
}

function undrain(state: State, row: Instance): Done {
  const event = eventOf("undrain", row, `${row.name} goes back to work: an operator wants it`);
  if (row.phase === "ready") return { row, event };
  if (row.phase !== "draining") return wrongPhase(row, "Only a draining server can be undrained");
  if (row.drainReason === "fleet") return beingRemoved(row);
  if (row.drainReason === "replace")
    return conflict(
      `${row.name} is being replaced`,
      "it would be drained again at once; protect it, which takes it back too, or pause the rollout first",
    );
  return { row: transition(row, "ready", state.now, NOT_DRAINING), event };
}

/** A drain of the fleet's own ends with it: it would lead nowhere. */
function protect(state: State, row: Instance, actor: string): Done {
  const event = eventOf("protect", row, `${row.name} is protected: nothing deletes it`);
  if (row.protectedBy !== null) return { row, event };
  if (row.phase === "deleting" || row.phase === "planned")
    return wrongPhase(row, "It is too early or too late to protect it");
  const guarded = { protectedBy: actor, protectedSince: row.protectedSince ?? state.now };
  const itsOwn = row.drainReason === "surplus" || row.drainReason === "replace";
  return row.phase === "draining" && itsOwn
    ? { row: transition(row, "ready", state.now, { ...guarded, ...NOT_DRAINING }), event }
    : { row: change(row, state.now, guarded), event };
}

function unprotect(state: State, row: Instance): Done {
  const event = eventOf("protect", row, `${row.name} is not protected any more`);
  if (row.protectedByTag)
    return conflict(
      `${row.name} is protected by its tag`,
      "take the tag `lightfleet:protect` off the instance in Lightsail; the next listing shows it",
    );
  if (row.protectedBy === null) return { row, event };
  return { row: change(row, state.now, { protectedBy: null, protectedSince: null }), event };
}

function remove(
  state: State,
  row: Instance,
  { force, reason }: { readonly force: boolean; readonly reason: string },
): Done {
  const gone = eventOf("cancelled", row, `${row.name} was called off before it was created`);
  if (row.phase === "deleting") return { row, event: gone };
  if (row.phase === "planned" && row.command === null && !row.mayExist)
    return { row: transition(row, "gone", state.now, { goneAt: state.now }), event: gone };
  if (isProtected(row))
    return conflict(`${row.name} is protected`, "unprotect it first; force does not overrule it");
  if (row.phase === "planned" || row.phase === "lost" || row.arn === null)
    return wrongPhase(row, "AWS does not list it as ours");
  if (state.memory.listedAt === null)
    return conflict(
      `Whether ${row.name} is ours still is not known yet`,
      "the fleet has only just woken, and its first listing takes a few seconds; ask again then",
    );
  if (!isListed(state, row))
    return conflict(
      `${row.name} is not listed with our tags`,
      "nothing of it is changed until it is; put its tag `lightfleet:owner` back, or delete it in Lightsail",
    );
  const isEmpty = isConfirmedEmpty(state, row);
  if (!isEmpty && !force)
    return conflict(
      `${row.name} is not confirmed empty`,
      `drain it, and it is deleted when its sessions have ended; or send {"force": true, "reason": "..."}, which ends ${many(row.sessions, "session")} on it${withLeasesBroken(state, row)}`,
    );
  const unseen = blindness(state, tally(state));
  if (unseen !== null && !force)
    return conflict(
      `Too little is seen to delete ${row.name}`,
      `${unseen.fix}; wait until that is over, or send {"force": true, "reason": "..."}, which deletes it all the same`,
    );
  if (hourIsFull(state))
    return conflict(
      "So many were deleted in this hour",
      "limits.maxDeletesPerHour binds; raise it in the spec, or wait",
    );
  const { sessions, occupancy } = row;
  const isSure = isEmpty && unseen === null;
  const message = isSure
    ? `delete ${row.name}: confirmed empty, and an operator wants it`
    : `delete ${row.name} by force, with ${many(sessions, "session")} on it${withLeasesBroken(state, row)}: ${reason}`;
  const event = eventOf(isSure ? "delete" : "forced", row, message, {
    sessions,
    occupancy,
    leases: brokenBy(state, row),
    force,
  });
  const deleting = {
    step: "delete",
    deletingAt: state.now,
    // Then AWS is asked first whether the address that answered is its own.
    restsOnReply: !force,
  } as const;
  return { row: transition(row, "deleting", state.now, deleting), event };
}

function hourIsFull(state: State): boolean {
  const underWay = [...state.instances.values()].filter(({ phase }) => phase === "deleting");
  const count = within(state, state.deleteTimes) + underWay.length;
  return count >= state.spec.limits.maxDeletesPerHour;
}

/** The next tick looks the instance up, and takes it over if it is nobody's. */
function adopt(
  engine: Engine,
  state: State,
  wanted: {
    readonly name: string;
    readonly actor: string;
    readonly row: Instance | undefined;
    readonly reason: string;
  },
): Acted {
  const { name, actor, row, reason } = wanted;
  // One whose tags could not be put in time has its row, and is not listed as ours.
  if (row !== undefined && row.phase !== "lost" && !state.memory.unlisted.has(name))
    return conflict(`${name} is an instance of this fleet already`, "there is nothing to adopt");
  if (state.adoptions.some((each) => each.name === name)) return { instance: null };
  if (state.adoptions.length >= ADOPTIONS_MAX)
    return conflict(
      `${ADOPTIONS_MAX} instances wait for their adoption already`,
      "wait until some of them are adopted, or given up",
    );
  const adoption = { name, actor, since: state.now };
  const event: EventDraft = {
    kind: "adoption",
    instance: name,
    message: `${name} is to be adopted`,
    actor,
    data: { reason },
  };
  const moves: Moves = { ...NO_MOVES, events: [event] };
  engine.change(moves, state.now, { adoptions: [...state.adoptions, adoption] });
  return { instance: null };
}

function eventOf(
  kind: EventKind,
  { name }: Instance,
  message: string,
  data: EventDraft["data"] = {},
): EventDraft {
  return { kind, instance: name, message, data };
}

function wrongPhase(row: Instance, title: string): Refusal {
  const when = LAUNCHING.has(row.phase) ? "wait until it is ready" : "look at it again";
  return conflict(title, `${row.name} is ${row.phase}; ${when}`);
}

function beingRemoved({ name }: Instance): Refusal {
  return conflict(
    `${name} goes with its fleet, which is being removed`,
    "PUT the spec to call it off",
  );
}

function conflict(title: string, detail: string): Refusal {
  return refusal(409, title, detail);
}

function unknownInstance(name: string): Refusal {
  return refusal(
    404,
    "No such instance",
    `this fleet has no instance ${name}; list them with GET .../instances`,
  );
}
