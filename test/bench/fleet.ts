/** A fleet at its full size on the embedded AWS, with a media server behind each address and no demand. */
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { createCloud } from "../aws/cloud/cloud.ts";
import { listen } from "../aws/server.ts";
import { createWire, TEST_CREDENTIAL } from "../aws/wire/wire.ts";
import { WorkerClient } from "../stack/client.ts";
import { FLEET, mediaSpec } from "../stack/spec.ts";
import { startWorld } from "../stack/world.ts";
import { type Running, startLightfleet } from "./worker.ts";

export interface Fleet extends Running {
  readonly token: string;
}

const DRAIN_KEY = "not-a-secret/of-the-benchmark";
const VCPU_QUOTA = 10_000;
const BUCKET = { capacity: 10_000, refillPerSecond: 10_000, refusedCost: 0 } as const;
const GROWN_WITHIN_MS = 180_000;
const POLL_MS = 500;

/** Rejects where the fleet does not come to its size; `undo` says what was started until then. */
export async function startFleet(
  folder: string,
  size: number,
  undo: (() => Promise<void>)[],
): Promise<Fleet> {
  const startMs = Date.now();
  const cloud = createCloud({
    now: Date.now,
    vcpuQuota: VCPU_QUOTA,
    keyPairs: [{ name: "ops" }],
    timing: { bootMs: 1_000, addressLagMs: 0 },
  });
  const wire = createWire(cloud, { throttle: { lanes: { create: BUCKET, ports: BUCKET } } });
  const aws = await listen(wire);
  undo.push(aws.close);
  const world = await startWorld({
    cloud,
    rate: { maxPerHour: 0, perHour: () => 0 },
    seed: 1,
    startMs,
    capacity: 1,
    via: { address: "127.0.0.1", port: 0 },
    readyServers: async () => [],
    onProblem: (sentence) => console.error(sentence),
    drainSecret: DRAIN_KEY,
  });
  undo.push(async () => world.close());

  const token = randomBytes(16).toString("hex");
  const running = await startLightfleet(folder, {
    AWS_ACCESS_KEY_ID: TEST_CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIAL.secretAccessKey,
    AWS_ENDPOINT_URL: aws.endpoint,
    OPERATOR_TOKEN: token,
    DRAIN_KEY,
    ...(world.probeVia === null ? {} : { PROBE_VIA: world.probeVia }),
  });
  undo.push(running.close);
  const client = new WorkerClient(`http://127.0.0.1:${running.port}`, token);
  await client.putSpec(FLEET, specOf(size));
  await grown(client, size);
  return { ...running, token };
}

function specOf(size: number) {
  const spec = mediaSpec({ speed: 1, target: size, capacity: 1 });
  const limits = { ...spec.limits, maxInstances: size, maxLaunchesPerTick: 100 };
  return { ...spec, spares: { default: String(size) }, limits };
}

async function grown(client: WorkerClient, size: number): Promise<void> {
  const giveUpAt = Date.now() + GROWN_WITHIN_MS;
  while (Date.now() < giveUpAt) {
    const { spares, converged } = await client.status(FLEET);
    if (spares === size && converged) return;
    await wait(POLL_MS);
  }
  throw new Error(`the fleet did not come to ${size} spares`);
}
