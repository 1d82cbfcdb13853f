/**
 * A fleet of which no two numbers are alike, and no two moments: what is shown of it in a wrong place is seen. The
 * moments are so far apart that no two are shown alike, whether as a time or as an age.
 */
import type { CostView } from "../../durable/rules/cost-views.ts";
import type { HistoryView } from "../../durable/rules/history-views.ts";
import type { EventView, InstanceView, Status } from "../../durable/rules/views.ts";
import { instance } from "./api/views.ts";

/** Monday, 3:04:05 in the morning in Seoul. */
export const NOW = Date.parse("2026-11-22T18:04:05.000Z");
const MINUTE_MS = 60_000;

function minutesAgo(minutes: number): string {
  return new Date(NOW - minutes * MINUTE_MS).toISOString();
}

function inMinutes(minutes: number): string {
  return minutesAgo(-minutes);
}

export const UNLIKE: Status = {
  fleet: "media",
  region: "ap-northeast-2",
  timezone: "Asia/Seoul",
  mode: "active",
  removing: false,
  target: {
    spares: 43,
    source: "override",
    expression: "12+7%",
    reason: "the final",
    until: inMinutes(11),
    chain: [
      {
        source: "override",
        expression: "44",
        spares: 45,
        won: true,
        ageSeconds: 91,
        until: inMinutes(13),
        note: "a booking",
      },
      {
        source: "specialDay",
        expression: "52",
        spares: 53,
        won: false,
        ageSeconds: 92,
        until: inMinutes(14),
        note: "new year",
      },
      {
        source: "tag",
        expression: "58",
        spares: 59,
        won: false,
        ageSeconds: 93,
        until: inMinutes(15),
        note: "on key-0abc",
      },
      {
        source: "schedule",
        expression: "60",
        spares: 61,
        won: false,
        ageSeconds: 94,
        until: inMinutes(16),
        note: "morning",
      },
      {
        source: "default",
        expression: "66",
        spares: 67,
        won: false,
        ageSeconds: 95,
        until: inMinutes(17),
        note: "of the spec",
      },
    ],
    heldTag: null,
    next: {
      at: inMinutes(36),
      source: "specialDay",
      name: "the party",
      expression: "70",
      spares: 71,
      launchFrom: inMinutes(32),
    },
  },
  spares: 31,
  sessions: 47,
  leased: 5,
  counts: {
    idle: 29,
    busy: 37,
    unknown: 7,
    launching: 11,
    waiting: 23,
    draining: 13,
    deleting: 17,
    total: 142,
  },
  verdict: {
    kind: "heldBack",
    title: "Held back",
    tone: "warn",
    cause: { kind: "guard", name: "maxInstances" },
    what: "31 of 43 spares. No more servers can be launched.",
    doing: "Lightfleet keeps what runs.",
    canDo: "You can raise limits.maxInstances.",
    staleAt: inMinutes(1),
  },
  converged: false,
  paused: [
    {
      what: "rollout",
      since: minutesAgo(21),
      until: inMinutes(241),
      reason: "a deploy",
      actor: "olga",
    },
  ],
  blockers: [
    {
      guard: "maxInstances",
      value: 73,
      limit: 79,
      since: minutesAgo(22),
      retryAt: inMinutes(24),
      fix: "raise it",
    },
  ],
  alerts: [
    {
      kind: "stranger",
      subject: "media-old-1",
      severity: "tell",
      since: minutesAgo(23),
      what: "Nobody manages it.",
      canDo: "You can adopt it.",
    },
  ],
  notifyTrouble: null,
  spend: { spentUsd: 1_234.56, committedUsd: 2_345.67, capUsd: 3_456.78, priced: true },
  vcpus: { used: 228, limit: 402 },
  rollout: {
    stage: "replacing",
    outdated: 19,
    waitingForBusy: 3,
    protected: 8,
    oldestSince: minutesAgo(9_001),
  },
  strangers: Array.from({ length: 6 }, (_, index) => ({
    name: `media-old-${index + 1}`,
    arn: `arn:aws:lightsail:${index + 1}`,
    owner: null,
  })),
  unread: [
    { name: "media-old-2", arn: "arn:aws:lightsail:2", isClaimed: true, what: "state: null" },
  ],
  eyes: {
    intervalSeconds: 6.5,
    probeSeconds: 0.083,
    waiting: 27,
    listedAt: minutesAgo(24),
    shards: 4,
  },
  lastTick: {
    number: 98_765,
    at: new Date(NOW - 3_000).toISOString(),
    durationMs: 321,
    decision: "waiting",
    error: null,
  },
};

