/**
 * The whole of Lightfleet on one machine: the embedded AWS and the world in this process, the
 * Worker in a process group of its own. `npm start` shows it; the process tests kill it.
 */
import { randomBytes, randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scaledClock } from "../aws/clock.ts";
import { createCloud, type Cloud } from "../aws/cloud/cloud.ts";
import type { Rate } from "../aws/demand/rate.ts";
import type { Demand } from "../aws/demand/sessions.ts";
import { hasLoopbackRange } from "../aws/hosts/loopback.ts";
import { listen } from "../aws/server.ts";
import { createWire, TEST_CREDENTIAL, type Wire } from "../aws/wire/wire.ts";
import type { ThrottleOptions } from "../aws/wire/throttle.ts";
import { WorkerClient } from "./client.ts";
import { every } from "./every.ts";
import { sizeFor } from "./size.ts";
import { DRAIN, FLEET, mediaSpec, REGION, TARGET_TAG } from "./spec.ts";
import { startWorld } from "./world.ts";
import { startWrangler, type Wrangler } from "./wrangler.ts";

export interface StackOptions {
  /** How many times as fast as real time everything runs. */
  readonly speed: number;
  readonly target: number;
  readonly capacity: number;
  /** 0 for any free port. */
  readonly awsPort: number;
  /** A port that is free. */
  readonly port: number;
  readonly seed: number;
  /** The demand, given the model's time at the start. */
  readonly rateFrom: (startMs: number) => Rate;
  readonly throttle?: ThrottleOptions;
  /** The operator's token; another one each time where it is left out. */
  readonly token?: string;
  /** Further settings of the Worker. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Steers the embedded AWS before anyone calls it. */
  readonly prepare?: (wire: Wire) => void;
  /** Gives the start up; what runs already is ended with `close`. */
  readonly signal: AbortSignal;
  /** Told of whatever goes wrong without ending anything. */
  readonly onProblem: (sentence: string) => void;
}

export interface Stack {
  readonly url: string;
  readonly awsUrl: string;
  readonly token: string;
  /** The model's time at the start. */
  readonly startMs: number;
  readonly cloud: Cloud;
  readonly wire: Wire;
  readonly demand: Demand;
  readonly client: WorkerClient;
  /** The Worker that runs now. */
  readonly worker: () => Wrangler;
  /** Starts the Worker again on the storage of the one before, which must have ended. */
  readonly startAgain: () => Promise<void>;
  /** Ends everything, and removes what it stored. */
  readonly close: () => Promise<void>;
}

const TICK_MS = 5_000;
const CRON_MS = 60_000;
const DEPLOYMENT = "start";
/** Addresses per stack, so that two stacks on one machine seldom meet. */
const RANGE_BITS = 20;

/** Starts all of it and applies the fleet's spec. Rejects, with nothing left running, if any part fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
  };
  try {
    return { ...(await build(options, undo)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  options: StackOptions,
  undo: (() => Promise<void>)[],
): Promise<Omit<Stack, "close">> {
  const { speed, target, capacity, onProblem } = options;
  const { cloud, wire, startMs } = createAws(options);
  options.prepare?.(wire);
  const listening = await listen(wire, { port: options.awsPort });
  undo.push(listening.close);

  const folder = await mkdtemp(join(tmpdir(), "lightfleet-"));
  undo.push(async () => await rm(folder, { recursive: true, force: true, maxRetries: 3 }));

  const url = `http://127.0.0.1:${options.port}`;
  const token = options.token ?? randomBytes(16).toString("hex");
  const drainSecret = randomBytes(16).toString("hex");
  const client = new WorkerClient(url, token);
  const start = async (probeVia: string | null): Promise<Wrangler> =>
    await startWrangler({
      port: options.port,
      folder,
      isReady: async () => await client.answers(),
      signal: options.signal,
      vars: {
        ...options.settings,
        ...varsOf({ speed, token, drainSecret, awsUrl: listening.endpoint, probeVia }),
      },
    });

  // The world comes before the Worker, which is told where it listens.
  let isFleetThere = false;
  const world = await startWorld({
    cloud,
    rate: options.rateFrom(startMs),
    seed: options.seed,
    startMs,
    capacity,
    via: (await hasLoopbackRange()) ? null : { address: "127.0.0.1", port: 0 },
    readyServers: async () => (isFleetThere ? await readyServers(client) : []),
    onProblem,
    drainSecret,
    deployment: DEPLOYMENT,
  });
  undo.push(async () => await world.close());

  let worker = await start(world.probeVia);
  undo.push(async () => await worker.stop());
  await client.putSpec(FLEET, mediaSpec({ speed, target, capacity }));
  isFleetThere = true;

  const cron = every(
    CRON_MS / speed,
    async () => await client.cron(),
    (error) => onProblem(`the cron's visit failed: ${String(error)}`),
  );
  undo.push(async () => await cron.stop());
  // And it ends before the Worker, or its dispatcher would ask in vain; closing it twice is harmless.
  undo.push(async () => await world.close());
  return {
    url,
    awsUrl: listening.endpoint,
    token,
    startMs,
    cloud,
    wire,
    demand: world.demand,
    client,
    worker: () => worker,
    startAgain: async () => {
      worker = await start(world.probeVia);
    },
  };
}

function createAws({ speed, target, capacity, seed, throttle }: StackOptions) {
  const now = scaledClock(speed, Date.now);
  const startMs = now();
  const cloud = createCloud({
    now,
    seed,
    vcpuQuota: sizeFor(target, capacity).vcpuQuota,
    publicRange: `127.${randomInt(16, 32)}.${randomInt(16) * 16}.0/${RANGE_BITS}`,
    keyPairs: [{ name: "ops" }],
  });
  cloud.setEc2Tag(REGION, TARGET_TAG.resource, TARGET_TAG.key, String(target));
  const wire = createWire(cloud, throttle === undefined ? {} : { throttle });
  return { cloud, wire, startMs };
}

function varsOf(settings: {
  readonly speed: number;
  readonly token: string;
  readonly drainSecret: string;
  readonly awsUrl: string;
  readonly probeVia: string | null;
}): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: TEST_CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIAL.secretAccessKey,
    AWS_ENDPOINT_URL: settings.awsUrl,
    OPERATOR_TOKEN: settings.token,
    [DRAIN.secretRef]: settings.drainSecret,
    DEPLOYMENT,
    TICK_MS: String(Math.round(TICK_MS / settings.speed)),
    ...(settings.probeVia === null ? {} : { PROBE_VIA: settings.probeVia }),
  };
}

async function readyServers(client: WorkerClient): Promise<string[]> {
  const instances = await client.instances(FLEET, "ready");
  return instances.map(({ name }) => name);
}
