/**
 * What operators ask of a fleet. Each call is one transaction with its audit row; what the state does
 * not allow is a refusal in plain words, and changes nothing.
 */
import type { Engine } from "./engine.ts";
import { pausesOf, targetOfState } from "./report.ts";
import { retiredTagsOf } from "./rules/drift.ts";
import { canonical, portsHash, tagsHash, templateHash } from "./rules/hash.ts";
import type { Pausable } from "./rules/model.ts";
import type { Spec } from "./rules/spec.ts";
import { NO_MOVES, type State } from "./rules/state.ts";
import { NOT_DRAINING, transition } from "./rules/transition.ts";
import type { Applied, Asked, PauseView, Refusal, TargetView } from "./rules/views.ts";

/** What an operator's call may need from outside: it is given, never taken. */
export interface Given {
  readonly now: number;
  /** A short random word, of lower-case letters and digits. */
  readonly word: () => string;
}

/** A spec for a fleet of this name in this deployment. */
interface Wanted {
  readonly name: string;
  readonly deployment: string;
  readonly spec: Spec;
}

export function configure(engine: Engine, fleet: Wanted, asked: Asked, given: Given): Applied {
  const { spec } = fleet;
  const { now } = given;
  const live = engine.read(now);
  if (live === null) return create(engine, fleet, asked, given);
  const { state, record } = live;
  if (spec.region !== state.spec.region)
    return refusal(
      409,
      "The region of a fleet cannot change",
      `the fleet lives in ${state.spec.region}; make another fleet in ${spec.region}, and delete this one`,
    );
  const same = canonical(spec) === canonical(state.spec);
  if (same && state.removing === null) return { created: false, version: record.specVersion };

  const version = record.specVersion + 1;
  const retiredTags = retiredTagsOf(state.retiredTags, state.spec, spec);
  const calledOff = [...state.instances.values()].filter(
    (row) => row.phase === "draining" && row.drainReason === "fleet",
  );
  engine.change(
    {
      ...NO_MOVES,
      rows: calledOff.map((row) => transition(row, "ready", now, NOT_DRAINING)),
      events: [
        {
          kind: "spec",
          instance: null,
          message: `spec version ${version} was applied`,
          actor: asked.actor,
          data: { version, spec },
        },
      ],
    },
    now,
    {
      spec,
      removing: null,
      template: templateHash(spec),
      portsHash: portsHash(spec.ports),
      tagsHash: tagsHash(spec.tags, retiredTags),
      retiredTags,
      // What was refused may be right now: try it at once.
      holds: state.holds.filter(({ guard }) => guard === "credentials"),
      failedBoots: 0,
    },
    { specVersion: version },
  );
  return { created: false, version };
}

/** A new ledger; its incarnation makes sure that a rebuilt fleet never repeats a name. */
function create(
  engine: Engine,
  { name, deployment, spec }: Wanted,
  { actor }: Asked,
  { now, word }: Given,
): Applied {
  const record = {
    name,
    owner: `${deployment}/${name}`,
    incarnation: word(),
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
    retiredTags: [],
  };
  const message = "the fleet was created";
  engine.create(record, { kind: "spec", instance: null, message, actor, data: { spec } }, now);
  return { created: true, version: 1 };
}

export function override(
  engine: Engine,
  wanted: { readonly expression: string; readonly until: number; readonly reason: string },
  asked: Asked,
  { now, word }: Given,
): TargetView | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const { expression, until, reason } = wanted;
  const booked = { id: word(), expression, from: now, until, reason, actor: asked.actor };
  const alive = live.state.overrides.filter((each) => each.until > now);
  const event = {
    kind: "override" as const,
    instance: null,
    message: `target ${expression} until ${new Date(until).toISOString()}: ${reason}`,
    actor: asked.actor,
    data: { ...booked },
  };
  engine.change({ ...NO_MOVES, events: [event] }, now, { overrides: [...alive, booked] });
  return targetNow(engine, now);
}

/** Ends the overrides that rule now. */
export function endOverrides(engine: Engine, asked: Asked, { now }: Given): TargetView | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const kept = live.state.overrides.filter((each) => each.from > now && each.until > now);
  const event = {
    kind: "override" as const,
    instance: null,
    message: `${live.state.overrides.length - kept.length} overrides ended`,
    actor: asked.actor,
  };
  engine.change({ ...NO_MOVES, events: [event] }, now, { overrides: kept });
  return targetNow(engine, now);
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
  { force }: { readonly force: boolean },
  asked: Asked,
  { now }: Given,
): { removing: true } | Refusal {
  const live = engine.read(now);
  if (live === null) return noFleet();
  const message = force ? "the fleet is removed by force" : "the fleet is being removed";
  const event = { kind: "removing" as const, instance: null, message, actor: asked.actor };
  engine.change({ ...NO_MOVES, events: [event] }, now, { removing: { force } });
  return { removing: true };
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

function targetNow(engine: Engine, now: number): TargetView | Refusal {
  const after = engine.read(now);
  return after === null ? noFleet() : targetOfState(after.state);
}

export function noFleet(): Refusal {
  return refusal(404, "No such fleet", "apply a spec to this name to create it");
}

export function refusal(status: 404 | 409, title: string, detail: string): Refusal {
  return { refused: { status, title, detail } };
}
