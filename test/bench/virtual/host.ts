/**
 * A fleet on a virtual clock: the Durable Object's own file, whose alarm decides when ticks come, down to
 * the signed calls. No faults, no people.
 */
import type { Eyes, Hands } from "../../../durable/rules/world.ts";
import { createHands } from "../../../worker/act.ts";
import type { Clock } from "../../../worker/clock.ts";
import { parseConfig } from "../../../worker/env.ts";
import { type Shards, shareOut } from "../../../worker/health/shared.ts";
import { createEyes } from "../../../worker/observe.ts";
import { createRandom } from "../../aws/demand/random.ts";
import { TEST_CREDENTIAL } from "../../aws/wire/wire.ts";
import type { SimEvent } from "../../sim/event.ts";
import { seedWords, setSigning } from "../../sim/runtime/crypto.ts";
import { setWait } from "../../sim/runtime/scheduler.ts";
import { sixSockets } from "../../net/six-sockets.ts";
import { type Accounts, createAccounts } from "../../sim/world/account.ts";
import { Names } from "../../sim/world/directory.ts";
import type { Disk } from "../../sim/world/disk.ts";
import { ObjectHost } from "../../sim/world/object.ts";
import type { Timers } from "../../sim/world/timers.ts";
import type { Site } from "./site.ts";

export const FLEET = "media";

export interface HostOptions {
  readonly timers: Timers;
  readonly site: Site;
  readonly disk: Disk;
  readonly emit: (event: SimEvent) => void;
  /** The account's objects; those of a fleet that has the account for itself, if not given. */
  readonly accounts?: Accounts;
  /** Stand between the object and its eyes or hands, to measure them. */
  readonly eyesAs?: (eyes: Eyes) => Eyes;
  readonly handsAs?: (hands: Hands) => Hands;
  /** A shard has asked its servers, and was active for so long. */
  readonly onShard?: (activeMs: number) => void;
}

export function createHost({
  timers,
  site,
  disk,
  emit,
  accounts = createAccounts(),
  eyesAs = (eyes) => eyes,
  handsAs = (hands) => hands,
  onShard = () => undefined,
}: HostOptions): ObjectHost {
  const { send: fetch, transport } = site;
  const config = parseConfig({
    AWS_ACCESS_KEY_ID: TEST_CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIAL.secretAccessKey,
    AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  });
  const now = nowOf(timers);
  const clock: Clock = {
    now,
    after: (delayMs, run) => timers.after(delayMs, run),
  };
  const deps = { config, fetch, clock, transport };
  // Each look, each act and each call of a shard is an invocation of its own.
  const shards: Shards = () => ({
    ask: async (share) => {
      const beganAt = timers.now;
      const asked = await shareOut({ ...deps, ...sixSockets(deps), shards }, share).asked;
      onShard(timers.now - beganAt);
      return asked;
    },
  });
  const eyes: Eyes = {
    observe: async (watch) => createEyes({ ...deps, ...sixSockets(deps), shards }).observe(watch),
  };
  const hands: Hands = {
    act: async (commands, connections) =>
      createHands({ ...deps, ...sixSockets(deps) }).act(commands, connections),
  };
  return new ObjectHost({
    timers,
    disk,
    objectNow: now,
    emit,
    point: () => undefined,
    directory: new Names(),
    accounts,
    env: { DEPLOYMENT: "default" },
    eyesOf: () => eyesAs(eyes),
    handsOf: () => handsAs(hands),
    heraldOf: () => async () => ({ kind: "sent" }),
  });
}

/** A clock shows whole milliseconds, though what waits may wait for a part of one. */
function nowOf(timers: Timers): () => number {
  return () => Math.floor(timers.now);
}

/** The program's clock, its randomness and its log are the run's until the returned function gives them back. */
export function takeTheClock(timers: Timers, seed: number): () => void {
  const realNow = Date.now;
  const { log } = console;
  const words = createRandom(seed, "words");
  seedWords(() => words().toString(36).slice(2, 8).padEnd(6, "0"));
  setSigning(false);
  setWait(async (ms) => timers.sleep(ms));
  Date.now = nowOf(timers);
  console.log = () => undefined;
  return () => {
    Date.now = realNow;
    console.log = log;
  };
}
