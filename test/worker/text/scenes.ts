/** Fleets as a person may meet them, each told whole: what the screens are drawn from. */
import type {
  AlertView,
  BlockerView,
  EventView,
  InstanceView,
  Status,
} from "../../../durable/rules/views.ts";
import type { Shown } from "../../../worker/text/screen.ts";
import type { Verdict, VerdictKind } from "../../../durable/rules/verdict-views.ts";
import { event, instance, status, target } from "../api/views.ts";

/** Monday, 3:04:05 in the morning in Seoul. */
export const NOW = Date.parse("2026-11-22T18:04:05.000Z");
const MINUTE_MS = 60_000;

export function ago(ms: number): string {
  return new Date(NOW - ms).toISOString();
}

export function minutesAgo(minutes: number): string {
  return ago(minutes * MINUTE_MS);
}

const CALM: Status = {
  ...status("media", ago(3_000)),
  target: {
    ...target(),
    chain: [
      {
        source: "tag",
        expression: "10",
        spares: 10,
        won: true,
        ageSeconds: 4,
        until: null,
        note: "spares on key-0abc1234",
      },
    ],
  },
  spares: 10,
  counts: {
    idle: 10,
    busy: 4,
    unknown: 0,
    launching: 0,
    waiting: 0,
    draining: 0,
    deleting: 0,
    total: 14,
  },
  verdict: aVerdict("well", { title: "Well", tone: "good" }),
  converged: true,
  alerts: [],
  rollout: null,
  strangers: [],
  unread: [],
  eyes: { intervalSeconds: 5, probeSeconds: 0.042, waiting: 0, listedAt: ago(4_000), shards: 0 },
  lastTick: {
    number: 1234,
    at: ago(3_000),
    durationMs: 83,
    decision: "nothing to do: spares 10, target 10, launching 0",
    error: null,
  },
};

const EVENTS: readonly EventView[] = [
  anEvent(40, "media-ab12-14 is ready"),
  anEvent(95, "media-ab12-14 was created in ap-northeast-2c"),
  anEvent(100, "launch 1: spares 9 < target 10, launching 0"),
  anEvent(26 * 60 * 60, "paused launch: deploy", "olga"),
];

export function anEvent(secondsAgo: number, message: string, actor = "lightfleet"): EventView {
  return { ...event(secondsAgo), at: ago(secondsAgo * 1000), message, actor };
}

export function aBlocker(
  guard: BlockerView["guard"],
  rest: Partial<BlockerView> = {},
): BlockerView {
  const fix = `raise limits.${guard}`;
  return { guard, value: null, limit: null, since: minutesAgo(19), retryAt: null, fix, ...rest };
}

export function anAlert(kind: AlertView["kind"], rest: Partial<AlertView> = {}): AlertView {
  const words = { what: "media-ab12-3 is busy for 14 hours.", canDo: "You can look at it." };
  return { kind, subject: "", severity: "tell", since: minutesAgo(19), ...words, ...rest };
}

export function aVerdict(kind: VerdictKind, rest: Partial<Verdict> = {}): Verdict {
  const base = { cause: null, doing: null, canDo: null, staleAt: ago(-57_000) } as const;
  const words = { title: kind, tone: "warn", what: "10 of 10 spares." } as const;
  return { kind, ...base, ...words, ...rest };
}

/** A well fleet, but for what a test is about. */
export function aScene(changes: Partial<Status> = {}, rest: Partial<Shown> = {}): Shown {
  return { status: { ...CALM, ...changes }, instances: [], events: EVENTS, now: NOW, ...rest };
}

export function decided(decision: string): Pick<Status, "lastTick"> {
  return { lastTick: { number: 1234, at: ago(3_000), durationMs: 83, decision, error: null } };
}

export function counted(counts: Partial<Status["counts"]>): Status["counts"] {
  const none = { idle: 0, busy: 0, unknown: 0, launching: 0, waiting: 0, draining: 0, deleting: 0 };
  const all = { ...none, ...counts };
  const total = Object.values(all).reduce((sum, count) => sum + count, 0);
  return { ...all, total: counts.total ?? total };
}

export function aWaiting(number: number, rest: Partial<InstanceView>): InstanceView {
  return { ...instance(`media-ab12-${number}`), phase: "configuring", step: "ports", ...rest };
}

