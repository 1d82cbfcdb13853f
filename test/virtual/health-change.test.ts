/** What an operator sees who changes how servers are asked, in a fleet that runs. */
import { describe, expect, test } from "vitest";
import type { Status } from "../../durable/rules/views.ts";
import { differencesToTables } from "./reload.ts";
import {
  type Built,
  PROBE_KEY_OLD,
  type Options,
  PROBE_KEY,
  specOf,
  startFleet,
  type VirtualFleet,
} from "./fleet.ts";

const REGION = "ap-northeast-2";
const NEW_IMAGE = "#!/bin/sh\n# the second version\n";
const PORTS = [
  { protocol: "tcp", from: 8080, to: 8080 },
  { protocol: "tcp", from: 9090, to: 9090 },
];

const OLD_HEALTH = { port: 8080, path: "/health" };

interface Change {
  readonly what: string;
  /** In `health` of the new spec, and what else of it changes. */
  readonly health: object;
  readonly rest?: object;
  readonly before?: object;
  /** How the media servers of either image are built. */
  readonly old?: Built;
  readonly next: Built;
}

const CHANGES: readonly Change[] = [
  { what: "path", health: { path: "/v2/health" }, next: { path: "/v2/health" } },
  { what: "port", health: { port: 9090 }, rest: { ports: PORTS }, next: { port: 9090 } },
  {
    what: "port, which is all that its firewall opens",
    health: { port: 9090 },
    rest: { ports: [{ protocol: "tcp", from: 9090, to: 9090 }] },
    next: { port: 9090 },
  },
  {
    what: "pointer",
    health: { sessionsPointer: "/load" },
    next: { member: "load" },
  },
  {
    what: "header's secret",
    before: { header: { name: "X-Key", secretRef: "PROBE_KEY_OLD" } },
    health: { header: { name: "X-Key", secretRef: "PROBE_KEY" } },
    old: { requiredHeader: { name: "X-Key", value: PROBE_KEY_OLD } },
    next: { requiredHeader: { name: "X-Key", value: PROBE_KEY } },
  },
  {
    what: "drain call",
    health: { drain: { path: "/lightfleet/{verb}", secretRef: "DRAIN_SECRET" } },
    old: { takesPart: false },
    next: {},
  },
];

/** Four servers of the first image that answer, and what the fleet looked like in each tick after that. */
async function aRunningFleet(
  { before = {}, old = {}, next }: Pick<Change, "before" | "old" | "next">,
  options: Options = {},
): Promise<VirtualFleet> {
  const fleet = startFleet({
    ...options,
    spec: spec({ ...OLD_HEALTH, ...before }),
    built: ({ userData }) => (userData.includes("second") ? next : old),
  });
  await fleet.run(60);
  expect(fleet.status()).toMatchObject({ spares: 4, counts: { unknown: 0 } });
  return fleet;
}

function spec(health: object, rest: object = {}): Record<string, unknown> {
  return specOf({ spares: { default: "4" }, health, ...rest });
}

/** Runs, and tells what was the worst of it. */
async function watched(fleet: VirtualFleet, ticks: number, between = (): void => {}) {
  const seen: Status[] = [];
  await fleet.run(ticks, () => {
    seen.push(fleet.status());
    between();
  });
  return {
    sparesMin: Math.min(...seen.map(({ spares }) => spares)),
    unknownMax: Math.max(...seen.map(({ counts }) => counts.unknown)),
    alerts: seen.flatMap(({ alerts }) => alerts.map(({ kind }) => kind)),
  };
}

function createdNames(fleet: VirtualFleet): string[] {
  return fleet.cloud.everCreated().map(({ name }) => name);
}

function namesNow(fleet: VirtualFleet): string[] {
  return fleet.cloud.list(REGION).map(({ instance }) => instance.name);
}

function stateOf(fleet: VirtualFleet) {
  const live = fleet.engine().read(fleet.now());
  if (live === null) throw new Error("the fleet is gone");
  return live.state;
}

