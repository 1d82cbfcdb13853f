import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rate } from "./rate.ts";
import { dayRate } from "./rate.ts";
import type { DemandEvent, DemandOptions, Host } from "./sessions.ts";
import { Demand } from "./sessions.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function demandOf(options: Partial<DemandOptions> = {}): Demand {
  return new Demand({ rate: constant(60), seed: 1, startMs: 0, ...options });
}

function constant(perHour: number): Rate {
  return { maxPerHour: perHour, perHour: () => perHour };
}

function hostsOf(count: number, readyAtMs = 0): Host[] {
  return Array.from({ length: count }, (_, index) => ({ name: `media-${index}`, readyAtMs }));
}

function inSteps(
  demand: Demand,
  untilMs: number,
  stepMs: number,
  hosts: readonly Host[],
): DemandEvent[] {
  const events: DemandEvent[] = [];
  for (let nowMs = 0; nowMs < untilMs; nowMs += stepMs) {
    events.push(...demand.advance(Math.min(nowMs + stepMs, untilMs), hosts));
  }
  return events;
}

function lengthsMs(events: readonly DemandEvent[]): number[] {
  const startedAtMs = new Map<number, number>();
  const lengths: number[] = [];
  for (const { kind, session, atMs } of events) {
    if (kind === "placed") startedAtMs.set(session, atMs);
    if (kind === "ended") lengths.push(atMs - (startedAtMs.get(session) ?? Number.NaN));
  }
  return lengths;
}

describe("arrivals", () => {
  test("are as many as the rate says, and spread as a Poisson process", () => {
    const events = demandOf({ rate: constant(30) }).advance(100 * DAY_MS, []);

    const perHour = Array.from({ length: 2_400 }, () => 0);
    for (const { atMs } of events) {
      const hour = Math.floor(atMs / HOUR_MS);
      perHour[hour] = (perHour[hour] ?? 0) + 1;
    }
    const mean = events.length / perHour.length;
    const variance = perHour.reduce((sum, count) => sum + (count - mean) ** 2, 0) / perHour.length;

    expect(mean).toBeGreaterThan(29.5);
    expect(mean).toBeLessThan(30.5);
    expect(variance / mean).toBeGreaterThan(0.88);
    expect(variance / mean).toBeLessThan(1.12);
  });

  test("follow a rate that changes, and do not come where it is zero", () => {
    const rate: Rate = {
      maxPerHour: 100,
      perHour: (atMs) => (atMs % HOUR_MS < HOUR_MS / 4 ? 100 : 0),
    };

    const events = demandOf({ rate }).advance(20 * DAY_MS, []);

    expect(events.every(({ atMs }) => atMs % HOUR_MS < HOUR_MS / 4)).toBe(true);
    expect(Math.abs(events.length / (20 * 24) - 25)).toBeLessThan(1);
  });

  test("do not depend on the servers: two fleets meet the same visitors", () => {
    const arrivalsOf = (hosts: Host[]): number[] =>
      demandOf()
        .advance(DAY_MS, hosts)
        .filter(({ kind }) => kind === "placed" || kind === "blocked")
        .map(({ atMs }) => atMs);

    expect(arrivalsOf(hostsOf(3))).toEqual(arrivalsOf(hostsOf(80)));
  });

  test("do not come at all where the rate is zero throughout", () => {
    expect(demandOf({ rate: constant(0) }).advance(365 * DAY_MS, hostsOf(3))).toEqual([]);
  });

  test("differ by seed", () => {
    const events = demandOf({ seed: 1 }).advance(HOUR_MS, []);

    expect(demandOf({ seed: 1 }).advance(HOUR_MS, [])).toEqual(events);
    expect(demandOf({ seed: 2 }).advance(HOUR_MS, [])).not.toEqual(events);
  });
});

