import { expect, test } from "vitest";
import { act } from "../../durable/operate-instance.ts";
import { lease } from "../../durable/operate-lease.ts";
import { remove } from "../../durable/operate.ts";
import type { InstanceAction } from "../../durable/rules/views.ts";
import { isRefusal } from "../aws/cloud/refusal.ts";
import { TEST_CREDENTIAL } from "../aws/wire/wire.ts";
import { specOf, startFleet, type VirtualFleet } from "./fleet.ts";

const REGION = "ap-northeast-2";

function billedNames(fleet: VirtualFleet): string[] {
  return fleet.cloud.list(REGION).map(({ instance }) => instance.name);
}

function rowNames(fleet: VirtualFleet): string[] {
  const live = fleet.engine().read(fleet.now());
  return live === null ? [] : [...live.state.instances.keys()];
}

function expectNothingHalfMade(fleet: VirtualFleet): void {
  for (const server of fleet.cloud.servers()) {
    expect(server.openPorts.map(({ fromPort }) => fromPort)).toEqual([8080]);
    expect(server.tags).toContainEqual({ key: "lightfleet:owner", value: "default/media" });
    expect(server.tags).toContainEqual({ key: "team", value: "media" });
  }
  expect(billedNames(fleet).toSorted()).toEqual(rowNames(fleet).toSorted());
}

/** An operator's action on one instance; a refused one fails the test. */
function operate(fleet: VirtualFleet, name: string, action: InstanceAction): void {
  const given = { now: fleet.now(), word: () => "w" };
  expect(act(fleet.engine(), name, action, { actor: "olga" }, given)).not.toHaveProperty("refused");
}

function eventsOf(fleet: VirtualFleet, kind: string): readonly unknown[] {
  return fleet.sql.rows("SELECT * FROM events WHERE kind = ?", kind);
}

function createByPerson(fleet: VirtualFleet, name: string, tags: Readonly<Record<string, string>>) {
  const made = fleet.cloud.createInstances(REGION, {
    names: [name],
    zone: `${REGION}a`,
    image: { blueprintId: "ubuntu_22_04" },
    bundleId: "medium_3_0",
    userData: "",
    keyPairName: null,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    ipAddressType: "dualstack",
  });
  if (isRefusal(made)) throw new Error("the embedded AWS refused it");
}

test("an empty account reaches ten spares", async () => {
  const fleet = startFleet();

  await fleet.run(60);

  expect(fleet.status()).toMatchObject({ spares: 10, converged: true, counts: { total: 10 } });
  expectNothingHalfMade(fleet);
});

test("a day of demand is served without a busy server deleted", async () => {
  const fleet = startFleet({ sessionsPerHour: 12 });

  await fleet.run(17_280);

  expect(fleet.demand.kills()).toEqual([]);
  expect(fleet.demand.counts().placed).toBeGreaterThan(100);
  expect(fleet.cloud.deletions().length).toBeGreaterThan(20);
  const { spares, counts } = fleet.status();
  expect(spares + counts.launching).toBeGreaterThanOrEqual(10);
  expect(new Set(fleet.cloud.everCreated().map(({ name }) => name)).size).toBe(
    fleet.cloud.everCreated().length,
  );
});

test("a bucket of five tokens at half a token a second does not keep the fleet from arriving", async () => {
  const fleet = startFleet({
    wire: { throttle: { shared: { capacity: 5, refillPerSecond: 0.5, refusedCost: 0 } } },
  });

  const rowless: string[] = [];
  await fleet.run(240, () => {
    const rows = new Set(rowNames(fleet));
    rowless.push(...billedNames(fleet).filter((name) => !rows.has(name)));
  });

  expect(rowless).toEqual([]);
  expect(fleet.status()).toMatchObject({ spares: 10, converged: true });
  expectNothingHalfMade(fleet);
});

test("a create whose reply was lost leaves exactly one instance, and it is taken over", async () => {
  const fleet = startFleet({ spec: { spares: { default: "1" } } });
  fleet.wire.faults.add(
    { op: "CreateInstances", times: 1, effect: { kind: "lost", when: "after" } },
    fleet.now(),
  );

  await fleet.run(60);

  expect(fleet.cloud.everCreated()).toHaveLength(1);
  expect(fleet.status()).toMatchObject({ spares: 1, converged: true, counts: { total: 1 } });
});