export const SCENES = {
  healthy: aScene(),
  growing: aScene(
    {
      spares: 7,
      sessions: 7,
      counts: counted({ idle: 7, busy: 7, launching: 3 }),
      verdict: aVerdict("growing", {
        title: "Growing",
        what: "7 of 10 spares.",
        doing: "3 servers are on their way.",
      }),
      converged: false,
      ...decided("launch 2: spares 7 < target 10, launching 1"),
    },
    {
      instances: [
        aWaiting(15, { phase: "warming", step: "health" }),
        aWaiting(16, {
          attempts: 2,
          nextAttemptAt: new Date(NOW + 5_000).toISOString(),
          lastError: "throttled by AWS: ThrottlingException",
        }),
        aWaiting(17, { phase: "planned", step: "create" }),
      ],
      events: [
        anEvent(3, "launch 2: spares 7 < target 10, launching 1"),
        anEvent(33, "media-ab12-15 was created in ap-northeast-2c"),
        ...EVENTS,
      ],
    },
  ),
  blocked: aScene(
    {
      spares: 0,
      sessions: 14,
      counts: counted({ busy: 14 }),
      verdict: aVerdict("noSpares", {
        title: "No spares",
        what: "0 of 10 spares. AWS gives this account no more servers: its quota is used up (28 of 28 vCPUs).",
        doing: "Lightfleet tries again by itself, and launches what is missing as soon as it may.",
      }),
      converged: false,
      blockers: [
        aBlocker("quota", {
          value: 28,
          limit: 28,
          retryAt: new Date(NOW + 4 * MINUTE_MS).toISOString(),
          fix: "AWS's quota of vCPUs for this account is used up. Ask for more in the Service Quotas console, under Amazon Lightsail, or delete servers that are not needed.",
        }),
      ],
      alerts: [anAlert("noSpares", { severity: "page", since: minutesAgo(6) })],
      spend: { spentUsd: 2_412, committedUsd: 2_812, capUsd: 3_000, priced: true },
      ...decided("held back: spares 0, target 10, launching 0"),
    },
    {
      events: [
        ...EVENTS.slice(0, 1),
        anEvent(
          19 * 60,
          "quota holds the fleet back: AWS's quota of vCPUs for this account is used up",
        ),
        anEvent(
          20 * 60,
          "create of media-ab12-15, media-ab12-16: InvalidInputException: You have reached the maximum",
        ),
      ],
    },
  ),
  blind: aScene({
    spares: 1,
    counts: counted({ idle: 1, busy: 4, unknown: 9 }),
    verdict: aVerdict("blind", {
      title: "Blind",
      what: "1 of 10 spares. Nobody knows which servers are free: 9 servers are silent at once. Sessions on them may go on unseen.",
      doing: "Lightfleet retires nothing and launches no replacement for them until they answer.",
    }),
    converged: false,
    blockers: [
      aBlocker("blindEyes", {
        value: 9,
        since: minutesAgo(2),
        fix: "many servers are silent at once: check the health port and its way through the firewall",
      }),
    ],
    ...decided("waiting: spares 1, target 10, launching 0"),
  }),
  stale: aScene({
    verdict: aVerdict("well", { title: "Well", staleAt: minutesAgo(11) }),
    lastTick: {
      number: 1234,
      at: minutesAgo(12),
      durationMs: 12_040,
      decision: "nothing to do: spares 10, target 10, launching 0",
      error: "Error: Network connection lost.",
    },
  }),
  paused: aScene({
    verdict: aVerdict("paused", {
      title: "Paused",
      what: "10 of 10 spares. Launching is paused by olga: deploy of the dispatcher.",
      doing: "It goes on by itself in 6 hours.",
    }),
    paused: (["launch", "retire"] as const).map((what) => ({
      what,
      since: minutesAgo(54),
      until: new Date(NOW + 6 * 60 * MINUTE_MS).toISOString(),
      reason: "deploy of the dispatcher",
      actor: "olga",
    })),
  }),
  empty: aScene(
    {
      region: "ap-northeast-2",
      target: { ...target(), spares: 2, expression: "2", source: "default", next: null, chain: [] },
      spares: 0,
      sessions: 0,
      counts: counted({}),
      verdict: aVerdict("waking", {
        title: "Waking",
        what: "The fleet has just woken, and has not ticked yet.",
        doing: "The first tick comes within seconds.",
        staleAt: null,
      }),
      converged: false,
      spend: { spentUsd: 0, committedUsd: 0, capUsd: null, priced: false },
      vcpus: { used: 0, limit: null },
      lastTick: null,
    },
    { events: [anEvent(1, "media was created", "olga")] },
  ),
  thousand: aScene(
    {
      verdict: aVerdict("growing", {
        title: "Growing",
        what: "180 of 200 spares.",
        doing: "20 servers are on their way.",
      }),
      spares: 180,
      sessions: 790,
      target: { ...target(), spares: 200, expression: "40+20%", next: null },
      counts: counted({
        idle: 180,
        busy: 790,
        unknown: 1,
        launching: 20,
        waiting: 0,
        draining: 8,
        deleting: 1,
      }),
      converged: false,
      rollout: {
        stage: "replacing",
        outdated: 640,
        waitingForBusy: 512,
        protected: 0,
        oldestSince: minutesAgo(9_000),
      },
      spend: { spentUsd: 18_204, committedUsd: 24_102, capUsd: 30_000, priced: true },
      vcpus: { used: 2_000, limit: 2_400 },
      blockers: [
        aBlocker("maxLaunchesPerTick", {
          value: 0,
          limit: 20,
          since: ago(3_000),
          fix: "it goes on with the next tick",
        }),
      ],
      ...decided("launch 20: spares 180 < target 200, launching 0"),
    },
    { instances: Array.from({ length: 1_000 }, (_, index) => aWaiting(index, { attempts: 1 })) },
  ),
} as const;
