/**
 * Asks many servers with few sockets before a moment. Servers that are expected to answer come first, in
 * their order. Doubtful ones (silent when last asked) run beside them on at most half of the sockets. While
 * the others would not all be asked in time, they get the share of the sockets that is their share of the
 * servers, and one at the least in the first half of the time, so that their turn comes too.
 *
 * A server that keeps others from their turn by not answering is cut short, long before its time limit.
 * That says nothing of it: it is asked again at the end if there is time, or as a doubtful one next time.
 * Whatever was not asked, or not given its whole time, has no reading.
 */
import type { HealthSpec } from "../../durable/rules/spec.ts";
import type { Pace, ProbeRequest, Reading } from "../../durable/rules/world.ts";
import { asError, type Clock } from "../clock.ts";
import { Latency } from "./latency.ts";
import { probe } from "./probe.ts";
import type { Prober } from "./route.ts";

/** A server is slow when it takes so much longer than its last answer. */
const SLOW_FACTOR = 1.5;

/** A probe that ran for so long, or to its own limit, was asked: a look gives nobody more. */
const ASKED_MS = 3_000;

/** What to ask, and until when. */
export interface Turn {
  readonly requests: readonly ProbeRequest[];
  readonly health: HealthSpec;
  /** By their hashes, for requests that name one. */
  readonly checks?: Readonly<Record<string, HealthSpec>>;
  /** Absent where nothing was measured. */
  readonly pace?: Pace;
  /** Aborts at `endsAtMs`. */
  readonly signal: AbortSignal;
  readonly endsAtMs: number;
  /** Sockets for probes; there may be more later. */
  readonly sockets: number;
}

export interface Asked {
  /** Of some servers there may be two of one check. */
  readonly readings: readonly Reading[];
  /** Names of servers that were asked and could not be given their whole time. */
  readonly cutShort: readonly string[];
}

const DONE = new Error("others have asked it");

interface Flight {
  readonly request: ProbeRequest;
  readonly startedAt: number;
  readonly doubtful: boolean;
  /** Others ask it too. */
  readonly isSpare: boolean;
  readonly controller: AbortController;
  /** It has taken longer than answers take. */
  isSlow: boolean;
  isCut: boolean;
  cancelCheck: () => void;
}

export class InTurn {
  readonly #prober: Prober;
  readonly #clock: Clock;
  readonly #turn: Turn;
  readonly #latency: Latency;
  readonly #startedAt: number;
  readonly #expected: ProbeRequest[] = [];
  readonly #doubtful: ProbeRequest[] = [];
  /** Cut short, and asked again when nobody else is waiting. */
  readonly #again: ProbeRequest[] = [];
  /** What others ask: asked here too when a socket would be idle, for they may never answer. */
  #spare: ProbeRequest[] = [];
  readonly #flights = new Set<Flight>();
  readonly #readings = new Map<string, Reading>();
  readonly #cutShort = new Set<string>();
  readonly #end = Promise.withResolvers<undefined>();
  #sockets: number;
  #answers = 0;
  /** Doubtful servers that answered, and those that were silent again. */
  #returned = 0;
  #silences = 0;
  #cuts = 0;
  #cancelHalf: () => void = () => {};
  /** Others may still hand back servers that they did not ask. */
  #isOpen = true;