test("a throttle at any call of a provisioning delays it, and leaves nothing half-made", async () => {
  const calm = startFleet({ spec: { spares: { default: "2" } } });
  await calm.run(30);
  const calls = calm.wire.calls.list().length;
  expect(calls).toBeGreaterThan(5);

  for (let k = 0; k < calls; k++) {
    const fleet = startFleet({ spec: { spares: { default: "2" } } });
    fleet.wire.faults.add(
      {
        op: "*",
        skip: k,
        times: 1,
        effect: { kind: "error", when: "before", type: "ThrottlingException" },
      },
      fleet.now(),
    );

    await fleet.run(80);

    expect(fleet.status(), `throttled at call ${k}`).toMatchObject({ spares: 2, converged: true });
    expect(fleet.cloud.everCreated()).toHaveLength(2);
    expectNothingHalfMade(fleet);
  }
});

test("restarts after every tick of a launch end where a run without them ends", async () => {
  const fleet = startFleet();

  await fleet.run(40, () => fleet.restart());
  await fleet.run(20);

  expect(fleet.status()).toMatchObject({ spares: 10, counts: { total: 10 } });
  expect(fleet.cloud.everCreated()).toHaveLength(10);
});

test("two deployments in one account do not touch each other's servers", async () => {
  const production = startFleet({ spec: { spares: { default: "3" } } });
  await production.run(40);

  const staging = startFleet({
    beside: production,
    deployment: "staging",
    spec: { spares: { default: "0" } },
  });
  await staging.run(100);

  expect(rowNames(staging)).toEqual([]);
  expect(production.cloud.list(REGION)).toHaveLength(3);
});

test("no deployment calls the servers of another one nobody's", async () => {
  const production = startFleet({ deployment: "prod", spec: { spares: { default: "3" } } });
  await production.run(40);
  const staging = startFleet({
    beside: production,
    deployment: "staging",
    spec: { spares: { default: "2" } },
  });
  for (let ticks = 0; ticks < 60; ticks += 1) {
    await production.run(1);
    await staging.run(1);
  }

  for (const fleet of [production, staging]) {
    expect(fleet.status()).toMatchObject({ converged: true, strangers: [], alerts: [] });
    expect(eventsOf(fleet, "stranger")).toEqual([]);
  }
});

test.each([
  ["without an owner", {}],
  ["claimed for a fleet of this deployment", { "lightfleet:owner": "default/gone" }],
])("a server named like the fleet's and %s is told as a stranger", async (_what, tags) => {
  const fleet = startFleet({ spec: { spares: { default: "1" } } });
  await fleet.run(30);
  createByPerson(fleet, "media-zzzzzz-7", tags);

  await fleet.run(30);

  expect(fleet.status()).toMatchObject({
    strangers: [{ name: "media-zzzzzz-7" }],
    alerts: [{ kind: "stranger", subject: "media-zzzzzz-7" }],
  });
});

test("in observe mode the fleet says what it would do, and changes nothing", async () => {
  const fleet = startFleet({ spec: { mode: "observe" } });

  await fleet.run(20);

  expect(fleet.status().lastTick?.decision).toContain("would: launch 10");
  expect(fleet.cloud.everCreated()).toEqual([]);
});

test("an idle tick of thirty servers writes nothing to the ledger", async () => {
  const fleet = startFleet({ spec: { spares: { default: "30" } } });
  await fleet.run(80);
  fleet.sql.takeWrites();

  await fleet.run(30);

  expect(fleet.status()).toMatchObject({ spares: 30, converged: true });
  expect(fleet.sql.takeWrites()).toBe(0);
});

test("a lease that is held makes no idle tick write anything, and is swept once", async () => {
  const fleet = startFleet({ spec: { spares: { default: "3" } } });
  await fleet.run(60);
  const given = { now: fleet.now(), word: () => "w" };
  const wish = { count: 1, partial: false, key: null, ttlSeconds: 3_600, zone: null };
  lease(fleet.engine(), wish, { actor: "dan" }, given);
  await fleet.run(60);
  expect(fleet.status()).toMatchObject({ spares: 3, leased: 1, counts: { total: 4 } });
  fleet.sql.takeWrites();

  await fleet.run(100);
  expect(fleet.sql.takeWrites()).toBe(0);

  await fleet.run(600);
  expect(fleet.status()).toMatchObject({ spares: 3, leased: 0, counts: { total: 3 } });
});

