/** Fleets with one rule weakened each, to prove that the judge sees it. */
import { Engine } from "../../../durable/engine.ts";
import { lease } from "../../../durable/operate-lease.ts";
import { deletions } from "../../../durable/rules/retire.ts";
import { isAlive, withLeases, withoutLeases } from "../../../durable/rules/leases.ts";
import type { Override } from "../../../durable/rules/model.ts";
import { NO_MOVES, type State } from "../../../durable/rules/state.ts";
import type { Command, Observation, Outcome, Watch } from "../../../durable/rules/world.ts";
import { TICK_MS } from "./ledger.ts";
import { SOUND } from "./model.ts";
import type { House } from "./world.ts";

const OPTIONS = { tickMs: TICK_MS };

/** Deletes what drains as soon as it drains. */
class WithoutReadings extends Engine {
  override plan(observation: Observation, now: number): readonly Command[] {
    const draining = rowsOf(this, now).filter(({ phase }) => phase === "draining");
    this.change(
      deletions(stateOf(this, now), draining, [], () => ({ message: "hasty" })),
      now,
    );
    return super.plan(observation, now);
  }
}

/** What was idle when the tick began is deleted in the tick that cordons it. */
class FromAnOldList extends Engine {
  #idle: ReadonlySet<string> = new Set();

  override begin(now: number): Watch | null {
    const watch = super.begin(now);
    const rows = rowsOf(this, now).filter(({ sessions }) => sessions === 0);
    this.#idle = new Set(rows.filter(({ phase }) => phase === "ready").map(({ name }) => name));
    return watch;
  }

  override plan(observation: Observation, now: number): readonly Command[] {
    const commands = super.plan(observation, now);
    const cordoned = rowsOf(this, now).filter(
      ({ name, phase }) => phase === "draining" && this.#idle.has(name),
    );
    this.change(
      deletions(stateOf(this, now), cordoned, [], () => ({ message: "hasty" })),
      now,
    );
    return commands;
  }
}

/** Holds the overrides across the awaits of a tick, and writes them back. */
class WithAStaleCopy extends Engine {
  #overrides: readonly Override[] = [];

  override begin(now: number): Watch | null {
    const watch = super.begin(now);
    this.#overrides = stateOf(this, now).overrides;
    return watch;
  }

