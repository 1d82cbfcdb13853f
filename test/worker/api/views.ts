/** What a fleet tells, with every member filled in. */
import { Meters } from "../../../durable/meters.ts";
import type { HistoryView } from "../../../durable/rules/history-views.ts";
import type { Readings } from "../../../durable/rules/readings.ts";
import type {
  OverrideView,
  ScheduleBasis,
  TargetView,
} from "../../../durable/rules/target-views.ts";
import type { AskedView, DryRunBasis } from "../../../durable/rules/dry-run-views.ts";
import type { EventView, InstanceView, LeaseView, Status } from "../../../durable/rules/views.ts";
import { OVERRIDE } from "../../../worker/api/openapi/examples.ts";

export const LAST_TICK_AT = "2026-11-22T09:59:57.000Z";

export function status(fleet: string, lastTickAt: string | null = LAST_TICK_AT): Status {
  return {
    fleet,
    region: "ap-northeast-2",
    timezone: "Asia/Seoul",
    mode: "active",
    removing: false,
    target: target(),
    spares: 9,
    sessions: 4,
    leased: 1,
    counts: {
      idle: 9,
      busy: 4,
      unknown: 0,
      launching: 1,
      waiting: 0,
      draining: 0,
      deleting: 0,
      total: 14,
    },
    verdict: {
      kind: "growing",
      title: "Growing",
      tone: "move",
      cause: null,
      what: "9 of 10 spares, and 1 slot is leased.",
      doing: "1 server is on its way.",
      canDo: null,
      staleAt: lastTickAt === null ? null : new Date(Date.parse(lastTickAt) + 60_000).toISOString(),
    },
    converged: false,
    paused: [],
    blockers: [],
    alerts: [
      {
        kind: "stranger",
        subject: "media-old-1",
        severity: "tell",
        since: "2026-11-22T09:00:00.000Z",
        what: "media-old-1 has a name like ours, and not our tags",
        canDo: "adopt it, or delete it in the AWS console",
      },
    ],
    notifyTrouble: null,
    spend: { spentUsd: 120.5, committedUsd: 480, capUsd: 3_000, priced: true },
    vcpus: { used: 28, limit: 200 },
    rollout: {
      stage: "replacing",
      outdated: 3,
      waitingForBusy: 2,
      protected: 0,
      oldestSince: "2026-11-20T09:00:00.000Z",
    },
    strangers: [{ name: "media-old-1", arn: "arn:aws:lightsail:1", owner: null }],
    unread: [],
    eyes: { intervalSeconds: 5, probeSeconds: 0.042, waiting: 0, listedAt: null, shards: 0 },
    lastTick:
      lastTickAt === null
        ? null
        : { number: 7, at: lastTickAt, durationMs: 83, decision: "none", error: null },
  };
}

export function readings(): Readings {
  return {
    instances: { "ready idle": 9, "ready busy": 4, "warming unknown": 1 },
    instancesMax: 100,
    lanes: { create: { bucket: "all", ratePerSecond: 0.5, tokens: 3 } },
    account: { isReached: true, fleets: 2, exchanges: { answered: 40, failed: 1 } },
    holds: [{ guard: "quota", subject: "", until: Date.parse("2026-11-22T10:05:00.000Z") }],
    failedBoots: { inRow: 0, limit: 3 },
    leadSeconds: 180,
    counters: new Meters().read(),
  };
}

export function target(): TargetView {
  return {
    spares: 10,
    source: "tag",
    expression: "10",
    reason: null,
    until: null,
    chain: [],
    heldTag: null,
    next: {
      at: "2026-11-23T00:00:00.000Z",
      source: "schedule",
      name: "weekday morning",
      expression: "20",
      spares: 20,
      launchFrom: "2026-11-22T23:57:00.000Z",
    },
  };
}

export function lease(id: string): LeaseView {
  return {
    id,
    key: `session-${id}`,
    instance: "media-ab12-1",
    zone: "ap-northeast-2a",
    addresses: { public: "203.0.113.7", private: "10.0.0.7", ipv6: null },
    phase: "ready",
    state: "held",
    actor: "dan",
    givenAt: "2026-11-22T09:59:50.000Z",
    usedAt: null,
    expiresAt: "2026-11-22T10:00:50.000Z",
  };
}

export function event(id: number): EventView {
  return {
    id,
    at: "2026-11-22T09:00:00.000Z",
    kind: "launch",
    instance: null,
    actor: "fleet",
    message: "launch 1",
    data: {},
    hash: null,
  };
}

export function asked(by: AskedView["by"]): AskedView {
  return {
    by,
    port: 8080,
    path: "/health",
    sessionsPointer: "/sessions",
    header: null,
    host: null,
    drain: false,
  };
}

export function instance(name: string): InstanceView {
  return {
    name,
    phase: "ready",
    step: null,
    attempts: 0,
    nextAttemptAt: null,
    lastError: null,
    occupancy: "idle",
    sessions: 0,
    capacity: 1,
    asked: asked("spec"),
    leased: 0,
    addresses: { public: "203.0.113.7", private: "10.0.0.7", ipv6: null },
    zone: "ap-northeast-2a",
    arn: null,
    createdAt: null,
    readyAt: null,
    idleSince: null,
    busySince: null,
    lastReadingAt: null,
    idleReadings: ["2026-11-22T09:59:52.000Z", "2026-11-22T09:59:57.000Z"],
    paidUntil: null,
    drainReason: null,
    drainThen: null,
    saysDraining: false,
    protected: false,
    protectedBy: null,
    bundle: "medium_3_0",
    adopted: false,
    outdated: false,
    goneAt: null,
  };
}

export function override(id: string): OverrideView {
  return { ...OVERRIDE, id, expression: "40" };
}

export function history(): HistoryView {
  return {
    from: "2026-11-21T10:00:00.000Z",
    until: "2026-11-22T10:00:00.000Z",
    points: [
      {
        at: "2026-11-21T10:00:00.000Z",
        spares: 9,
        target: 10,
        busy: 4,
        unknown: 0,
        launching: 1,

        draining: 0,
        sessions: 4,
        usdPerHour: 0.42,
      },
    ],
    marks: [
      {
        kind: "boundary",
        name: "weekday morning",
        note: "weekday morning begins: 20 spares",
        from: "2026-11-22T00:00:00.000Z",
        until: "2026-11-22T00:00:00.000Z",
      },
    ],
    today: { since: "2026-11-22T00:00:00.000Z", usd: 4.2 },
  };
}

/** A fleet with one entry, every morning at nine in Seoul. */
export function schedule(): ScheduleBasis {
  const hours = { cron: "0 9 * * *", timezone: "Asia/Seoul", until: null };
  return {
    now: Date.parse("2026-11-22T10:00:00.000Z"),
    spares: {
      schedule: [{ name: "morning", spares: "20", ...hours }],
      specialDays: [],
      default: "5",
      min: 0,
      max: 100,
    },
    sessions: 0,
    sparesNow: 5,
    capacity: 1,
    hourlyUsd: null,
    leadMs: 240_000,
    leadMeasuredOn: 1,
    ruling: null,
    tagWritePending: false,
    overrides: [override("7")],
  };
}

export function dryRun(created: boolean): DryRunBasis {
  return {
    created,
    changes: true,
    firstTick: {
      decision: "launch 2",
      launch: 2,
      retire: 0,
      adopt: 0,
      blockers: [],
      unseen: null,
    },
    replaces: 3,
    asked: [{ servers: 3, ...asked("built") }],
    closesPorts: ["tcp 22"],
    warnings: [],
    target: target(),
    usdPerMonth: 480,
    schedule: schedule(),
  };
}
