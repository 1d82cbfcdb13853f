import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Eyes } from "../../worker/index.ts";
import { anObservation, aSpec, complete, type SpecOverrides } from "./rules/builders.ts";

const ASKED = { actor: "operator" };
const ADOPT = { kind: "adopt", reason: "it was made by hand" } as const;
const TICK_MS = 5_000;
/** A hastened tick comes within milliseconds; on a busy machine later, but before the next of its own. */
const TICK_WITHIN_MS = 4_000;
/** The directory hears of a fleet again after so many ticks. */
const REGISTER_EVERY_TICKS = 60;
const ANY_EVENT = { since: null, until: null, kind: null, instance: null, before: null };

function fleetOf(name: string) {
  return env.FLEET.getByName(name);
}

function alarmOf(name: string): Promise<number | null> {
  return runInDurableObject(fleetOf(name), (_, { storage }) => storage.getAlarm());
}

function deleteAlarmOf(name: string): Promise<void> {
  return runInDurableObject(fleetOf(name), (_, { storage }) => storage.deleteAlarm());
}

function tablesOf(name: string): Promise<unknown[]> {
  return runInDurableObject(fleetOf(name), (_, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
      .toArray(),
  );
}

function namesOfDirectory(): Promise<string[]> {
  return env.DIRECTORY.getByName("directory").names();
}

async function tickNumber(name: string): Promise<number> {
  return (await fleetOf(name).status())?.lastTick?.number ?? 0;
}

/** The tick that a call hastens comes by itself; a tick run by hand must not overlap it. */
async function ticked(name: string, sinceTick = 0): Promise<void> {
  await vi.waitFor(async () => expect(await tickNumber(name)).toBeGreaterThan(sinceTick), {
    timeout: TICK_WITHIN_MS,
  });
}

async function registered(name: string): Promise<void> {
  await vi.waitFor(async () => expect(await namesOfDirectory()).toContain(name), {
    timeout: TICK_WITHIN_MS,
  });
}

/** A configured fleet whose first tick is over; the next comes by itself after five seconds. */
async function aFleet(name: string, overrides: SpecOverrides = {}) {
  await fleetOf(name).configure(name, aSpec(overrides), ASKED);
  await ticked(name);
  return fleetOf(name);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a fleet that was never configured", () => {
  it("answers null or a refusal, and leaves no table and no alarm behind", async () => {
    const stub = fleetOf("never");

    expect(await stub.status()).toBeNull();
    expect(await stub.metrics()).toBeNull();
    expect(await stub.spec()).toBeNull();
    expect(await stub.instances({ phase: null, ip: null })).toBeNull();
    expect(await stub.instance("media-k3-1")).toBeNull();
    expect(await stub.events({ ...ANY_EVENT, limit: 1 })).toBeNull();
    expect(await stub.checkup()).toBeNull();
    expect(await stub.cost(Date.now(), null)).toBeNull();
    expect(await stub.visit()).toBeNull();
    expect(await stub.reconcile(ASKED)).toMatchObject({ refused: { status: 404 } });
    expect(await stub.remove({ force: true }, ASKED)).toMatchObject({ refused: { status: 404 } });
    expect(await stub.act("by-hand", ADOPT, ASKED)).toMatchObject({ refused: { status: 404 } });

    expect(await tablesOf("never")).toEqual([]);
    expect(await alarmOf("never")).toBeNull();
  });

  it("does not tick on, should an alarm find it", async () => {
    const inAnHour = Date.now() + 3_600_000;
    await runInDurableObject(fleetOf("stray"), (_, { storage }) => storage.setAlarm(inAnHour));

    expect(await runDurableObjectAlarm(fleetOf("stray"))).toBe(true);

    expect(await alarmOf("stray")).toBeNull();
    expect(await tablesOf("stray")).toEqual([]);
  });
});

