/**
 * A fleet of servers that are all ready, seen through the real engine, the real eyes and real shards, each
 * with six sockets, on a virtual clock: what is measured is who is read when. AWS lists all of them, takes
 * its time, and is asked for nothing else.
 */
import { Engine } from "../../durable/engine.ts";
import { writeInstance } from "../../durable/ledger/instances.ts";
import { configure } from "../../durable/operate.ts";
import { statusOf } from "../../durable/report.ts";
import { tally } from "../../durable/rules/occupancy.ts";
import { sustainedIntervalMs } from "../../durable/rules/turns.ts";
import type { Eyes, Hands, Observation } from "../../durable/rules/world.ts";
import { tick } from "../../durable/tick.ts";
import { parseSpec } from "../../worker/api/spec.ts";
import { parseConfig } from "../../worker/env.ts";
import type { Send } from "../../worker/fetch.ts";
import { type Shards, shareOut } from "../../worker/health/shared.ts";
import type { Transport } from "../../worker/health/transport.ts";
import { createEyes } from "../../worker/observe.ts";
import { aRow } from "../durable/rules/builders.ts";
import { sixSockets } from "../net/six-sockets.ts";
import { installCrypto } from "../sim/runtime/crypto.ts";
import { mustEnd } from "../must-end.ts";
import { Timers } from "../sim/world/timers.ts";
import { specOf, START, TICK_MS } from "./fleet.ts";
import { nodeSql } from "./node-sql.ts";

/** AWS gives so many instances in a page. */
const PAGE = 20;
const AWS_MS = 150;

export interface Scene {
  readonly servers: number;
  /** How long a server that answers takes, in milliseconds. */
  readonly probeMs: number | ((server: number) => number);
  /** Whether a server drops packets in this tick. */
  readonly drops?: (server: number, tick: number) => boolean;
  readonly ticks: number;
  /** How a shard of this number behaves in this tick; without it there are no shards. */
  readonly shard?: (number: number, tick: number) => "works" | "throws" | "hangs";
  /** The object is born again in these ticks, and remembers nothing of what was read. */
  readonly restarts?: readonly number[];
}

export interface Seen {
  /** The longest that a server which answers was unread, in milliseconds, from the first tick to the last. */
  readonly longestUnreadMs: number;
  /** Ticks in which the eyes were blind. */
  readonly blindTicks: number;
  /** Servers whose launch was decided. */
  readonly launched: number;
  /** Servers that were cordoned or deleted. */
  readonly retired: number;
  /** Servers that answer and were `unknown` after the last tick. */
  readonly unknownAtEnd: number;
  /** What the fleet says that it sustains, after each tick. */
  readonly sustainedMs: readonly number[];
  /** Answers in each look. */
  readonly answers: readonly number[];
  /** The most connections that one invocation had at once, and how many had to wait for a socket. */
  readonly mostSockets: number;
  readonly queued: number;
  /** The most shards of one look. */
  readonly shardsUsed: number;
}

