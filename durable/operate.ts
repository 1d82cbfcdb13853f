/**
 * What operators ask of a fleet. Each call is one transaction with its audit row; what the state does
 * not allow is a refusal in plain words, and changes nothing.
 */
import type { Engine } from "./engine.ts";
import { hashesOf, newState } from "./ledger/ledger.ts";
import type { FleetRecord } from "./ledger/records.ts";
import { abandonFleet, waitsForAws } from "./operate-abandon.ts";
import { type Given, noFleet, refusal } from "./refusal.ts";
import { pausesOf } from "./report.ts";
import { keptChecks } from "./rules/checks.ts";
import { beginsOf } from "./rules/begins.ts";
import { type SpecCondition, specTag, UNCONDITIONAL, unmet } from "./rules/conditions.ts";
import { ownerOf, retiredTagsOf } from "./rules/drift.ts";
import { canonical } from "./rules/hash.ts";
import { withoutScript } from "./rules/launch-script-shown.ts";
import { CALL_LIMIT_MS, COMMAND_LIFE_MS } from "./rules/limits.ts";
import type { Instance, Pausable } from "./rules/model.ts";
import type { Removal, RemovalWish } from "./rules/removal-views.ts";
import type { Spec } from "./rules/spec.ts";
import { apply, NO_MOVES, type State } from "./rules/state.ts";
import { change as changed, NOT_DRAINING, transition } from "./rules/transition.ts";
import type { Applied, Asked, PauseView, Refusal } from "./rules/views.ts";

/** A spec for a fleet of this name in this deployment. */
export interface Wanted {
  readonly name: string;
  readonly deployment: string;
  readonly spec: Spec;
  /** Without one, it is applied whatever was there. */
  readonly condition?: SpecCondition;
}

export function configure(engine: Engine, fleet: Wanted, asked: Asked, given: Given): Applied {
  const { spec } = fleet;
  const { now } = given;
  const live = engine.read(now);
  const stale = conditionRefusal(fleet, live?.record ?? null);
  if (stale !== null) return stale;
  if (live === null) return create(engine, fleet, asked, given);
  const { state, record } = live;
  const refused = regionRefusal(state, spec);
  if (refused !== null) return refused;
  const same = canonical(spec) === canonical(state.spec);
  if (same && state.removing === null) return appliedAs(record, false, state);

  const version = record.specVersion + 1;
  const { rows, change } = respecified(state, spec);
  engine.change(
    {
      ...NO_MOVES,
      rows,
      events: [
        {
          kind: "spec",
          instance: null,
          message: `spec version ${version} was applied`,
          actor: asked.actor,
          data: { version, spec: withoutScript(spec) },
        },
      ],
    },
    now,
    change,
    { specVersion: version },
  );
  const after = engine.read(now)?.state ?? state;
  return appliedAs({ ...record, specVersion: version }, false, after);
}

function appliedAs(record: FleetRecord, created: boolean, state: State): Applied {
  return {
    created,
    version: record.specVersion,
    tag: specTag(record),
    begins: beginsOf(state),
  };
}

export function conditionRefusal(
  { condition = UNCONDITIONAL }: Wanted,
  record: FleetRecord | null,
): Refusal | null {
  const reason = unmet(condition, record === null ? null : specTag(record));
  return reason === null ? null : refusal(412, "The spec is not what you took it for", reason);
}

/** A new spec calls the removal of the fleet off: what drains for it goes back to work. */
function keptAfterAll({ instances, now }: State): Instance[] {
  return [...instances.values()]
    .filter((row) => row.phase === "draining" && row.drainReason === "fleet")
    .map((row) => transition(row, "ready", now, NOT_DRAINING));
}

export function regionRefusal(state: State, spec: Spec): Refusal | null {
  if (spec.region === state.spec.region) return null;
  return refusal(
    409,
    "The region of a fleet cannot change",
    `the fleet lives in ${state.spec.region}; make another fleet in ${spec.region}, and delete this one`,
  );
}

/** What another spec makes of a fleet's rows, and of the rest of its state. */
export function respecified(
  state: State,
  spec: Spec,
): { readonly rows: readonly Instance[]; readonly change: Partial<State> } {
  const kept = keptAfterAll(state);
  const back = apply(state, { ...NO_MOVES, rows: kept });
  const { rows, checks } = keptChecks(back, spec);
  const tried = triedSoon(apply(back, { ...NO_MOVES, rows }));
  return { rows: [...kept, ...rows, ...tried], change: { checks, ...underSpec(state, spec) } };
}

/**
 * What AWS has refused may be right now, so no row waits minutes for its next attempt. It waits for as long as a call
 * can be under way: one of the spec before must not be carried out after one of this spec.
 */
function triedSoon({ instances, now }: State): Instance[] {
  const soon = now + COMMAND_LIFE_MS + CALL_LIMIT_MS;
  return [...instances.values()]
    .filter((row) => row.refusedSince !== null && row.command === null && row.nextAttemptAt > soon)
    .map((row) => changed(row, now, { nextAttemptAt: soon }));
}

function underSpec(state: State, spec: Spec): Partial<State> {
  const retiredTags = retiredTagsOf(state.retiredTags, state.spec, spec);
  return {
    spec,
    removing: null,
    ...hashesOf(spec, retiredTags),
    retiredTags,
    ...retagged(state, spec),
    // What was refused may be right now: try it at once.
    holds: state.holds.filter(({ guard }) => guard === "credentials"),
    failedBoots: 0,
  };
}