describe("an image and its health check change in one spec", () => {
  test.each(CHANGES)(
    "another $what: the rollout goes through, and no server is silent",
    async (change) => {
      const fleet = await aRunningFleet(change);
      const old = namesNow(fleet);

      fleet.apply(
        spec({ ...OLD_HEALTH, ...change.health }, { userData: NEW_IMAGE, ...change.rest }),
      );
      const { sparesMin, unknownMax, alerts } = await watched(fleet, 120);

      expect({ sparesMin, unknownMax, alerts }).toEqual({
        sparesMin: 4,
        unknownMax: 0,
        alerts: [],
      });
      expect(fleet.status()).toMatchObject({ spares: 4, rollout: null, converged: true });
      expect(namesNow(fleet).filter((name) => old.includes(name))).toEqual([]);
      expect(stateOf(fleet).checks.size).toBe(0);
      expect(differencesToTables(fleet.engine(), fleet.now())).toEqual([]);
    },
  );

  test("the object dies again and again in the middle, and the rollout goes through without an alert", async () => {
    const [change] = CHANGES;
    const fleet = await aRunningFleet(change ?? { next: {} });
    fleet.apply(spec({ ...OLD_HEALTH, path: "/v2/health" }, { userData: NEW_IMAGE }));
    let ticks = 0;

    const { alerts } = await watched(fleet, 160, () => {
      if (++ticks % 5 === 0) expect(differencesToTables(fleet.engine(), fleet.now())).toEqual([]);
      if (ticks % 25 === 0) fleet.restart();
    });

    expect(alerts).toEqual([]);
    expect(fleet.status()).toMatchObject({ spares: 4, rollout: null, counts: { total: 4 } });
    expect(createdNames(fleet).length).toBeLessThanOrEqual(8);
  });

  test("servers that were still booting are asked as they were built, and no boot fails", async () => {
    const fleet = startFleet({
      spec: spec(OLD_HEALTH),
      built: ({ userData }) => (userData.includes("second") ? { path: "/v2/health" } : {}),
    });
    await fleet.run(5);

    fleet.apply(spec({ ...OLD_HEALTH, path: "/v2/health" }, { userData: NEW_IMAGE }));
    await fleet.run(160);

    expect(stateOf(fleet).failedBoots).toBe(0);
    expect(createdNames(fleet).length).toBeLessThanOrEqual(8);
    expect(fleet.status()).toMatchObject({ spares: 4, rollout: null, converged: true });
  });

  test("the spec is put back in the middle, and both kinds of servers are heard", async () => {
    const fleet = await aRunningFleet({ next: { path: "/v2/health" } });
    fleet.apply(spec({ ...OLD_HEALTH, path: "/v2/health" }, { userData: NEW_IMAGE }));
    await fleet.run(40);

    fleet.apply(spec(OLD_HEALTH));
    const { sparesMin, unknownMax } = await watched(fleet, 120);

    expect({ sparesMin, unknownMax }).toEqual({ sparesMin: 4, unknownMax: 0 });
    expect(fleet.status()).toMatchObject({ spares: 4, rollout: null, converged: true });
    expect(stateOf(fleet).checks.size).toBe(0);
  });
});

describe("only the health check changes", () => {
  test("to one that the servers do not know: they are asked as they were built, and stay", async () => {
    const fleet = await aRunningFleet({ next: {} });
    const before = namesNow(fleet);

    fleet.apply(spec({ ...OLD_HEALTH, path: "/v2/health" }));
    const { sparesMin, unknownMax, alerts } = await watched(fleet, 60);

    expect({ sparesMin, unknownMax, alerts }).toEqual({ sparesMin: 4, unknownMax: 0, alerts: [] });
    expect(namesNow(fleet)).toEqual(before);
  });

  test("a path that was mistyped is corrected, and the servers that run are heard", async () => {
    const fleet = startFleet({ spec: spec({ ...OLD_HEALTH, path: "/helath" }) });
    await fleet.run(20);
    expect(fleet.status().spares).toBe(0);
    const before = namesNow(fleet);

    fleet.apply(spec(OLD_HEALTH));
    await fleet.run(10);

    expect(fleet.status()).toMatchObject({ spares: 4, converged: true });
    expect(namesNow(fleet)).toEqual(before);
    expect(stateOf(fleet).checks.size).toBe(0);
  });

  test("a server that was reconfigured in its place is heard again", async () => {
    let path = "/health";
    const fleet = startFleet({ spec: spec(OLD_HEALTH), built: () => ({ path }) });
    await fleet.run(60);
    path = "/v2/health";
    await fleet.run(10);
    expect(fleet.status().counts.unknown).toBe(4);

    fleet.apply(spec({ ...OLD_HEALTH, path }));
    await fleet.run(12);

    expect(fleet.status()).toMatchObject({ spares: 4, counts: { unknown: 0 } });
    expect(stateOf(fleet).checks.size).toBe(0);
  });
});