test("lengths are lognormal: mean 30 min, deviation 30 min, within 1 min and 6 h", () => {
  const lengths = lengthsMs(demandOf({ rate: constant(50) }).advance(60 * DAY_MS, hostsOf(80)));

  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const deviation = Math.sqrt(
    lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / lengths.length,
  );
  const median = lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 0;

  expect(mean / MINUTE_MS).toBeCloseTo(30, 0);
  expect(deviation / mean).toBeCloseTo(1, 1);
  expect(median / MINUTE_MS).toBeCloseTo(30 / Math.SQRT2, 0);
  expect(Math.min(...lengths.slice(0, 10))).toBeGreaterThanOrEqual(MINUTE_MS);
  expect(lengths.at(-1)).toBeLessThanOrEqual(6 * HOUR_MS + 1);
});

describe("steps of time", () => {
  test.each([1, 2, 7])(
    "do not matter with capacity %i: 1 s, 10 s and one leap give the same",
    (capacity) => {
      const hosts = hostsOf(12).map((host, index) => ({
        ...host,
        readyAtMs: index * 7 * MINUTE_MS + 123,
      }));
      const options = { rate: dayRate({ sessionsPerHour: 40, seed: 3 }), capacity };

      const [second, ten, leap] = [demandOf(options), demandOf(options), demandOf(options)];
      const events = inSteps(second, DAY_MS, SECOND_MS, hosts);

      expect(events.length).toBeGreaterThan(500);
      expect(inSteps(ten, DAY_MS, 10 * SECOND_MS, hosts)).toEqual(events);
      expect(leap.advance(DAY_MS, hosts)).toEqual(events);
      expect(ten.counts()).toEqual(second.counts());
      for (const { name } of hosts) expect(leap.sessionsOn(name)).toBe(second.sessionsOn(name));
    },
  );

  test("of no length change nothing", () => {
    const demand = demandOf();
    demand.advance(HOUR_MS, hostsOf(5));

    expect(demand.advance(HOUR_MS, hostsOf(5))).toEqual([]);
  });

  test("do not go backwards", () => {
    const demand = demandOf();
    demand.advance(HOUR_MS, []);

    expect(() => demand.advance(HOUR_MS - 1, [])).toThrow("backwards");
    expect(() => demand.advance(Number.NaN, [])).toThrow("backwards");
  });
});

describe("placement", () => {
  test("blocks only when no accepting server has room, and never overfills one", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer(),
          capacity: fc.integer({ min: 1, max: 4 }),
          placement: fc.constantFrom("fullest" as const, "emptiest" as const, "random" as const),
          hosts: fc.array(
            fc.record({ readyAtMs: fc.integer({ min: 0, max: HOUR_MS }), accepting: fc.boolean() }),
            {
              maxLength: 12,
            },
          ),
        }),
        ({ seed, capacity, placement, hosts: drawn }) => {
          const hosts = drawn.map((host, index) => ({ ...host, name: `media-${index}` }));
          const events = demandOf({ seed, capacity, placement }).advance(3 * HOUR_MS, hosts);

          const held = new Map(hosts.map(({ name }) => [name, 0]));
          for (const event of events) {
            const room = hosts.filter(
              ({ name, readyAtMs, accepting }) =>
                accepting && readyAtMs <= event.atMs && (held.get(name) ?? 0) < capacity,
            );
            if (event.kind === "blocked") expect(room).toEqual([]);
            if (event.kind === "placed") {
              expect(room.map(({ name }) => name)).toContain(event.host);
              held.set(event.host, (held.get(event.host) ?? 0) + 1);
            }
            if (event.kind === "ended") held.set(event.host, (held.get(event.host) ?? 0) - 1);
          }
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  test("gives no session to a server before it is ready, nor while it does not accept", () => {
    const demand = demandOf({ rate: constant(600) });
    const hosts = [
      { name: "booting", readyAtMs: HOUR_MS },
      { name: "draining", readyAtMs: 0, accepting: false },
    ];

    demand.advance(HOUR_MS - 1, hosts);
    expect(demand.counts()).toMatchObject({ placed: 0, live: 0 });
    demand.advance(2 * HOUR_MS, hosts);

    expect(demand.sessionsOn("booting")).toBe(1);
    expect(demand.sessionsOn("draining")).toBe(0);
  });

  test("fills one server before the next by default", () => {
    const demand = demandOf({ capacity: 100, rate: constant(30) });

    demand.advance(DAY_MS, hostsOf(4));

    expect(demand.sessionsOn("media-0")).toBe(demand.counts().live);
  });

  test("refuses a capacity that is no whole number from 1 up", () => {
    for (const capacity of [0, 1.5, -1, Number.NaN]) {
      expect(() => demandOf({ capacity })).toThrow("capacity");
    }
  });
});

