/** Each figure of the status, of the history and of the messages is counted from what it says: of a fleet in which no two are alike. */
import { expect, test } from "vitest";
import { Meters } from "../../durable/meters.ts";
import { readingsOf } from "../../durable/readings.ts";
import { statusOf } from "../../durable/report.ts";
import { bulletinsOf } from "../../durable/rules/alerts.ts";
import type { Bundle, Instance } from "../../durable/rules/model.ts";
import { sampleOf } from "../../durable/rules/sample.ts";
import type { State } from "../../durable/rules/state.ts";
import { troublesOf } from "../../durable/rules/troubles.ts";
import { messageOf } from "../../worker/notify/message.ts";
import {
  A_MONTH,
  aLease,
  aRow,
  aState,
  aTarget,
  freshFor,
  idleFreshness,
  leased,
  MEDIUM,
  MINUTE_MS,
  NOW,
} from "./rules/builders.ts";

const HOUR_MS = 60 * MINUTE_MS;
const LARGE: Bundle = { id: "large_3_0", usdPerMonth: 74.4, vcpus: 5 };
const CAPACITY = 9;
const LEASES = 8;
let made = 0;

/** So many rows alike; those of a bundle of another price are as old as the others. */
function rows(count: number, changes: Partial<Instance>): Instance[] {
  return Array.from({ length: count }, () => {
    const name = `media-k3-${++made}`;
    return aRow({ name, arn: `arn:${name}`, ...changes });
  });
}

const OUTDATED = { template: "an older one" };
const BUSY = { occupancy: "busy", busySince: NOW - 5 * MINUTE_MS } as const;
const IDLE = rows(8, {});
const BUSY_ROWS = [
  ...rows(11, { ...BUSY, sessions: 1 }),
  ...rows(2, { ...BUSY, sessions: 5, ...OUTDATED, createdAt: NOW - 3 * HOUR_MS }),
];
const UNKNOWN = rows(4, { ...BUSY, sessions: 3 });
const LAUNCHING = rows(5, { phase: "warming", readyAt: null, occupancy: "unknown" });
const DRAINING = rows(6, { phase: "draining", cordonedAt: NOW - MINUTE_MS, bundle: LARGE.id });
const DELETING = rows(7, { phase: "deleting", deletingAt: NOW - MINUTE_MS });
const LOST = rows(10, { phase: "lost" });
const PROTECTED = rows(1, { ...OUTDATED, protectedBy: "olga", protectedSince: NOW - MINUTE_MS });

const ROWS = [
  ...IDLE,
  ...BUSY_ROWS,
  ...UNKNOWN,
  ...LAUNCHING,
  ...DRAINING,
  ...DELETING,
  ...LOST,
  ...PROTECTED,
];

function unlike(changes: Parameters<typeof aState>[0] = {}): State {
  const [first] = IDLE;
  const silent = new Map(
    UNKNOWN.map(({ name }) => [name, { ...idleFreshness(1, NOW - HOUR_MS), askedAt: NOW }]),
  );
  const leases = Array.from({ length: LEASES }, (_, index) =>
    aLease({ id: `${index}`, instance: first?.name ?? "", givenAt: NOW - MINUTE_MS }),
  );
  return aState({
    rows: ROWS,
    memory: { freshness: new Map([...freshFor(...ROWS).freshness, ...silent]) },
    bundles: new Map([MEDIUM, LARGE].map((bundle) => [bundle.id, bundle])),
    spentOnGone: 100,
    ...leased(...leases),
    spec: {
      spares: { default: "41" },
      health: { capacity: CAPACITY },
      limits: { maxMonthlyUsd: 3_456.78, maxVcpus: 345, unknownShareMax: 0.9 },
    },
    ...changes,
  });
}

const NOTHING = { guards: [], alerts: [], lastTick: null, notifyTrouble: null };
/** Of all rows but one kind, each an hour less a minute old; two are three hours old. */
const LIVED_HOURS = 59 / 60;
const LEFT_HOURS = (A_MONTH.endsAt - NOW) / HOUR_MS;

function usd(hoursOfMedium: number, hoursOfLarge: number): number {
  return (hoursOfMedium * MEDIUM.usdPerMonth + hoursOfLarge * LARGE.usdPerMonth) / 744;
}

