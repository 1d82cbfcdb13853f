/**
 * Replays sessions against a fleet whose target, launches and retirements are decided by the product's own
 * rules. Only the outside is modelled: boots, probes, and sessions that are lost if they find no free slot.
 */
import { autoTarget, beginAuto, learn, reachOf } from "../../durable/rules/auto.ts";
import { leadMs } from "../../durable/rules/coming.ts";
import { EMPTY_READINGS, IDLE_READINGS_KEPT, LEADS_KEPT } from "../../durable/rules/limits.ts";
import type { Freshness, Instance } from "../../durable/rules/model.ts";
import { tally } from "../../durable/rules/occupancy.ts";
import { cordonSurplus, finishDrains } from "../../durable/rules/retire.ts";
import { size } from "../../durable/rules/size.ts";
import type { State } from "../../durable/rules/state.ts";
import { Steps } from "../../durable/rules/steps.ts";
import { targetOf } from "../../durable/rules/target.ts";
import { aState } from "../durable/rules/builders.ts";
import { createRandom } from "../aws/demand/random.ts";
import type { Session } from "./csv.ts";

export type Policy =
  | { readonly kind: "fixed"; readonly spares: number }
  | { readonly kind: "auto"; readonly share: number };

export interface Setting {
  readonly policy: Policy;
  readonly capacity: number;
  readonly bootSeconds: readonly [min: number, max: number];
  readonly tickSeconds: number;
  readonly billing: "none" | "hour";
  /** In seconds: what happens from here until the end is judged. */
  readonly from: number;
  readonly until: number;
  readonly seed: number;
}

export interface Replayed {
  readonly starts: number;
  readonly refused: number;
  /** Of servers, from launch to deletion. */
  readonly hours: number;
  /** The same by the started hour. */
  readonly billedHours: number;
  readonly launches: number;
}

interface Server {
  readonly bornAt: number;
  readonly readyAt: number;
  /** When each of its sessions ends. */
  ends: number[];
  freeSince: number;
}

const PROBE_MS = 5_000;
const HOUR_MS = 3_600_000;
const ORIGIN = Date.UTC(2026, 0, 5);

/** Plays the sessions, in the order of their starts. */
export function replay(sessions: readonly Session[], setting: Setting): Replayed {
  return new Fleet(setting).play(sessions);
}

class Fleet {
  readonly #setting: Setting;
  readonly #random: () => number;
  readonly #servers = new Map<string, Server>();
  readonly #sums = { starts: 0, refused: 0, ms: 0, billedHours: 0, launches: 0 };
  #state: State;
  #auto = beginAuto(0.01);

