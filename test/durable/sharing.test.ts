import { describe, expect, it } from "vitest";
import { type Account, newAccount, type Reply, type Report } from "../../durable/rules/account.ts";
import { exchange } from "../../durable/rules/account-exchange.ts";
import { freshBudget } from "../../durable/rules/budget.ts";
import { levelAt, paceOf } from "../../durable/rules/token-bucket.ts";
import type { CallReport } from "../../durable/rules/world.ts";
import { Sharing } from "../../durable/sharing.ts";
import { aFleet, type Fleet, restart, stateOf, tick, unborn } from "./fleet-builder.ts";

const LIMIT_MS = 1_000;
const MINUTE_TICKS = 12;

interface Shared {
  readonly fleet: Fleet;
  readonly sharing: Sharing;
  readonly reports: Report[];
  readonly logged: Readonly<Record<string, unknown>>[];
  account: Account;
  /** How the account's object answers; it does, unless a test says otherwise. */
  answer: (reply: () => Reply) => Promise<Reply>;
}

function sharedBy(fleet: Fleet): Shared {
  const reports: Report[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  const shared: Shared = {
    fleet,
    reports,
    logged,
    account: newAccount(freshBudget(fleet.now)),
    answer: async (reply) => reply(),
    sharing: new Sharing({
      engine: () => fleet.engine,
      exchange: async (_region, report) => {
        reports.push(report);
        return shared.answer(() => answerTo(shared, report));
      },
      now: () => fleet.now,
      // Time passes in which nothing else happens: what has not answered by then is too late.
      wait: async (ms, signal) => {
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
        if (!signal.aborted) fleet.now += ms;
      },
      log: (entry) => void logged.push(entry),
    }),
  };
  return shared;
}

function answerTo(shared: Shared, report: Report): Reply {
  const { account, reply } = exchange(shared.account, report, shared.fleet.now);
  shared.account = account;
  return reply;
}

/** Another fleet of the account reports. */
function another(shared: Shared, changes: Partial<Report> = {}): void {
  const sentAt = shared.fleet.now;
  answerTo(shared, { fleet: "other", sentAt, calls: [], wants: {}, known: null, ...changes });
}

/** A tick in which AWS refuses a call after so many admitted ones. */
function refusedTick({ fleet }: Shared, admitted = 10): void {
  const startedAt = fleet.now + 5_000;
  const call = (throttled: boolean): CallReport => ({ lane: "list", startedAt, throttled });
  tick(fleet, { calls: [...Array.from({ length: admitted }, () => call(false)), call(true)] });
}

async function ticks(shared: Shared, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await shared.sharing.ask();
    tick(shared.fleet);
  }
}

function bucketOf({ fleet }: Shared) {
  return stateOf(fleet).memory.budget.buckets.all;
}

const hangs = async (): Promise<Reply> => new Promise(() => undefined);
const throws = async (): Promise<Reply> => {
  throw new Error("the object is overloaded");
};

describe("a fleet that is alone in its account and region", () => {
  it("asks with its first tick, with the next one, and then once a minute", async () => {
    const shared = sharedBy(aFleet({ spares: { default: "0" } }));

    await ticks(shared, 2 + 3 * MINUTE_TICKS);

    expect(shared.reports).toHaveLength(5);
    expect(shared.sharing.reading).toEqual({
      isReached: true,
      fleets: 1,
      exchanges: { answered: 5, failed: 0 },
    });
  });

  it("keeps its own buckets, for the account learns the same", async () => {
    const shared = sharedBy(aFleet());
    await ticks(shared, 1);
    refusedTick(shared);
    const before = bucketOf(shared);

    await shared.sharing.ask();

    expect(bucketOf(shared)).toEqual(before);
    expect(shared.account.budget.buckets.all).toMatchObject({
      ratePerSecond: before.ratePerSecond,
      refusedAt: before.refusedAt,
    });
  });

  it("begins a new life with what the account knows, not with what its ledger holds", async () => {
    const shared = sharedBy(aFleet());
    await ticks(shared, 1);
    refusedTick(shared);
    await shared.sharing.ask();
    const known = bucketOf(shared);

    restart(shared.fleet);
    await shared.sharing.ask();

    expect(levelAt(bucketOf(shared), shared.fleet.now)).toBe(levelAt(known, shared.fleet.now));
    expect(bucketOf(shared).ratePerSecond).toBe(known.ratePerSecond);
  });

  it("tells an account that knows nothing what its ledger holds", async () => {
    const shared = sharedBy(aFleet());
    refusedTick(shared);
    restart(shared.fleet);

    await shared.sharing.ask();

    const { ratePerSecond } = bucketOf(shared);
    expect(ratePerSecond).not.toBeNull();
    expect(shared.account.budget.buckets.all.ratePerSecond).toBe(ratePerSecond);
  });

  it("that was never configured asks nothing", async () => {
    const shared = sharedBy(unborn());

    await shared.sharing.ask();
    await shared.sharing.reportRefusal();

    expect(shared.reports).toEqual([]);
  });
});

