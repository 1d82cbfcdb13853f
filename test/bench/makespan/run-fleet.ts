/**
 * One fleet from nothing to its size: the Durable Object's own file, whose alarm decides when ticks come,
 * down to the signed calls, on a virtual clock, without faults and without demand.
 */
import type { SimEvent } from "../../sim/event.ts";
import { Disk } from "../../sim/world/disk.ts";
import type { ObjectHost } from "../../sim/world/object.ts";
import { Timers } from "../../sim/world/timers.ts";
import { createHost, FLEET, takeTheClock } from "../virtual/host.ts";
import { Site, type Traffic } from "../virtual/site.ts";
import { unboundSpec } from "../virtual/spec.ts";
import { boundSeconds } from "./bound.ts";
import { type Cell, latencies, PROBE_MS, type Seeding, START_MS } from "./cell.ts";

/** A fleet that is not gone after this is not going. */
const RETIRED_WITHIN_MS = 7_200_000;

export interface FleetRun extends Traffic {
  /** Null where the fleet was not ready within the limit. */
  readonly makespanSeconds: number | null;
  readonly ready: number;
  readonly ticks: number;
  readonly deletedOnTheWay: number;
  readonly createdBeyond: number;
}

/** All calls of a fleet that came and went. */
export interface RoundTrip {
  readonly arrived: FleetRun;
  /** Null where not all servers were gone within two hours. */
  readonly retiredSeconds: number | null;
  readonly calls: Readonly<Record<string, number>>;
}

export async function runFleet(cell: Cell, seeding: Seeding): Promise<FleetRun> {
  return new Run(cell, seeding).arrive();
}

/** The fleet arrives, and then wants no server any more. */
export async function runThereAndBack(cell: Cell, seeding: Seeding): Promise<RoundTrip> {
  const run = new Run(cell, seeding);
  const arrived = await run.arrive();
  return { arrived, retiredSeconds: await run.retire(), calls: run.traffic().calls };
}

class Run {
  readonly #cell: Cell;
  readonly #limitMs: number;
  readonly #timers = new Timers(START_MS);
  readonly #site: Site;
  readonly #host: ObjectHost;
  readonly #seed: number;
  #ready = 0;
  #ticks = 0;

  constructor(cell: Cell, seeding: Seeding) {
    this.#cell = cell;
    this.#seed = seeding.seed;
    this.#limitMs = seeding.limit * boundSeconds(cell) * 1_000;
    const timers = this.#timers;
    const latencyMs = latencies(seeding);
    this.#site = new Site({ ...cell, limits: cell, timers, latencyMs, probeMs: () => PROBE_MS });
    const emit = (event: SimEvent): void => this.#see(event);
    this.#host = createHost({ timers, site: this.#site, disk: new Disk(), emit });
  }

  async arrive(): Promise<FleetRun> {
    const { servers } = this.#cell;
    const until = START_MS + this.#limitMs;
    const isThere = await this.#ask(servers, until, () => this.#ready >= servers);
    const { length: created } = this.#site.cloud.everCreated();
    return {
      makespanSeconds: isThere ? (this.#timers.now - START_MS) / 1_000 : null,
      ready: this.#ready,
      ticks: this.#ticks,
      deletedOnTheWay: this.#site.deleted,
      createdBeyond: Math.max(0, created - servers),
      ...this.traffic(),
    };
  }

  async retire(): Promise<number | null> {
    const { now } = this.#timers;
    const { length: created } = this.#site.cloud.everCreated();
    const isOver = (): boolean => this.#site.deleted >= created;
    const isGone = await this.#ask(0, now + RETIRED_WITHIN_MS, isOver);
    return isGone ? (this.#timers.now - now) / 1_000 : null;
  }

  traffic(): Traffic {
    return this.#site.traffic();
  }

  /** Configures the fleet to so many spares, and lives until it is there; false at `until`. */
  async #ask(servers: number, until: number, isThere: () => boolean): Promise<boolean> {
    const restore = takeTheClock(this.#timers, this.#seed);
    try {
      const spec = unboundSpec(servers);
      const applied = this.#host.stub().configure(FLEET, spec, { actor: "bench" });
      await this.#timers.run(until, isThere);
      await applied;
    } finally {
      restore();
    }
    return isThere();
  }

  #see(event: SimEvent): void {
    if (event.kind === "alarm" && event.what === "finished") this.#ticks += 1;
    if (event.kind !== "commit") return;
    for (const { from, to } of event.moves) {
      if (from === "ready") this.#ready -= 1;
      if (to === "ready") this.#ready += 1;
    }
  }
}
