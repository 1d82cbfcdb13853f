/**
 * One fleet from nothing to its size: the Durable Object's own file, whose alarm decides when ticks come,
 * down to the signed calls, on a virtual clock, without faults and without demand.
 */
import { createHands } from "../../../worker/act.ts";
import type { Clock } from "../../../worker/clock.ts";
import { parseConfig } from "../../../worker/env.ts";
import { createEyes } from "../../../worker/observe.ts";
import { createRandom } from "../../aws/demand/random.ts";
import { TEST_CREDENTIAL } from "../../aws/wire/wire.ts";
import type { SimEvent } from "../../sim/event.ts";
import { seedWords, setSigning } from "../../sim/runtime/crypto.ts";
import { setWait } from "../../sim/runtime/scheduler.ts";
import { Names } from "../../sim/world/directory.ts";
import { Disk } from "../../sim/world/disk.ts";
import { ObjectHost } from "../../sim/world/object.ts";
import { Timers } from "../../sim/world/timers.ts";
import { boundSeconds } from "./bound.ts";
import { type Cell, LATENCY_MS } from "./cell.ts";
import { Site, type Traffic } from "./site.ts";
import { unboundSpec } from "./spec.ts";

const FLEET = "media";
const START = Date.UTC(2026, 10, 22, 0, 0, 0);

export interface FleetOptions {
  readonly seed: number;
  /** Latencies are drawn from the mean by this share more or less. */
  readonly latencySpread: number;
  /** The run is given up after so many times the bound. */
  readonly limit: number;
}

export interface FleetRun extends Traffic {
  /** Null where the fleet was not ready within the limit. */
  readonly makespanSeconds: number | null;
  readonly ready: number;
  readonly ticks: number;
  readonly deletedOnTheWay: number;
  readonly createdBeyond: number;
}

export async function runFleet(cell: Cell, options: FleetOptions): Promise<FleetRun> {
  return new Run(cell, options).live();
}

class Run {
  readonly #cell: Cell;
  readonly #limitMs: number;
  readonly #timers = new Timers(START);
  readonly #site: Site;
  readonly #host: ObjectHost;
  readonly #seed: number;
  #ready = 0;
  #ticks = 0;

  constructor(cell: Cell, { seed, latencySpread, limit }: FleetOptions) {
    const random = createRandom(seed, "latency");
    const latencyMs = (): number =>
      Math.round(LATENCY_MS * (1 + latencySpread * (2 * random() - 1)));
    this.#cell = cell;
    this.#seed = seed;
    this.#limitMs = limit * boundSeconds(cell) * 1_000;
    this.#site = new Site({ cell, timers: this.#timers, latencyMs });
    this.#host = this.#createHost();
  }

  async live(): Promise<FleetRun> {
    const { servers } = this.#cell;
    const restore = this.#takeTheClock();
    try {
      const applied = this.#host.stub().configure(FLEET, unboundSpec(servers), { actor: "bench" });
      await this.#timers.run(START + this.#limitMs, () => this.#ready >= servers);
      await applied;
    } finally {
      restore();
    }
    const isThere = this.#ready >= servers;
    const { length: created } = this.#site.cloud.everCreated();
    return {
      makespanSeconds: isThere ? (this.#timers.now - START) / 1_000 : null,
      ready: this.#ready,
      ticks: this.#ticks,
      deletedOnTheWay: this.#site.cloud.deletions().length,
      createdBeyond: Math.max(0, created - servers),
      ...this.#site.traffic(),
    };
  }

  /** The program's clock, its randomness and its log are this run's until they are given back. */
  #takeTheClock(): () => void {
    const { now } = Date;
    const { log, error } = console;
    const words = createRandom(this.#seed, "words");
    seedWords(() => words().toString(36).slice(2, 8).padEnd(6, "0"));
    setSigning(false);
    setWait(async (ms) => this.#timers.sleep(ms));
    Date.now = () => this.#timers.now;
    console.log = () => undefined;
    return () => {
      Date.now = now;
      Object.assign(console, { log, error });
    };
  }

  #see(event: SimEvent): void {
    if (event.kind === "alarm" && event.what === "finished") this.#ticks += 1;
    if (event.kind !== "commit") return;
    for (const { from, to } of event.moves) {
      if (from === "ready") this.#ready -= 1;
      if (to === "ready") this.#ready += 1;
    }
  }

  #createHost(): ObjectHost {
    const timers = this.#timers;
    const { send: fetch, transport } = this.#site;
    const config = parseConfig({
      AWS_ACCESS_KEY_ID: TEST_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: TEST_CREDENTIAL.secretAccessKey,
      AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
    });
    const clock: Clock = {
      now: () => timers.now,
      after: (delayMs, run) => timers.after(delayMs, run),
    };
    const deps = { config, fetch, clock, transport };
    return new ObjectHost({
      timers,
      disk: new Disk(),
      objectNow: () => timers.now,
      emit: (event) => this.#see(event),
      point: () => undefined,
      directory: new Names(),
      env: { DEPLOYMENT: "default" },
      eyesOf: () => createEyes(deps),
      handsOf: () => createHands(deps),
      heraldOf: () => async () => ({ kind: "sent" }),
    });
  }
}
