import { describe, expect, test } from "vitest";
import { lease, renewLease } from "../../durable/operate-lease.ts";
import { book } from "../../durable/operate-target.ts";
import { pause, remove } from "../../durable/operate.ts";
import { specOf, startFleet, type VirtualFleet } from "./fleet.ts";
import { differencesToTables } from "./reload.ts";

const MINUTE_MS = 60_000;
const REGION = "ap-northeast-2";
const ASKED = { actor: "olga" };
const HOLDER = { ...ASKED, isOperator: false };
const DECEMBER = Date.UTC(2026, 11, 1);
const TICKS_PER_PHASE = 60;
const LIMITS = { maxInstances: 100, maxMonthlyUsd: 400 };

let words = 0;
function given(fleet: VirtualFleet) {
  return { now: fleet.now(), word: () => `w${fleet.now()}${words++}` };
}

/** Runs so many ticks, and compares after each plan and each settling. */
async function runCompared(fleet: VirtualFleet, ticks: number): Promise<string[]> {
  const found: string[] = [];
  const compare = (): void => {
    found.push(...differencesToTables(fleet.engine(), fleet.now()));
  };
  fleet.beforeAct(compare);
  await fleet.run(ticks, compare);
  return found;
}

/** @returns its id */
function leaseOne(fleet: VirtualFleet): string {
  const wish = { count: 1, partial: false, key: null, ttlSeconds: 120, zone: null };
  const leased = lease(fleet.engine(), wish, ASKED, given(fleet));
  if (!("leases" in leased)) throw new Error("no slot was given");
  return leased.leases[0]?.id ?? "";
}

describe("the memory of a living fleet equals its tables", () => {
  test("while it grows through throttles and a lost reply, serves, is changed and removed", async () => {
    const fleet = startFleet({
      sessionsPerHour: 60,
      spec: { spares: { default: "6" }, limits: LIMITS },
      wire: { throttle: { shared: { capacity: 5, refillPerSecond: 0.5, refusedCost: 0 } } },
    });
    fleet.wire.faults.add(
      { op: "CreateInstances", times: 1, effect: { kind: "lost", when: "after" } },
      fleet.now(),
    );
    const found = await runCompared(fleet, 2 * TICKS_PER_PHASE);

    for (const change of [{ ttlSeconds: 300 }, { ttlSeconds: 240, used: true }]) {
      const id = leaseOne(fleet);
      found.push(...differencesToTables(fleet.engine(), fleet.now()));
      renewLease(fleet.engine(), id, { used: false, ...change }, HOLDER, given(fleet));
      found.push(...differencesToTables(fleet.engine(), fleet.now()));
    }
    const booking = { expression: "9", fromMs: null, untilMs: null, expiresInSeconds: 240 };
    book(fleet.engine(), { ...booking, reason: "a match" }, ASKED, given(fleet));
    found.push(...(await runCompared(fleet, TICKS_PER_PHASE)));

    fleet.apply(specOf({ tags: { team: "other" }, bundle: "small_3_0", spares: { default: "2" } }));
    const until = fleet.now() + 2 * MINUTE_MS;
    pause(fleet.engine(), { what: ["retire"], reason: "a look", until }, ASKED, given(fleet));
    found.push(...(await runCompared(fleet, 3 * TICKS_PER_PHASE)));

    remove(fleet.engine(), { force: false }, ASKED, given(fleet));
    found.push(...(await runCompared(fleet, TICKS_PER_PHASE)));

    expect(found).toEqual([]);
    expect(fleet.cloud.deletions().length).toBeGreaterThan(0);
  });

  test("over the turn of a month, with servers of the old one that are gone", async () => {
    const fleet = startFleet({ spec: { spares: { default: "4" }, limits: LIMITS } });
    const spentOnGone = () => fleet.engine().read(fleet.now())?.state.spentOnGone;
    const found = await runCompared(fleet, TICKS_PER_PHASE);
    fleet.apply(specOf({ spares: { default: "1" }, limits: LIMITS }));
    found.push(...(await runCompared(fleet, 4 * TICKS_PER_PHASE)));
    expect(spentOnGone()).toBeGreaterThan(0);

    fleet.sleep(DECEMBER - MINUTE_MS - fleet.now());
    found.push(...(await runCompared(fleet, TICKS_PER_PHASE)));

    expect(found).toEqual([]);
    expect(spentOnGone()).toBe(0);
  });

  test("seed 900010: when a server that was given up for lost comes back under its name", async () => {
    const fleet = startFleet({ spec: { spares: { default: "2" }, limits: LIMITS } });
    const found = await runCompared(fleet, TICKS_PER_PHASE);
    const [server] = fleet.cloud.servers();
    if (server === undefined) throw new Error("there is no server");
    const past = () => {
      const { spentOnGone, leads } = fleet.engine().read(fleet.now())?.state ?? {};
      return { spentOnGone, leads: leads?.length };
    };
    const owner = { key: "lightfleet:owner", value: "default/media" };

    fleet.cloud.untagResource(REGION, server.name, [owner.key]);
    // One that answers would not be missed.
    fleet.cloud.stopInstance(REGION, server.name);
    found.push(...(await runCompared(fleet, 5 * TICKS_PER_PHASE)));
    const gone = past();
    fleet.cloud.tagResource(REGION, server.name, [owner]);
    found.push(...(await runCompared(fleet, TICKS_PER_PHASE)));

    expect(found).toEqual([]);
    expect(gone.spentOnGone).toBeGreaterThan(0);
    expect(past().spentOnGone).toBe(0);
    expect(past().leads).toBe(Number(gone.leads) - 1);
  });

  test("after each cold start in the middle of a launch", async () => {
    const fleet = startFleet();
    const found: string[] = [];

    await fleet.run(40, () => {
      found.push(...differencesToTables(fleet.engine(), fleet.now()));
      fleet.restart();
      found.push(...differencesToTables(fleet.engine(), fleet.now()));
    });

    expect(found).toEqual([]);
  });
});