  constructor(setting: Setting) {
    const { capacity, tickSeconds, billing, policy } = setting;
    this.#setting = setting;
    this.#random = createRandom(setting.seed, "boots");
    if (policy.kind === "auto") this.#auto = beginAuto(policy.share);
    const limits = { maxInstances: 10_000, maxLaunchesPerTick: 10_000, maxLaunchesPerHour: 1e6 };
    const deletes = { maxDeletesPerTick: 10_000, maxDeletesPerHour: 1e6 };
    this.#state = aState({
      tickMs: tickSeconds * 1000,
      spec: {
        spares: { max: 10_000 },
        health: { capacity, intervalSeconds: PROBE_MS / 1000 },
        retire: { idleForSeconds: 0, confirmations: 1, drainSeconds: 0, billing },
        limits: { ...limits, ...deletes },
      },
    });
  }

  play(sessions: readonly Session[]): Replayed {
    const { from, until, tickSeconds } = this.#setting;
    let next = 0;
    for (let at = 0; at < until; at += tickSeconds) {
      const now = ORIGIN + at * 1000;
      const seen = { starts: 0, refused: 0, isHeld: false };
      for (let session; (session = sessions[next]) !== undefined && session.start <= at; next++) {
        seen.starts++;
        if (!this.#place(session)) seen.refused++;
      }
      if (at >= from) {
        this.#sums.starts += seen.starts;
        this.#sums.refused += seen.refused;
      }
      this.#look(now);
      this.#decide(now, this.#spares(now, seen));
    }
    for (const server of this.#servers.values()) this.#bill(server, ORIGIN + until * 1000);
    const { ms, ...sums } = this.#sums;
    return { ...sums, hours: ms / HOUR_MS };
  }

  /** The fullest server that takes it, so that others become empty. */
  #place({ start, seconds }: Session): boolean {
    const at = ORIGIN + start * 1000;
    let best: Server | null = null;
    for (const [name, server] of this.#servers) {
      if (this.#state.instances.get(name)?.phase === "draining" || server.readyAt > at) continue;
      end(server, at);
      if (server.ends.length >= this.#setting.capacity) continue;
      if (best === null || server.ends.length > best.ends.length) best = server;
    }
    best?.ends.push(at + seconds * 1000);
    return best !== null;
  }

  #spares(now: number, seen: Parameters<typeof learn>[3]): number {
    const { policy } = this.#setting;
    if (policy.kind === "fixed") return policy.spares;
    this.#auto = learn(this.#auto, policy.share, now, seen);
    return autoTarget(this.#auto, now, reachOf(leadMs(this.#state))).spares;
  }

  /** Brings the rows to what probes show now. */
  #look(now: number): void {
    const freshness = new Map<string, Freshness>();
    const instances = new Map<string, Instance>();
    let { leads } = this.#state;
    for (const row of this.#state.instances.values()) {
      const server = this.#servers.get(row.name);
      if (server === undefined) continue;
      if (server.readyAt > now) {
        instances.set(row.name, row);
        continue;
      }
      end(server, now);
      if (row.phase === "starting")
        leads = [...leads, server.readyAt - server.bornAt].slice(-LEADS_KEPT);
      const phase = row.phase === "starting" ? "ready" : row.phase;
      const phaseSince = phase === row.phase ? row.phaseSince : server.readyAt;
      const isIdle = server.ends.length === 0;
      const since = Math.max(server.freeSince, phaseSince);
      freshness.set(row.name, {
        phaseSince,
        askedAt: now,
        readAt: now,
        idleReadings: isIdle ? readings(since, now) : [],
        goodInRow: EMPTY_READINGS,
      });
      instances.set(row.name, {
        ...row,
        phase,
        phaseSince,
        sessions: server.ends.length,
        occupancy: isIdle ? "idle" : "busy",
        idleSince: isIdle ? server.freeSince : null,
      });
    }
    // AWS never gives an address away here.
    const words = new Map(
      [...instances.keys()].map((name) => [name, { kind: "given", at: now }] as const),
    );
    const memory = { ...this.#state.memory, freshness, words, listedAt: now };
    this.#state = { ...this.#state, now, beganAt: now, instances, leads, memory };
  }

  #decide(now: number, spares: number): void {
    const { spec } = this.#state;
    const named = { ...spec, spares: { ...spec.spares, default: String(spares) } };
    const steps = new Steps({ ...this.#state, spec: named });
    const target = targetOf(steps.state, tally(steps.state).expected);
    const wanted = { ...target, early: null, surge: 0 };
    steps.take((state) => size(state, tally(state), wanted));
    steps.take((state) => finishDrains(state, tally(state)));
    steps.take((state) => cordonSurplus(state, tally(state), wanted));
    const instances = new Map(steps.state.instances);
    for (const row of instances.values()) {
      if (row.phase === "planned") instances.set(row.name, this.#launch(row, now));
      if (row.phase === "deleting") {
        const server = this.#servers.get(row.name);
        if (server !== undefined) this.#bill(server, now);
        this.#servers.delete(row.name);
        instances.delete(row.name);
      }
    }
    this.#state = { ...steps.state, instances };
  }

  #launch(row: Instance, now: number): Instance {
    const [min, max] = this.#setting.bootSeconds;
    const readyAt = now + 1000 * (min + this.#random() * (max - min));
    this.#servers.set(row.name, { bornAt: now, readyAt, ends: [], freeSince: readyAt });
    if (now >= ORIGIN + this.#setting.from * 1000) this.#sums.launches++;
    return { ...row, phase: "starting", step: null, createdAt: now, arn: `arn:${row.name}` };
  }

  /** Adds what of its life lies in the judged time. */
  #bill({ bornAt }: Server, until: number): void {
    const from = Math.max(bornAt, ORIGIN + this.#setting.from * 1000);
    if (until <= from) return;
    const begun = (at: number): number => Math.ceil(Math.max(0, at - bornAt) / HOUR_MS);
    this.#sums.ms += until - from;
    this.#sums.billedHours += begun(until) - begun(from);
  }
}

/** Ends the sessions that are over. */
function end(server: Server, at: number): void {
  for (const each of server.ends)
    if (each <= at) server.freeSince = Math.max(server.freeSince, each);
  if (server.ends.some((each) => each <= at)) server.ends = server.ends.filter((each) => each > at);
}

/** When the last probes began since it was free. */
function readings(since: number, now: number): number[] {
  const count = Math.min(IDLE_READINGS_KEPT, Math.floor((now - since) / PROBE_MS));
  return Array.from({ length: count }, (_, index) => now - (count - 1 - index) * PROBE_MS);
}