test("a fleet rebuilt from nothing finds its servers by tag and deletes none of them", async () => {
  const lost = startFleet({ spec: { spares: { default: "4" } } });
  await lost.run(60);

  const rebuilt = startFleet({ beside: lost, spec: { spares: { default: "4" } } });
  await rebuilt.run(60);

  expect(rebuilt.cloud.deletions()).toEqual([]);
  expect(rebuilt.status()).toMatchObject({ spares: 4, counts: { total: 4 } });
});

test("an object that dies between plan and settle goes on where it was", async () => {
  const fleet = startFleet({ spec: { spares: { default: "3" } } });
  let deaths = 0;
  fleet.beforeAct(() => {
    if (++deaths > 2) return;
    fleet.restart();
    throw new Error("the object died");
  });

  await fleet.run(60);

  expect(deaths).toBeGreaterThan(2);
  expect(fleet.status()).toMatchObject({ spares: 3, converged: true, counts: { total: 3 } });
  expect(fleet.cloud.everCreated()).toHaveLength(3);
});

test("a vCPU quota that binds is told, and what fits is there", async () => {
  const fleet = startFleet({ cloud: { vcpuQuota: 8 } });

  await fleet.run(60);

  expect(fleet.status().spares).toBe(4);
  expect(fleet.status().blockers.map(({ guard }) => guard)).toContain("quota");
});

test("decisions of more than an hour ago do not pile up in memory", async () => {
  const fleet = startFleet({ spec: { spares: { default: "3" } } });

  await fleet.run(760);

  expect(fleet.cloud.everCreated()).toHaveLength(3);
  expect(fleet.engine().read(fleet.now())?.state.launchTimes).toEqual([]);
});

test("a fleet that is removed leaves nothing behind", async () => {
  const fleet = startFleet({ spec: { spares: { default: "3" } } });
  await fleet.run(40);
  remove(fleet.engine(), { force: false }, { actor: "test" }, { now: fleet.now(), word: () => "" });

  await fleet.run(60);

  expect(fleet.cloud.list(REGION)).toEqual([]);
  expect(fleet.engine().isForgotten).toBe(true);
});

test("a server that never boots is replaced after its time limit", async () => {
  const fleet = startFleet({ spec: { spares: { default: "2" } }, cloud: { pending: "accept" } });
  fleet.cloud.setNextBoots([{ kind: "never" }]);

  await fleet.run(140);

  expect(fleet.status()).toMatchObject({ spares: 2, counts: { total: 2 } });
  expect(fleet.cloud.everCreated()).toHaveLength(3);
  expect(fleet.cloud.deletions()).toHaveLength(1);
});

test("credentials that AWS refuses stop the changes, and heal by themselves", async () => {
  const fleet = startFleet({ spec: { spares: { default: "2" } } });
  const good = TEST_CREDENTIAL;
  fleet.wire.setCredentials([{ ...good, secretAccessKey: "another" }]);
  await fleet.run(10);
  expect(fleet.status().blockers.map(({ guard }) => guard)).toContain("credentials");

  fleet.wire.setCredentials([good]);
  await fleet.run(60);

  expect(fleet.status()).toMatchObject({ spares: 2, converged: true, blockers: [] });
});

test("an instance made by hand is adopted with our tags, and is left as it is", async () => {
  const fleet = startFleet({ spec: { spares: { default: "0" } } });
  fleet.cloud.createInstances(REGION, {
    names: ["by-hand"],
    zone: `${REGION}a`,
    image: { blueprintId: "ubuntu_22_04" },
    bundleId: "medium_3_0",
    userData: "",
    keyPairName: null,
    tags: [{ key: "whose", value: "operations" }],
    ipAddressType: "dualstack",
  });
  const before = fleet.cloud.instance("by-hand");
  await fleet.run(20);
  expect(rowNames(fleet)).toEqual([]);

  operate(fleet, "by-hand", { kind: "adopt", reason: "it was made in a hurry" });
  fleet.restart();
  await fleet.run(20);

  const after = fleet.cloud.instance("by-hand");
  expect(after?.firewall).toEqual(before?.firewall);
  expect(after?.tags).toContainEqual({ key: "whose", value: "operations" });
  expect(after?.tags).toContainEqual({ key: "lightfleet:owner", value: "default/media" });
  expect(fleet.engine().read(fleet.now())?.state).toMatchObject({ adoptions: [] });
  expect(fleet.engine().read(fleet.now())?.state.instances.get("by-hand")).toMatchObject({
    phase: "ready",
    adopted: true,
    protectedBy: "olga",
  });
});

