/**
 * Each sample of `/metrics` is the figure that its name and its labels say: of a fleet in which no two are alike.
 */
import { describe, expect, it } from "vitest";
import { LANES } from "../../../durable/rules/budget.ts";
import { SEVERITIES } from "../../../durable/rules/bulletins.ts";
import type { Occupancy } from "../../../durable/rules/model.ts";
import type { Counters, Readings } from "../../../durable/rules/readings.ts";
import type { AlertKind } from "../../../durable/rules/spec.ts";
import { PHASES } from "../../../durable/rules/transition.ts";
import type { Labels } from "../../../worker/metrics/exposition.ts";
import { familiesOf } from "../../../worker/metrics/families.ts";
import { GUARDS_BY_WEIGHT } from "../../../durable/rules/guard-order.ts";
import { changedAt, figuresIn, NOW, UNLIKE, valueAt } from "../unlike.ts";

let last = 10_000;
const next = (): number => ++last;

/** A number of its own for each key; two lists give keys of two words. */
function counted<Key extends string>(first: readonly string[], second?: readonly string[]) {
  const keys =
    second === undefined ? first : first.flatMap((one) => second.map((two) => `${one} ${two}`));
  return Object.fromEntries(keys.map((key) => [key, next()])) as Readonly<Record<Key, number>>;
}

const OCCUPANCIES: readonly Occupancy[] = ["idle", "busy", "unknown"];
const ACTIONS = ["create", "ports", "tags", "drain", "delete", "targetTag"];
const OUTCOMES = ["done", "rejected", "throttled", "unsent", "unknown"];
const EVENT_KINDS = ["adopted", "bootFailed", "created", "deleted", "forced", "launch", "lost"];
const PARTS = ["begin", "observe", "plan", "act", "settle"] as const;
const ALERTS: readonly [AlertKind, "page" | "tell", number][] = [
  ["stranger", "tell", 2],
  ["guard", "page", 3],
];

const COUNTERS: Counters = {
  failedTicks: next(),
  ticks: {
    count: next(),
    seconds: next(),
    atMost: [0.1, 1, 20].map((seconds) => ({ seconds, count: next() })),
  },
  parts: Object.fromEntries(
    PARTS.map((part) => [part, { count: next(), seconds: next() }]),
  ) as Counters["parts"],
  calls: counted(LANES, ["admitted", "throttled"]),
  commands: counted(ACTIONS, OUTCOMES),
  listings: counted(["complete", "partial"]),
  probes: counted(["answer", "hole"]),
  launches: counted(["spares", "schedule", "rollout"]),
  deletes: counted(["surplus", "replace", "operator", "fleet", "bootFailed", "forced"]),
  guards: counted(GUARDS_BY_WEIGHT),
  events: counted(EVENT_KINDS),
};

const READINGS: Readings = {
  instances: counted(
    PHASES.filter((phase) => phase !== "gone"),
    OCCUPANCIES,
  ),
  instancesMax: next(),
  lanes: Object.fromEntries(
    LANES.map((lane) => [lane, { bucket: lane, ratePerSecond: next(), tokens: next() }]),
  ),
  account: { isReached: true, fleets: next(), exchanges: counted(["answered", "failed"]) },
  holds: [
    { guard: "quota", subject: "", until: NOW + 61_000 },
    { guard: "zoneCapacity", subject: "ap-northeast-2a", until: NOW + 62_000 },
  ],
  failedBoots: { inRow: next(), limit: next() },
  leadSeconds: next(),
  counters: COUNTERS,
};

const [AN_ALERT] = UNLIKE.alerts;
const STATUS = {
  ...UNLIKE,
  alerts: ALERTS.flatMap(([kind, severity, count]) =>
    Array.from({ length: count }, (_, index) => ({
      ...(AN_ALERT ?? fail()),
      kind,
      severity,
      subject: `${index}`,
    })),
  ),
};

function fail(): never {
  throw new Error("the fleet has it");
}

type Source = (labels: Labels) => number | undefined;

