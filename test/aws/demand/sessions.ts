/**
 * The demand: sessions that come, find a server or none, and go.
 *
 * 1. State is a function of the seed, the hosts that were given and the clock: no timers.
 * 2. With unchanged hosts it does not matter in how many steps time is advanced.
 * 3. Who comes, when, and for how long does not depend on the hosts: two fleets with one seed
 *    meet the very same visitors.
 * 4. A session is blocked only when no accepting host has room at that moment.
 * 5. Every arrival is placed or blocked; every placed session ends, is killed, or lives.
 *
 * Arrivals are a non-homogeneous Poisson process, made by thinning (Lewis and Shedler, 1979);
 * lengths are lognormal, independent of all else.
 */
import { Departures } from "./departures.ts";
import type { Candidate, Placement } from "./place.ts";
import { place } from "./place.ts";
import type { Random } from "./random.ts";
import { createRandom, exponential, lognormal } from "./random.ts";
import type { Rate } from "./rate.ts";

/** A server as the demand sees it. */
export interface Host {
  readonly name: string;
  /** Nothing is placed before; a later value than before means that it was started anew. */
  readonly readyAtMs: number;
  /** False: it keeps its sessions and gets no new one (draining, cordoned); true if not given. */
  readonly accepting?: boolean;
}

export interface DemandOptions {
  readonly rate: Rate;
  readonly seed: number;
  /** The model time at which the first session may come. */
  readonly startMs: number;
  /** Sessions that one server holds; 1 if not given. */
  readonly capacity?: number;
  /** `fullest` if not given. */
  readonly placement?: Placement;
  /** Mean length of a session; 30 min if not given. */
  readonly meanLengthMs?: number;
}

/** What happened, in the order in which it did. */
export type DemandEvent =
  | {
      readonly kind: "placed";
      readonly atMs: number;
      readonly session: number;
      readonly host: string;
    }
  | { readonly kind: "blocked"; readonly atMs: number; readonly session: number }
  | {
      readonly kind: "ended";
      readonly atMs: number;
      readonly session: number;
      readonly host: string;
    }
  | {
      readonly kind: "killed";
      readonly atMs: number;
      readonly session: number;
      readonly host: string;
    };

/** Totals since the start; `live` is now. */
export interface DemandCounts {
  readonly arrivals: number;
  readonly placed: number;
  readonly blocked: number;
  readonly ended: number;
  readonly killed: number;
  readonly live: number;
}

/** Sessions that were lost with their host, which a fleet must never cause. */
export interface Kill {
  readonly host: string;
  readonly atMs: number;
  readonly sessions: number;
}

interface Occupied {
  readonly readyAtMs: number;
  readonly sessions: Set<number>;
}

const HOUR_MS = 3_600_000;
const MEAN_LENGTH_MS = HOUR_MS / 2;
const LENGTH_VARIATION = 1;
const LENGTH_MIN_MS = 60_000;
const LENGTH_MAX_MS = 6 * HOUR_MS;

export class Demand {
  readonly #rate: Rate;
  readonly #capacity: number;
  readonly #placement: Placement;
  readonly #meanLengthMs: number;
  readonly #arrivals: Random;
  readonly #lengths: Random;
  readonly #choices: Random;
  readonly #departures = new Departures();
  readonly #occupied = new Map<string, Occupied>();
  readonly #kills: Kill[] = [];
  #nowMs: number;
  #candidateAtMs: number;
  #placed = 0;
  #blocked = 0;
  #ended = 0;
  #killed = 0;

