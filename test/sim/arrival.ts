/**
 * When a fleet from nothing can be there at the soonest, and when it must be. An oracle that knows the buckets
 * creates all servers at once, and puts the ports of each as soon as it has an address and there is a token; two
 * readings of each server then pass through six sockets.
 *
 *   shortest = max(boot, address + (ports - burst) / rate) + 2 readings
 *   limit    = 1.5 * shortest + 30 s
 *
 * The rate is what another client leaves.
 */
import { DEFAULT_BUCKETS } from "../aws/wire/throttle.ts";
import type { Arrival } from "./oracle/invariant.ts";
import type { Scenario } from "./scenario.ts";

const MULTIPLE = 1.5;
/** Ticks come between any two steps of a server. */
const TICKS_MS = 30_000;
/** By the world, a boot takes up to a quarter longer than the scenario says. */
const JITTER_SHARE = 0.25;
const ADDRESS_LAG_MS = 2_000;
const READINGS = 2;
const SOCKETS = 6;
/** Of the ordinary network; most take 20 ms, and one in ten a second. */
const PROBE_MS_ORDINARY = 130;
/** A connection is opened, then asked. */
const ROUND_TRIPS = 2;

/** The mean time of a probe that is answered. */
export function probeMsOf({ site }: Scenario): number {
  return site.network === null ? PROBE_MS_ORDINARY : ROUND_TRIPS * site.network.roundTripMs;
}

/** Null for a scenario in which something goes wrong, or whose target is not a plain number. */
export function arrivalOf(scenario: Scenario): Arrival | null {
  const { incidents, startsAt, spec, site } = scenario;
  const { default: spares, ...others } = spec["spares"] as Readonly<Record<string, unknown>>;
  const { capacity = 1 } = spec["health"] as { readonly capacity?: number };
  const servers = Math.ceil(Number(spares) / capacity);
  const isPlain = !["tag", "schedule", "specialDays"].some((name) => name in others);
  const isJudged = isPlain && incidents.length === 0 && site.throttling !== null;
  if (!isJudged || !Number.isInteger(servers)) return null;
  const shortestMs = Math.round(shortestMsFor(scenario, servers));
  const by = startsAt + MULTIPLE * shortestMs + TICKS_MS;
  return { servers, from: startsAt, shortestMs, by };
}

function shortestMsFor(scenario: Scenario, servers: number): number {
  const { bootMs, softwareBootMs, site } = scenario;
  const {
    capacity,
    refillPerSecond,
    othersPerSecond = 0,
  } = site.throttling ?? DEFAULT_BUCKETS.ports;
  const runsMs = bootMs * (1 + JITTER_SHARE);
  const portsMs = (1_000 * Math.max(0, servers - capacity)) / (refillPerSecond - othersPerSecond);
  const readMs = (READINGS * servers * probeMsOf(scenario)) / SOCKETS;
  return Math.max(runsMs + softwareBootMs, runsMs + ADDRESS_LAG_MS + portsMs) + readMs;
}