describe("a server that goes", () => {
  const everyone = hostsOf(3);

  function busyDemand(): Demand {
    const demand = demandOf({ rate: constant(2_000) });
    demand.advance(10 * MINUTE_MS, everyone);
    return demand;
  }

  test("takes its sessions along, and they are counted as killed with its name and the time", () => {
    const demand = busyDemand();
    const [session] = demand.sessionIdsOn("media-0");

    const events = demand.advance(11 * MINUTE_MS, everyone.slice(1));

    expect(session).toBeDefined();
    expect(events[0]).toMatchObject({
      kind: "killed",
      host: "media-0",
      session,
      atMs: 10 * MINUTE_MS,
    });
    expect(demand.sessionIdsOn("media-0")).toEqual([]);
    expect(demand.kills()).toEqual([{ host: "media-0", atMs: 10 * MINUTE_MS, sessions: 1 }]);
    expect(demand.counts().killed).toBe(1);
    expect(demand.sessionsOn("media-0")).toBe(0);
  });

  test("does not count its sessions again when they would have ended, nor when it returns", () => {
    const demand = busyDemand();
    demand.advance(11 * MINUTE_MS, everyone.slice(1));

    const events = demand.advance(
      12 * HOUR_MS,
      everyone.map((host) => ({ ...host, accepting: false })),
    );

    expect(
      events.filter(({ kind }) => kind !== "blocked").every(({ kind }) => kind === "ended"),
    ).toBe(true);
    expect(demand.counts()).toMatchObject({ killed: 1, live: 0 });
  });

  test("kills its sessions as well when it is only started anew", () => {
    const demand = busyDemand();
    const restarted = everyone.map((host) => ({ ...host, readyAtMs: 12 * MINUTE_MS }));

    demand.advance(11 * MINUTE_MS, restarted);

    expect(demand.counts()).toMatchObject({ killed: 3, live: 0 });
  });

  test("kills nothing when it was empty or only stopped accepting", () => {
    const idle = demandOf({ rate: constant(0) });
    idle.advance(MINUTE_MS, everyone);
    idle.advance(2 * MINUTE_MS, []);
    const cordoned = busyDemand();
    cordoned.advance(
      12 * HOUR_MS,
      everyone.map((host) => ({ ...host, accepting: false })),
    );

    expect(idle.kills()).toEqual([]);
    expect(cordoned.kills()).toEqual([]);
    expect(cordoned.counts()).toMatchObject({ killed: 0, live: 0 });
  });

  test("must not share its name with another", () => {
    expect(() => demandOf().advance(1, [...hostsOf(1), ...hostsOf(1)])).toThrow("same name");
  });
});

test("every arrival is placed or blocked, and every placed session ends, is killed, or lives", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.nat(8), { minLength: 2, maxLength: 30 }),
      (seed, sizes) => {
        const demand = demandOf({ seed, capacity: 2 });

        for (const [step, size] of sizes.entries())
          demand.advance((step + 1) * 10 * MINUTE_MS, hostsOf(size));

        const { arrivals, placed, blocked, ended, killed, live } = demand.counts();
        const held = hostsOf(8).reduce((sum, { name }) => sum + demand.sessionsOn(name), 0);
        expect(arrivals).toBe(placed + blocked);
        expect(placed).toBe(ended + killed + held);
        expect(live).toBe(held);
        expect(demand.kills().reduce((sum, { sessions }) => sum + sessions, 0)).toBe(killed);
      },
    ),
    { seed: 1 },
  );
});