test("the status counts each server where it belongs, and its money by its own price", () => {
  const status = statusOf(unlike(), NOTHING);

  expect(status.counts).toEqual({
    idle: 9,
    busy: 13,
    unknown: 4,
    launching: 5,
    draining: 6,
    deleting: 7,
    total: 44,
  });
  // One of the idle servers is leased, and the busy ones have room left.
  expect(status.spares).toBe(9 * CAPACITY - LEASES + 11 * (CAPACITY - 1) + 2 * (CAPACITY - 5));
  expect(status.sessions).toBe(11 + 2 * 5 + 4 * 3);
  expect(status.leased).toBe(LEASES);
  expect(status.target.spares).toBe(41);
  expect(status.vcpus).toEqual({ used: 48 * 2 + 6 * 5, limit: 345 });
  const spent = 100 + usd(46 * LIVED_HOURS + 2 * 3, 6 * LIVED_HOURS);
  const rest = usd(48 * LEFT_HOURS, 6 * LEFT_HOURS);
  expect(status.spend.spentUsd).toBeCloseTo(spent, 2);
  expect(status.spend.committedUsd).toBeCloseTo(spent + rest, 2);
  expect(status.spend.capUsd).toBe(3_456.78);
  expect(status.rollout).toEqual({
    stage: "replacing",
    outdated: 3,
    waitingForBusy: 2,
    protected: 1,
    oldestSince: new Date(NOW - 3 * HOUR_MS).toISOString(),
  });
});

test("a sample of the history and the readings of the metrics count the same", () => {
  const state = unlike();

  const { counts, spares, sessions } = statusOf(state, NOTHING);
  const { busy, unknown, launching, draining } = counts;
  // What is lost may be billed, and nobody knows.
  const usdPerHour = usd(38, 6);
  const sample = sampleOf(state, 41);
  expect(sample).toEqual({
    at: NOW,
    spares,
    target: 41,
    busy,
    unknown,
    launching,
    draining,
    sessions,
    usdPerHour: sample.usdPerHour,
  });
  expect(sample.usdPerHour).toBeCloseTo(usdPerHour, 9);
  const account = { isReached: true, fleets: 1, exchanges: {} };
  expect(readingsOf(state, new Meters(), account).instances).toEqual({
    "ready idle": 9,
    "ready busy": 13,
    "ready unknown": 4,
    "warming unknown": 5,
    "draining idle": 6,
    "deleting idle": 7,
    "lost idle": 10,
  });
});

/** As it reads in Slack. */
function told(state: State, kind: string, target = 41): string {
  const found = troublesOf(state, aTarget(target), [], []);
  const { bulletins } = bulletinsOf(state, [], found, []);
  const bulletin = bulletins.find((each) => each.kind === kind);
  if (bulletin === undefined) throw new Error(`nobody was told of ${kind}`);
  return messageOf([bulletin], { publicUrl: null, secrets: [], now: NOW }).text;
}

test("people in Slack read the sessions, servers and target of a fleet without spares", () => {
  const state = unlike({
    rows: ROWS.filter((row) => !IDLE.includes(row) && !PROTECTED.includes(row)),
  });
  const none = {
    ...state,
    spec: { ...state.spec, health: { ...state.spec.health, capacity: 1 } },
  };

  expect(told(none, "noSpares")).toBe(
    "<!channel>\nmedia: New sessions cannot start: no spare is left. 33 sessions are on 13 busy servers, 4 servers are silent; the target is 41 spares.",
  );
});

test("people in Slack read what is spent, of which limit, and what is committed", () => {
  const state = unlike({ spentOnGone: 2_000 });
  const [spent, committed] = [
    2_000 + usd(46 * LIVED_HOURS + 2 * 3, 6 * LIVED_HOURS),

    2_000 + usd(46 * LIVED_HOURS + 2 * 3 + 48 * LEFT_HOURS, 6 * (LIVED_HOURS + LEFT_HOURS)),
  ];
  const dollars = (amount: number): string => `$${Math.round(amount).toLocaleString("en-US")}`;

  expect(told(state, "spend")).toBe(
    `media: ${Math.floor((spent / 3_456.78) * 100)} % of the month's limit is spent: ${dollars(spent)} of $3,457. What runs now would come to ${dollars(committed)} by the end of the month.`,
  );
});
