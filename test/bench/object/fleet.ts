/**
 * A fleet of so many servers that are there, on calls and probes that take no time: what a tick takes is
 * the program's own work. The work of the embedded AWS is taken off.
 */
import { Engine } from "../../../durable/engine.ts";
import type { Eyes, Hands } from "../../../durable/rules/world.ts";
import type { FleetApi } from "../../../durable/rules/views.ts";
import type { SimEvent } from "../../sim/event.ts";
import type { ObjectHost } from "../../sim/world/object.ts";
import { Timers } from "../../sim/world/timers.ts";
import { createHost, FLEET, takeTheClock } from "../virtual/host.ts";
import { Site } from "../virtual/site.ts";
import { unboundSpec } from "../virtual/spec.ts";
import { TICK_MS } from "../virtual/times.ts";
import { MeteredDisk, type Traffic } from "./metered-disk.ts";

/** Parts of a tick, in the order in which they run. */
export const PARTS = ["begin", "observe", "plan", "act", "settle"] as const;
export type Part = (typeof PARTS)[number];

export interface Tick extends Traffic {
  /** In milliseconds. A part that did not run takes none. */
  readonly parts: Readonly<Record<Part, number>>;
  readonly alarms: number;
}

const START_MS = Date.UTC(2026, 10, 22, 0, 0, 0);
const ENDLESS = { bucket: { burst: 1e9, perSecond: 1e9 }, kind: "shared", costly: false } as const;
/** No fleet of any size takes longer to arrive. */
const ARRIVES_WITHIN_MS = 7_200_000;
const TICK_WITHIN_MS = 60_000;

export class BenchFleet {
  readonly #timers = new Timers(START_MS);
  readonly #disk = new MeteredDisk();
  readonly #site: Site;
  readonly #host: ObjectHost;
  readonly #restores: (() => void)[];
  readonly #busy = new Set<string>();
  #parts = noParts();
  #ready = 0;
  #ticks = 0;
  #alarms = 0;

  constructor() {
    const timers = this.#timers;
    const sessionsOn = (name: string): number => (this.#busy.has(name) ? 1 : 0);
    const latencyMs = (): number => 0;
    this.#site = new Site({ limits: ENDLESS, timers, latencyMs, probeMs: latencyMs, sessionsOn });
    this.#host = createHost({
      timers,
      site: this.#site,
      disk: this.#disk,
      emit: (event) => this.#see(event),
      eyesAs: (eyes) => this.#timedEyes(eyes),
      handsAs: (hands) => this.#timedHands(hands),
    });
    const record = (part: Part, tookMs: number): void => {
      this.#parts[part] += tookMs;
    };
    this.#restores = [takeTheClock(timers, 1), ...timeTheEngine(record)];
  }

  /** The globals are as they were. */
  close(): void {
    for (const restore of this.#restores) restore();
  }

  /** @throws where the fleet is not at its size after two hours of its own time. */
  async arrive(servers: number): Promise<void> {
    const applied = this.#host.stub().configure(FLEET, unboundSpec(servers), { actor: "bench" });
    await this.#timers.run(START_MS + ARRIVES_WITHIN_MS, () => this.#ready >= servers);
    await applied;
    if (this.#ready < servers)
      throw new Error(`only ${this.#ready} of ${servers} servers are ready after two hours`);
  }

  /** One tick, whenever its alarm comes. */
  async tick(): Promise<Tick> {
    this.#parts = noParts();
    this.#alarms = 0;
    this.#disk.take();
    const next = this.#ticks + 1;
    const { now } = this.#timers;
    await this.#timers.run(now + TICK_WITHIN_MS, () => this.#ticks >= next);
    if (this.#ticks < next) throw new Error("no tick came within a minute");
    return { parts: this.#parts, alarms: this.#alarms, ...this.#disk.take() };
  }

  /** The object dies and is born again on the same disk; its next tick reads everything anew. */
  restart(): void {
    this.#host.kill(true);
  }

  /** Sessions begin on so many idle servers, and end on as many busy ones, if there are so many. */
  churn(count: number): void {
    const busy = [...this.#busy].slice(0, count);
    const idle = this.#names()
      .filter((name) => !this.#busy.has(name))
      .slice(0, count);
    for (const name of busy) this.#busy.delete(name);
    for (const name of idle) this.#busy.add(name);
  }

  /** The object as others reach it. */
  get stub(): FleetApi {
    return this.#host.stub();
  }

  get disk(): MeteredDisk {
    return this.#disk;
  }

  get now(): number {
    return Math.floor(this.#timers.now);
  }

  /** Time goes by, with the ticks that come in it. */
  async pass(ms: number): Promise<void> {
    await this.#timers.run(this.#timers.now + ms, () => false);
  }

  get firstName(): string {
    return this.#names()[0] ?? "";
  }

  /** Writes the ledger to a new file, and gives the moment of the next tick. */
  save(path: string): number {
    this.#disk.sql.rows("VACUUM INTO ?", path);
    return this.#timers.now + TICK_MS;
  }

  /** The rows of all servers, as the ledger has them. */
  rows(): readonly object[] {
    return this.#disk.sql.rows("SELECT * FROM instances WHERE phase <> 'gone'");
  }

  #names(): string[] {
    return this.#disk.sql
      .rows("SELECT name FROM instances WHERE phase = 'ready' ORDER BY name")
      .map(({ name }) => String(name));
  }

  #see(event: SimEvent): void {
    if (event.kind === "alarm" && event.what === "set") this.#alarms += 1;
    if (event.kind === "alarm" && event.what === "finished") this.#ticks += 1;
    if (event.kind !== "commit") return;
    for (const { from, to } of event.moves) {
      if (from === "ready") this.#ready -= 1;
      if (to === "ready") this.#ready += 1;
    }
  }

  #timedEyes(eyes: Eyes): Eyes {
    return { observe: async (watch) => this.#timed("observe", () => eyes.observe(watch)) };
  }

  #timedHands(hands: Hands): Hands {
    return {
      act: async (commands, connections) =>
        this.#timed("act", () => hands.act(commands, connections)),
    };
  }

  /** Nothing here waits, so the time that goes by is work; that of the embedded AWS is not ours. */
  async #timed<T>(part: Part, work: () => Promise<T>): Promise<T> {
    const others = this.#site.workedMs;
    const beganAt = performance.now();
    const result = await work();
    this.#parts[part] += performance.now() - beganAt - (this.#site.workedMs - others);
    return result;
  }
}

/** From here on each begin, plan and settle of any engine is timed; gives what puts the methods back. */
function timeTheEngine(record: (part: Part, tookMs: number) => void): (() => void)[] {
  return (["begin", "plan", "settle"] as const).map((part) => {
    const own: unknown = Reflect.get(Engine.prototype, part);
    if (typeof own !== "function") throw new Error(`the engine has no ${part}`);
    const timed = function (this: Engine, ...args: unknown[]): unknown {
      const beganAt = performance.now();
      try {
        return Reflect.apply(own, this, args) as unknown;
      } finally {
        record(part, performance.now() - beganAt);
      }
    };
    Reflect.set(Engine.prototype, part, timed);
    return () => void Reflect.set(Engine.prototype, part, own);
  });
}

function noParts(): Record<Part, number> {
  return { begin: 0, observe: 0, plan: 0, act: 0, settle: 0 };
}
