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
import { type Cell, latencies, type Seeding, START_MS } from "./cell.ts";
import { Site, type Traffic } from "./site.ts";
import { unboundSpec } from "./spec.ts";

const FLEET = "media";
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
    this.#site = new Site({ cell, timers: this.#timers, latencyMs: latencies(seeding) });
    this.#host = this.#createHost();
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
    const restore = this.#takeTheClock();
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
