/** The spec of a fleet that none of its own limits hold back: only AWS does. */
import type { Spec } from "../../../durable/rules/spec.ts";
import { parseSpec } from "../../../worker/api/spec.ts";

export const REGION = "ap-northeast-2";
export const HEALTH = { port: 8080, path: "/health" } as const;

const UNBOUND = 1_000_000;

/**
 * A fleet of so many idle servers, and the ports that they need. The API caps what people may ask for
 * (a hundred launches a tick), so these limits are set past it.
 */
export function unboundSpec(servers: number): Spec {
  const read = parseSpec({
    region: REGION,
    availabilityZones: [`${REGION}a`, `${REGION}c`],
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    ports: [
      { protocol: "tcp", from: HEALTH.port, to: HEALTH.port },
      { protocol: "udp", from: 10_000, to: 20_000 },
    ],
    spares: { default: String(servers), max: servers },
    health: HEALTH,
    retire: { billing: "none" },
    limits: { maxInstances: 1 },
  });
  if (!read.ok) throw new Error(`the benchmark's spec is invalid: ${JSON.stringify(read.errors)}`);
  const spec = read.value;
  return {
    ...spec,
    limits: {
      ...spec.limits,
      maxInstances: UNBOUND,
      maxMonthlyUsd: null,
      maxVcpus: null,
      maxLaunchesPerTick: UNBOUND,
      maxDeletesPerTick: UNBOUND,
      maxLaunchesPerHour: UNBOUND,
      maxDeletesPerHour: UNBOUND,
    },
  };
}