test("servers that take part in draining are told to drain, and to come back", async () => {
  const drain = { path: "/lightfleet/{verb}", secretRef: "DRAIN_SECRET" };
  const spec = {
    health: { kind: "http", port: 8080, path: "/health", drain },
    retire: { billing: "none", idleForSeconds: 10, drainSeconds: 60 },
  };
  const fleet = startFleet({ spec: { ...spec, spares: { default: "2" } } });
  await fleet.run(40);
  fleet.apply(specOf({ ...spec, spares: { default: "1" } }));
  await fleet.run(6);
  const drained = [...(fleet.engine().read(fleet.now())?.state.instances.values() ?? [])].filter(
    ({ phase }) => phase === "draining",
  );
  expect(drained).toMatchObject([{ drainReason: "surplus", saysDraining: true }]);

  fleet.apply(specOf({ ...spec, spares: { default: "2" } }));
  await fleet.run(6);

  expect(fleet.status()).toMatchObject({ spares: 2, converged: true, counts: { total: 2 } });
  expect(fleet.cloud.everCreated()).toHaveLength(2);
});

test("what somebody changed by hand on a server is put right, and other people's tags stay", async () => {
  const fleet = startFleet({ spec: { spares: { default: "2" } } });
  await fleet.run(40);
  const [name = ""] = billedNames(fleet);
  fleet.cloud.openPort(REGION, name, { protocol: "tcp", fromPort: 22, toPort: 22 });
  fleet.cloud.untagResource(REGION, name, ["team"]);
  fleet.cloud.tagResource(REGION, name, [{ key: "whose", value: "operations" }]);

  await fleet.run(60);

  expectNothingHalfMade(fleet);
  expect(fleet.cloud.instance(name)?.tags).toContainEqual({ key: "whose", value: "operations" });
  const drifts = fleet.sql.rows("SELECT message FROM events WHERE kind = 'drift'");
  expect(drifts.map(({ message }) => message)).toEqual([
    `${name} is not as the spec says, and it is put right: its ports are 8080/tcp, 22/tcp, and the spec says 8080/tcp; its tags differ in team`,
  ]);
});

test("a media server that does not take the drain call is a blocker, with what it answered", async () => {
  const drain = { path: "/not-there/{verb}", secretRef: "DRAIN_SECRET" };
  const spec = {
    health: { kind: "http", port: 8080, path: "/health", drain },
    retire: { billing: "none", idleForSeconds: 10, drainSeconds: 60 },
  };
  const fleet = startFleet({ spec: { ...spec, spares: { default: "2" } } });
  await fleet.run(40);
  fleet.apply(specOf({ ...spec, spares: { default: "1" } }));

  await fleet.run(60);

  const { blockers, alerts, counts } = fleet.status();
  expect(blockers.map(({ guard }) => guard)).toEqual(["drainFailing"]);
  expect(blockers[0]?.fix).toContain("404");
  expect(alerts).toMatchObject([{ kind: "guard", subject: "drainFailing" }]);
  expect(counts).toMatchObject({ draining: 1, total: 2 });
});

test("another image replaces every server but the protected one, and no spare is missing", async () => {
  const fleet = startFleet({ spec: { spares: { default: "4" } } });
  await fleet.run(60);
  const [kept = ""] = billedNames(fleet);
  operate(fleet, kept, { kind: "protect", reason: "it is looked at" });
  fleet.apply(specOf({ spares: { default: "4" }, image: { blueprint: "ubuntu_24_04" } }));

  let spares = Number.POSITIVE_INFINITY;
  await fleet.run(400, () => {
    spares = Math.min(spares, fleet.status().spares);
  });

  expect(spares).toBeGreaterThanOrEqual(4);
  expect(fleet.cloud.deletions()).toHaveLength(3);
  expect(billedNames(fleet)).toContain(kept);
  expect(fleet.status()).toMatchObject({ spares: 4, counts: { total: 4 } });
  expect(fleet.status().rollout).toMatchObject({ outdated: 1, protected: 1 });
});

test("a month's cap lets through what it pays for, and says so", async () => {
  const fleet = startFleet({ spec: { limits: { maxInstances: 100, maxMonthlyUsd: 20 } } });

  await fleet.run(60);

  const { committedUsd, capUsd, priced } = fleet.status().spend;
  expect({ capUsd, priced }).toEqual({ capUsd: 20, priced: true });
  expect(committedUsd).toBeLessThanOrEqual(20);
  expect(fleet.status().spares).toBeGreaterThan(0);
  expect(fleet.status().blockers.map(({ guard }) => guard)).toContain("maxMonthlyUsd");
});
