/** What a seed stands for: a fleet, its demand, and everything that goes wrong. */
import { oneOf, whole } from "../aws/demand/draw.ts";
import { createRandom, type Random } from "../aws/demand/random.ts";
import {
  answeredAmong,
  encountersOf,
  movedAmong,
  rebuiltAmong,
  touchedAfterLoss,
} from "./encounters.ts";
import {
  boundariesOf,
  incidentsOfSchedule,
  oneDayOf,
  scheduleOf,
  withinMax,
} from "./generate-schedule.ts";
import {
  COMMON_KINDS,
  type FaultKind,
  type Incident,
  ORDINARY_SITE,
  type Scenario,
  START,
  type Throttling,
  type When,
} from "./scenario.ts";
import { mayHappen, promiseOf } from "./generate-promise.ts";
import { isSized, sizedOf } from "./generate-size.ts";
import { type Section, specOf } from "./spec.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Before this the fleet has nothing that could break. */
const QUIET_MS = 20_000;
const POINTS_PER_HOUR = 9_000;

/** These wear the fleet down for long; a run has few of them. */
const HEAVY: ReadonlySet<FaultKind> = new Set(["stateLost", "remove", "newerSchema", "allSilent"]);

export function scenarioOf(seed: number, hours: number): Scenario {
  return isSized(seed) ? sizedOf(seed, hours) : ordinaryOf(seed, hours);
}

/** A fleet of some servers, on a site that does not hold it back for long. */
export function ordinaryOf(seed: number, hours: number): Scenario {
  const random = createRandom(seed, "scenario");
  const capacity = oneOf(random, [1, 1, 1, 2, 3]);
  const sizes = sizesOf(seed);
  const promise = promiseOf(seed);
  const scheduled = scheduledOf(seed, hours);
  const startsAt = scheduled?.startsAt ?? START;
  const money = moneyOf(seed, startsAt);
  const spec = specOf({
    spares: withinMax({
      default: String(oneOf(random, [1, 2, 3, 4, 6, 10])),
      ...(random() < 0.5 ? { tag: TAGGED } : {}),
      ...sizes.spares,
      ...scheduled?.spares,
    }),
    health: { capacity, timeoutSeconds: oneOf(random, [1, 2]), ...promise.health },
    retire: {
      idleForSeconds: oneOf(random, [10, 30, 60]),
      confirmations: oneOf(random, [1, 2, 3]),
      drainSeconds: oneOf(random, [5, 10, 30]),
      billing: oneOf(random, ["none", "none", "hour"]),
    },
    limits: {
      maxInstances: whole(random, 6, 30),
      maxLaunchesPerTick: oneOf(random, [2, 5, 20]),
      maxDeletesPerTick: oneOf(random, [1, 2, 5]),
      maxLaunchesPerHour: oneOf(random, [30, 200]),
      maxDeletesPerHour: oneOf(random, [20, 60]),
      failedBoots: { count: oneOf(random, [2, 3]), openSeconds: oneOf(random, [120, 600]) },
      ...sizes.limits,
      ...money.limits,
    },
    rollout: money.rollout,
    adopt: { ports: random() < 0.7 },
    timeouts: { startSeconds: oneOf(random, [120, 300]), readySeconds: oneOf(random, [240, 600]) },
  });
  const throttling = random() < 0.3 ? sharedBucketOf(random) : null;
  const common = {
    seed,
    startsAt,
    hours,
    spec,
    sessionsPerHour: oneOf(random, [0, 10, 30, 60, 120]) * capacity,
    meanLengthMs: oneOf(random, [1, 4, 10]) * MINUTE_MS,
    promise: promise.by,
    bootMs: oneOf(random, [20_000, 45_000, 80_000]),
    softwareBootMs: oneOf(random, [5_000, 15_000, 30_000]),
    site: { ...ORDINARY_SITE, throttling },
    signed: random() < 0.1,
  };
  const incidents = incidentsOf(random, hours);
  const ofSchedule = scheduled?.incidentsFrom(idAfter(incidents)) ?? [];
  const met = encountersOf(
    createRandom(seed, "encounters"),
    hours,
    promise.by,
    scheduled?.boundaries ?? [],
    idAfter([...incidents, ...ofSchedule]),
  );
  const before = [...incidents, ...ofSchedule, ...met];
  const touched = touchedAfterLoss(createRandom(seed, "touched"), hours, idAfter(before));
  const known = [...before, ...touched];
  const rebuilt = rebuiltAmong(createRandom(seed, "rebuilt"), hours, known, idAfter(known));
  const most = [...known, ...rebuilt];
  const answered = answeredAmong(createRandom(seed, "answered"), hours, idAfter(most));
  const former = [...most, ...answered];
  const all = [...former, ...movedAmong(createRandom(seed, "moved"), hours, idAfter(former))];
  return { ...common, incidents: all.filter(({ fault }) => mayHappen(fault, promise.by)) };
}

