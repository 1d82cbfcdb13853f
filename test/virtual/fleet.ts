/**
 * A whole fleet in one process on a virtual clock: the real engine and ledger, the real eyes and
 * hands with real signatures, the embedded AWS, its media servers and their demand. No sockets, no
 * timers: `run` moves the clock from tick to tick.
 */
import { Engine } from "../../durable/engine.ts";
import type { Sql } from "../../durable/ledger/sql.ts";
import { configure } from "../../durable/operate.ts";
import { statusOf } from "../../durable/report.ts";
import type { Hands } from "../../durable/rules/world.ts";
import type { State } from "../../durable/rules/state.ts";
import type { Status } from "../../durable/rules/views.ts";
import { tick } from "../../durable/tick.ts";
import { createHands } from "../../worker/act.ts";
import { parseSpec } from "../../worker/api/spec.ts";
import { parseConfig } from "../../worker/env.ts";
import type { Exchange, ExchangeResult, Transport } from "../../worker/health/transport.ts";
import { createEyes } from "../../worker/observe.ts";
import { type Cloud, createCloud } from "../aws/cloud/cloud.ts";
import type { CloudOptions } from "../aws/cloud/options.ts";
import type { Server } from "../aws/cloud/view.ts";
import { dayRate, type Rate } from "../aws/demand/rate.ts";
import { Demand, type Host } from "../aws/demand/sessions.ts";
import { answer, endpointOf, type MediaServer } from "../aws/hosts/answer.ts";
import { type DrainPort, Nonces } from "../aws/hosts/drain.ts";
import { createWire, TEST_CREDENTIAL, type Wire, type WireOptions } from "../aws/wire/wire.ts";
import { mustEnd } from "../must-end.ts";
import { nodeSql } from "./node-sql.ts";

export const START = Date.UTC(2026, 10, 22, 0, 0, 0);
export const TICK_MS = 5_000;
const SOFTWARE_BOOT_MS = 10_000;
const ENDPOINT = "http://127.0.0.1:4566";
/** For specs with `"secretRef": "DRAIN_SECRET"`. */
const DRAIN_SECRET = "a secret of the test";
/** For specs with `"secretRef": "PROBE_KEY"`, and with `PROBE_KEY_OLD`. */
export const PROBE_KEY = "a key of the test";
export const PROBE_KEY_OLD = "an older key of the test";
const NO_DEMAND: Rate = { maxPerHour: 0, perHour: () => 0 };

export interface Options {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly cloud?: Partial<CloudOptions>;
  readonly wire?: WireOptions;
  readonly sessionsPerHour?: number;
  readonly deployment?: string;
  /** Longer ticks make a week short. */
  readonly tickMs?: number;
  /** Changes what AWS replies, such as a row of a listing that is somebody else's. */
  readonly edit?: (operation: string, reply: Record<string, unknown>) => void;
  /** How a server's media server is built, where it is another than on port 8080 at `/health`. */
  readonly built?: (server: Server) => Built;
  /** What answers in the place of the server that listens at an address; null where nothing is in between. */
  readonly inBetween?: (exchange: Exchange) => ExchangeResult | null;
  /** Another fleet's cloud, to live in the same account. */
  readonly beside?: VirtualFleet;
}

export type Built = Partial<Omit<MediaServer, "name" | "address" | "readyAtMs">>;

export interface VirtualFleet {
  readonly cloud: Cloud;
  readonly wire: Wire;
  readonly demand: Demand;
  readonly sql: Sql & { takeWrites(): number };
  readonly now: () => number;
  readonly status: () => Status;
  readonly engine: () => Engine;
  /** Runs so many ticks; `afterEach` sees the fleet after each of them. */
  readonly run: (ticks: number, afterEach?: () => void) => Promise<void>;
  /** Time passes, and nothing ticks. */
  readonly sleep: (ms: number) => void;
  /** The object dies and is born again on the same ledger. */
  readonly restart: () => void;
  readonly apply: (spec: Readonly<Record<string, unknown>>) => void;
  /** Called each time commands are about to be carried out; what it throws ends the tick. */
  readonly beforeAct: (hook: () => void) => void;
}

