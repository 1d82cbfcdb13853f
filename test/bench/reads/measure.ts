/**
 * What each read takes of the object's thread, with the largest spec and many servers. The figures of a
 * request's way through the Worker are not in them: `load` measures those.
 */
import type { FleetApi } from "../../../durable/rules/views.ts";
import { quantile, rounded } from "../figures.ts";
import { BenchFleet } from "../object/fleet.ts";
import { fill, largest } from "./largest.ts";

export interface ReadsPlan {
  readonly servers: number;
  readonly requests: number;
}

/** No read may take the thread for longer, 99 times of 100. */
export const READ_P99_MS_MAX = 20;

const EVERYTHING = { since: null, until: null, kind: null, instance: null, before: null } as const;
const PAGE = 200;
const HISTORY_HOURS = 192;
const WARM_UP = 20;

type Read = (fleet: FleetApi, now: number, name: string) => Promise<unknown>;

/** Each as the route asks it, the dearest way that there is. */
export const READS: Readonly<Record<string, Read>> = {
  status: async (fleet) => fleet.status(),
  statusText: async (fleet) => fleet.statusText(),
  metrics: async (fleet) => fleet.metrics(),
  spec: async (fleet) => fleet.spec(),
  instances: async (fleet) =>
    fleet.instances({ phase: null, ip: null }, { after: null, limit: 250 }),
  instance: async (fleet, _, name) => fleet.instance(name),
  events: async (fleet) => fleet.events({ ...EVERYTHING, limit: PAGE }),
  "events of a kind": async (fleet) =>
    fleet.events({ ...EVERYTHING, kind: "protect", limit: PAGE }),
  "events of no kind": async (fleet) =>
    fleet.events({ ...EVERYTHING, kind: "nothing", limit: PAGE }),
  "events of an instance": async (fleet, _, name) =>
    fleet.events({ ...EVERYTHING, instance: name, limit: PAGE }),
  "events of a kind of an instance": async (fleet, _, name) =>
    fleet.events({ ...EVERYTHING, kind: "protect", instance: name, limit: PAGE }),
  "events of long ago": async (fleet, now) =>
    fleet.events({ ...EVERYTHING, until: now - 80 * 86_400_000, limit: PAGE }),
  audit: async (fleet) => fleet.audit(0),
  history: async (fleet) => fleet.history(HISTORY_HOURS),
  checkup: async (fleet) => fleet.checkup(),
  cost: async (fleet, now) => fleet.cost(now, 0.1),
  overrides: async (fleet) => fleet.overrides(),
  schedule: async (fleet) => fleet.schedule(),
  leases: async (fleet) => fleet.leases({ actor: "token:bench", isOperator: true }),
  visit: async (fleet) => fleet.visit(),
};

export async function* measureReads({ servers, requests }: ReadsPlan) {
  const bench = new BenchFleet();
  try {
    await bench.arrive(servers);
    fill(bench.disk, bench.now);
    bench.restart();
    const applied = await bench.stub.configure("media", largest(servers), { actor: "bench" });
    if ("refused" in applied) throw new Error(applied.refused.detail);
    for (let tick = 0; tick < 3; tick += 1) await bench.tick();
    await leased(bench, servers);
    const name = bench.firstName;
    for (const [read, ask] of Object.entries(READS)) {
      const took: number[] = [];
      for (let request = 0; request < requests + WARM_UP; request += 1) {
        // What was made for the status a moment ago must not serve the next request.
        await bench.pass(1_000);
        const beganAt = performance.now();
        await ask(bench.stub, bench.now, name);
        if (request >= WARM_UP) took.push(performance.now() - beganAt);
      }
      const p50Ms = rounded(quantile(took, 0.5));
      const p99Ms = rounded(quantile(took, 0.99));
      yield { bench: "reads", servers, read, p50Ms, p99Ms, holds: p99Ms < READ_P99_MS_MAX };
    }
  } finally {
    bench.close();
  }
}

/** A lease on every server. */
async function leased(bench: BenchFleet, servers: number): Promise<void> {
  const wish = { count: 50, partial: true, key: null, ttlSeconds: 3_600, zone: null };
  for (let given = 0; given < servers; given += wish.count) {
    const leases = await bench.stub.lease(wish, { actor: "bench" });
    if ("refused" in leases) throw new Error(leases.refused.detail);
  }
}
