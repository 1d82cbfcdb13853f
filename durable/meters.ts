/**
 * Counts what the engine does, for `/metrics`. It lives in the object's memory alone: nothing is
 * written for it, and a restart begins at zero, as those who read counters expect.
 */
import type { Blocker } from "./rules/model.ts";
import type { Counters, Counts, DeleteReason, LaunchReason, TickPart } from "./rules/readings.ts";
import type { EventDraft, Moves, State } from "./rules/state.ts";
import { LAUNCHING } from "./rules/transition.ts";
import type { CallReport, Command, Observation, Outcome } from "./rules/world.ts";

/** Upper bounds in seconds: a look ends after 4 s, an act after 12 s. */
const TICK_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20] as const;

/** How long each part of one tick took; a tick that failed has fewer. */
export interface Laps {
  readonly parts: Readonly<Partial<Record<TickPart, number>>>;
  readonly totalMs: number;
  readonly failed: boolean;
}

export class Meters {
  readonly #calls = new Count<keyof Counters["calls"]>();
  readonly #commands = new Count<keyof Counters["commands"]>();
  readonly #listings = new Count<keyof Counters["listings"]>();
  readonly #probes = new Count<keyof Counters["probes"]>();
  readonly #launches = new Count<LaunchReason>();
  readonly #deletes = new Count<DeleteReason>();
  readonly #guards = new Count<keyof Counters["guards"]>();
  readonly #events = new Count<keyof Counters["events"]>();
  readonly #parts = {
    begin: { count: 0, seconds: 0 },
    observe: { count: 0, seconds: 0 },
    plan: { count: 0, seconds: 0 },
    act: { count: 0, seconds: 0 },
    settle: { count: 0, seconds: 0 },
  } satisfies Record<TickPart, unknown>;
  readonly #atMost = TICK_SECONDS.map((bound) => ({ seconds: bound, count: 0 }));
  #ticks = 0;
  #failedTicks = 0;
  #tickSeconds = 0;

  ticked({ parts, totalMs, failed }: Laps): void {
    const seconds = totalMs / 1000;
    this.#ticks++;
    this.#tickSeconds += seconds;
    if (failed) this.#failedTicks++;
    for (const bucket of this.#atMost) if (seconds <= bucket.seconds) bucket.count++;
    for (const [part, tookMs] of Object.entries(parts) as [TickPart, number][]) {
      this.#parts[part].count++;
      this.#parts[part].seconds += tookMs / 1000;
    }
  }

  /** A plan: what it stood on, and which guards begin to bind with it. */
  planned(observation: Observation, before: readonly Blocker[], after: readonly Blocker[]): void {
    this.looked(observation);
    const bound = new Set(before.map(({ guard }) => guard));
    for (const { guard } of after) if (!bound.has(guard)) this.#guards.add(guard);
  }

  looked({ listing, readings, calls }: Observation): void {
    if (listing.kind !== "none") this.#listings.add(listing.kind);
    for (const { kind } of readings) this.#probes.add(kind);
    this.#called(calls);
  }

  settled(outcomes: readonly Outcome[], open: ReadonlyMap<number, Command>): void {
    for (const { number, kind, calls } of outcomes) {
      this.#called(calls);
      const command = open.get(number);
      if (command !== undefined) this.#commands.add(`${command.action.kind} ${kind}`);
    }
  }

  /** Moves that are in the ledger, on the state from which they were made. */
  moved(state: State, { rows, events }: Moves): void {
    for (const event of events) {
      this.#events.add(event.kind);
      if (event.kind === "launch") this.#launches.add(launchReason(state, event), named(event));
    }
    const forced = new Set(
      events.flatMap(({ kind, instance }) => (kind === "forced" ? [instance] : [])),
    );
    const phases = new Map<string, string>();
    for (const row of rows) {
      const was = state.instances.get(row.name);
      const before = phases.get(row.name) ?? was?.phase;
      phases.set(row.name, row.phase);
      if (row.phase !== "deleting" || before === "deleting" || was === undefined) continue;
      if (forced.has(row.name)) this.#deletes.add("forced");
      else if (state.removing !== null) this.#deletes.add("fleet");
      else if (LAUNCHING.has(was.phase)) this.#deletes.add("bootFailed");
      else this.#deletes.add(row.drainReason ?? was.drainReason ?? "operator");
    }
  }

  /** What was counted until now; it does not count on. */
  read(): Counters {
    return structuredClone({
      failedTicks: this.#failedTicks,
      ticks: { count: this.#ticks, seconds: this.#tickSeconds, atMost: this.#atMost },
      parts: this.#parts,
      calls: this.#calls.read(),
      commands: this.#commands.read(),
      listings: this.#listings.read(),
      probes: this.#probes.read(),
      launches: this.#launches.read(),
      deletes: this.#deletes.read(),
      guards: this.#guards.read(),
      events: this.#events.read(),
    });
  }

  #called(calls: readonly CallReport[]): void {
    for (const { lane, throttled } of calls)
      this.#calls.add(`${lane} ${throttled ? "throttled" : "admitted"}`);
  }
}

class Count<Key extends string> {
  readonly #counts = new Map<Key, number>();

  add(key: Key, by = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }

  read(): Counts<Key> {
    const counts: Partial<Record<Key, number>> = {};
    for (const [key, count] of this.#counts) counts[key] = count;
    return counts;
  }
}

/** The numbers of the decision say what it was for: what the target alone would not have launched is for more. */
function launchReason(state: State, { data = {} }: EventDraft): LaunchReason {
  const number = (key: string): number => {
    const value = data[key];
    return typeof value === "number" ? value : 0;
  };
  const { capacity } = state.spec.health;
  const supply = number("spares") + number("launching") * capacity + number("hoped");
  if (supply < number("target")) return "spares";
  return supply < number("early") ? "schedule" : "rollout";
}

function named({ data = {} }: EventDraft): number {
  return Array.isArray(data["names"]) ? data["names"].length : 0;
}
