/**
 * How a fleet shares the calls of its AWS account with the other fleets of its region: it asks the
 * account's object before a tick, reports its calls, and takes its part. It asks with its first tick,
 * then every minute while it is alone (each beat while it spends), and in each tick that makes or wants
 * calls while others are there.
 */
import type { Engine } from "./engine.ts";
import type { Reply, Report } from "./rules/account.ts";
import { afterReply, knownOf, type Standing, wantsOf, withoutReply } from "./rules/part.ts";
import type { AccountReading } from "./rules/readings.ts";
import type { State } from "./rules/state.ts";

export interface SharingPorts {
  /** The fleet as it is now; a removed one is followed by another. */
  readonly engine: () => Engine;
  readonly exchange: (region: string, report: Report) => Promise<Reply>;
  readonly now: () => number;
  /** Waits, until the signal says that nobody waits any more. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** A fleet that is alone asks after so many ticks. */
const ALONE_EVERY_TICKS = 12;
/** After a failure the fleet waits for so many ticks: each one that hangs costs the time limit. */
const RETRY_TICKS = 3;
/** No tick waits longer for the account. */
const LIMIT_MS = 1_000;

export class Sharing {
  readonly #ports: SharingPorts;
  #engine: Engine | null = null;
  #standing: Standing = "part";
  #others = 0;
  /** When it last asked, with success or without; null before the first time. */
  #askedAt: number | null = null;
  #isReached = true;
  #answered = 0;
  #failed = 0;

  constructor(ports: SharingPorts) {
    this.#ports = ports;
  }

  get reading(): AccountReading {
    return {
      isReached: this.#isReached,
      fleets: this.#others + 1,
      exchanges: { answered: this.#answered, failed: this.#failed },
    };
  }

  /** Asks before a tick, if it is due. It never throws. */
  async ask(): Promise<void> {
    const engine = this.#engineNow();
    const state = engine.read(this.#ports.now())?.state;
    if (state !== undefined && this.#isDue(engine, state)) await this.#askFor(engine, state);
  }

  /** Reports a refusal at once: it tells most while it is new, and the others go on to spend. It never throws. */
  async reportRefusal(): Promise<void> {
    const engine = this.#engineNow();
    const state = engine.read(this.#ports.now())?.state;
    if (state === undefined || this.#others === 0 || !this.#isReached) return;
    const isRefused = engine.calls.ticks.some(({ calls }) => calls.some((each) => each.throttled));
    if (isRefused) await this.#askFor(engine, state);
  }

  async #askFor(engine: Engine, state: State): Promise<void> {
    const isFirst = this.#askedAt === null;
    this.#askedAt = state.now;
    const report: Report = {
      fleet: `${state.identity.fleet}-${state.identity.incarnation}`,
      sentAt: state.now,
      calls: engine.calls.ticks,
      wants: wantsOf(state),
      known: isFirst || !this.#isReached ? knownOf(state.memory.budget) : null,
    };
    try {
      const reply = await this.#inTime(this.#ports.exchange(state.spec.region, report));
      this.#take(engine, reply);
    } catch (error) {
      this.#goOnAlone(engine, state, String(error));
    }
  }

  /** Nothing that another fleet's life has learned goes over to a new one. */
  #engineNow(): Engine {
    const engine = this.#ports.engine();
    if (engine !== this.#engine) {
      this.#engine = engine;
      this.#standing = "part";
      this.#askedAt = null;
    }
    return engine;
  }

  #isDue(engine: Engine, state: State): boolean {
    const { now, tickMs } = state;
    if (this.#askedAt === null || now < this.#askedAt) return true;
    const ticks = (now - this.#askedAt) / tickMs;
    if (!this.#isReached) return ticks >= RETRY_TICKS;
    // Fleets that begin together see each other with their second question.
    if (ticks >= (this.#answered > 1 ? ALONE_EVERY_TICKS : 1)) return true;
    if (this.#others > 0) return engine.calls.ticks.length > 0 || wantsCalls(state);
    // A fleet that comes now finds this one in its first tick; this one must look for it while it spends.
    return ticks >= 1 && (isScarce(state) ? wantsCalls(state) : wantsChanges(state));
  }

  async #inTime(reply: Promise<Reply>): Promise<Reply> {
    const over = new AbortController();
    const late = this.#ports.wait(LIMIT_MS, over.signal).then((): never => {
      throw new Error(`no answer within ${LIMIT_MS} ms`);
    });
    try {
      return await Promise.race([reply, late]);
    } finally {
      over.abort();
    }
  }

  #take(engine: Engine, reply: Reply): void {
    const now = this.#ports.now();
    const budget = engine.read(now)?.state.memory.budget;
    if (budget === undefined) return;
    const next = afterReply(budget, this.#standing, reply, now);
    engine.takeBudget(next.budget);
    engine.calls.heard(reply.heard);
    this.#standing = next.standing;
    this.#others = reply.others;
    this.#answered++;
    if (this.#isReached) return;
    this.#isReached = true;
    this.#ports.log({ event: "account.reached", others: reply.others });
  }

  #goOnAlone(engine: Engine, { memory, identity, spec }: State, error: string): void {
    this.#failed++;
    if (this.#standing !== "half") engine.takeBudget(withoutReply(memory.budget));
    this.#standing = "half";
    if (!this.#isReached) return;
    this.#isReached = false;
    this.#ports.log({
      event: "account.unreached",
      fleet: identity.fleet,
      region: spec.region,
      error,
      effect: "the fleet makes AWS calls at half its last known rate until the account answers",
    });
  }
}

function wantsCalls(state: State): boolean {
  return Object.keys(wantsOf(state)).length > 0;
}

/** Others than looks. */
function wantsChanges(state: State): boolean {
  return Object.keys(wantsOf(state)).some((lane) => lane !== "list");
}

/** AWS has refused a call of Lightsail's once. */
function isScarce({ memory }: State): boolean {
  return memory.budget.buckets.all.ratePerSecond !== null;
}
