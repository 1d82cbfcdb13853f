/**
 * Fleets of 60 to 300 servers, from nothing, on buckets and networks that hold a fleet of that size back. In
 * one half nothing goes wrong, so that it can be held against what is possible; in the other, the faults that
 * size makes worse strike many servers at once.
 */
import { oneOf, whole } from "../aws/demand/draw.ts";
import { createRandom, type Random } from "../aws/demand/random.ts";
import { mayHappen, promiseOf } from "./generate-promise.ts";
import {
  type FaultKind,
  type Incident,
  type Network,
  ORDINARY_SITE,
  type Scenario,
  START,
  type Throttling,
} from "./scenario.ts";
import { type Section, specOf } from "./spec.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const CALM_SHARE = 0.5;
/** Of all seeds: such runs are slow. */
const SIZED_SHARE = 1 / 15;
/** Long enough to arrive on the smallest buckets, with another client on them. */
const HOURS_MAX = 0.5;
const SERVERS = { min: 60, max: 300 } as const;
/** The least of a fleet of medium_3_0. */
const VCPUS_EACH = 2;
/** Nothing strikes before: the fleet is still small. */
const QUIET_MS = 60_000;

/** Burst and refill per second, from those that bind for minutes to one that never refuses. */
const BUCKETS = [
  [5, 0.5],
  [5, 0.5],
  [10, 1],
  [10, 2],
  [20, 5],
  [100, 20],
] as const;
const KINDS = ["shared", "shared", "separate", "apart"] as const;

export function isSized(seed: number): boolean {
  return createRandom(seed, "sized")() < SIZED_SHARE;
}

export function sizedOf(seed: number, atMost: number): Scenario {
  const hours = Math.min(atMost, HOURS_MAX);
  const random = createRandom(seed, "size");
  // Small ones are quicker, and the smallest buckets take long for large ones.
  const servers = SERVERS.min + Math.floor(random() ** 2 * (SERVERS.max - SERVERS.min + 1));
  const promise = promiseOf(seed);
  const isCalm = random() < CALM_SHARE;
  const spec = specOf({
    ...sectionsFor(servers),
    health: { timeoutSeconds: oneOf(random, [1, 2]), ...promise.health },
    retire: {
      idleForSeconds: oneOf(random, [10, 60]),
      confirmations: oneOf(random, [2, 3]),
      drainSeconds: oneOf(random, [10, 30]),
      billing: oneOf(random, ["none", "none", "hour"]),
    },
    // Short for a boot, and shorter than the calls of such a fleet take.
    timeouts: {
      startSeconds: oneOf(random, [120, 300]),
      readySeconds: oneOf(random, [120, 300, 600]),
    },
  });
  const incidents = isCalm ? [] : incidentsOf(random, servers, hours);
  return {
    seed,
    startsAt: START,
    hours,
    spec,
    sessionsPerHour: oneOf(random, [0, 60, 200]),
    meanLengthMs: oneOf(random, [1, 4, 10]) * MINUTE_MS,
    promise: promise.by,
    bootMs: oneOf(random, [20_000, 45_000]),
    softwareBootMs: oneOf(random, [5_000, 15_000]),
    site: {
      throttling: throttlingOf(random),
      network: networkOf(random),
      vcpuQuota: quotaFor(servers),
    },
    signed: false,
    incidents: incidents.filter(({ fault }) => mayHappen(fault, promise.by)),
  };
}

/** The same life with so many idle servers, and nothing that would keep the fleet smaller. */
export function ofSize(scenario: Scenario, servers: number): Scenario {
  const spec = { ...scenario.spec, ...sectionsFor(servers) };
  return { ...scenario, spec, site: { ...ORDINARY_SITE, vcpuQuota: quotaFor(servers) } };
}

/** Spares and limits: room for as many again, and nothing per tick or hour that binds for long. */
function sectionsFor(servers: number): { spares: Section; limits: Section } {
  return {
    spares: { default: String(servers), max: Math.max(SPARES_MAX, servers) },
    limits: {
      maxInstances: maxFor(servers),
      maxLaunchesPerTick: 100,
      maxDeletesPerTick: 20,
      maxLaunchesPerHour: 10_000,
      maxDeletesPerHour: 10_000,
    },
  };
}

/** What a spec has that does not say it. */
const SPARES_MAX = 200;

function maxFor(servers: number): number {
  return 2 * servers + 10;
}

function quotaFor(servers: number): number {
  return VCPUS_EACH * (maxFor(servers) + 10);
}

function throttlingOf(random: Random): Throttling {
  const [capacity, refillPerSecond] = oneOf(random, BUCKETS);
  const share = oneOf(random, [0, 0, 0, 0.2, 0.4]);
  return {
    kind: oneOf(random, KINDS),
    capacity,
    refillPerSecond,
    refusedCost: oneOf(random, [0, 0, 1]),
    othersPerSecond: share * refillPerSecond,
  };
}

function networkOf(random: Random): Network {
  return {
    roundTripMs: oneOf(random, [20, 60, 100, 200, 400]),
    lossShare: oneOf(random, [0, 0, 0.01, 0.03]),
  };
}

/** Kinds of which one alone shows what it does to many. */
const ALONE: readonly FaultKind[] = [
  "throttle",
  "throttleStorm",
  "errorBefore",
  "errorAfter",
  "lostBefore",
  "lostAfter",
  "hangBefore",
  "hangAfter",
  "partialListing",
  "staleListing",
  "zoneFull",
  "pendingForever",
  "neverReady",
  "bootFails",
  "vanish",
  "rebooted",
  "allSilent",
  "crash",
  "crashAll",
  "redeploy",
  "alarmLate",
  "alarmLost",
  "demandSpike",
  "override",
];

/** Some kinds a few times, and a share of all servers that drops packets for minutes. */
function incidentsOf(random: Random, servers: number, hours: number): Incident[] {
  const incidents: Omit<Incident, "id">[] = [];
  const moment = (): { readonly at: number } => ({
    at: QUIET_MS + Math.floor(random() * Math.max(1, hours * HOUR_MS - QUIET_MS)),
  });
  const count = whole(random, 1, 8);
  for (let nth = 0; nth < count; nth += 1) {
    const forMs = 5_000 + Math.floor(random() ** 2 * 3 * MINUTE_MS);
    const n = Math.floor(random() * 10_000);
    incidents.push({ when: moment(), fault: oneOf(random, ALONE), forMs, n });
  }
  const when = moment();
  const forMs = Math.floor((1 + 9 * random()) * MINUTE_MS);
  const dropping = Math.floor(servers * oneOf(random, [0, 0.05, 0.1, 0.15]));
  // Every seventh: neighbours in a list are not silent together.
  for (let nth = 0; nth < dropping; nth += 1)
    incidents.push({ when, fault: "silent", forMs, n: 7 * nth });
  return incidents.map((incident, id) => ({ id, ...incident }));
}
