/**
 * A fleet that is there, with so long a round trip to its servers: how many it reads in a second, and how
 * long a healthy server stays unread. Each invocation has six sockets, as on Cloudflare.
 */
import type { SimEvent } from "../../sim/event.ts";
import { Disk } from "../../sim/world/disk.ts";
import type { ObjectHost } from "../../sim/world/object.ts";
import { Timers } from "../../sim/world/timers.ts";
import { createHost, FLEET, takeTheClock } from "../virtual/host.ts";
import { Site } from "../virtual/site.ts";
import { unboundSpec } from "../virtual/spec.ts";

export interface LooksPlan {
  readonly servers: number;
  readonly roundTripMs: number;
  /** The share of the servers that drop every packet from the moment at which the measuring begins. */
  readonly dropping: number;
  /** Of the fleet's own time. */
  readonly minutes: number;
}

export interface Looks {
  readonly readPerSecond: number;
  /** The longest time between two answers of a server that drops nothing. */
  readonly unreadSeconds: number;
  /** Healthy servers that were never read while the fleet was measured. */
  readonly neverRead: number;
  /** Instances that were created or deleted meanwhile, though no server went and none was asked for. */
  readonly created: number;
  readonly deleted: number;
  /** How long a tick takes, from its alarm to its end, in the mean. */
  readonly tickSeconds: number;
  readonly ticks: number;
  /** Shards that a look calls, in the mean, and the time of all of them together. */
  readonly shards: number;
  readonly shardSeconds: number;
}

const START_MS = Date.UTC(2026, 10, 22, 0, 0, 0);
const ENDLESS = { bucket: { burst: 1e9, perSecond: 1e9 }, kind: "shared", costly: false } as const;
const ARRIVES_WITHIN_MS = 7_200_000;
const AWS_MS = 250;
/** A connection is opened in one round trip, and the answer takes another. */
export const ROUND_TRIPS_PER_PROBE = 2;
/** The fleet learns how slow its servers are, before anything is measured. */
const SETTLES_MS = 60_000;

export async function runLooks(plan: LooksPlan): Promise<Looks> {
  const run = new Run(plan);
  return run.live();
}

class Run {
  readonly #plan: LooksPlan;
  readonly #timers = new Timers(START_MS);
  readonly #site: Site;
  readonly #host: ObjectHost;
  readonly #readAt = new Map<string, number>();
  readonly #dropping = new Set<string>();
  #ready = 0;
  #isThere = false;
  #measures = false;
  #answers = 0;
  #unreadMs = 0;
  #firedAt = START_MS;
  #ticks = 0;
  #tickMs = 0;
  #shards = 0;
  #shardMs = 0;

  constructor(plan: LooksPlan) {
    const timers = this.#timers;
    this.#plan = plan;
    this.#site = new Site({
      limits: ENDLESS,
      timers,
      latencyMs: () => (this.#isThere ? AWS_MS : 0),
      probeMs: () => (this.#isThere ? ROUND_TRIPS_PER_PROBE * plan.roundTripMs : 0),
      drops: (name) => this.#dropping.has(name),
      onAnswer: (name) => this.#answer(name),
    });
    const emit = (event: SimEvent): void => this.#see(event);
    const onShard = (activeMs: number): void => {
      if (!this.#measures) return;
      this.#shards += 1;
      this.#shardMs += activeMs;
    };
    this.#host = createHost({ timers, site: this.#site, disk: new Disk(), emit, onShard });
  }

  async live(): Promise<Looks> {
    const restore = takeTheClock(this.#timers, 1);
    try {
      return await this.#measure();
    } finally {
      restore();
    }
  }

  async #measure(): Promise<Looks> {
    const timers = this.#timers;
    const { servers, dropping, minutes } = this.#plan;
    const applied = this.#host.stub().configure(FLEET, unboundSpec(servers), { actor: "bench" });
    await timers.run(START_MS + ARRIVES_WITHIN_MS, () => this.#ready >= servers);
    await applied;
    if (this.#ready < servers)
      throw new Error(`only ${this.#ready} of ${servers} servers are ready after two hours`);
    this.#isThere = true;
    const names = this.#site.cloud.everCreated().map(({ name }) => name);
    for (const name of names.slice(0, Math.round(dropping * servers))) this.#dropping.add(name);
    await timers.run(timers.now + SETTLES_MS, () => false);

    const before = { created: names.length, deleted: this.#site.deleted };
    const healthy = names.filter((name) => !this.#dropping.has(name));
    const from = timers.now;
    this.#measures = true;
    this.#readAt.clear();
    for (const name of healthy) this.#readAt.set(name, from);
    await timers.run(from + minutes * 60_000, () => false);
    const unread = healthy.filter((name) => this.#readAt.get(name) === from);
    // Who is unread at the end has been so until now.
    for (const name of healthy) this.#gap(this.#readAt.get(name) ?? from);
    const ticks = this.#ticks;
    return {
      readPerSecond: this.#answers / (minutes * 60),
      unreadSeconds: this.#unreadMs / 1_000,
      neverRead: unread.length,
      created: this.#site.cloud.everCreated().length - before.created,
      deleted: this.#site.deleted - before.deleted,
      tickSeconds: this.#tickMs / ticks / 1_000,
      ticks,
      shards: this.#shards / ticks,
      shardSeconds: this.#shardMs / ticks / 1_000,
    };
  }

  #answer(name: string): void {
    if (!this.#measures) return;
    this.#answers += 1;
    const before = this.#readAt.get(name);
    if (before !== undefined) this.#gap(before);
    this.#readAt.set(name, this.#timers.now);
  }

  #alarm(what: "set" | "deleted" | "fired" | "finished"): void {
    if (what === "fired") this.#firedAt = this.#timers.now;
    if (what !== "finished" || !this.#measures) return;
    this.#ticks += 1;
    this.#tickMs += this.#timers.now - this.#firedAt;
  }

  #gap(from: number): void {
    this.#unreadMs = Math.max(this.#unreadMs, this.#timers.now - from);
  }

  #see(event: SimEvent): void {
    if (event.kind === "alarm") this.#alarm(event.what);
    if (event.kind !== "commit") return;
    for (const { from, to } of event.moves) {
      if (from === "ready") this.#ready -= 1;
      if (to === "ready") this.#ready += 1;
    }
  }
}
