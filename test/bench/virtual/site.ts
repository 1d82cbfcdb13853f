/**
 * The embedded AWS and its servers on the virtual clock, as the eyes and hands of a fleet reach them:
 * calls and probes take their time, buckets refuse, and nothing else goes wrong.
 */
import type { Transport } from "../../../worker/health/transport.ts";
import type { Send } from "../../../worker/fetch.ts";
import { type Cloud, createCloud } from "../../aws/cloud/cloud.ts";
import { answer, endpointOf, type MediaServer } from "../../aws/hosts/answer.ts";
import { createWire, type Wire } from "../../aws/wire/wire.ts";
import type { BucketOptions, Lane as WireLane } from "../../aws/wire/throttle.ts";
import type { Timers } from "../../sim/world/timers.ts";
import { FIRST_ANSWER_MS } from "./times.ts";
import { Buckets, type Lane, type RateLimits } from "./buckets.ts";
import { HEALTH, REGION } from "./spec.ts";

/** The buckets of the cell stand before the wire, whose own must never refuse. */
const ENDLESS: BucketOptions = { capacity: 1e9, refillPerSecond: 1e9, refusedCost: 0 };
const WIRE_LANES: readonly WireLane[] = ["list", "create", "ports", "delete", "tags", "other"];
const VCPUS_ENOUGH = 1_000_000;
/** AWS does not say what a pending instance refuses; ports that it refuses are the harder of the two. */
const PENDING = {
  DeleteInstance: "accept",
  PutInstancePublicPorts: "OperationFailureException",
} as const;
/** Tokens are scarce while a bucket holds less than this share of its capacity. */
const SCARCE_BELOW = 0.5;

const LANES: Readonly<Record<string, Lane>> = {
  GetInstances: "list",
  GetInstance: "list",
  GetBundles: "list",
  CreateInstances: "create",
  CreateInstancesFromSnapshot: "create",
  PutInstancePublicPorts: "ports",
  DeleteInstance: "delete",
  TagResource: "tags",
  UntagResource: "tags",
};

/** The calls that were made, admitted or not. */
export interface Traffic {
  /** By operation. */
  readonly calls: Readonly<Record<string, number>>;
  readonly refusals: number;
  /** Of the calls that found little in their bucket: how many there were, and how many only looked. */
  readonly scarce: { readonly calls: number; readonly looks: number };
}

export interface SitePorts {
  readonly limits: RateLimits;
  readonly timers: Timers;
  /** The time of the next call, in milliseconds. */
  readonly latencyMs: () => number;
  /** The time of each probe, in milliseconds. */
  readonly probeMs: () => number;
  /** As many names as one create call takes; no bound, if not given. */
  readonly namesPerCreate?: number;
  /** Sessions on a server; none, if not given. */
  readonly sessionsOn?: (name: string) => number;
  /** Whether a server drops every packet; none does, if not given. */
  readonly drops?: (name: string) => boolean;
  /** The answer of a server has come in. */
  readonly onAnswer?: (name: string) => void;
}

export class Site {
  readonly cloud: Cloud;
  /** Instances whose delete call AWS has accepted. */
  deleted = 0;
  /** Real milliseconds that the embedded AWS and its servers have worked. */
  workedMs = 0;
  readonly #wire: Wire;
  readonly #buckets: Buckets;
  readonly #timers: Timers;
  readonly #ports: SitePorts & Required<Pick<SitePorts, "sessionsOn" | "drops" | "onAnswer">>;
  readonly #calls = new Map<string, number>();
  /** Media servers whose health port is open, by endpoint. */
  readonly #open = new Map<string, MediaServer>();
  #refusals = 0;
  #scarce = { calls: 0, looks: 0 };

