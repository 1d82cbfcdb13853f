/** The fleet of the stack: a body for `PUT /v1/fleets/media`, its durations divided by the speed. */
import { sizeFor } from "./size.ts";

export const FLEET = "media";
export const REGION = "ap-northeast-2";
export const HEALTH = { port: 8080, path: "/health" } as const;
/** How a server is told to drain, and the Worker secret that signs it. */
export const DRAIN = { path: "/lightfleet/{verb}", secretRef: "DRAIN_KEY" } as const;
/** The EC2 tag that holds the target: any Unicode may stand in its key. */
export const TARGET_TAG = { resource: "key-0abc1234567890def", key: "여유_서버_목표치" } as const;

/** What the firewall of each server must be. */
export const PORTS = [
  { protocol: "tcp", from: 443, to: 443 },
  { protocol: "tcp", from: HEALTH.port, to: HEALTH.port },
  { protocol: "udp", from: 10_000, to: 20_000 },
  { protocol: "tcp", from: 22, to: 22, cidrListAliases: ["lightsail-connect"] },
] as const;

export const TAGS = { team: "media" } as const;

/** A machine with two cores under load answers late: no probe is given less, however fast time runs. */
const PROBE_TIMEOUT_SECONDS = { min: 1, max: 3.5 };
/** Probes come with the ticks; more often than this is more than two cores can do. */
const INTERVAL_MIN_SECONDS = 0.5;
/** What a spec takes, which binds where time runs slower than real time. */
const START_SECONDS = { min: 1, max: 3_600 };
const READY_SECONDS = { min: 1, max: 7_200 };

const SECONDS = {
  interval: 5,
  timeout: 2,
  idleFor: 60,
  drain: 30,
  start: 300,
  ready: 900,
} as const;

export interface SpecOptions {
  readonly speed: number;
  readonly target: number;
  /** Sessions that one server holds. */
  readonly capacity: number;
}

export function mediaSpec({ speed, target, capacity }: SpecOptions) {
  const { sparesMax, maxInstances, maxLaunchesPerTick, maxDeletesPerTick } = sizeFor(
    target,
    capacity,
  );
  return {
    timezone: "Asia/Seoul",
    region: REGION,
    availabilityZones: [`${REGION}a`, `${REGION}c`],
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    keyPair: "ops",
    ports: PORTS,
    tags: TAGS,
    spares: { default: String(target), max: sparesMax, tag: TARGET_TAG },
    health: {
      ...HEALTH,
      drain: DRAIN,
      capacity,
      intervalSeconds: Math.max(INTERVAL_MIN_SECONDS, SECONDS.interval / speed),
      timeoutSeconds: clamp(SECONDS.timeout / speed, PROBE_TIMEOUT_SECONDS),
    },
    // Paid hours would keep every surplus server for minutes of a visitor's time.
    retire: {
      idleForSeconds: SECONDS.idleFor / speed,
      drainSeconds: SECONDS.drain / speed,
      billing: "none",
    },
    // What is counted by the hour of the wall clock would otherwise bind after minutes.
    limits: {
      maxInstances,
      maxLaunchesPerTick,
      maxDeletesPerTick,
      maxLaunchesPerHour: 10_000,
      maxDeletesPerHour: 10_000,
    },
    timeouts: {
      startSeconds: clamp(SECONDS.start / speed, START_SECONDS),
      readySeconds: clamp(SECONDS.ready / speed, READY_SECONDS),
    },
  };
}

function clamp(value: number, { min, max }: { min: number; max: number }): number {
  return Math.min(Math.max(value, min), max);
}