export const AN_EVENT: EventView = {
  id: 5_001,
  at: minutesAgo(25),
  kind: "launch",
  instance: null,
  actor: "olga",
  message: "launch, as it was decided",
  data: {},
  hash: null,
};

export const AN_INSTANCE: InstanceView = {
  ...instance("media-ab12-77"),
  phase: "draining",
  step: "drain",
  attempts: 9,
  nextAttemptAt: inMinutes(26),
  lastError: "it was throttled",
  occupancy: "busy",
  sessions: 14,
  capacity: 16,
  leased: 10,
  createdAt: minutesAgo(9_100),
  readyAt: minutesAgo(9_000),
  idleSince: minutesAgo(190),
  busySince: minutesAgo(130),
  lastReadingAt: minutesAgo(28),
  idleReadings: [],
  paidUntil: inMinutes(33),
  drainReason: "operator",
  drainThen: "hold",
};

export const A_HISTORY: HistoryView = {
  from: minutesAgo(1_440),
  until: new Date(NOW).toISOString(),
  points: [
    {
      at: minutesAgo(40),
      spares: 81,
      target: 82,
      busy: 83,
      unknown: 84,
      launching: 85,
      draining: 86,
      sessions: 87,
      usdPerHour: 4.21,
    },
    {
      at: minutesAgo(20),
      spares: 101,
      target: 97,
      busy: 103,
      unknown: 104,
      launching: 105,
      draining: 106,
      sessions: 107,
      usdPerHour: 5.43,
    },
  ],
  marks: [
    {
      kind: "override",
      name: "88",
      note: "target 88 for the final",
      from: minutesAgo(38),
      until: minutesAgo(34),
    },
  ],
  today: { since: minutesAgo(184), usd: 76.54 },
};

export const A_COST: CostView = {
  fleet: "media",
  month: "2026-10",
  from: "2026-10-03T01:02:00.000Z",
  until: "2026-10-29T04:05:00.000Z",
  knownSince: "2026-10-02T06:07:00.000Z",
  hours: 1_111.25,
  billedHours: 1_222.5,
  usd: 333.25,
  projectedUsd: 444.5,
  ec2: { hourlyUsd: 0.0864, usd: 555.75 },
  fixedFleet: { servers: 66, at: "2026-10-12T08:09:00.000Z", usd: 777.5 },
  instances: [
    {
      name: "media-ab12-88",
      bundle: "medium_3_0",
      from: "2026-10-04T10:11:00.000Z",
      until: "2026-10-05T12:13:00.000Z",
      hours: 26.03,
      billedHours: 27,
      usd: 8.75,
    },
  ],
  omitted: { count: 90, hours: 1_085.22, billedHours: 1_195.5, usd: 324.5 },
};

/** Where something is in an object, such as `target.next.spares`. */
export type Path = readonly (string | number)[];

/** Where its numbers and its moments are. */
export function figuresIn(value: unknown, path: Path = []): Path[] {
  if (typeof value === "number" || (typeof value === "string" && isMoment(value))) return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => figuresIn(each, [...path, key]));
}

/** The same, but for one figure, which is another one then. */
export function changedAt<Whole>(whole: Whole, [key, ...rest]: Path): Whole {
  if (key === undefined) return another(whole) as Whole;
  const entries = Object.entries<unknown>(whole as Readonly<Record<string, unknown>>).map(
    ([name, value]) => [name, name === key ? changedAt(value, rest) : value] as const,
  );
  if (Array.isArray(whole)) return entries.map(([, value]) => value) as Whole;
  return Object.fromEntries(entries) as Whole;
}

export function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce((value, key) => (value as Readonly<Record<string, unknown>>)[key], whole);
}

function another(figure: unknown): unknown {
  if (typeof figure === "number") return figure + 1_000;
  return new Date(Date.parse(String(figure)) - 67 * MINUTE_MS).toISOString();
}

function isMoment(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/u.test(text);
}