describe("configuring a fleet", () => {
  it("creates it and sets its alarm", async () => {
    const applied = await fleetOf("created").configure("created", aSpec(), ASKED);

    expect(applied).toMatchObject({ created: true, version: 1 });
    expect(await alarmOf("created")).not.toBeNull();
    expect(await fleetOf("created").spec()).toMatchObject({ version: 1, spec: aSpec() });
  });

  it("with the same spec keeps the version, and writes no event", async () => {
    const stub = await aFleet("same");

    const again = await stub.configure("same", aSpec(), ASKED);

    expect(again).toMatchObject({ created: false, version: 1 });
    const events = await stub.events({ ...ANY_EVENT, kind: "spec", limit: 10 });
    expect(events).toHaveLength(1);
  });

  it("with another spec raises the version", async () => {
    const stub = await aFleet("changed");

    const applied = await stub.configure("changed", aSpec({ spares: { max: 7 } }), ASKED);

    expect(applied).toMatchObject({ created: false, version: 2 });
  });

  it("with another region is refused and changes nothing", async () => {
    const stub = await aFleet("settled");

    const applied = await stub.configure("settled", aSpec({ region: "us-east-1" }), ASKED);

    expect(applied).toMatchObject({ refused: { status: 409 } });
    expect(await stub.spec()).toMatchObject({ version: 1, spec: { region: "ap-northeast-2" } });
  });

  it("outlives a crash of its object", async () => {
    await aFleet("crashed", { spares: { max: 9 } });

    await abortAllDurableObjects();

    const spec = await fleetOf("crashed").spec();
    expect(spec).toMatchObject({ version: 1, spec: { spares: { max: 9 } } });
  });
});

describe("an operator's action on an instance", () => {
  it("is looked at by the next tick, at once, and outlives a crash of the object", async () => {
    const fleet = await aFleet("adopting");
    const before = await tickNumber("adopting");

    expect(await fleet.act("by-hand", ADOPT, ASKED)).toEqual({ instance: null });

    await ticked("adopting", before);
    await abortAllDurableObjects();
    const adoptions = await runInDurableObject(fleetOf("adopting"), (_, { storage }) =>
      storage.sql.exec("SELECT name, actor FROM adoptions").toArray(),
    );
    expect(adoptions).toEqual([{ name: "by-hand", actor: "operator" }]);
  });

  it("that is refused says why, and writes no event", async () => {
    const fleet = await aFleet("refusing");
    const before = await fleet.events({ ...ANY_EVENT, limit: 99 });

    const answer = await fleet.act("media-k3-1", { kind: "undrain", reason: "" }, ASKED);

    expect(answer).toMatchObject({ refused: { status: 404, title: "No such instance" } });
    expect(await fleet.events({ ...ANY_EVENT, limit: 99 })).toEqual(before);
  });
});

describe("the alarm of a fleet without AWS credentials", () => {
  it("ticks blindly: it launches nothing, says why, and does not fail", async () => {
    const stub = await aFleet("blind", { spares: { default: "2" } });
    const before = await stub.status();

    expect(await runDurableObjectAlarm(stub)).toBe(true);

    const [after, text] = await Promise.all([stub.status(), stub.statusText()]);
    expect(after?.lastTick?.number).toBeGreaterThan(before?.lastTick?.number ?? 0);
    expect(after?.lastTick?.error).toBeNull();
    expect(after?.lastTick?.decision).toMatch(/^held back/);
    expect(after?.blockers.map(({ guard }) => guard)).toContain("noListing");
    expect(after?.counts.total).toBe(0);
    expect(JSON.parse(text ?? "null")).toEqual(after);
    expect(await stub.instances({ phase: null, ip: null })).toEqual([]);
    const launches = await stub.events({ ...ANY_EVENT, kind: "launch", limit: 10 });
    expect(launches).toEqual([]);
  });

  it("is counted, and the counters cross to the Worker", async () => {
    const stub = await aFleet("metered");

    const told = await stub.metrics();

    expect(told?.status.fleet).toBe("metered");
    const { ticks, failedTicks, listings } = told?.readings.counters ?? {};
    expect(ticks?.count).toBeGreaterThan(0);
    expect([failedTicks, listings?.partial]).toEqual([0, ticks?.count]);
  });

  it("is armed again, one tick ahead", async () => {
    const stub = await aFleet("rearmed");
    const startedAt = Date.now();

    await runDurableObjectAlarm(stub);

    const alarm = await alarmOf("rearmed");
    expect(alarm).toBeGreaterThanOrEqual(startedAt + TICK_MS);
    expect(alarm).toBeLessThanOrEqual(Date.now() + TICK_MS);
  });

  it("goes on in a new block of ticks after a crash, and never repeats a number", async () => {
    const before = await (await aFleet("counted")).status();

    await abortAllDurableObjects();
    await runDurableObjectAlarm(fleetOf("counted"));

    const after = await fleetOf("counted").status();
    expect(after?.lastTick?.number).toBeGreaterThan(before?.lastTick?.number ?? Infinity);
  });
});

