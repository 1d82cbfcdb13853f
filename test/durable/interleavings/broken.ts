/** Fleets with one rule weakened each, to prove that the judge sees it. */
import { Engine } from "../../../durable/engine.ts";
import { deletions } from "../../../durable/rules/retire.ts";
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
];
