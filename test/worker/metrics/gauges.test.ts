/** Each metric is drawn from the figure that it is named for: of a fleet in which no two of them are the same. */
import { expect, test } from "vitest";
import { familiesOf } from "../../../worker/metrics/families.ts";
import { readings, status } from "../api/views.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z");
const SECOND_MS = 1_000;

const TOLD = {
  status: {
    ...status("media"),
    spares: 11,
    sessions: 12,
    leased: 13,
    target: { ...status("media").target, spares: 14 },
    counts: {
      idle: 15,
      busy: 16,
      unknown: 17,
      launching: 18,
      waiting: 6,
      draining: 19,
      deleting: 20,
      total: 21,
    },
    paused: [
      { what: "rollout", since: "", until: null, reason: "", actor: "olga" },
      { what: "retire", since: "", until: null, reason: "", actor: "olga" },
    ] as const,
    spend: { spentUsd: 22.5, committedUsd: 23.5, capUsd: 24.5, priced: true },
    vcpus: { used: 25, limit: 26 },
    rollout: {
      stage: "replacing",
      outdated: 27,
      waitingForBusy: 28,
      protected: 29,
      oldestSince: "2026-11-20T09:00:00.000Z",
    } as const,
    eyes: {
      intervalSeconds: 30,
      probeSeconds: 0.031,
      waiting: 32,
      listedAt: "2026-11-22T09:59:54.000Z",
      shards: 33,
    },
    lastTick: {
      number: 34,
      at: new Date(NOW - 35 * SECOND_MS).toISOString(),
      durationMs: 36,
      decision: "none",
      error: null,
    },
  },
  readings: {
    ...readings(),
    instancesMax: 37,
    lanes: { create: { bucket: "all", ratePerSecond: 0.38, tokens: 39 } },
    account: { isReached: true, fleets: 40, exchanges: { answered: 41, failed: 42 } },
    holds: [{ guard: "quota", subject: "", until: NOW + 43 * SECOND_MS }],
    failedBoots: { inRow: 44, limit: 45 },
    leadSeconds: 46,
  } as const,
};

const EXPECTED: Readonly<Record<string, number>> = {
  spares: 11,
  sessions: 12,
  target_spares: 14,
  spend_spent_usd: 22.5,
  spend_committed_usd: 23.5,
  spend_cap_usd: 24.5,
  vcpus: 25,
  vcpus_max: 26,
  outdated_instances: 27,
  strangers: 1,
  probe_interval_seconds: 30,
  probe_answer_seconds: 0.031,
  probes_waiting: 32,
  listed_timestamp_seconds: Date.parse("2026-11-22T09:59:54.000Z") / 1_000,
  probe_shards: 33,
  last_good_tick_age_seconds: 35,
  instances_max: 37,
  lane_calls_per_second: 0.38,
  lane_tokens: 39,
  account_fleets: 40,
  hold_until_timestamp_seconds: NOW / SECOND_MS + 43,
  failed_boots: 44,
  failed_boots_max: 45,
  lead_seconds: 46,
};

const FAMILIES = new Map(
  familiesOf([TOLD], [], NOW).map(({ name, samples }) => [
    name.replace("lightfleet_", ""),
    samples,
  ]),
);

test.each(Object.entries(EXPECTED))("%s is %d", (name, value) => {
  expect(FAMILIES.get(name)?.map((sample) => sample.value)).toEqual([value]);
});

test("paused is 1 of each that is paused, and 0 of all others that can be", () => {
  const paused = FAMILIES.get("paused")?.map(({ labels, value }) => [labels["what"], value]);

  expect(Object.fromEntries(paused ?? [])).toEqual({
    launch: 0,
    retire: 1,
    schedule: 0,
    rollout: 1,
  });
});

test("instances are told by phase and occupancy, each with its own number", () => {
  const there = FAMILIES.get("instances")?.filter(({ value }) => value > 0);

  expect(there?.map(({ labels, value }) => [labels["phase"], labels["occupancy"], value])).toEqual([
    ["warming", "unknown", 1],
    ["ready", "idle", 9],
    ["ready", "busy", 4],
  ]);
});