/** Of another tag nothing is known: it is read at once, and what was on its way into the old one is given up. */
function retagged(state: State, spec: Spec): Partial<State> {
  if (canonical(spec.spares.tag) === canonical(state.spec.spares.tag)) return {};
  const { ruling } = state;
  return {
    tagMemory: { value: null, garbled: null },
    tagWasRead: false,
    tagJump: null,
    ruling: ruling === null ? null : { ...ruling, write: null },
    memory: { ...state.memory, tagReadAt: null, tagChangedAt: state.now },
  };
}

/** A new ledger; its incarnation makes sure that a rebuilt fleet never repeats a name. */
function create(engine: Engine, fleet: Wanted, { actor }: Asked, { now, word }: Given): Applied {
  const record = recordOfNew(fleet, word(), now);
  const data = { spec: withoutScript(fleet.spec) };
  const message = "the fleet was created";
  engine.create(record, { kind: "spec", instance: null, message, actor, data }, now);
  return appliedAs(record, true, newState(record, engine.tickMs, now));
}

export function recordOfNew(
  { name, deployment, spec }: Wanted,
  incarnation: string,
  now: number,
): FleetRecord {
  return {
    name,
    owner: ownerOf(deployment, name),
    incarnation,
    bornAt: now,
    spec,
    specVersion: 1,
    removing: null,
    listed: false,
    nextInstance: 1,
    nextCommand: 1,
    ticksReserved: 0,
    failedBoots: 0,
    tagValue: null,
    tagGarbled: null,
    tagRead: false,
    retiredTags: [],
  };
}

export function pause(
  engine: Engine,
  wanted: {
    readonly what: readonly Pausable[];
    readonly reason: string;
    readonly until: number | null;
  },
  asked: Asked,
  { now }: Given,
): PauseView[] | Refusal {
  const { what, reason, until } = wanted;
  const message = `paused ${what.join(", ")}: ${reason}`;
  return changePauses(engine, "pause", message, asked, now, ({ pauses }) => ({
    pauses: [
      ...pauses.filter((each) => !what.includes(each.what)),
      ...what.map((each) => ({ what: each, since: now, until, reason, actor: asked.actor })),
    ],
  }));
}

export function resume(
  engine: Engine,
  what: readonly Pausable[],
  asked: Asked,
  { now }: Given,
): PauseView[] | Refusal {
  const holds = (state: State): State["holds"] =>
    what.includes("rollout") ? state.holds.filter(({ guard }) => guard !== "rollout") : state.holds;
  return changePauses(engine, "resume", `resumed ${what.join(", ")}`, asked, now, (state) => ({
    pauses: state.pauses.filter((each) => !what.includes(each.what)),
    // A rollout that failed boots have stopped tries again at once.
    holds: holds(state),
  }));
}

/** Removal begins; the ticks carry it out, and a new spec calls it off. */
export function remove(
  engine: Engine,
  removal: RemovalWish,
  asked: Asked,
  given: Given,
): Removal | Refusal {
  const { force, abandon = null, reason = null } = removal;
  const { now } = given;
  const live = engine.read(now);
  if (live === null) return noFleet();
  if (abandon !== null) {
    const confirmed = { force, reason, named: abandon };
    return abandonFleet(engine, live.state, confirmed, asked, given);
  }
  const message = force ? "the fleet is removed by force" : "the fleet is being removed";
  const event = { kind: "removing" as const, instance: null, message, actor: asked.actor };
  engine.change({ ...NO_MOVES, events: [event] }, now, { removing: { force } });
  return { removing: true, forgotten: false, waitsForAws: waitsForAws(live.state) };
}

export function noteReconcile(engine: Engine, asked: Asked, now: number): Refusal | null {
  if (engine.read(now) === null) return noFleet();
  const event = {
    kind: "reconcile" as const,
    instance: null,
    message: "a tick was asked for",
    actor: asked.actor,
  };
  engine.change({ ...NO_MOVES, events: [event] }, now);
  return null;
}

/** A look at the fleet that an operator ordered. It changes nothing, and may send secrets to servers: it leaves a trace. */
export function noteLook(
  engine: Engine,
  look: { readonly kind: "dryRun"; readonly spec: Spec } | { readonly kind: "doctor" },
  { actor }: Asked,
  now: number,
): void {
  if (engine.read(now) === null) return;
  const event =
    look.kind === "doctor"
      ? { message: "the doctor was asked" }
      : { message: "a spec was tried in a dry run", data: { spec: withoutScript(look.spec) } };
  const { kind } = look;
  engine.change({ ...NO_MOVES, events: [{ kind, instance: null, actor, ...event }] }, now);
}

function changePauses(
  engine: Engine,
  kind: "pause" | "resume",
  message: string,
  asked: Asked,
  now: number,
  next: (state: State) => Partial<Pick<State, "pauses" | "holds">>,
): PauseView[] | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const event = { kind, instance: null, message, actor: asked.actor };
  engine.change({ ...NO_MOVES, events: [event] }, now, next(live.state));
  const after = engine.read(now);
  return after === null ? noFleet() : pausesOf(after.state);
}
