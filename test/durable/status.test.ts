/** The status as people read it: of a fleet in which no two numbers are the same. */
import { describe, expect, it } from "vitest";
import { statusOf, type Standing } from "../../durable/report.ts";
import type { BindingGuard } from "../../durable/rules/binding.ts";
import type { OpenAlert } from "../../durable/rules/bulletins.ts";
import type { Instance, Pause } from "../../durable/rules/model.ts";
import type { State } from "../../durable/rules/state.ts";
import type { Status } from "../../durable/rules/views.ts";
import {
  aHold,
  aLease,
  aPlanned,
  aRow,
  aState,
  freshFor,
  leased,
  MINUTE_MS,
  NOW,
} from "./rules/builders.ts";

const CAPACITY = 10;

let named = 0;
function rows(count: number, overrides: Partial<Instance> = {}): Instance[] {
  return Array.from({ length: count }, () => {
    const name = `media-k3-${(named += 1)}`;
    return aRow({ name, arn: `arn:${name}`, ...overrides });
  });
}

function statusFor(state: State, standing: Partial<Standing> = {}): Status {
  const nothing = { guards: [], alerts: [], lastTick: null, notifyTrouble: null };
  return statusOf(state, { ...nothing, ...standing });
}

function aPause(overrides: Partial<Pause>): Pause {
  return {
    what: "launch",
    since: NOW - MINUTE_MS,
    until: null,
    reason: "look",
    actor: "olga",
    ...overrides,
  };
}

describe("the numbers of a status", () => {
  /** 9 idle, 8 busy with 3 sessions each, 7 silent, 4 launching, 2 waiting, 4 draining, 3 deleting, 2 lost. */
  function aMixedFleet(): State {
    const busy = { occupancy: "busy", sessions: 3, idleSince: null } as const;
    const heard = [...rows(9), ...rows(8, busy)];
    const [first, second] = heard;
    const others = [
      ...rows(7),
      ...rows(4, { phase: "starting", step: "address" }),
      ...Array.from({ length: 2 }, () => aPlanned({ name: `media-k3-${(named += 1)}` })),
      ...rows(4, { phase: "draining", drainReason: "surplus", cordonedAt: NOW }),
      ...rows(3, { phase: "deleting", step: "delete", deletingAt: NOW }),
      ...rows(2, { phase: "lost" }),
    ];
    return aState({
      spec: {
        spares: { default: "200" },
        health: { capacity: CAPACITY },
        limits: { maxMonthlyUsd: 5_000, maxVcpus: 500 },
      },
      rows: [...heard, ...others],
      memory: freshFor(...heard),
      ...leased(
        aLease({ id: "one", instance: first?.name ?? "" }),
        aLease({ id: "two", instance: first?.name ?? "" }),
        aLease({ id: "three", instance: second?.name ?? "" }),
        aLease({ id: "four", instance: second?.name ?? "" }),
        aLease({ id: "five", instance: second?.name ?? "" }),
      ),
    });
  }

  it("are each the one that its name says, and the lost are in no count", () => {
    const status = statusFor(aMixedFleet());

    expect(status.counts).toEqual({
      idle: 9,
      busy: 8,
      unknown: 7,
      launching: 4,
      waiting: 2,
      draining: 4,
      deleting: 3,
      total: 37,
    });
    const { spares, sessions, leased, target, spend, vcpus } = status;
    expect({ spares, sessions, leased }).toEqual({ spares: 141, sessions: 24, leased: 5 });
    expect(target).toMatchObject({ spares: 200, source: "default", expression: "200" });
    expect(spend.capUsd).toBe(5_000);
    expect(vcpus.limit).toBe(500);
  });

  it("of a rollout count a busy server that waits, and not a protected one, which stays", () => {
    const busy = { template: "older", occupancy: "busy", sessions: 1, idleSince: null } as const;
    const old = [
      ...rows(4, { template: "older" }),
      ...rows(2, busy),
      ...rows(3, { ...busy, protectedBy: "olga", protectedSince: NOW }),
    ];

    const { rollout } = statusFor(aState({ rows: old, memory: freshFor(...old) }));

    expect(rollout).toMatchObject({ outdated: 9, waitingForBusy: 2, protected: 3 });
  });
});

describe("a fleet is converged", () => {
  const heard = rows(2);
  const converged = (more: readonly Instance[], spares = "2"): boolean =>
    statusFor(
      aState({
        spec: { spares: { default: spares } },
        rows: [...heard, ...more],
        memory: freshFor(...heard),
      }),
    ).converged;

  it("with as many spares as are wanted, nothing under way and everybody heard of", () => {
    expect(converged([])).toBe(true);
    expect(converged(rows(1, { phase: "lost" }))).toBe(true);
  });

  it.each([
    ["a server is silent", rows(1), "2"],
    ["one is launched", rows(1, { phase: "warming" }), "2"],
    ["one is deleted", rows(1, { phase: "deleting" }), "2"],
    ["a spare is missing", [], "3"],
  ] as const)("and is not where %s", (_, more, spares) => {
    expect(converged(more, spares)).toBe(false);
  });
});

describe("what holds a fleet back", () => {
  const guard: BindingGuard = {
    guard: "maxInstances",
    value: 7,
    limit: 9,
    since: NOW - MINUTE_MS,
    retryAt: NOW + MINUTE_MS,
    fix: "raise it",
  };
  const alert: OpenAlert = {
    kind: "noSpares",
    subject: "",
    since: NOW - 2 * MINUTE_MS,
    severity: "page",
    what: "no spare is left",
    canDo: "look",
    awaySince: null,
  };

  it("is shown with its number, its limit and its moments", () => {
    const { blockers } = statusFor(aState(), { guards: [guard] });

    expect(blockers).toEqual([
      {
        guard: "maxInstances",
        value: 7,
        limit: 9,
        since: new Date(NOW - MINUTE_MS).toISOString(),
        retryAt: new Date(NOW + MINUTE_MS).toISOString(),
        fix: "raise it",
      },
    ]);
  });

  it("is a pause until its end, and not a moment longer", () => {
    const pauses = [
      aPause({ what: "launch", until: NOW + 1 }),
      aPause({ what: "retire", until: NOW }),
      aPause({ what: "rollout" }),
    ];

    const { paused } = statusFor(aState({ pauses }));

    expect(paused.map(({ what }) => what)).toEqual(["launch", "rollout"]);
    expect(paused[0]?.until).toBe(new Date(NOW + 1).toISOString());
  });

  it("is told as an alert once it has lasted, and not before", () => {
    const young: OpenAlert = { ...alert, kind: "lost", severity: null };

    const { alerts } = statusFor(aState({ holds: [aHold("quota")] }), { alerts: [young, alert] });

    expect(alerts).toEqual([
      {
        kind: "noSpares",
        subject: "",
        severity: "page",
        since: new Date(NOW - 2 * MINUTE_MS).toISOString(),
        what: "no spare is left",
        canDo: "look",
      },
    ]);
  });
});
