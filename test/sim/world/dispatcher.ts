/**
 * The dispatcher: it reads the fleet's list of ready servers now and then, and places each new session
 * on the fullest of them that has room. It keeps its half of the promise of I1, to the last second:
 * it stops placing on a server within `drainSeconds` of that server's cordon.
 */
import type { FleetApi } from "../../../durable/rules/views.ts";
import { exponential, lognormal, type Random } from "../../aws/demand/random.ts";
import type { SimEvent } from "../event.ts";
import type { Promise1 } from "../scenario.ts";
import type { Servers } from "./servers.ts";
import type { Timers } from "./timers.ts";

const HOUR_MS = 3_600_000;
/** Where each server refuses by itself, the dispatcher may go by a list as old as this. */
const OLD_LIST_MS = 600_000;

export interface DispatcherPorts {
  readonly timers: Timers;
  readonly servers: Servers;
  readonly random: Random;
  readonly fleet: () => FleetApi;
  readonly emit: (event: SimEvent) => void;
  readonly promise: Promise1;
  /** Milliseconds; the least that the spec ever asked for. */
  readonly drainMs: () => number;
  readonly capacity: () => number;
  readonly meanLengthMs: number;
}

export class Dispatcher {
  readonly #ports: DispatcherPorts;
  #list: { readonly at: number; readonly names: readonly string[] } = { at: 0, names: [] };
  #perHour: number;
  #callOff: () => void = () => {};

  constructor(ports: DispatcherPorts, perHour: number) {
    this.#ports = ports;
    this.#perHour = perHour;
    this.#next();
    this.#poll();
  }

  /** From now on so many sessions come in an hour. */
  setRate(perHour: number): void {
    this.#perHour = perHour;
    this.#callOff();
    this.#next();
  }

  get perHour(): number {
    return this.#perHour;
  }

  #next(): void {
    if (this.#perHour <= 0) return;
    const { random, timers } = this.#ports;
    this.#callOff = timers.after(
      1 + Math.floor(exponential(random, HOUR_MS / this.#perHour)),
      () => {
        this.place(null);
        this.#next();
      },
    );
  }

  #poll(): void {
    const { timers, random, drainMs } = this.#ports;
    // Often enough that the list is seldom too old to be used.
    const shareOfDrain = 0.4 + 0.5 * random();
    const againInMs = 1_000 + Math.floor(drainMs() * shareOfDrain);
    void this.#read().finally(() => timers.after(againInMs, () => this.#poll()));
  }

  async #read(): Promise<void> {
    const { fleet, timers } = this.#ports;
    const at = timers.now;
    try {
      const ready = await fleet().instances({ phase: "ready", ip: null });
      this.#list = { at, names: (ready ?? []).map(({ name }) => name) };
    } catch {
      // The fleet cannot be asked just now: the last list still serves, for as long as it may.
      this.#list = { ...this.#list };
    }
  }

  /** Places one session, on `wanted` if that is one of the servers it may use. */
  place(wanted: string | null): void {
    const { servers, random, emit } = this.#ports;
    const lengthMs = Math.floor(lognormal(random, this.#ports.meanLengthMs, 1)) + 1_000;
    const candidates = this.#usable().filter((name) => wanted === null || name === wanted);
    const chosen = candidates.toSorted(
      (a, b) => servers.sessionsOn(b) - servers.sessionsOn(a) || (a < b ? -1 : 1),
    )[0];
    if (chosen !== undefined) return servers.place(chosen, lengthMs);
    if (wanted === null) emit({ kind: "session", what: "blocked", server: null });
  }

  #usable(): string[] {
    const { timers, servers, promise, capacity, drainMs } = this.#ports;
    const limitMs = promise === "server" ? OLD_LIST_MS : drainMs();
    if (timers.now - this.#list.at >= limitMs) return [];
    return this.#list.names.filter(
      (name) =>
        servers.sessionsOn(name) < capacity() && servers.accepts(name) && !servers.isDraining(name),
    );
  }
}