/** Lives `ticks` ticks. */
export async function live(scene: Scene): Promise<Seen> {
  // Node signs on another thread, on which a virtual clock does not wait.
  installCrypto();
  const timers = new Timers(START);
  let tickNow = 0;
  const names = Array.from({ length: scene.servers }, (_none, index) => `media-k3-${index + 1}`);
  const { engine, template, restart } = fleetOf(names, timers);
  const { eyes, observations, use } = eyesOf(
    scene,
    timers,
    awsOf(names, template, timers),
    () => tickNow,
  );

  let launched = 0;
  let retired = 0;
  let blindTicks = 0;
  const sustainedMs: number[] = [];
  const hands: Hands = {
    act: async (commands) =>
      commands.map(({ number }) => ({ number, calls: [], kind: "unsent", message: "no hands" })),
  };
  for (tickNow = 0; tickNow < scene.ticks; tickNow++) {
    if (scene.restarts?.includes(tickNow) === true) restart();
    let isOver = false;
    const ticked = tick({
      engine: engine(),
      eyes,
      hands,
      sync: async () => {},
      now: () => timers.now,
    }).finally(() => {
      isOver = true;
    });
    await timers.run(timers.now + TICK_MS, () => false);
    // A tick that takes longer than its period delays the next one.
    await timers.run(timers.now + TICK_MS, () => isOver);
    await mustEnd(ticked, `tick ${tickNow}`, timers);
    const { state } = engine().read(timers.now) ?? fail("the fleet is gone");
    const rows = [...state.instances.values()];
    launched = Math.max(launched, rows.filter(({ name }) => !names.includes(name)).length);
    retired = Math.max(retired, rows.filter(({ phase }) => RETIRING.has(phase)).length);
    if (tally(state).blind) blindTicks++;
    sustainedMs.push(sustainedIntervalMs(state));
  }

  const { state } = engine().read(timers.now) ?? fail("the fleet is gone");
  const healthy = names.filter((_name, index) => !everDrops(scene, index));
  const status = statusOf(state, { guards: [], alerts: [], lastTick: null, notifyTrouble: null });
  if (status.counts.total < scene.servers) fail("a server is gone");
  return {
    longestUnreadMs: longestUnread(observations, healthy, timers.now),
    blindTicks,
    launched,
    retired,
    unknownAtEnd: healthy.filter((name) => !isFresh(engine(), name, timers.now)).length,
    sustainedMs,
    answers: observations.map(
      ({ readings }) => readings.filter(({ kind }) => kind === "answer").length,
    ),
    mostSockets: use.most,
    queued: use.queued,
    shardsUsed: Math.max(...observations.map(({ probing }) => probing?.shards ?? 0)),
  };
}

/** Servers that answer or drop packets, as the scene says. */
function serversOf(scene: Scene, timers: Timers, tickNow: () => number): Transport {
  const tookMs = (server: number): number =>
    typeof scene.probeMs === "number" ? scene.probeMs : scene.probeMs(server);
  return async ({ to }, signal) => {
    const [, , high = 0, low = 0] = to.host.split(".").map(Number);
    const server = high * 256 + low;
    if (scene.drops?.(server, tickNow()) === true) return silence(signal);
    const answered = timers.sleep(tookMs(server)).then(() => "answered" as const);
    const first = await Promise.race([answered, silence(signal)]);
    if (first !== "answered") return first;
    return { kind: "reply", status: 200, body: new TextEncoder().encode('{"sessions":0}') };
  };
}

/** The real eyes and shards, with six sockets for each call of either. */
function eyesOf(scene: Scene, timers: Timers, fetch: Send, tickNow: () => number) {
  const clock = {
    now: () => timers.now,
    after: (delayMs: number, run: () => void) => timers.after(delayMs, run),
  };
  const transport = serversOf(scene, timers, tickNow);
  const config = parseConfig({ AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "x" });
  const use = { most: 0, queued: 0 };
  const observations: Observation[] = [];
  const invocation = () => {
    const sockets = sixSockets({ fetch, transport });
    return {
      deps: { config, clock, fetch: sockets.fetch, transport: sockets.transport },
      end: (): void => {
        use.most = Math.max(use.most, sockets.use().most);
        use.queued += sockets.use().queued;
      },
    };
  };
  const shards: Shards = (name) => ({
    ask: async (share) => {
      const how = scene.shard?.(Number(name.split("/").at(-1)), tickNow()) ?? "works";
      if (how === "throws") throw new Error("the shard is not there");
      if (how === "hangs") return new Promise(() => undefined);
      const { deps, end } = invocation();
      try {
        return await shareOut({ ...deps, shards }, share).asked;
      } finally {
        end();
      }
    },
  });
  const eyes: Eyes = {
    observe: async (watch) => {
      const { deps, end } = invocation();
      const made = createEyes(scene.shard === undefined ? deps : { ...deps, shards });
      const observation = await made.observe(watch);
      end();
      observations.push(observation);
      return observation;
    },
  };
  return { eyes, observations, use };
}

const RETIRING: ReadonlySet<string> = new Set(["draining", "deleting"]);

function fail(message: string): never {
  throw new Error(message);
}

function everDrops({ drops, ticks }: Scene, server: number): boolean {
  return (
    drops !== undefined &&
    Array.from({ length: ticks }, (_, at) => drops(server, at)).includes(true)
  );
}

