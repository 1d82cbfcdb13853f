/** One of each thing, as the description of the API shows it. */
import type { HistoryView } from "../../../durable/rules/history-views.ts";
import type {
  OverrideView,
  ScheduleView,
  TargetView,
} from "../../../durable/rules/target-views.ts";
import type { CostView } from "../../../durable/rules/cost-views.ts";
import type { DoctorReport } from "../../doctor/report.ts";
import type { Foretold } from "../schemas/history.ts";
import type { AskedView } from "../../../durable/rules/dry-run-views.ts";
import type {
  EventView,
  InstanceView,
  LeaseView,
  PauseView,
} from "../../../durable/rules/views.ts";

export const TARGET: TargetView = {
  spares: 10,
  source: "tag",
  expression: "10",
  reason: null,
  until: null,
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

export const PAUSE: PauseView = {
  what: "retire",
  since: "2026-11-22T09:58:00.000Z",
  until: "2026-11-22T10:08:00.000Z",
  reason: "deploy",
  actor: "token:olga",
};

const ADDRESSES = { public: "203.0.113.7", private: "172.26.3.7", ipv6: null };

const ASKED: AskedView = {
  by: "spec",
  port: 8080,
  path: "/health",
  sessionsPointer: "/sessions",
  header: null,
  host: null,
  drain: false,
};

export const INSTANCE: InstanceView = {
  name: "media-ab12-1",
  phase: "ready",
  step: null,
  attempts: 0,
  nextAttemptAt: null,
  lastError: null,
  occupancy: "idle",
  sessions: 0,
  capacity: 1,
  asked: ASKED,
  leased: 0,
  addresses: ADDRESSES,
  zone: "ap-northeast-2a",
  arn: "arn:aws:lightsail:ap-northeast-2:123456789012:Instance/7f3a",
  createdAt: "2026-11-22T08:01:00.000Z",
  readyAt: "2026-11-22T08:03:10.000Z",
  idleSince: "2026-11-22T08:03:10.000Z",
  busySince: null,
  lastReadingAt: "2026-11-22T10:00:04.000Z",
  idleReadings: ["2026-11-22T09:59:59.000Z", "2026-11-22T10:00:04.000Z"],
  paidUntil: "2026-11-22T11:01:00.000Z",
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

export const EVENT: EventView = {
  id: 41,
  at: "2026-11-22T08:01:00.000Z",
  kind: "launch",
  instance: "media-ab12-1",
  actor: "fleet",
  message: "launch media-ab12-1: spares 9 < target 10",
  data: { spares: 9, target: 10 },
  hash: "9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de",
};

export const LEASE: LeaseView = {
  id: "3f9a1c07be42",
  key: "room-42",
  instance: "media-ab12-1",
  zone: "ap-northeast-2a",
  addresses: ADDRESSES,
  phase: "ready",
  state: "held",
  actor: "token:dan",
  givenAt: "2026-11-22T10:00:00.000Z",
  usedAt: null,
  expiresAt: "2026-11-22T10:01:00.000Z",
};

export const OVERRIDE: OverrideView = {
  id: "3f9a1c",
  expression: "20",
  from: "2026-11-23T10:00:00.000Z",
  until: "2026-11-23T14:00:00.000Z",
  reason: "concert",
  actor: "token:olga",
  rules: false,
};

export const SCHEDULE: ScheduleView = {
  leadSeconds: 180,
  leadMeasuredOn: 42,
  ruling: null,
  tagWritePending: false,
  boundaries: [
    {
      at: "2026-11-23T00:00:00.000Z",
      local: "2026-11-23T09:00:00+09:00",
      weekday: "Mon",
      timezone: "Asia/Seoul",
      source: "schedule",
      name: "weekday morning",
      edge: "begins",
      expression: "20",
      spares: 20,
      launchFrom: "2026-11-22T23:57:00.000Z",
      usdPerDay: 19.2,
      dst: null,
      clockChanges: false,
    },
  ],
  more: false,
  overrides: [OVERRIDE],
};

export const HISTORY: HistoryView = {
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
      usdPerHour: 0.45,
    },
  ],
  marks: [
    {
      kind: "override",
      name: "20",
      note: "target 20 until 2026-11-22T10:00:00.000Z: concert",
      from: "2026-11-22T08:00:00.000Z",
      until: "2026-11-22T10:00:00.000Z",
    },
  ],
  today: { since: "2026-11-21T15:00:00.000Z", usd: 4.2 },
};

export const DOCTOR_REPORT: DoctorReport = {
  fleet: "media",
  region: "ap-northeast-2",
  checkedAt: "2026-11-22T10:00:00.000Z",
  durationMs: 640,
  verdict: "fail",
  summary: "To be put right: keyPair. Not checked: probe.",
  checks: [
    { name: "key", status: "ok", what: "AWS accepts the key.", fix: null },
    {
      name: "keyPair",
      status: "fail",
      what: "ap-northeast-2 has no key pair ops.",
      fix: "Make it in the Lightsail console, or set `keyPair` to one that is there.",
    },
    {
      name: "probe",
      status: "skipped",
      what: "No server of the fleet is running yet, so that none can be asked.",
      fix: null,
    },
  ],
};

export const COST: CostView = {
  fleet: "media",
  month: "2026-11",
  from: "2026-11-01T00:00:00.000Z",
  until: "2026-11-22T10:00:00.000Z",
  knownSince: null,
  hours: 240.5,
  billedHours: 241,
  usd: 7.77,
  projectedUsd: 14.2,
  ec2: { hourlyUsd: 0.0554, usd: 13.32 },
  fixedFleet: { servers: 2, at: "2026-11-12T09:30:00.000Z", usd: 33.1 },
  instances: [
    {
      name: "media-ab12-1",
      bundle: "medium_3_0",
      from: "2026-11-12T09:30:00.000Z",
      until: null,
      hours: 240.5,
      billedHours: 241,
      usd: 7.77,
    },
  ],
  omitted: null,
};

export const DRY_RUN: Foretold = {
  created: false,
  changes: true,
  firstTick: {
    decision: "launch 2: spares 8 < target 10, launching 0",
    launch: 2,
    retire: 0,
    adopt: 0,
    blockers: [],
    unseen: null,
  },
  replaces: 3,
  asked: [{ servers: 3, ...ASKED, by: "built" }],
  closesPorts: ["tcp 22"],
  warnings: [],
  target: TARGET,
  usdPerMonth: 480,
  schedule: SCHEDULE,
  doctor: DOCTOR_REPORT,
};
