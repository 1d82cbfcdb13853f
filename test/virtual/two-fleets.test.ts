/** Fleets of one account and region, each an object of its own, behind one bucket of calls. */
import { beforeAll, describe, expect, it } from "vitest";
import { boundSeconds } from "../bench/makespan/bound.ts";
import type { Bucket, Kind } from "../bench/virtual/buckets.ts";
import { createHost, takeTheClock } from "../bench/virtual/host.ts";
import { Site } from "../bench/virtual/site.ts";
import { unboundSpec } from "../bench/virtual/spec.ts";
import type { SimEvent } from "../sim/event.ts";
import { installCrypto } from "../sim/runtime/crypto.ts";
import { installScheduler } from "../sim/runtime/scheduler.ts";
import { type Accounts, createAccounts } from "../sim/world/account.ts";
import { Disk } from "../sim/world/disk.ts";
import { Timers } from "../sim/world/timers.ts";

const START_MS = Date.UTC(2026, 10, 22, 0, 0, 0);
const LATENCY_MS = 250;
const PROBE_MS = 20;
/** A fleet that is not there after so many times the bound is not coming. */
const GIVEN_UP_AFTER = 8;

interface Scene {
  readonly bucket: Bucket;
  readonly kind?: Kind;
  readonly costly?: boolean;
  /** Servers that each fleet wants. */
  readonly sizes: readonly number[];
  readonly accounts?: Accounts;
}

interface Arrival {
  /** Of each fleet, in seconds; infinite for one that did not arrive. */
  readonly arrivedAt: readonly number[];
  readonly boundSeconds: number;
  readonly refusals: number;
  readonly created: number;
  readonly deleted: number;
}

beforeAll(() => {
  installCrypto();
  installScheduler();
});

async function arrive({
  bucket,
  kind = "shared",
  costly = false,
  sizes,
  accounts = createAccounts(),
}: Scene): Promise<Arrival> {
  const timers = new Timers(START_MS);
  const limits = { bucket, kind, costly };
  const site = new Site({
    limits,
    timers,
    latencyMs: () => LATENCY_MS,
    probeMs: () => PROBE_MS,
  });
  const servers = sizes.reduce((sum, size) => sum + size, 0);
  const bound = boundSeconds({ servers, bucket, kind });
  const ready = sizes.map(() => 0);
  const arrivedAt = sizes.map(() => Number.POSITIVE_INFINITY);
  const see = (index: number, event: SimEvent): void => {
    if (event.kind !== "commit") return;
    const gained = event.moves.filter(({ to }) => to === "ready").length;
    const lost = event.moves.filter(({ from }) => from === "ready").length;
    ready[index] = (ready[index] ?? 0) + gained - lost;
    const isThere = ready[index] >= (sizes[index] ?? 0);
    if (isThere) arrivedAt[index] = Math.min(arrivedAt[index] ?? 0, secondsOf(timers));
  };
  const hosts = sizes.map((_size, index) =>
    createHost({ timers, site, disk: new Disk(), accounts, emit: (event) => see(index, event) }),
  );
  const restore = takeTheClock(timers, 1);
  try {
    const applied = hosts.map(async (host, index) =>
      host.stub().configure(`fleet${index}`, unboundSpec(sizes[index] ?? 0), { actor: "test" }),
    );
    const isOver = (): boolean => arrivedAt.every((at) => at < Number.POSITIVE_INFINITY);
    await timers.run(START_MS + GIVEN_UP_AFTER * bound * 1_000, isOver);
    await Promise.all(applied);
  } finally {
    restore();
  }
  return {
    arrivedAt,
    boundSeconds: bound,
    refusals: site.traffic().refusals,
    created: site.cloud.everCreated().length,
    deleted: site.deleted,
  };
}

function secondsOf(timers: Timers): number {
  return (timers.now - START_MS) / 1_000;
}

/** No fleet ever reaches its account. */
const UNREACHED: Accounts = () => ({
  exchange: async () => {
    throw new Error("the object is overloaded");
  },
});

const SMALL = { burst: 5, perSecond: 0.5 };
const SLOW = { burst: 10, perSecond: 2 };

describe("two fleets behind one slow bucket", () => {
  it.each([
    { bucket: SMALL, costly: false, sizes: [20, 20], within: 1.5 },
    { bucket: SMALL, costly: true, sizes: [20, 20], within: 1.6 },
    { bucket: SLOW, costly: false, sizes: [50, 50], within: 1.35 },
    { bucket: SLOW, costly: true, sizes: [50, 50], within: 1.35 },
    { bucket: SLOW, costly: true, sizes: [20, 100], within: 1.35 },
  ])(
    "both arrive about as fast as it lets them: $bucket, refusals cost: $costly, $sizes servers",
    async ({ within, ...scene }) => {
      const { arrivedAt, boundSeconds: bound, ...arrival } = await arrive(scene);

      const servers = scene.sizes.reduce((sum, size) => sum + size, 0);
      expect(Math.max(...arrivedAt)).toBeLessThanOrEqual(within * bound);
      expect(arrival).toMatchObject({ created: servers, deleted: 0 });
      expect(arrival.refusals).toBeLessThanOrEqual(0.2 * servers);
    },
  );

  it("of one size arrive together", async () => {
    const { arrivedAt } = await arrive({ bucket: SLOW, sizes: [50, 50] });

    expect(Math.max(...arrivedAt)).toBeLessThanOrEqual(1.15 * Math.min(...arrivedAt));
  });

  it("do not make a small one wait for a large one", async () => {
    const { arrivedAt } = await arrive({ bucket: SLOW, sizes: [20, 100] });

    expect(arrivedAt[0]).toBeLessThanOrEqual(0.75 * (arrivedAt[1] ?? 0));
  });
});

describe("fleets that cannot reach their account", () => {
  it("arrive all the same, though later", async () => {
    const scene = { bucket: SLOW, sizes: [30, 30] };

    const reached = await arrive(scene);
    const alone = await arrive({ ...scene, accounts: UNREACHED });

    expect(alone).toMatchObject({ created: 60, deleted: 0 });
    expect(Math.max(...alone.arrivedAt)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(Math.max(...alone.arrivedAt)).toBeLessThanOrEqual(4 * Math.max(...reached.arrivedAt));
  });
});

describe("one fleet that has its account for itself", () => {
  it("arrives as it would without one", async () => {
    const nothing: Accounts = () => ({
      exchange: async ({ calls, sentAt }) => ({
        heard: Math.max(0, ...calls.map(({ tick }) => tick)),
        answeredAt: sentAt,
        apart: { reads: 0, writes: 0 },
        others: 0,
        parts: {},
      }),
    });
    const scene = { bucket: SLOW, sizes: [60] };

    expect(await arrive(scene)).toEqual(await arrive({ ...scene, accounts: nothing }));
  });
});