describe("the alarm of a fleet whose look fails as a whole", () => {
  it("plans on a blind observation, and is armed again", async () => {
    const stub = await aFleet("broken-eyes", { spares: { default: "1" } });
    const before = await tickNumber("broken-eyes");
    const observe = vi.spyOn(Eyes.prototype, "observe").mockRejectedValue(new Error("no eyes"));

    await runDurableObjectAlarm(stub);

    const status = await stub.status();
    expect(observe).toHaveBeenCalled();
    expect(status?.lastTick?.number).toBe(before + 1);
    expect(status?.lastTick).toMatchObject({ error: null });
    expect(status?.counts.total).toBe(0);
    expect(await alarmOf("broken-eyes")).not.toBeNull();
  });
});

describe("what people ask for with a time in it", () => {
  it("is a pause for so many seconds, and the audit trail from one moment to another", async () => {
    const stub = await aFleet("timed");
    const before = Date.now();

    const paused = await stub.pause(["retire"], { reason: "x", expiresInSeconds: 600 }, ASKED);

    const after = Date.now();
    const until = "refused" in paused ? null : (paused[0]?.until ?? null);
    expect(Date.parse(until ?? "")).toBeGreaterThanOrEqual(before + 600_000);
    expect(Date.parse(until ?? "")).toBeLessThanOrEqual(after + 600_000);
    const trail = (since: number | null, end: number | null) =>
      stub.events({ ...ANY_EVENT, since, until: end, limit: 50 });
    const pause: unknown = expect.objectContaining({ kind: "pause" });
    const spec: unknown = expect.objectContaining({ kind: "spec" });
    expect(await trail(before, after + 1)).toContainEqual(pause);
    expect(await trail(before, after + 1)).not.toContainEqual(spec);
    expect(await trail(null, before)).not.toContainEqual(pause);
    expect(await trail(null, before)).toContainEqual(spec);
    expect(await trail(after + 1, null)).not.toContainEqual(pause);
  });
});

describe("the visit of the cron", () => {
  it("says how long ago the last tick was, in milliseconds", async () => {
    const stub = await aFleet("aged");
    await deleteAlarmOf("aged");
    const at = Date.parse((await stub.status())?.lastTick?.at ?? "");
    vi.spyOn(Date, "now").mockReturnValue(at + 3_600_000);

    expect(await stub.visit()).toMatchObject({ fleet: "aged", lastTickAgeMs: 3_600_000 });
  });

  it("arms an alarm that is missing", async () => {
    const stub = await aFleet("lapsed");
    await deleteAlarmOf("lapsed");
    const before = await tickNumber("lapsed");

    const heartbeat = await stub.visit();

    expect(heartbeat).toMatchObject({ fleet: "lapsed", rearmed: true });
    expect(heartbeat?.lastTickAgeMs).toBeGreaterThanOrEqual(0);
    await ticked("lapsed", before);
  });

  it("arms an alarm that is long past", async () => {
    const stub = await aFleet("dead");
    const dueAt = (await alarmOf("dead")) ?? Number.NaN;
    const now = dueAt + 2 * TICK_MS + 1;
    vi.spyOn(Date, "now").mockReturnValue(now);

    const heartbeat = await stub.visit();

    expect(heartbeat).toMatchObject({ rearmed: true });
    expect(await alarmOf("dead")).toBe(now + 1);
  });

  it("does not touch an alarm that is only late", async () => {
    const stub = await aFleet("late");
    const dueAt = (await alarmOf("late")) ?? Number.NaN;
    vi.spyOn(Date, "now").mockReturnValue(dueAt + 2 * TICK_MS);

    const heartbeat = await stub.visit();

    expect(heartbeat).toMatchObject({ rearmed: false });
    expect(await alarmOf("late")).toBe(dueAt);
  });
});