describe("a fleet beside others", () => {
  it("takes its share of the rate while they want calls too, and all of it when they want none", async () => {
    const shared = sharedBy(aFleet({ spares: { default: "10" } }));
    await ticks(shared, 1);
    refusedTick(shared, 40);
    await shared.sharing.ask();
    const whole = paceOf(bucketOf(shared)) ?? Number.NaN;

    another(shared, { wants: { ports: 100 } });
    shared.fleet.now += 60_000;
    another(shared, { wants: { ports: 100 } });
    await shared.sharing.ask();
    const part = paceOf(bucketOf(shared)) ?? Number.NaN;
    another(shared);
    shared.fleet.now += 60_000;
    await shared.sharing.ask();

    expect(part).toBeLessThan(whole);
    expect(part).toBeGreaterThanOrEqual(0.5 * whole);
    expect(paceOf(bucketOf(shared))).toBeCloseTo(whole, 5);
  });

  it("reports in each tick in which it made calls, and each call once", async () => {
    const shared = sharedBy(aFleet({ spares: { default: "0" } }));
    another(shared);
    await ticks(shared, 2);
    const call: CallReport = { lane: "ec2", startedAt: shared.fleet.now, throttled: false };

    tick(shared.fleet, { calls: [call] });
    await shared.sharing.ask();
    tick(shared.fleet);
    await shared.sharing.ask();

    const reported = shared.reports.flatMap(({ calls }) => calls.flatMap((each) => each.calls));
    expect(reported).toEqual([call]);
  });

  it("reports a refusal at once, and asks nothing where there was none", async () => {
    const shared = sharedBy(aFleet({ spares: { default: "0" } }));
    another(shared);
    await ticks(shared, 1);
    const before = shared.reports.length;

    await shared.sharing.reportRefusal();
    expect(shared.reports).toHaveLength(before);

    refusedTick(shared);
    await shared.sharing.reportRefusal();
    expect(shared.reports).toHaveLength(before + 1);
    expect(shared.account.budget.buckets.all.refusedAt).not.toBeNull();
  });
});

describe.each([
  { how: "throws", answer: throws, tookMs: 0 },
  { how: "hangs", answer: hangs, tookMs: LIMIT_MS },
])("an account's object that $how", ({ answer, tookMs }) => {
  async function unreached(): Promise<Shared> {
    const shared = sharedBy(aFleet());
    await ticks(shared, 1);
    refusedTick(shared, 40);
    await shared.sharing.ask();
    shared.answer = answer;
    shared.fleet.now += 60_000;
    return shared;
  }

  it("costs a tick a second at the most, and halves the last known rate once", async () => {
    const shared = await unreached();
    const whole = paceOf(bucketOf(shared)) ?? Number.NaN;
    const startedAt = shared.fleet.now;

    await shared.sharing.ask();
    expect(shared.fleet.now - startedAt).toBeLessThanOrEqual(LIMIT_MS);
    expect(shared.fleet.now - startedAt).toBeGreaterThanOrEqual(tookMs);
    expect(paceOf(bucketOf(shared))).toBeCloseTo(whole / 2, 5);

    await ticks(shared, 2 * MINUTE_TICKS);
    expect(paceOf(bucketOf(shared))).toBeCloseTo(whole / 2, 5);
  });

  it("is asked again every third tick, logged once, and counted each time", async () => {
    const shared = await unreached();

    await ticks(shared, 9);

    const { isReached, exchanges } = shared.sharing.reading;
    expect(isReached).toBe(false);
    expect(exchanges.failed).toBeGreaterThanOrEqual(3);
    expect(exchanges.failed).toBeLessThanOrEqual(4);
    expect(shared.logged).toHaveLength(1);
    expect(shared.logged[0]).toMatchObject({ event: "account.unreached", fleet: "media" });
  });

  it("that answers again gives the fleet its rate back, and hears of the calls made meanwhile", async () => {
    const shared = await unreached();
    const whole = paceOf(bucketOf(shared)) ?? Number.NaN;
    await shared.sharing.ask();
    const call: CallReport = { lane: "list", startedAt: shared.fleet.now, throttled: false };
    tick(shared.fleet, { calls: [call] });

    shared.answer = async (reply) => reply();
    await ticks(shared, 3);

    expect(paceOf(bucketOf(shared)) ?? 0).toBeGreaterThanOrEqual(whole * 0.99);
    const reported = shared.reports.at(-1)?.calls.flatMap(({ calls }) => calls);
    expect(reported).toContainEqual(call);
    expect(shared.sharing.reading.isReached).toBe(true);
    expect(shared.logged.map(({ event }) => event)).toEqual([
      "account.unreached",
      "account.reached",
    ]);
  });

  it("for a long time is told of the newest calls alone: older ones say nothing of a bucket any more", async () => {
    const shared = sharedBy(aFleet());
    shared.answer = answer;
    for (let index = 0; index < 100; index++) {
      const call: CallReport = { lane: "list", startedAt: shared.fleet.now, throttled: false };
      tick(shared.fleet, { calls: [call] });
    }

    await shared.sharing.ask();

    expect(shared.reports.at(-1)?.calls.map((each) => each.tick)).toEqual(
      Array.from({ length: 60 }, (_, index) => 41 + index),
    );
  });

  it("does not limit a fleet of which AWS has never refused a call", async () => {
    const shared = sharedBy(aFleet());
    shared.answer = answer;

    await shared.sharing.ask();

    expect(paceOf(bucketOf(shared))).toBeNull();
  });
});

describe("a report that was heard, though its reply came too late", () => {
  it("comes again with the next one, and counts once", async () => {
    const shared = sharedBy(aFleet());
    await ticks(shared, 1);
    refusedTick(shared);
    shared.answer = async (reply) => {
      reply();
      return hangs();
    };
    await shared.sharing.ask();
    const { level, admitted } = shared.account.budget.buckets.all;

    shared.answer = async (reply) => reply();
    await ticks(shared, 4);

    expect(shared.reports.at(-1)?.calls).not.toEqual([]);
    expect(shared.account.budget.buckets.all).toMatchObject({ level, admitted });
  });
});