  constructor(ports: SitePorts) {
    const { timers } = ports;
    const now = (): number => timers.now;
    this.#ports = { sessionsOn: () => 0, drops: () => false, onAnswer: () => undefined, ...ports };
    const { namesPerCreate = Number.POSITIVE_INFINITY } = ports;
    this.#timers = timers;
    this.#buckets = new Buckets(ports.limits, timers.now);
    this.cloud = createCloud({
      now,
      vcpuQuota: VCPUS_ENOUGH,
      pending: PENDING,
      namesPerCreate,
    });
    this.#wire = createWire(this.cloud, {
      throttle: { lanes: Object.fromEntries(WIRE_LANES.map((lane) => [lane, ENDLESS])) },
      signingNow: now,
      skipsSignatures: true,
    });
  }

  traffic(): Traffic {
    return {
      calls: Object.fromEntries(this.#calls),
      refusals: this.#refusals,
      scarce: this.#scarce,
    };
  }

  readonly send: Send = async (request) => {
    const latencyMs = this.#ports.latencyMs();
    const body = await request.text();
    const url = new URL(request.url);
    const headers = { ...Object.fromEntries(request.headers), host: url.host };
    await this.#timers.sleep(latencyMs / 2);
    const beganAt = performance.now();
    this.#meet(request.headers.get("x-amz-target")?.split(".")[1] ?? null);
    const { method } = request;
    const received = this.#wire.receive({ method, path: url.pathname, headers, body });
    const reply = received.finish();
    this.#opens();
    this.workedMs += performance.now() - beganAt;
    await this.#timers.sleep(latencyMs / 2);
    if (reply === "dropped") throw new Error("the benchmark's AWS drops no call");
    return new Response(reply.body, { status: reply.status, headers: reply.headers });
  };

  readonly transport: Transport = async ({ to, method, path }, signal) => {
    const { probeMs, sessionsOn, drops, onAnswer } = this.#ports;
    const endpoint = endpointOf({ address: to.host, port: to.port });
    const server = this.#open.get(endpoint);
    if (server !== undefined && drops(server.name)) return silence(signal);
    await this.#timers.sleep(probeMs());
    if (signal.aborted) return { kind: "failed", detail: "no answer in time" };
    const beganAt = performance.now();
    const scene = { nowMs: () => this.#timers.now, sessionsOn };
    const reply = answer(this.#open, { endpoint, method, path, headers: {} }, scene);
    this.workedMs += performance.now() - beganAt;
    if (reply.kind !== "reply") return { kind: "failed", detail: reply.kind };
    if (server !== undefined && reply.status === 200) onAnswer(server.name);
    return { kind: "reply", status: reply.status, body: encoder.encode(reply.body) };
  };

  /** A Lightsail call arrives at its bucket. Where the bucket refuses, the wire does so in AWS's words. */
  #meet(op: string | null): void {
    if (op === null) return;
    const lane = LANES[op];
    if (lane === undefined) throw new Error(`the benchmark knows no lane of ${op}`);
    const { now } = this.#timers;
    const bucket = this.#buckets.of(lane);
    this.#calls.set(op, (this.#calls.get(op) ?? 0) + 1);
    if (bucket.fill(now) < SCARCE_BELOW) {
      this.#scarce.calls += 1;
      if (lane === "list") this.#scarce.looks += 1;
    }
    if (bucket.admit(now)) return;
    this.#refusals += 1;
    this.#wire.faults.add({ op, times: 1, effect: { kind: "throttled" } }, now);
  }

  /** What the last call did to the servers that can be connected to. */
  #opens(): void {
    const call = this.#wire.calls.last;
    if (call === undefined || !call.hadEffect) return;
    const { op, resources } = call;
    if (op !== "PutInstancePublicPorts" && op !== "DeleteInstance") return;
    if (op === "DeleteInstance") this.deleted += resources.length;
    for (const name of resources) this.#change(name, op === "PutInstancePublicPorts");
  }

  #change(name: string, isOpen: boolean): void {
    const found = this.cloud.find(REGION, name);
    if ("refused" in found) throw new Error(`${name} was changed, and is not there`);
    const { power, createdAt } = found.instance;
    const { address } = power.at(Number.POSITIVE_INFINITY);
    const readyAtMs = createdAt + FIRST_ANSWER_MS;
    const media = { name, address, ...HEALTH, readyAtMs };
    if (isOpen) this.#open.set(endpointOf(media), media);
    else this.#open.delete(endpointOf(media));
  }
}

const encoder = new TextEncoder();

/** Nothing comes until the time limit of the probe ends it. */
async function silence(signal: AbortSignal): Promise<{ kind: "failed"; detail: string }> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ kind: "failed", detail: "no answer in time" });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