  /** Begins to ask at once. */
  constructor(prober: Prober, turn: Turn) {
    this.#prober = prober;
    this.#clock = prober.clock;
    this.#turn = turn;
    this.#sockets = turn.sockets;
    this.#latency = new Latency(turn.pace?.answerMs ?? null);
    this.#startedAt = prober.clock.now();
    turn.signal.addEventListener("abort", () => this.#pump(), { once: true });
    this.add(turn.requests);
  }

  /**
   * More servers, behind those that wait already.
   * @throws where one names a check that the look has not: that is a fault of ours.
   */
  add(requests: readonly ProbeRequest[]): void {
    for (const request of requests) healthOf(this.#turn, request);
    for (const request of requests)
      (request.doubtful === true ? this.#doubtful : this.#expected).push(request);
    this.#pump();
  }

  /** Servers that others ask. They are asked here too when nobody else is waiting. */
  addSpare(requests: readonly ProbeRequest[]): void {
    this.#spare.push(...requests.filter(({ doubtful }) => doubtful !== true));
    this.#cancelHalf();
    const halfMs = (this.#turn.endsAtMs - this.#startedAt) / 2;
    this.#cancelHalf = this.#clock.after(halfMs, () => this.#pump());
  }

  /** Others are done with these servers, well or not. */
  dropSpare(requests: readonly ProbeRequest[]): void {
    const asked = new Set(requests.map((request) => keyOf(request)));
    this.#spare = this.#spare.filter((request) => !asked.has(keyOf(request)));
    for (const flight of this.#flights)
      if (flight.isSpare && asked.has(keyOf(flight.request))) flight.controller.abort(DONE);
  }

  /** More sockets, which somebody else does not need any more. */
  widen(sockets: number): void {
    this.#sockets += sockets;
    this.#pump();
  }

  /** No more servers will be added. Resolves when all were asked, or the time is over. */
  async finish(): Promise<Asked> {
    this.#isOpen = false;
    this.#cancelHalf();
    this.#pump();
    await this.#end.promise;
    return { readings: [...this.#readings.values()], cutShort: [...this.#cutShort] };
  }

  #pump(): void {
    if (this.#turn.signal.aborted) {
      this.#expected.length = 0;
      this.#doubtful.length = 0;
      this.#again.length = 0;
      this.#spare.length = 0;
    }
    while (this.#flights.size < this.#sockets) {
      const request = this.#next();
      const spare = request ?? this.#nextSpare();
      if (spare === undefined) break;
      void this.#ask(spare, request === undefined);
    }
    const isIdle = this.#flights.size === 0 && !this.#isOpen;
    if (isIdle) this.#end.resolve(undefined);
  }

  #next(): ProbeRequest | undefined {
    const leftMs = this.#leftMs();
    // What could not be answered any more is not begun: its turn comes first next time.
    if (leftMs < this.#latency.meanMs) this.#expected.length = 0;
    if (this.#expected.length === 0) this.#doubtful.push(...this.#again.splice(0));
    const index = this.#doubtful.findIndex((request) => this.#limitMs(request) <= leftMs);
    if (index >= 0 && this.#mayAskDoubtful(leftMs)) return this.#doubtful.splice(index, 1)[0];
    return this.#expected.shift();
  }

  /** Only in the second half of the time: before that, others are not late. */
  #nextSpare(): ProbeRequest | undefined {
    const leftMs = this.#leftMs();
    const isLate = this.#clock.now() - this.#startedAt >= leftMs;
    return isLate && leftMs >= this.#latency.meanMs ? this.#spare.shift() : undefined;
  }

  #leftMs(): number {
    return this.#turn.endsAtMs - this.#clock.now();
  }

  /** After so long, in milliseconds, its silence counts. */
  #limitMs(request: ProbeRequest): number {
    const wholeMs = healthOf(this.#turn, request).timeoutSeconds * 1000;
    return Math.min(request.limitMs ?? wholeMs, ASKED_MS);
  }

  #mayAskDoubtful(leftMs: number): boolean {
    const now = this.#count((flight) => flight.doubtful);
    const most = Math.max(1, Math.floor(this.#sockets / 2));
    if (this.#expected.length === 0) return now < most;

    const spare = Math.floor(this.#sockets - this.#neededSockets(leftMs));
    return now < Math.min(most, Math.max(this.#dueToDoubtful(most), spare));
  }

  /** Sockets that doubtful servers get although others wait. */
  #dueToDoubtful(most: number): number {
    // They answer again, so the sooner all of them are asked the better.
    if (this.#returned > this.#silences) return most;
    const doubtful = this.#doubtful.length;
    const share = (this.#sockets * doubtful) / (doubtful + this.#expected.length);
    const isEarly = this.#clock.now() - this.#startedAt < this.#leftMs();
    return Math.max(Math.floor(share), isEarly ? 1 : 0);
  }

  /** Sockets that it takes to ask in time all who wait and are expected to answer. */
  #neededSockets(leftMs: number): number {
    const slow = this.#count((flight) => flight.isSlow && !flight.doubtful);
    return slow + (this.#expected.length * this.#latency.meanMs) / leftMs;
  }

  #count(which: (flight: Flight) => boolean): number {
    let count = 0;
    for (const flight of this.#flights) if (which(flight)) count += 1;
    return count;
  }

  async #ask(request: ProbeRequest, isSpare: boolean): Promise<void> {
    const { signal } = this.#turn;
    const health = healthOf(this.#turn, request);
    const controller = new AbortController();
    const follow = (): void => controller.abort(signal.reason);
    signal.addEventListener("abort", follow, { once: true });
    const flight: Flight = {
      request,
      startedAt: this.#clock.now(),
      doubtful: request.doubtful === true,
      isSpare,
      controller,
      isSlow: false,
      isCut: false,
      cancelCheck: () => {},
    };
    this.#flights.add(flight);
    if (!flight.doubtful) this.#checkLater(flight);
    try {
      this.#note(flight, await probe(this.#prober, request, health, controller.signal));
    } catch (thrown) {
      this.#end.reject(asError(thrown));
    } finally {
      flight.cancelCheck();
      signal.removeEventListener("abort", follow);
      this.#flights.delete(flight);
      this.#pump();
    }
  }

  #checkLater(flight: Flight): void {
    const usualMs = flight.request.usualMs ?? 0;
    const slowMs = Math.max(this.#latency.slowMs, SLOW_FACTOR * usualMs);
    flight.cancelCheck = this.#clock.after(slowMs, () => {
      flight.isSlow = true;
      if (this.#expected.length === 0) return;
      if (this.#mayCut()) {
        this.#cuts += 1;
        flight.isCut = true;
        flight.controller.abort(new Error("cut short: others wait for their turn"));
      } else this.#checkLater(flight);
    });
  }

  /** Others do answer, and would lose their turn. Where most are silent it is not one server that is slow. */
  #mayCut(): boolean {
    return this.#latency.isKnown && this.#answers > this.#cuts && !this.#fits();
  }

  /** All who wait are asked in time, although some sockets are held by servers that do not answer. */
  #fits(): boolean {
    const leftMs = this.#leftMs();
    const held = this.#count((flight) => flight.doubtful);
    return leftMs > 0 && this.#neededSockets(leftMs) <= this.#sockets - held;
  }

  #note(flight: Flight, reading: Reading): void {
    const { request, startedAt, isCut } = flight;
    const { name } = request;
    if (reading.kind === "answer") {
      if (flight.doubtful) this.#returned += 1;
      this.#answers += 1;
      this.#latency.add(reading.tookMs ?? 0);
    } else if (flight.isSpare) {
      // The fleet that asks it too says whether it is silent.
      return;
    } else if (isCut) {
      this.#cutShort.add(name);
      this.#again.push({ ...request, doubtful: true });
      return;
    } else if (this.#turn.signal.aborted) {
      if (this.#clock.now() - startedAt < this.#limitMs(request)) {
        if (flight.isSlow) this.#cutShort.add(name);
        return;
      }
    }
    if (flight.doubtful && reading.kind === "hole") this.#silences += 1;
    this.#cutShort.delete(name);
    this.#readings.set(keyOf(request), reading);
  }
}

/** A server may be asked by two checks in one look: they are two questions. */
export function keyOf({ name, check }: Pick<ProbeRequest, "name" | "check">): string {
  return check === undefined ? name : `${name} ${check}`;
}

/** How a request is made. */
function healthOf({ health, checks }: Turn, { check }: ProbeRequest): HealthSpec {
  if (check === undefined) return health;
  const own = checks?.[check];
  if (own === undefined) throw new Error(`the look has no check ${check}`);
  return own;
}
