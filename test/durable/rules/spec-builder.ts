/** The spec of the small fleet that the rules are tested with: see `builders.ts`. */
import type { Spec } from "../../../durable/rules/spec.ts";

/** Whole sections are merged, so that a test changes one number of one section. */
export type SpecOverrides = {
  readonly [Key in keyof Spec]?: Key extends
    | "spares"
    | "health"
    | "retire"
    | "rollout"
    | "alerts"
    | "limits"
    | "timeouts"
    ? Partial<Spec[Key]>
    : Spec[Key];
};

const LIMITS: Spec["limits"] = {
  maxInstances: 100,
  maxMonthlyUsd: null,
  maxVcpus: null,
  maxLaunchesPerTick: 20,
  maxDeletesPerTick: 5,
  maxLaunchesPerHour: 200,
  maxDeletesPerHour: 60,
  jumpMax: 3,
  leasesPerToken: null,
  leaseMaxSeconds: 86_400,
  unknownShareMax: 0.2,
  failedBoots: { count: 3, openSeconds: 1800 },
};

export function aSpec(overrides: SpecOverrides = {}): Spec {
  return {
    mode: "active",
    timezone: "Asia/Seoul",
    region: "ap-northeast-2",
    availabilityZones: ["ap-northeast-2a", "ap-northeast-2c"],
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    userData: "",
    keyPair: null,
    ports: [{ protocol: "tcp", from: 8080, to: 8080 }],
    tags: {},
    adopt: { ports: false },
    ...overrides,
    spares: {
      default: "0",
      min: 0,
      max: 200,
      tag: null,
      schedule: [],
      specialDays: [],
      ...overrides.spares,
    },
    health: {
      kind: "http",
      port: 8080,
      path: "/health",
      sessionsPointer: "/sessions",
      capacity: 1,
      intervalSeconds: 5,
      timeoutSeconds: 2,
      header: null,
      host: null,
      drain: null,
      nameRequired: false,
      ...overrides.health,
    },
    retire: {
      idleForSeconds: 60,
      confirmations: 3,
      drainSeconds: 30,
      billing: "none",
      ...overrides.retire,
    },
    rollout: { canary: 1, maxSurge: 2, maxAgeDays: null, ...overrides.rollout },
    alerts: {
      kinds: {},
      busyForHours: 12,
      unknownForMinutes: 10,
      drainingForHours: 24,
      protectedForHours: 168,
      pausedForHours: 24,
      ...overrides.alerts,
    },
    limits: { ...LIMITS, ...overrides.limits },
    timeouts: { startSeconds: 300, readySeconds: 900, ...overrides.timeouts },
  };
}
