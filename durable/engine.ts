/**
 * The fleet itself, over a Sql port: begin, plan and settle of a tick, each one transaction, and the
 * door through which operators change it. It keeps the state in memory between transactions; what
 * throws drops that memory, and the next call reads the tables again.
 */
import { Calendar } from "./calendar/calendar.ts";
import { CallLog } from "./call-log.ts";
import { Forgetting } from "./forgetting.ts";
import { forgetEvents, insertEvent } from "./ledger/events.ts";
import { forgetGone, leadsOf } from "./ledger/instances.ts";
import { writeBudget } from "./ledger/lessons.ts";
import {
  adopts,
  loadState,
  pastAfterAdoption,
  recordOf,
  spentBefore,
  writeMoves,
} from "./ledger/ledger.ts";
import { isBorn, migrate } from "./ledger/migrations.ts";
import { forgetSamples, keepSample } from "./ledger/samples.ts";
import { putBulletins, readAlerts, writeAlerts } from "./ledger/outbox.ts";
import {
  type FleetRecord,
  forgetCommands,
  openCommands,
  readFleet,
  settleCommandRow,
  writeFleet,
} from "./ledger/records.ts";
import type { Sql } from "./ledger/sql.ts";
import { Meters } from "./meters.ts";
import { type LastTick, TickLog } from "./tick-log.ts";
import { announcementsOf, bulletinsOf } from "./rules/alerts.ts";
import { type BindingGuard, bindingGuards, guardEvents } from "./rules/binding.ts";
import type { AuditRow } from "./rules/audit.ts";
import { absorbAhead } from "./rules/absorb.ts";
import { type Budget, learn } from "./rules/budget.ts";
import type { OpenAlert } from "./rules/bulletins.ts";
import { DAY_MS, HOUR_MS } from "./rules/limits.ts";
import type { Agenda } from "./rules/model.ts";
import { newsOf } from "./rules/news.ts";
import { afterOutage } from "./rules/outage.ts";
import { nextTickAt } from "./rules/next-tick.ts";
import { type Plan, plan } from "./rules/plan.ts";
import { type Sample, sampleOf } from "./rules/sample.ts";
import type { Spec } from "./rules/spec.ts";
import { firstOfEach, settleUnheard } from "./rules/outcomes.ts";
import { isOver, settleCommand, unheard } from "./rules/settle.ts";
import { apply, type EventDraft, join, type Moves, NO_MOVES, type State } from "./rules/state.ts";
import { Steps } from "./rules/steps.ts";
import { troublesOf } from "./rules/troubles.ts";
import { watchAhead, watchOf } from "./rules/watch.ts";
import type { Command, Observation, Outcome, Watch } from "./rules/world.ts";

/** Tick numbers are reserved in blocks, so that an idle tick writes nothing. */
const TICKS_PER_BLOCK = 1000;
/** How long a server is known after it is gone. */
export const HISTORY_MS = 90 * DAY_MS;

/** Everything that lives between two calls. */
interface Live {
  readonly state: State;
  readonly record: FleetRecord;
}

/** Moves, the state on which they were made, and the one after them, if it is known already. */
interface Change {
  readonly base: State;
  readonly moves: Moves;
  readonly after?: State;
}

/** Hears of the rows of the audit trail once they are written. */
type Audited = (fleet: string, rows: readonly AuditRow[]) => void;

export class Engine {
  readonly #sql: Sql;
  readonly #tickMs: number;
  readonly #audited: Audited;
  readonly #calendar = new Calendar();
  /** What was done in the life of this object. */
  readonly meters = new Meters();
  /** The calls of which the account has not heard. */
  readonly calls = new CallLog();
  #live: Live | null = null;
  #open: Map<number, Command> = new Map();
  readonly #ticks = new TickLog();
  #guards: readonly BindingGuard[] = [];
  #alerts: readonly OpenAlert[] = [];
  /** The newest of the history; null before it was read. */
  #newestSample: Sample | null = null;
  readonly forgetting = new Forgetting();

  constructor(sql: Sql, options: { readonly tickMs: number; readonly audited?: Audited }) {
    this.#sql = sql;
    this.#tickMs = options.tickMs;
    this.#audited = options.audited ?? (() => {});
  }

  get sql(): Sql {
    return this.#sql;
  }

  get lastTick(): LastTick | null {
    return this.#ticks.last;
  }

  get guards(): readonly BindingGuard[] {
    return this.#guards;
  }

  /** What people were told of, or will be when it has lasted long enough. */
  get alerts(): readonly OpenAlert[] {
    return this.#alerts;
  }

  /** True when a fleet that was being removed has nothing left, or was given up. */
  get isForgotten(): boolean {
    return this.forgetting.isDue;
  }