/** Some fleets have a schedule, and most of those a tag that it is written to. */
function scheduledOf(seed: number, hours: number) {
  const random = createRandom(seed, "schedule");
  if (random() >= SCHEDULED_SHARE) return null;
  const tag = random() < 0.5 ? { tag: TAGGED } : {};
  const drawn = scheduleOf(random, hours);
  const ending = createRandom(seed, "ending");
  if (ending() < ENDING_SHARE) return endingOf(ending, hours, drawn.startsAt);
  const { startsAt, ...spares } = drawn;
  const boundaries = boundariesOf({ startsAt, ...spares }, hours);
  return {
    startsAt,
    spares: { ...tag, ...spares },
    boundaries,
    incidentsFrom: (firstId: number) => incidentsOfSchedule(random, boundaries, hours, firstId),
  };
}

/** A schedule that ends within the run, whose end cannot be written for a while. */
function endingOf(random: Random, hours: number, startsAt: number) {
  const spares = { schedule: [], specialDays: [oneDayOf(random, startsAt)] };
  const boundaries = boundariesOf({ startsAt, ...spares }, hours);
  const ends = boundaries.at(-1) ?? 0;
  const forMs = Math.floor((40 + 120 * random()) * 1_000);
  const when = { at: Math.max(1, ends - 10_000) };
  return {
    startsAt,
    spares: { tag: TAGGED, ...spares },
    boundaries,
    incidentsFrom: (id: number): Incident[] => [{ id, when, fault: "tagWriteDenied", forMs, n: 0 }],
  };
}

function idAfter(incidents: readonly Incident[]): number {
  return (incidents.at(-1)?.id ?? -1) + 1;
}

const SCHEDULED_SHARE = 0.4;
/** Of the fleets with a schedule. */
const ENDING_SHARE = 0.15;

/** Some fleets have a cap on what they cost or on their vCPUs, and it binds now and then. */
function moneyOf(seed: number, startsAt: number): { limits: Section; rollout: Section } {
  const random = createRandom(seed, "money");
  const kind = random();
  const servers = 3 + Math.floor(random() ** 2 * 20);
  const rollout = { canary: Math.floor(random() * 3), maxSurge: 1 + Math.floor(random() * 3) };
  if (kind < 0.2)
    return { limits: { maxMonthlyUsd: servers * usdToTheEndOfTheMonth(startsAt) }, rollout };
  return { limits: kind < 0.4 ? { maxVcpus: 2 * servers } : {}, rollout };
}

/** Of one server of medium_3_0. */
function usdToTheEndOfTheMonth(startsAt: number): number {
  const date = new Date(startsAt);
  const ends = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return Math.round(((ends - startsAt) / HOUR_MS / 744) * USD_PER_MONTH);
}

const USD_PER_MONTH = 24;

/**
 * Some fleets have bounds, a few are so large that a listing of them has several pages, some have limits
 * that bind nearly always.
 */
function sizesOf(seed: number): { spares?: object; limits?: object } {
  const random = createRandom(seed, "sizes");
  const kind = random();
  const low = Math.floor(random() * 4);
  const above = Math.floor(random() * 6);
  const within = Math.floor(random() * (above + 1));
  if (kind < 0.3) return { spares: { min: low, max: low + above, default: String(low + within) } };
  if (kind < 0.36)
    return { spares: { default: String(LARGE + above) }, limits: { maxInstances: LARGE + 12 } };
  if (kind < 0.46) return { limits: { maxLaunchesPerHour: 12, maxDeletesPerHour: 12 } };
  return kind < 0.56 ? { limits: { maxInstances: 3 + low } } : {};
}

const LARGE = 24;

function sharedBucketOf(random: Random): Throttling {
  return {
    kind: "shared",
    capacity: whole(random, 3, 20),
    refillPerSecond: oneOf(random, [0.5, 1, 3]),
    refusedCost: 0,
  };
}

const TAGGED = { resource: "key-0abc1234", key: "여유_서버_목표치" } as const;

/** Some runs have a few kinds of faults many times, others a bit of everything. */
function incidentsOf(random: Random, hours: number): Incident[] {
  const kinds = COMMON_KINDS.filter(() => random() < 0.4);
  const pool = kinds.length > 0 ? kinds : COMMON_KINDS;
  const count = Math.floor(random() ** 2 * 60 * hours) + 3;
  const heavy = new Set<FaultKind>();
  const incidents: Incident[] = [];
  for (let id = 0; id < count; id++) {
    const fault = oneOf(random, pool);
    const when = whenOf(random, hours);
    const forMs = 5_000 + Math.floor(random() ** 2 * 5 * MINUTE_MS);
    const n = Math.floor(random() * 10_000);
    if (HEAVY.has(fault) && heavy.has(fault)) continue;
    if (HEAVY.has(fault)) heavy.add(fault);
    incidents.push({ id, when, fault, forMs, n });
  }
  return incidents;
}

/** Half of all happens at some moment, the rest exactly at an effect point. */
function whenOf(random: Random, hours: number): When {
  const draw = random();
  if (draw < 0.5) return { at: QUIET_MS + Math.floor(random() * (hours * HOUR_MS - QUIET_MS)) };
  if (draw < 0.6) return { point: Math.floor(random() * POINTS_PER_HOUR * hours) };
  const of = oneOf(random, FAMILIES);
  return { point: Math.floor(random() * PER_HOUR[of] * hours), of };
}

/** About so many effect points of each family are passed in an hour. */
const PER_HOUR: Readonly<Record<(typeof FAMILIES)[number], number>> = {
  call: 600,
  commit: 4_000,
  sync: 40,
};
const FAMILIES = ["call", "call", "commit", "sync"] as const;
