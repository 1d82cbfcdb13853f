/**
 * How many servers one look reads, by round trip and shards: the eyes' own asking, with six sockets for
 * each invocation, and more servers than any look can ask.
 */
import { parseConfig } from "../../../worker/env.ts";
import { type Shards, shareOut } from "../../../worker/health/shared.ts";
import type { Transport } from "../../../worker/health/transport.ts";
import { sixSockets } from "../../net/six-sockets.ts";
import { Timers } from "../../sim/world/timers.ts";
import { REGION, unboundSpec } from "../virtual/spec.ts";
import { ROUND_TRIPS_PER_PROBE } from "./fleet.ts";

/** A look ends after this, and the next one begins with the next tick. */
const LOOK_MS = 4_000;
const TICK_SECONDS = 5;
const SERVERS = 20_000;

/** Servers read a second, where a look comes with each tick of five seconds. */
export async function readPerSecond(roundTripMs: number, shardCount: number): Promise<number> {
  const timers = new Timers(0);
  const probeMs = ROUND_TRIPS_PER_PROBE * roundTripMs;
  const body = new TextEncoder().encode('{"sessions":0}');
  const transport: Transport = async (_exchange, signal) => {
    await timers.sleep(probeMs);
    if (signal.aborted) return { kind: "failed", detail: "no answer in time" };
    return { kind: "reply", status: 200, body };
  };
  const deps = {
    config: parseConfig({}),
    clock: {
      now: () => Math.floor(timers.now),
      after: (delayMs: number, run: () => void) => timers.after(delayMs, run),
    },
    fetch: async () => Promise.reject(new Error("nothing is fetched")),
    transport,
  };
  const shards: Shards = () => ({
    ask: async (share) => shareOut({ ...deps, ...sixSockets(deps), shards }, share).asked,
  });
  const asked = shareOut(
    { ...deps, ...sixSockets(deps), shards },
    {
      requests: Array.from({ length: SERVERS }, (_none, index) => ({
        name: `media-k3-${index}`,
        revision: 1,
        address: `52.78.${index >> 8}.${index & 255}`,
      })),
      health: unboundSpec(1).health,
      pace: { answerMs: probeMs, silenceMs: null },
      limitMs: LOOK_MS,
      shards: Array.from({ length: shardCount }, (_none, index) => `bench/${index}`),
      region: REGION,
    },
  ).asked;
  await timers.run(2 * LOOK_MS, () => false);
  const { readings } = await asked;
  return readings.filter(({ kind }) => kind === "answer").length / TICK_SECONDS;
}
