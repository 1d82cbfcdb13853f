/** How large everything around a fleet must be, so that only its target and the throttle hold it back. */

/** Servers that busy sessions, drains and a rollout take beside the spares. */
const BESIDE_MIN = 50;
const BESIDE_SHARE = 0.25;
/** The most that a spec takes. */
const INSTANCES_MAX = 1_000;
const PER_TICK_MAX = 100;
const SPARES_MAX = 10_000;
/** What a spec has if it does not say it. */
const SPARES_MAX_DEFAULT = 200;
const LAUNCHES_PER_TICK_DEFAULT = 20;
const DELETES_PER_TICK_DEFAULT = 5;
/** No fleet of `npm start` has less. */
const INSTANCES_MIN = 100;
const VCPUS_MIN = 400;
/** A surplus of any size is gone after about so many ticks. */
const TICKS_TO_DELETE_ALL = 20;

/** The largest target whose servers, and those beside them, fit into a spec; each server holds `capacity` sessions. */
export function targetMax(capacity: number): number {
  return Math.min(SPARES_MAX, Math.floor(INSTANCES_MAX / (1 + BESIDE_SHARE)) * capacity);
}

export interface Size {
  readonly maxInstances: number;
  readonly maxLaunchesPerTick: number;
  readonly maxDeletesPerTick: number;
  readonly sparesMax: number;
  readonly vcpuQuota: number;
}

/** The size for so many spares, on servers that hold `capacity` sessions and have two vCPUs. */
export function sizeFor(target: number, capacity: number): Size {
  const servers = Math.ceil(target / capacity);
  const beside = Math.max(BESIDE_MIN, Math.ceil(servers * BESIDE_SHARE));
  const maxInstances = clamp(servers + beside, INSTANCES_MIN, INSTANCES_MAX);
  return {
    maxInstances,
    maxLaunchesPerTick: clamp(servers, LAUNCHES_PER_TICK_DEFAULT, PER_TICK_MAX),
    maxDeletesPerTick: clamp(
      Math.ceil(servers / TICKS_TO_DELETE_ALL),
      DELETES_PER_TICK_DEFAULT,
      PER_TICK_MAX,
    ),
    sparesMax: clamp(maxInstances * capacity, SPARES_MAX_DEFAULT, SPARES_MAX),
    vcpuQuota: Math.max(VCPUS_MIN, 2 * maxInstances),
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
