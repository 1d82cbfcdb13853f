/**
 * The embedded AWS and a media server behind each address, without any demand, on a thread of their own:
 * their work must not keep the clock of what is measured waiting.
 */
import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { createCloud } from "../aws/cloud/cloud.ts";
import { listen } from "../aws/server.ts";
import { createWire } from "../aws/wire/wire.ts";
import { startWorld } from "../stack/world.ts";

/** What it tells when it is there. */
export interface Site {
  readonly endpoint: string;
  readonly probeVia: string | null;
}

const VCPU_QUOTA = 10_000;
const BUCKET = { capacity: 10_000, refillPerSecond: 10_000, refusedCost: 0 } as const;

const port = parentPort;
if (port === null) throw new Error("test/bench/cloud.ts runs on a worker thread only.");
const { drainSecret } = z.object({ drainSecret: z.string() }).parse(workerData);
const cloud = createCloud({
  now: Date.now,
  vcpuQuota: VCPU_QUOTA,
  keyPairs: [{ name: "ops" }],
  timing: { bootMs: 1_000, addressLagMs: 0 },
});
const wire = createWire(cloud, { throttle: { lanes: { create: BUCKET, ports: BUCKET } } });
const { endpoint } = await listen(wire);
const { probeVia } = await startWorld({
  cloud,
  rate: { maxPerHour: 0, perHour: () => 0 },
  seed: 1,
  startMs: Date.now(),
  capacity: 1,
  via: { address: "127.0.0.1", port: 0 },
  readyServers: async () => [],
  onProblem: (sentence) => console.error(sentence),
  drainSecret,
  deployment: "default",
});
port.postMessage({ endpoint, probeVia } satisfies Site, []);