  override settle(outcomes: readonly Outcome[], now: number): void {
    super.settle(outcomes, now);
    this.change(NO_MOVES, now, { overrides: this.#overrides });
  }
}

/** Does not write down what became of its commands. */
class HardOfHearing extends Engine {
  override settle(_: readonly Outcome[], now: number): void {
    super.settle([], now);
  }
}

/** Keeps leases in its memory alone. */
class Forgetful extends Engine {
  override read(now: number): ReturnType<Engine["read"]> {
    if (super.read(now) !== null && !this.#isAwake) this.#wake(now);
    return super.read(now);
  }

  #isAwake = false;

  #wake(now: number): void {
    this.#isAwake = true;
    this.change(NO_MOVES, now, { leases: new Map() });
  }
}

/** Gives leases, and plans as if there were none. */
class PlansWithoutLeases extends Engine {
  override begin(now: number): Watch | null {
    const { leases } = stateOf(this, now);
    this.change(NO_MOVES, now, { leases: new Map() });
    const watch = super.begin(now);
    this.change(NO_MOVES, now, { leases });
    return watch;
  }

  override plan(observation: Observation, now: number): readonly Command[] {
    const { leases } = stateOf(this, now);
    this.change(NO_MOVES, now, { leases: new Map() });
    const commands = super.plan(observation, now);
    this.change(NO_MOVES, now, { leases });
    return commands;
  }
}

/** Does not wait for a reading after the end of a lease. */
class Hasty extends Engine {
  override begin(now: number): Watch | null {
    const { leases } = stateOf(this, now);
    const over = [...leases.values()]
      .flat()
      .filter((each) => !isAlive(each, now) || each.usedAt !== null);
    this.change(NO_MOVES, now, { leases: withoutLeases(leases, over) });
    return super.begin(now);
  }
}

/** Gives a lease on what it read long ago: the server may drain by now. */
const leaseOnCordoned: typeof lease = (engine, wish, asked, given) => {
  const row = rowsOf(engine, given.now).find(({ phase }) => phase === "draining");
  const answer = lease(engine, wish, asked, given);
  const [taken] = "leases" in answer ? answer.leases : [];
  if (row === undefined || taken === undefined) return answer;
  const { leases } = stateOf(engine, given.now);
  const all = [...leases.values()].flat();
  const moved = all.filter(({ id }) => id === taken.id);
  const elsewhere = moved.map((each) => ({ ...each, instance: row.name }));
  const next = withLeases(withoutLeases(leases, moved), elsewhere);
  engine.change(NO_MOVES, given.now, { leases: next });
  return { leases: [{ ...taken, instance: row.name }], repeated: false };
};

/** Does not write down what it gave. */
const leaseUnwritten: typeof lease = (engine, wish, asked, given) => {
  const { leases } = engine.read(given.now)?.state ?? {};
  const answer = lease(engine, wish, asked, given);
  if (leases !== undefined) engine.change(NO_MOVES, given.now, { leases });
  return answer;
};

function stateOf(engine: Engine, now: number): State {
  const live = engine.read(now);
  if (live === null) throw new Error("no fleet");
  return live.state;
}

function rowsOf(engine: Engine, now: number) {
  return [...stateOf(engine, now).instances.values()];
}

export const BROKEN: readonly {
  readonly fault: string;
  readonly house: House;
  /** The faults by which it must be found, whatever else it does. */
  readonly foundBy: RegExp;
}[] = [
  {
    fault: "finishes drains without fresh readings",
    house: { ...SOUND, newEngine: (sql) => new WithoutReadings(sql, OPTIONS) },
    foundBy: /^I1:/u,
  },
  {
    fault: "deletes from a list that was read before",
    house: { ...SOUND, newEngine: (sql) => new FromAnOldList(sql, OPTIONS) },
    foundBy: /^I1:/u,
  },
  {
    fault: "does not wait for the drain time",
    house: { ...SOUND, drainSeconds: 0 },
    foundBy: /^I1:/u,
  },
  {
    fault: "calls AWS before its intent is durable",
    house: { ...SOUND, waitsForSync: false },
    foundBy: /^I13:/u,
  },
  {
    fault: "writes back what it read before an await",
    house: { ...SOUND, newEngine: (sql) => new WithAStaleCopy(sql, OPTIONS) },
    foundBy: /^overrides/u,
  },
  {
    fault: "does not write down what became of its commands",
    house: { ...SOUND, newEngine: (sql) => new HardOfHearing(sql, OPTIONS) },
    foundBy: /^I12: outcome/u,
  },
  {
    fault: "gives a lease on a cordoned server",
    house: { ...SOUND, lease: leaseOnCordoned },
    foundBy: /^lease: .* was leased, and is draining/u,
  },
  {
    fault: "gives two leases for one slot",
    house: { ...SOUND, lease: leaseUnwritten },
    foundBy: /^lease: a slot of .* was given twice/u,
  },
  {
    fault: "deletes a server on which a lease lives",
    // A lease needs no drain time; without one, there are more deletes while it lives.
    house: {
      ...SOUND,
      drainSeconds: 0,
      newEngine: (sql) => new PlansWithoutLeases(sql, OPTIONS),
    },
    foundBy: /^I1: .*(leases on it|holds a lease on it)/u,
  },
  {
    fault: "forgets its leases with a restart",
    house: { ...SOUND, newEngine: (sql) => new Forgetful(sql, OPTIONS) },
    foundBy: /^lease: a slot of .* was given twice|^I1: .* lease/u,
  },
  {
    fault: "gives a slot back before a reading could show its session",
    house: { ...SOUND, newEngine: (sql) => new Hasty(sql, OPTIONS) },
    foundBy: /^lease: a slot of .* was given twice/u,
  },
];