  get tickMs(): number {
    return this.#tickMs;
  }

  /** Another one after each change of the fleet. */
  get revision(): unknown {
    return this.#live;
  }

  /** The boundaries of a spec's schedule around a moment. */
  agendaOf(spec: Spec, now: number): Agenda {
    return this.#calendar.at(spec.spares, now);
  }

  /** The fleet as it is now, or null where none was ever configured. */
  read(now: number): Live | null {
    if (this.#live === null) {
      if (!isBorn(this.#sql)) return null;
      migrate(this.#sql, now);
      const record = readFleet(this.#sql);
      if (record === null) return null;
      this.#live = { record, state: loadState(this.#sql, record, this.#tickMs, now) };
      this.#alerts = readAlerts(this.#sql);
      this.#open = new Map(openCommands(this.#sql).map((command) => [command.number, command]));
    }
    const { record, state } = this.#live;
    return { record, state: { ...state, now, agenda: this.agendaOf(state.spec, now) } };
  }

  /** Makes the ledger of a new fleet. */
  create(record: FleetRecord, event: EventDraft, now: number): void {
    migrate(this.#sql, now);
    const audited = this.#sql.transaction(() => {
      writeFleet(this.#sql, null, record);
      return insertEvent(this.#sql, 0, now, event);
    });
    this.#audited(record.name, [audited]);
  }

  /** Begins a tick: its number, what was left unheard, and what to look at. Null without a fleet. */
  begin(now: number): Watch | null {
    const live = this.read(now);
    if (live === null) return null;
    const number = live.state.tick + 1;
    const lost = [...this.#open.values()].filter((command) => isOver(command, now));
    const lostMoves = settleUnheard(live.state, lost);
    const record = this.#reserve(live.record, number, now);
    const base = {
      ...live.state,
      tick: number,
      beganAt: now,
      // What was forgotten with the new block of numbers is not known after a cold start either.
      ...(record === live.record ? {} : { leads: leadsOf(this.#sql) }),
      ...lastHour(live.state, now),
      ...this.#month(live),
      memory: { ...live.state.memory, ...afterOutage(live.state, now) },
    };
    this.#commit({ base, moves: lostMoves }, live.record, record, () => {
      for (const command of lost) settleCommandRow(this.#sql, unheard(command), now);
    });
    this.meters.settled(lost.map(unheard), this.#open);
    for (const { number: each } of lost) this.#open.delete(each);
    this.#ticks.begin(number, now);
    return watchOf(this.#mustRead(now));
  }

  /** Decides. The intent of every command is in the ledger when this returns. */
  plan(observation: Observation, now: number): readonly Command[] {
    const state = this.#mustRead(now);
    const decided = plan(state, observation);
    const guards = bindingGuards(this.#guards, decided.blockers, now);
    const events = guardEvents(this.#guards, guards);
    const moves = join(decided.moves, { ...NO_MOVES, events });
    const { after } = decided;
    const troubles = troublesOf(after, decided.target, decided.blockers, this.#alerts);
    const { open, bulletins } = bulletinsOf(state, this.#alerts, troubles, []);
    const { record } = this.#mustLive();
    const sample = sampleOf(after, decided.target.spares);
    let newest = this.#newestSample;
    this.#commit({ base: state, moves, after }, record, record, () => {
      writeAlerts(this.#sql, this.#alerts, open);
      putBulletins(this.#sql, bulletins);
      newest = keepSample(this.#sql, sample, this.#tickMs, newest);
    });
    this.#newestSample = newest;
    this.#alerts = open;
    for (const command of moves.commands) this.#open.set(command.number, command);
    this.meters.planned(observation, this.#guards, guards);
    this.calls.add(state.tick, observation.calls);
    this.#guards = guards;
    this.#afterPlan(decided, now);
    return moves.commands;
  }

  /** What is looked at while these commands are carried out; null for nothing. */
  watchAhead(commands: readonly Command[], now: number): Watch | null {
    return watchAhead(this.#mustRead(now), commands);
  }

  /**
   * What became of the commands, and what was seen meanwhile. Outcomes of commands that are settled
   * already change nothing.
   */
  settle(outcomes: readonly Outcome[], now: number, ahead: Observation | null = null): void {
    const base = this.#mustRead(now);
    const settled = new Steps(base);
    const heard = firstOfEach(outcomes.filter(({ number }) => this.#open.has(number)));
    const calls = heard.flatMap((outcome) => outcome.calls);
    if (calls.length > 0)
      settled.take(({ memory }) => ({
        ...NO_MOVES,
        memory: { budget: learn(memory.budget, calls) },
      }));
    for (const outcome of heard) {
      const command = this.#open.get(outcome.number);
      if (command !== undefined) settled.take((state) => settleCommand(state, command, outcome));
    }
    if (ahead !== null) settled.take((state) => absorbAhead(state, ahead));
    const { moves, state: after } = settled;
    const { record } = this.#mustLive();
    this.#commit({ base, moves, after }, record, record, () => {
      for (const outcome of heard) settleCommandRow(this.#sql, outcome, now);
    });
    this.meters.settled(heard, this.#open);
    if (ahead !== null) this.meters.looked(ahead);
    this.calls.add(base.tick, [...calls, ...(ahead?.calls ?? [])]);
    for (const { number } of heard) this.#open.delete(number);
    this.#endTick(now, null);
  }

  /** The budget that the account allows. Its refusals are kept like the fleet's own: a restart begins with them, whether or not the account can be reached. */
  takeBudget(budget: Budget): void {
    if (this.#live === null) return;
    const { record, state } = this.#live;
    const { budget: before } = state.memory;
    this.#sql.transaction(() => writeBudget(this.#sql, before, budget));
    this.#live = { record, state: { ...state, memory: { ...state.memory, budget } } };
  }

  /** When the tick after the one that began at `beganAt` comes; milliseconds since the epoch. */
  nextTickAt(beganAt: number, now: number): number {
    const live = this.read(now);
    return live === null ? beganAt + this.#tickMs : nextTickAt(live.state, beganAt);
  }

  /** A tick that failed is shown; the next one comes all the same. */
  fail(error: string, now: number): void {
    this.#endTick(now, error);
  }

  /** An operator's change: moves on the state as it is now. */
  change(
    moves: Moves,
    now: number,
    state: Partial<State> = {},
    record: Partial<FleetRecord> = {},
  ): void {
    const live = this.#mustLive();
    const base = { ...this.#mustRead(now), ...state };
    this.#commit({ base, moves }, live.record, { ...live.record, ...record });
  }

  /** With a new month its costs begin anew; the rows tell what of it is over already. */
  #month({ state }: Live): Partial<State> {
    const { now, month } = state;
    if (month.startsAt <= now && now < month.endsAt) return {};
    return spentBefore(this.#sql, state, now);
  }

  #reserve(record: FleetRecord, tick: number, now: number): FleetRecord {
    if (tick <= record.ticksReserved) return record;
    this.#sql.transaction(() => {
      forgetEvents(this.#sql, now);
      forgetGone(this.#sql, now - HISTORY_MS);
      forgetCommands(this.#sql, now - DAY_MS);
      forgetSamples(this.#sql, now);
    });
    return { ...record, ticksReserved: tick + TICKS_PER_BLOCK };
  }

  /** One transaction: the tables first, then the memory; if the tables refuse, the memory is dropped. */
  #commit(
    { base, moves, after = apply(base, moves) }: Change,
    before: FleetRecord,
    record: FleetRecord,
    also: () => void = () => {},
  ): void {
    const stored = this.#mustLive().state;
    const next = recordOf(record, after);
    let state = after;
    let audited: readonly AuditRow[] = [];
    try {
      this.#sql.transaction(() => {
        audited = writeMoves(this.#sql, { before: stored, after }, { before, after: next }, moves);
        if (adopts(base, moves)) state = { ...after, ...pastAfterAdoption(this.#sql, after) };
        putBulletins(this.#sql, announcementsOf(after, newsOf(after, moves.events)));
        also();
      });
    } catch (error) {
      this.#live = null;
      throw error;
    }
    this.#live = { state, record: next };
    this.meters.moved(base, moves);
    this.#audited(next.name, audited);
  }

  #afterPlan({ decision }: Plan, now: number): void {
    const state = this.#mustRead(now);
    this.#ticks.decide(decision);
    this.forgetting.look(state, this.#sql);
  }

  #endTick(now: number, error: string | null): void {
    this.#ticks.end(now, error, this.#live?.record.bornAt ?? 0);
  }

  #mustLive(): Live {
    if (this.#live === null) throw new Error("the ledger was dropped in the middle of a tick");
    return this.#live;
  }

  #mustRead(now: number): State {
    const live = this.read(now);
    if (live === null) throw new Error("no fleet is configured here");
    return live.state;
  }
}

/** Older decisions bind no hourly cap, and must not pile up in memory. */
function lastHour(state: State, now: number): Pick<State, "launchTimes" | "deleteTimes"> {
  const recent = (times: readonly number[]): readonly number[] =>
    times.filter((at) => at > now - HOUR_MS);
  return { launchTimes: recent(state.launchTimes), deleteTimes: recent(state.deleteTimes) };
}
