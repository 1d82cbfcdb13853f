import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { Report } from "../../durable/rules/account.ts";
import type { CallReport } from "../../durable/rules/world.ts";
import { aSpec } from "./rules/builders.ts";

/** Every test has an account of its own, by its own region. */
function account(region: string) {
  return env.BUDGET.getByName(region);
}

function aReport(fleet: string, changes: Partial<Report> = {}): Report {
  return { fleet, sentAt: Date.now(), calls: [], wants: {}, known: null, ...changes };
}

/** So many calls of one tick, and AWS refuses the last one. */
function refusedAfter(admitted: number, tick: number): Report["calls"] {
  const startedAt = Date.now();
  const call = (throttled: boolean): CallReport => ({ lane: "ports", startedAt, throttled });
  return [{ tick, calls: [...Array.from({ length: admitted }, () => call(false)), call(true)] }];
}

function rowsOf(region: string, statement: string): Promise<unknown[]> {
  return runInDurableObject(account(region), (_, { storage }) =>
    storage.sql.exec(statement).toArray(),
  );
}

describe("the account's object", () => {
  it("hands the fleets what it has learned from one of them", async () => {
    const calls = refusedAfter(20, 1);
    await account("taught").exchange(aReport("a", { calls, wants: { ports: 5 } }));

    const reply = await account("taught").exchange(aReport("b", { wants: { ports: 5 } }));

    expect(reply.others).toBe(1);
    expect(reply.parts.all?.share).toBeLessThan(1);
    expect(reply.parts.all?.bucket.ratePerSecond).toBeGreaterThan(0);
  });

  it("after a crash neither begins at zero nor with a full bucket", async () => {
    const calls = refusedAfter(20, 1);
    const before = await account("crashed").exchange(aReport("a", { calls }));

    await abortAllDurableObjects();
    const after = await account("crashed").exchange(aReport("a"));

    const [was, is] = [before.parts.all?.bucket, after.parts.all?.bucket];
    expect(is).toMatchObject({ ratePerSecond: was?.ratePerSecond, capacity: was?.capacity });
    expect(is?.level).toBeLessThanOrEqual((was?.capacity ?? 0) / 2);
  });

  it("does not count a report twice, over a crash either", async () => {
    const calls = refusedAfter(20, 7);
    await account("twice").exchange(aReport("a"));
    await account("twice").exchange(aReport("a", { calls }));
    await abortAllDurableObjects();
    const cold = await account("twice").exchange(aReport("a"));

    const again = await account("twice").exchange(aReport("a", { calls }));

    expect(again.heard).toBe(7);
    expect(again.parts.all?.bucket.admitted).toBe(cold.parts.all?.bucket.admitted);
    expect(again.parts.all?.bucket.refusedAt).toBe(cold.parts.all?.bucket.refusedAt);
  });

  it("knows after a crash which fleets are there", async () => {
    await account("present").exchange(aReport("a", { wants: { list: 1 } }));
    await abortAllDurableObjects();

    expect(await account("present").exchange(aReport("b"))).toMatchObject({ others: 1 });
  });

  it("arms no alarm, and writes nothing for a fleet that made no call and wants none", async () => {
    await account("idle").exchange(aReport("a"));
    const before = await rowsOf("idle", "SELECT * FROM askers");

    await account("idle").exchange(aReport("a", { sentAt: Date.now() + 60_000 }));

    expect(await rowsOf("idle", "SELECT * FROM askers")).toEqual(before);
    const alarm = await runInDurableObject(account("idle"), (_, { storage }) => storage.getAlarm());
    expect(alarm).toBeNull();
  });

  it("remembers nothing of a report that its tables refuse", async () => {
    await account("refused").exchange(aReport("a"));
    const failed = runInDurableObject(account("refused"), async (object, { storage }) => {
      vi.spyOn(storage, "transactionSync").mockImplementationOnce(() => {
        throw new Error("internal error in storage");
      });
      return object.exchange(aReport("a", { calls: refusedAfter(20, 3) }));
    });
    await expect(failed).rejects.toThrow("internal error in storage");

    const reply = await account("refused").exchange(aReport("b"));
    expect(reply.parts).toEqual({});
  });
});

describe("a fleet in the Workers runtime", () => {
  it("asks the object of its region with its first tick", async () => {
    await env.FLEET.getByName("shared").configure("shared", aSpec(), { actor: "operator" });

    await vi.waitFor(async () => {
      const told = await env.FLEET.getByName("shared").metrics();
      expect(told?.readings.account).toMatchObject({ isReached: true });
      expect(told?.readings.account.exchanges.answered).toBeGreaterThan(0);
    });
    const { region } = aSpec();
    const rows = await rowsOf(region, "SELECT fleet FROM askers WHERE fleet LIKE 'shared-%'");
    expect(rows).toHaveLength(1);
  });
});