export function specOf(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    region: "ap-northeast-2",
    availabilityZones: ["ap-northeast-2a", "ap-northeast-2c"],
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    ports: [{ protocol: "tcp", from: 8080, to: 8080 }],
    tags: { team: "media" },
    spares: { default: "10" },
    health: { kind: "http", port: 8080, path: "/health" },
    retire: { billing: "none" },
    limits: { maxInstances: 100 },
    ...changes,
  };
}

export function startFleet(options: Options = {}): VirtualFleet {
  let time = options.beside?.now() ?? START;
  const now = (): number => time;
  const cloud = options.beside?.cloud ?? createCloud({ vcpuQuota: 400, ...options.cloud, now });
  const wire = options.beside?.wire ?? createWire(cloud, { ...options.wire, signingNow: now });
  const rate = options.sessionsPerHour
    ? dayRate({ sessionsPerHour: options.sessionsPerHour, seed: 7 })
    : NO_DEMAND;
  const demand = new Demand({ rate, seed: 7, startMs: time });
  const sql = nodeSql();
  const deployment = options.deployment ?? "default";
  const tickMs = options.tickMs ?? TICK_MS;
  let engine = new Engine(sql, { tickMs });
  const apply = applierOf(() => engine, deployment, now);
  apply(specOf(options.spec));

  const { edit, built, inBetween } = options;
  const ports = portsOf({ wire, cloud, demand, now, edit, built, inBetween });
  const live = () => {
    const read = engine.read(now());
    if (read === null) throw new Error("the fleet is gone");
    return read;
  };
  let hosts: readonly Host[] = [];
  let actHook = (): void => {};
  const hands: Hands = {
    act: async (commands, connections) => {
      actHook();
      return ports.hands.act(commands, connections);
    },
  };
  const died = (error: unknown): void => {
    if (!String(error).includes("died")) throw error;
  };
  const step = async (): Promise<void> => {
    demand.advance(time, hosts);
    hosts = hostsOf(cloud, new Set(readyNames(live().state.instances.values())));
    await tick({ engine, eyes: ports.eyes, hands, sync: async () => {}, now }).catch(died);
    hosts = hostsOf(cloud, new Set(readyNames(live().state.instances.values())));
    demand.advance(time, hosts);
  };
  return {
    cloud,
    wire,
    demand,
    sql,
    now,
    engine: () => engine,
    status: () => statusBy(engine, live().state),
    run: async (ticks, afterEach = () => {}) =>
      inTime(now, async () => {
        for (let index = 0; index < ticks; index++) {
          time += tickMs;
          await step();
          afterEach();
        }
      }),
    sleep: (ms) => {
      time += ms;
    },
    restart: () => {
      engine = new Engine(sql, { tickMs });
    },
    apply,
    beforeAct: (hook) => {
      actHook = hook;
    },
  };
}

/** No timer runs on this clock: a tick that waits for one would wait for ever. */
async function inTime(now: () => number, life: () => Promise<void>): Promise<void> {
  const describe = (): string => `no timer runs on this clock, and it is ${now()}`;
  await mustEnd(life(), "a tick", { moves: now, describe });
}

/** Applies specs as the API does. */
function applierOf(
  engine: () => Engine,
  deployment: string,
  now: () => number,
): VirtualFleet["apply"] {
  let words = 0;
  return (spec) => {
    const parsed = parseSpec(spec);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    // As long as a real one, by which a fleet knows names like its own.
    const word = (): string => `${deployment.slice(0, 1)}${String(words++).padStart(5, "0")}`;
    const fleet = { name: "media", deployment, spec: parsed.value };
    configure(engine(), fleet, { actor: "test" }, { now: now(), word });
  };
}

/** The servers at which a dispatcher that follows the fleet's list places sessions. */
function* readyNames(
  rows: Iterable<{ readonly name: string; readonly phase: string }>,
): Generator<string> {
  for (const row of rows) if (row.phase === "ready") yield row.name;
}

function hostsOf(cloud: Cloud, ready: ReadonlySet<string>): Host[] {
  return cloud.servers().map(({ name, runningSince }) => ({
    name,
    readyAtMs: runningSince + SOFTWARE_BOOT_MS,
    accepting: ready.has(name),
  }));
}