describe("a difference to the tables is found", () => {
  test.each([
    ["a row that was not written", "UPDATE instances SET sessions = 9 WHERE phase = 'ready'"],
    ["a row that is not there", "DELETE FROM instances"],
    ["a pause", "DELETE FROM pauses"],
    ["a lease", "UPDATE leases SET expiresAt = expiresAt + 1"],
    ["an override", "DELETE FROM overrides"],
    ["a price", "UPDATE bundles SET usdPerMonth = 1"],
    ["the fleet's own row", "UPDATE fleet SET nextInstance = 1"],
    ["the boundary that rules", "UPDATE ruling SET appliedAt = 1"],
    ["the launches of the last hour", "DELETE FROM events WHERE kind = 'created'"],
    ["a failed boot that was counted", "UPDATE fleet SET failedBoots = 7"],
  ])("%s", async (_, tampering) => {
    const fleet = startFleet({ spec: { spares: { default: "2" } } });
    await fleet.run(40);
    leaseOne(fleet);
    const booking = { expression: "3", fromMs: null, untilMs: null, expiresInSeconds: 600 };
    book(fleet.engine(), { ...booking, reason: "a match" }, ASKED, given(fleet));
    pause(fleet.engine(), { what: ["launch"], reason: "a look", until: null }, ASKED, given(fleet));
    await fleet.run(1);
    expect(differencesToTables(fleet.engine(), fleet.now())).toEqual([]);

    fleet.sql.rows(tampering);

    expect(differencesToTables(fleet.engine(), fleet.now())).not.toEqual([]);
  });

  test("a command for which a row waits, and which is not open", async () => {
    const fleet = startFleet({ spec: { spares: { default: "1" } } });
    const found: string[] = [];
    fleet.beforeAct(() => {
      fleet.sql.rows("DELETE FROM commands");
      found.push(...differencesToTables(fleet.engine(), fleet.now()));
    });

    await fleet.run(3);

    expect(found.join()).toContain("waits for command");
  });
});