describe("a fleet whose name the directory lost", () => {
  it("registers itself with the first tick of its object", async () => {
    const stub = await aFleet("listed");
    await registered("listed");
    await env.DIRECTORY.getByName("directory").forget("listed");

    await runDurableObjectAlarm(stub);
    expect(await namesOfDirectory()).not.toContain("listed");
    await abortAllDurableObjects();
    await runDurableObjectAlarm(fleetOf("listed"));

    expect(await namesOfDirectory()).toContain("listed");
  });

  it("registers itself after sixty ticks at the latest", async () => {
    const stub = await aFleet("patient");
    await registered("patient");
    await env.DIRECTORY.getByName("directory").forget("patient");

    for (let tick = 0; tick < REGISTER_EVERY_TICKS; tick++) await runDurableObjectAlarm(stub);

    expect(await namesOfDirectory()).toContain("patient");
  });
});

describe("removing a fleet", () => {
  it("that was never listed does not end: what AWS holds of it is unknown", async () => {
    const stub = await aFleet("unlisted");
    const before = await tickNumber("unlisted");

    expect(await stub.remove({ force: false }, ASKED)).toMatchObject({ removing: true });
    await ticked("unlisted", before);
    await runDurableObjectAlarm(stub);

    const status = await stub.status();
    expect(status).toMatchObject({ fleet: "unlisted", removing: true });
    expect(status?.lastTick?.error).toBeNull();
    expect(await alarmOf("unlisted")).not.toBeNull();
  });

  it("of which AWS holds nothing any more forgets its name, its alarm and its tables", async () => {
    const stub = await aFleet("emptied");
    await registered("emptied");
    vi.spyOn(Eyes.prototype, "observe").mockImplementation(async ({ tick }) =>
      anObservation({ tick, listing: complete([], Date.now()) }),
    );

    await stub.remove({ force: false }, ASKED);

    await vi.waitFor(async () => expect(await namesOfDirectory()).not.toContain("emptied"), {
      timeout: TICK_WITHIN_MS,
    });
    await vi.waitFor(async () => expect(await fleetOf("emptied").status()).toBeNull(), {
      timeout: TICK_WITHIN_MS,
    });
    expect(await tablesOf("emptied")).toEqual([]);
    expect(await alarmOf("emptied")).toBeNull();
  });

  it("is called off by a new spec that comes while the directory forgets the name", async () => {
    const stub = await aFleet("raced");
    await registered("raced");
    vi.spyOn(Eyes.prototype, "observe").mockImplementation(async ({ tick }) =>
      anObservation({ tick, listing: complete([], Date.now()) }),
    );
    const applied = await runInDurableObject(stub, async (fleet) => {
      let answer: unknown = null;
      const directory = {
        forget: async () => {
          answer = await fleet.configure("raced", aSpec(), ASKED);
        },
        register: async () => undefined,
      };
      Object.defineProperty(fleet, "env", { value: { DIRECTORY: { getByName: () => directory } } });
      await fleet.remove({ force: false }, ASKED);
      await fleet.alarm();
      return answer;
    });

    expect(applied).toMatchObject({ created: false, version: 2 });
    expect(await stub.status()).toMatchObject({ removing: false });
  });

  it("is called off by a new spec", async () => {
    const stub = await aFleet("spared");
    await stub.remove({ force: false }, ASKED);

    const applied = await stub.configure("spared", aSpec(), ASKED);

    expect(applied).toMatchObject({ created: false, version: 2 });
    expect(await stub.status()).toMatchObject({ removing: false });
  });
});
