/** A fleet at its full size on the embedded AWS, with a media server behind each address and no demand. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { TEST_CREDENTIAL } from "../aws/wire/wire.ts";
import { WorkerClient } from "../stack/client.ts";
import { FLEET, mediaSpec } from "../stack/spec.ts";
import type { Site } from "./cloud.ts";
import { type Running, startLightfleet } from "./worker.ts";

export interface Fleet extends Running {
  readonly token: string;
}

const DRAIN_KEY = "not-a-secret/of-the-benchmark";
const GROWN_WITHIN_MS = 180_000;
const POLL_MS = 500;

/** Rejects where the fleet does not come to its size; `undo` says what was started until then. */
export async function startFleet(
  folder: string,
  size: number,
  undo: (() => Promise<void>)[],
): Promise<Fleet> {
  const { endpoint, probeVia } = await startCloud(undo);
  const token = randomBytes(16).toString("hex");
  const running = await startLightfleet(folder, {
    AWS_ACCESS_KEY_ID: TEST_CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIAL.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    OPERATOR_TOKEN: token,
    DRAIN_KEY,
    // It measures what the program can bear, and not what it lets one token do.
    REQUESTS_PER_SECOND: "100000",
    ...(probeVia === null ? {} : { PROBE_VIA: probeVia }),
  });
  undo.push(running.close);
  const client = new WorkerClient(`http://127.0.0.1:${running.port}`, token);
  await client.putSpec(FLEET, specOf(size));
  await grown(client, size);
  return { ...running, token };
}

async function startCloud(undo: (() => Promise<void>)[]): Promise<Site> {
  const workerData = { drainSecret: DRAIN_KEY };
  const thread = new Worker(join(import.meta.dirname, "cloud.ts"), { workerData });
  undo.push(async () => void (await thread.terminate()));
  return new Promise((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
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