interface Outside extends Pick<VirtualFleet, "wire" | "cloud" | "demand" | "now"> {
  readonly edit: Options["edit"] | undefined;
  readonly built: Options["built"] | undefined;
  readonly inBetween: Options["inBetween"] | undefined;
}

function portsOf({ wire, cloud, demand, now, edit, built, inBetween }: Outside) {
  const config = parseConfig({
    AWS_ACCESS_KEY_ID: TEST_CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIAL.secretAccessKey,
    AWS_ENDPOINT_URL: ENDPOINT,
    DRAIN_SECRET,
    PROBE_KEY,
    PROBE_KEY_OLD,
  });
  // Nothing waits here: every answer comes at once, so no time limit is ever reached.
  const clock = { now, after: () => () => {} };
  const fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const headers = { ...Object.fromEntries(request.headers), host: url.host };
    const body = await request.text();
    const reply = wire.handle({ method: request.method, path: url.pathname, headers, body });
    if (reply === "dropped") throw new TypeError("Network connection lost.");
    const { status, headers: given } = reply;
    const operation = request.headers.get("x-amz-target")?.split(".")[1];
    if (edit === undefined || operation === undefined || status !== 200)
      return new Response(reply.body, { status, headers: given });
    const edited = JSON.parse(reply.body) as Record<string, unknown>;
    edit(operation, edited);
    return new Response(JSON.stringify(edited), { status, headers: given });
  };
  const draining = new Set<string>();
  const drain: DrainPort = {
    secret: DRAIN_SECRET,
    realNowMs: now,
    deployment: "default",
    nonces: new Nonces(),
    setDraining: (name, isDraining) => {
      if (isDraining) draining.add(name);
      else draining.delete(name);
    },
  };
  const reachable = mediaServersOf(cloud, built);
  const transport: Transport = async (exchange) => {
    const { to, method, path, headers } = exchange;
    const others = inBetween?.(exchange) ?? null;
    if (others !== null) return others;
    const reply = answer(
      reachable(),
      {
        endpoint: endpointOf({ address: to.host, port: to.port }),
        method,
        path,
        headers: Object.fromEntries(headers.map(({ name, value }) => [name.toLowerCase(), value])),
      },
      {
        nowMs: now,
        sessionsOn: (name) => demand.sessionsOn(name),
        isDraining: (name) => draining.has(name),
        drain,
      },
    );
    if (reply.kind !== "reply") return { kind: "failed", detail: reply.kind };
    return { kind: "reply", status: reply.status, body: new TextEncoder().encode(reply.body) };
  };
  return {
    eyes: createEyes({ config, fetch, clock, transport }),
    hands: createHands({ config, fetch, clock, transport }),
  };
}

function statusBy({ guards, alerts, lastTick }: Engine, state: State): Status {
  return statusOf(state, { guards, alerts, lastTick, notifyTrouble: null });
}

/** The media servers as they are now: hundreds of probes of one moment share a list. */
function mediaServersOf(
  cloud: Cloud,
  built: Options["built"],
): () => ReadonlyMap<string, MediaServer> {
  let known: ReadonlyMap<string, MediaServer> | null = null;
  let [changes, holdsUntil] = [-1, Number.NEGATIVE_INFINITY];
  return () => {
    const holds = changes === cloud.changes && cloud.now() < holdsUntil;
    // How servers are built may change by the test's own hand.
    if (known !== null && holds && built === undefined) return known;
    [changes, holdsUntil] = [cloud.changes, cloud.serversHoldUntil()];
    known = mediaServers(cloud, built);
    return known;
  };
}

function mediaServers(
  cloud: Cloud,
  built: Options["built"] = () => ({}),
): ReadonlyMap<string, MediaServer> {
  const servers = cloud.servers().flatMap((server): MediaServer[] => {
    const { name, publicIp: address, runningSince, openPorts } = server;
    const readyAtMs = runningSince + SOFTWARE_BOOT_MS;
    const media = { port: 8080, path: "/health", ...built(server), name, address, readyAtMs };
    const isOpen = openPorts.some(
      ({ fromPort, toPort }) => fromPort <= media.port && media.port <= toPort,
    );
    return isOpen ? [media] : [];
  });
  return new Map(servers.map((server) => [endpointOf(server), server]));
}