  constructor(options: DemandOptions) {
    this.#rate = options.rate;
    this.#capacity = options.capacity ?? 1;
    if (!Number.isInteger(this.#capacity) || this.#capacity < 1) {
      throw new RangeError(`capacity must be a whole number from 1 up, but is ${this.#capacity}.`);
    }
    this.#placement = options.placement ?? "fullest";
    this.#meanLengthMs = options.meanLengthMs ?? MEAN_LENGTH_MS;
    this.#arrivals = createRandom(options.seed, "arrivals");
    this.#lengths = createRandom(options.seed, "lengths");
    this.#choices = createRandom(options.seed, "choices");
    this.#nowMs = options.startMs;
    this.#candidateAtMs = this.#candidateAfter(options.startMs);
  }

  /**
   * Lives through the time from the last call up to and including `nowMs`, and tells what happened.
   *
   * `hosts` holds for all of that time: call it just before the servers change, and again after.
   * A host with sessions that is missing, or was started anew, was lost at the beginning of that
   * time, and its sessions with it.
   * Throws when time runs backwards or two hosts have one name.
   */
  advance(nowMs: number, hosts: readonly Host[]): DemandEvent[] {
    if (!(nowMs >= this.#nowMs)) {
      throw new RangeError(`time must not run backwards: ${nowMs} is before ${this.#nowMs}.`);
    }
    const events = this.#killOnLost(hosts);
    for (;;) {
      const departureAtMs = this.#departures.nextAtMs;
      if (Math.min(departureAtMs, this.#candidateAtMs) > nowMs) break;
      const event = departureAtMs <= this.#candidateAtMs ? this.#depart() : this.#arrive(hosts);
      if (event !== null) events.push(event);
    }
    this.#nowMs = nowMs;
    return events;
  }

  /** Sessions on this host as of the last advance. */
  sessionsOn(name: string): number {
    return this.#occupied.get(name)?.sessions.size ?? 0;
  }

  /** Which sessions they are: the numbers of their events. */
  sessionIdsOn(name: string): readonly number[] {
    return [...(this.#occupied.get(name)?.sessions ?? [])];
  }

  counts(): DemandCounts {
    return {
      arrivals: this.#placed + this.#blocked,
      placed: this.#placed,
      blocked: this.#blocked,
      ended: this.#ended,
      killed: this.#killed,
      live: this.#placed - this.#ended - this.#killed,
    };
  }

  /** Every loss of sessions so far; empty is what a fleet is for. */
  kills(): readonly Kill[] {
    return this.#kills;
  }

  #killOnLost(hosts: readonly Host[]): DemandEvent[] {
    const atMs = this.#nowMs;
    const readyAtMs = new Map(hosts.map((host) => [host.name, host.readyAtMs]));
    if (readyAtMs.size !== hosts.length) throw new Error("two hosts have the same name.");
    const events: DemandEvent[] = [];
    for (const [host, occupied] of this.#occupied) {
      if ((readyAtMs.get(host) ?? Number.POSITIVE_INFINITY) <= occupied.readyAtMs) continue;
      this.#occupied.delete(host);
      this.#killed += occupied.sessions.size;
      this.#kills.push({ host, atMs, sessions: occupied.sessions.size });
      for (const session of occupied.sessions) {
        events.push({ kind: "killed", atMs, session, host });
      }
    }
    return events;
  }

  /** The session that ends next; null if it was killed before and its end means nothing now. */
  #depart(): DemandEvent | null {
    const session = this.#departures.take();
    if (session === undefined) throw new Error("a departure was due, but there is none.");
    const sessions = this.#occupied.get(session.host)?.sessions;
    if (sessions === undefined || !sessions.delete(session.id)) return null;
    if (sessions.size === 0) this.#occupied.delete(session.host);
    this.#ended += 1;
    return { kind: "ended", atMs: session.endsAtMs, session: session.id, host: session.host };
  }

  /** Thinning: candidates come at the highest rate, and become arrivals in proportion to the rate. */
  #arrive(hosts: readonly Host[]): DemandEvent | null {
    const atMs = this.#candidateAtMs;
    this.#candidateAtMs = this.#candidateAfter(atMs);
    if (this.#arrivals() * this.#rate.maxPerHour >= this.#rate.perHour(atMs)) return null;
    const session = this.#placed + this.#blocked;
    const lengthMs = lognormal(this.#lengths, this.#meanLengthMs, LENGTH_VARIATION);
    const chosen = place(this.#placement, this.#withRoom(hosts, atMs), this.#choices);
    if (chosen === null) {
      this.#blocked += 1;
      return { kind: "blocked", atMs, session };
    }
    this.#placed += 1;
    this.#occupy(chosen, session);
    const endsAtMs = atMs + Math.min(Math.max(lengthMs, LENGTH_MIN_MS), LENGTH_MAX_MS);
    this.#departures.add({ id: session, host: chosen.name, endsAtMs });
    return { kind: "placed", atMs, session, host: chosen.name };
  }

  #candidateAfter(atMs: number): number {
    // A highest rate of zero makes the mean gap infinite: nobody ever comes.
    return atMs + exponential(this.#arrivals, HOUR_MS / this.#rate.maxPerHour);
  }

  #withRoom(hosts: readonly Host[], atMs: number): Candidate[] {
    const candidates: Candidate[] = [];
    for (const { name, readyAtMs, accepting = true } of hosts) {
      const sessions = this.sessionsOn(name);
      if (accepting && readyAtMs <= atMs && sessions < this.#capacity) {
        candidates.push({ name, readyAtMs, sessions });
      }
    }
    return candidates;
  }

  #occupy({ name, readyAtMs }: Candidate, session: number): void {
    const occupied = this.#occupied.get(name);
    if (occupied === undefined)
      this.#occupied.set(name, { readyAtMs, sessions: new Set([session]) });
    else occupied.sessions.add(session);
  }
}