/** What each family shows, by its labels. */
function sourcesOf(status: typeof STATUS, readings: Readings): Readonly<Record<string, Source>> {
  const { counts: _counts, spend, vcpus, eyes, target, rollout, lastTick } = status;
  const { counters } = readings;
  const of = (table: object, ...keys: readonly (string | undefined)[]): number =>
    (table as Readonly<Record<string, number>>)[keys.join(" ")] ?? 0;
  const flag = (isTrue: boolean): number => (isTrue ? 1 : 0);
  return {
    fleet_up: () => 1,
    fleet_info: ({ region, mode }) => flag(region === "ap-northeast-2" && mode === "active"),
    removing: () => 0,
    converged: () => 0,
    paused: ({ what }) => flag(what === "rollout"),
    instances: ({ phase, occupancy }) => of(readings.instances, phase, occupancy),
    instances_max: () => readings.instancesMax,
    spares: () => status.spares,
    sessions: () => status.sessions,
    outdated_instances: () => rollout?.outdated,
    strangers: () => 6,
    unread_instances: () => 1,
    probe_interval_seconds: () => eyes.intervalSeconds,
    probe_answer_seconds: () => eyes.probeSeconds ?? undefined,
    probes_waiting: () => eyes.waiting,
    listed_timestamp_seconds: () => Date.parse(eyes.listedAt ?? "") / 1_000,
    probe_shards: () => eyes.shards,
    target_spares: () => target.spares,
    target_source_spares: ({ source }) =>
      target.chain.find((link) => link.source === source)?.spares ?? undefined,
    target_source_rules: ({ source }) => flag(source === "override"),
    lead_seconds: () => readings.leadSeconds,
    last_good_tick_age_seconds: () => (NOW - Date.parse(lastTick?.at ?? "")) / 1000,
    verdict: ({ verdict }) => flag(verdict === "heldBack"),
    leased_slots: () => status.leased,
    guard_binding: ({ guard }) => flag(guard === "maxInstances"),
    failed_boots: () => readings.failedBoots.inRow,
    failed_boots_max: () => readings.failedBoots.limit,
    hold_until_timestamp_seconds: ({ guard, subject }) =>
      Math.trunc(
        (readings.holds.find((hold) => hold.guard === guard && hold.subject === subject)?.until ??
          0) / 1000,
      ),
    lane_calls_per_second: ({ lane }) =>
      LANES.filter((each) => each === lane).map((each) => readings.lanes[each]?.ratePerSecond)[0],
    lane_tokens: ({ lane, bucket }) =>
      LANES.filter((each) => each === lane && bucket === lane).map(
        (each) => readings.lanes[each]?.tokens,
      )[0],
    account_reached: () => 1,
    account_fleets: () => readings.account.fleets,
    alerts_open: ({ kind, severity }) =>
      ALERTS.find(([each]) => each === kind)?.[2] === undefined
        ? severity === SEVERITIES[kind as AlertKind]
          ? 0
          : undefined
        : ALERTS.find(([each, loud]) => each === kind && loud === severity)?.[2],
    notify_failing: () => 0,
    spend_spent_usd: () => spend.spentUsd,
    spend_committed_usd: () => spend.committedUsd,
    spend_cap_usd: () => spend.capUsd ?? undefined,
    vcpus: () => vcpus.used,
    vcpus_max: () => vcpus.limit ?? undefined,

    tick_seconds_bucket: ({ le }) =>
      le === "+Inf"
        ? counters.ticks.count
        : counters.ticks.atMost.find(({ seconds }) => seconds === Number(le))?.count,
    tick_seconds_sum: () => counters.ticks.seconds,
    tick_seconds_count: () => counters.ticks.count,
    tick_part_seconds_sum: ({ part }) =>
      PARTS.filter((each) => each === part).map((each) => counters.parts[each].seconds)[0],
    tick_part_seconds_count: ({ part }) =>
      PARTS.filter((each) => each === part).map((each) => counters.parts[each].count)[0],
    ticks: () => counters.ticks.count,
    ticks_failed: () => counters.failedTicks,
    launches: ({ reason }) => of(counters.launches, reason),
    deletes: ({ reason }) => of(counters.deletes, reason),
    aws_calls: ({ lane, outcome }) => of(counters.calls, lane, outcome),
    account_exchanges: ({ outcome }) => of(readings.account.exchanges, outcome),
    commands: ({ operation, outcome }) => of(counters.commands, operation, outcome),
    listings: ({ outcome }) => of(counters.listings, outcome),
    probes: ({ outcome }) => of(counters.probes, outcome),
    guard_bindings: ({ guard }) => of(counters.guards, guard),
    events: ({ kind }) => of(counters.events, kind),
  };
}

interface Shown {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

function samplesOf(status: typeof STATUS, readings: Readings): Shown[] {
  return familiesOf([{ status, readings }], [], NOW).flatMap(({ name, samples }) =>
    samples.map(({ suffix = "", labels, value }) => ({
      name: `${name.replace(/^lightfleet_/u, "")}${suffix}`,
      labels,
      value,
    })),
  );
}

/** Of the status, what no curve is drawn of: moments, and what the readings count in more detail. */
const NOT_MEASURED =
  /^(?:verdict\.staleAt|counts\..*|target\.(?:next\..*|until|chain\.\d\.(?:ageSeconds|until))|(?:paused|alerts|blockers)\..*|rollout\.(?:waitingForBusy|protected|oldestSince)|lastTick\.(?:number|durationMs))$/u;

describe("the metrics of a fleet of which no two figures are alike", () => {
  const samples = samplesOf(STATUS, READINGS);

  it("show each figure under its own name and labels", () => {
    const sources = sourcesOf(STATUS, READINGS);

    for (const { name, labels, value } of samples) {
      expect(labels["fleet"]).toBe("media");
      expect([name, labels, value]).toEqual([name, labels, sources[name]?.(labels)]);
    }
    expect(
      Object.keys(sources).filter((name) => !samples.some((each) => each.name === name)),
    ).toEqual([]);
  });

  it("show each once", () => {
    const keys = samples.map(({ name, labels }) => JSON.stringify([name, labels]));

    expect(new Set(keys).size).toBe(keys.length);
  });

  it("show every figure of the readings, and of the status all but what is no curve", () => {
    const before = JSON.stringify(samples);
    const missing = [
      ...figuresIn(STATUS)
        .filter((path) => JSON.stringify(samplesOf(changedAt(STATUS, path), READINGS)) === before)
        .map((path) => path.join("."))
        .filter((path) => !NOT_MEASURED.test(path)),
      ...figuresIn(READINGS)
        .filter((path) => JSON.stringify(samplesOf(STATUS, changedAt(READINGS, path))) === before)
        .map((path) => path.join(".")),
    ];

    expect(missing).toEqual([]);
  });

  it("stand on readings of which no two are alike", () => {
    // The bounds of a histogram are no figures of the fleet.
    const figures = figuresIn(READINGS).filter((path) => !path.join(".").includes("atMost"));
    const values = figures.map((path) => valueAt(READINGS, path));

    expect(new Set(values).size).toBe(values.length);
  });
});