function isFresh(engine: Engine, name: string, now: number): boolean {
  const { state } = engine.read(now) ?? fail("the fleet is gone");
  const readAt = state.memory.freshness.get(name)?.readAt ?? null;
  return readAt !== null && now - readAt <= 3 * sustainedIntervalMs(state);
}

/** Between two answers of one server, and from the first tick to its first. */
function longestUnread(
  observations: readonly Observation[],
  names: readonly string[],
  endedAt: number,
): number {
  const last = new Map(names.map((name) => [name, START]));
  let longest = 0;
  for (const { readings } of observations)
    for (const { kind, name, startedAt } of readings) {
      const before = last.get(name);
      if (kind !== "answer" || before === undefined) continue;
      longest = Math.max(longest, startedAt - before);
      last.set(name, startedAt);
    }
  for (const at of last.values()) longest = Math.max(longest, endedAt - at);
  return longest;
}

function silence(signal: AbortSignal): Promise<{ kind: "failed"; detail: string }> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ kind: "failed", detail: "nothing came in time" });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** A ledger with a ready row for each name. */
function fleetOf(names: readonly string[], timers: Timers) {
  const sql = nodeSql();
  let engine = new Engine(sql, { tickMs: TICK_MS });
  const spec = parseSpec(
    specOf({
      spares: { default: String(names.length), max: 1_000 },
      limits: { maxInstances: 1_000 },
      tags: {},
    }),
  );
  if (!spec.ok) throw new Error(JSON.stringify(spec.errors));
  const fleet = { name: "media", deployment: "default", spec: spec.value };
  let words = 0;
  const word = (): string => `w${String(words++).padStart(5, "0")}`;
  configure(engine, fleet, { actor: "test" }, { now: timers.now, word });
  const { state } = engine.read(timers.now) ?? fail("the fleet was not made");
  const { template, portsHash, tagsHash } = state;
  const anHourAgo = timers.now - 3_600_000;
  for (const [index, name] of names.entries())
    writeInstance(
      sql,
      aRow({
        name,
        revision: 1,
        phaseSince: anHourAgo,
        changedAt: anHourAgo,
        plannedAt: anHourAgo,
        createdAt: anHourAgo,
        readyAt: anHourAgo,
        idleSince: anHourAgo,
        publicIp: addressOf(index),
        arn: arnOf(name),
        template,
        portsHash,
        tagsHash,
      }),
    );
  engine = new Engine(sql, { tickMs: TICK_MS });
  return {
    engine: () => engine,
    template,
    restart: (): void => {
      engine = new Engine(sql, { tickMs: TICK_MS });
    },
  };
}

function addressOf(server: number): string {
  return `3.34.${server >> 8}.${server & 255}`;
}

function arnOf(name: string): string {
  return `arn:aws:lightsail:ap-northeast-2:123456789012:Instance/${name}`;
}

/** Lists every server, a page at a time. */
function awsOf(names: readonly string[], template: string, timers: Timers): Send {
  return async (request) => {
    const body: unknown = JSON.parse(await request.text());
    const operation = request.headers.get("x-amz-target")?.split(".")[1];
    await timers.sleep(AWS_MS);
    if (operation === "GetBundles")
      return Response.json({ bundles: [{ bundleId: "medium_3_0", price: 20, cpuCount: 2 }] });
    if (operation !== "GetInstances") throw new Error(`nobody should ask for ${operation}`);
    const token = (body as { pageToken?: string }).pageToken;
    const from = token === undefined ? 0 : Number(token);
    const next = from + PAGE < names.length ? { nextPageToken: String(from + PAGE) } : {};
    const instances = names.slice(from, from + PAGE).map((name, index) => ({
      name,
      arn: arnOf(name),
      createdAt: (START - 3_600_000) / 1000,
      location: { availabilityZone: "ap-northeast-2a", regionName: "ap-northeast-2" },
      bundleId: "medium_3_0",
      publicIpAddress: addressOf(from + index),
      state: { code: 16, name: "running" },
      tags: [
        { key: "lightfleet:owner", value: "default/media" },
        { key: "lightfleet:spec", value: template },
      ],
    }));
    return Response.json({ instances, ...next });
  };
}
