import { describe, expect, it } from "vitest";
import {
  type Account,
  newAccount,
  type Reply,
  type Report,
} from "../../../durable/rules/account.ts";
import { exchange } from "../../../durable/rules/account-exchange.ts";
import { freshBudget, rememberedBudget } from "../../../durable/rules/budget.ts";
import type { CallReport } from "../../../durable/rules/world.ts";
import { share, START } from "./shared-bucket.ts";

const NOBODY = { reads: 0, writes: 0 };

/** An account that knows a bucket for all of Lightsail's calls: so many in hand, and so many per second. */
function anAccount({ inHand = 10, perSecond = 1, at = START } = {}): Account {
  const refusedAt = at - 3_600_000;
  const record = {
    name: "all",
    ratePerSecond: perSecond,
    capacity: 2 * inHand,
    refusedAt,
  } as const;
  return newAccount(rememberedBudget([record], NOBODY, at));
}

function aReport(fleet: string, at: number, changes: Partial<Report> = {}): Report {
  return { fleet, sentAt: at, calls: [], wants: { ports: 100 }, known: null, ...changes };
}

function calls(count: number, at: number): CallReport[] {
  return Array.from({ length: count }, () => ({ lane: "ports", startedAt: at, throttled: false }));
}

function refusal(at: number): CallReport {
  return { lane: "ports", startedAt: at, throttled: true };
}

/** The replies to several reports, one after the other. */
function ask(account: Account, reports: readonly (readonly [Report, number])[]): Reply[] {
  let known = account;
  return reports.map(([report, now]) => {
    const { account: next, reply } = exchange(known, report, now);
    known = next;
    return reply;
  });
}

function after(account: Account, reports: readonly (readonly [Report, number])[]): Account {
  return reports.reduce((known, [report, now]) => exchange(known, report, now).account, account);
}

function granted(reply: Reply | undefined): number | undefined {
  return reply?.parts.all?.granted;
}

describe("fleets behind one bucket", () => {
  const BUCKETS = [
    { burst: 5, perSecond: 0.5 },
    { burst: 10, perSecond: 2 },
    { burst: 20, perSecond: 5 },
    { burst: 100, perSecond: 20 },
    { burst: 30, perSecond: 1 },
  ];
  const MUCH = 1_000_000;
  const SEVERAL = [
    { wants: [MUCH, MUCH] },
    { wants: [MUCH, MUCH, MUCH] },
    { wants: [20, 200, MUCH] },
    { wants: Array.from({ length: 10 }, () => MUCH) },
  ];
  const SCENES = BUCKETS.flatMap((bucket) =>
    [false, true].flatMap((costly) =>
      SEVERAL.map(({ wants }) => ({
        bucket,
        costly,
        wants,
        seconds: bucket.perSecond > 5 ? 180 : 600,
      })),
    ),
  );

  it.each(SCENES)(
    "use what flows in, and none of them starves: $bucket, refusals cost: $costly, $wants",
    ({ bucket, costly, wants, seconds }) => {
      const served = share({ bucket, costly, wants, seconds });

      const admitted = served.reduce((sum, each) => sum + each.admitted, 0);
      const flowed = bucket.burst + bucket.perSecond * seconds;
      const asked = wants.reduce((sum, each) => sum + each, 0);
      expect(admitted).toBeGreaterThanOrEqual(0.85 * Math.min(asked, flowed));
      for (const [index, each] of served.entries()) {
        const fair = flowed / wants.length;
        expect(each.admitted).toBeGreaterThanOrEqual(0.7 * Math.min(wants[index] ?? 0, fair));
        // Some rounds of all fleets, for the search for the rate begins slowly.
        const roundSeconds = wants.length / bucket.perSecond;
        expect(each.waitedSeconds).toBeLessThanOrEqual(30 + 10 * roundSeconds);
      }
    },
  );

  it.each(SCENES)(
    "are refused no more often than one of them alone: $bucket, refusals cost: $costly, $wants",
    (scene) => {
      const total = (wants: readonly number[]): number =>
        share({ ...scene, wants }).reduce((sum, { refused }) => sum + refused, 0);

      expect(total(scene.wants)).toBeLessThanOrEqual(1.2 * total([MUCH]) + scene.wants.length);
    },
  );
});

describe("a fleet that asks", () => {
  it("alone gets the whole bucket", () => {
    const [reply] = ask(anAccount(), [[aReport("a", START), START]]);

    expect(reply).toMatchObject({ others: 0, parts: { all: { share: 1, granted: 10 } } });
  });

  it("beside another that wants calls gets half, and what it holds is not given twice", () => {
    const [first, second] = ask(anAccount(), [
      [aReport("a", START), START],
      [aReport("b", START), START],
    ]);
    const [, , third, fourth] = ask(anAccount(), [
      [aReport("a", START), START],
      [aReport("b", START), START],
      [aReport("a", START + 100), START + 100],
      [aReport("b", START + 200), START + 200],
    ]);

    expect(granted(first)).toBe(10);
    expect(second).toMatchObject({ others: 1, parts: { all: { share: 0.5, granted: 5 } } });
    expect([granted(third), granted(fourth)]).toEqual([5, 5]);
  });

  it("beside one that wants few gets what that one leaves", () => {
    const [, , reply] = ask(anAccount(), [
      [aReport("few", START, { wants: { list: 2 } }), START],
      [aReport("few", START, { wants: { list: 2 } }), START],
      [aReport("many", START), START],
    ]);

    expect(granted(reply)).toBe(8);
    expect(reply?.parts.all?.share).toBeGreaterThan(0.8);
  });

  it("for nothing holds one token at the most", () => {
    const [, reply, next] = ask(anAccount(), [
      [aReport("many", START), START],
      [aReport("idle", START, { wants: {} }), START],
      [aReport("many", START), START],
    ]);

    expect(granted(reply)).toBe(1);
    expect(granted(next)).toBe(9);
  });

  it("gets back what another was granted and did not spend, with that one's next report", () => {
    const replies = ask(anAccount({ perSecond: 0.05 }), [
      [aReport("a", START), START],
      [aReport("b", START), START],
      [aReport("b", START + 1_000, { wants: {} }), START + 1_000],
      [aReport("a", START + 1_000), START + 1_000],
    ]);

    expect(replies.map(granted)).toEqual([10, 5, 1, 9]);
  });

  it("gets what a silent fleet held after fifteen seconds, and not before", () => {
    const died: (readonly [Report, number])[] = [
      [aReport("a", START), START],
      [aReport("dead", START), START],
    ];
    const at = (ms: number): number | undefined =>
      granted(
        ask(anAccount({ perSecond: 0.05 }), [...died, [aReport("a", START + ms), START + ms]])[2],
      );

    expect(at(14_000)).toBe(5);
    expect(at(15_000)).toBe(10);
  });

  it("knows of a fleet that is idle, and forgets one that was silent for minutes", () => {
    const idle = [aReport("idle", START, { wants: {} }), START] as const;
    const othersAt = (ms: number): number | undefined =>
      ask(anAccount(), [idle, [aReport("a", START + ms), START + ms]])[1]?.others;

    expect([othersAt(60_000), othersAt(149_999), othersAt(150_000)]).toEqual([1, 1, 0]);
  });
});

describe("a report", () => {
  it("counts once, however often it comes", () => {
    const report = aReport("a", START, { calls: [{ tick: 7, calls: calls(4, START) }] });
    const once = after(anAccount(), [[report, START]]);
    const twice = after(once, [[report, START]]);

    expect(twice.budget.buckets.all.level).toBe(once.budget.buckets.all.level);
    expect(exchange(once, report, START).reply.heard).toBe(7);
  });

  it("that brings heard ticks and a new one counts the new one", () => {
    const heard = { tick: 7, calls: calls(4, START) };
    const news = { tick: 8, calls: calls(1, START) };
    const before = after(anAccount(), [[aReport("a", START, { calls: [heard] }), START]]);

    const later = after(before, [[aReport("a", START, { calls: [heard, news] }), START]]);

    expect(before.budget.buckets.all.level - later.budget.buckets.all.level).toBe(1);
  });

  it("is read by its own clock, which may be an hour ahead or behind", () => {
    const levelBy = (aheadMs: number): number => {
      const clock = START + 2_000 + aheadMs;
      const made = [...calls(3, clock - 1_000), refusal(clock - 900)];
      const report = aReport("a", clock, { calls: [{ tick: 1, calls: made }] });
      return after(anAccount(), [[report, START + 2_000]]).budget.buckets.all.refusedAt ?? 0;
    };

    expect([levelBy(0), levelBy(3_600_000), levelBy(-3_600_000)]).toEqual(
      Array.from({ length: 3 }, () => START + 1_100),
    );
  });

  it("still teaches a rate, and a sane one, after the account's clock was set back by an hour", () => {
    const ahead = START + 3_600_000;
    const refused = (at: number, tick: number): Report["calls"] => [
      { tick, calls: [...calls(8, at - 2_000), refusal(at - 1_000)] },
    ];
    const before = after(anAccount({ at: ahead }), [
      [aReport("a", ahead, { calls: refused(ahead, 1) }), ahead],
    ]);

    const [first, second] = [START + 10_000, START + 20_000];
    const later = after(before, [
      [aReport("b", first, { calls: refused(first, 1) }), first],
      [aReport("a", second, { calls: refused(second, 2) }), second],
    ]);

    const { ratePerSecond, refusedAt, levelAt } = later.budget.buckets.all;
    expect(ratePerSecond).toBeLessThanOrEqual(5);
    expect([refusedAt, levelAt].every((at) => at !== null && at <= second)).toBe(true);
    expect(exchange(later, aReport("b", second), second).reply.others).toBe(1);
  });

  it("of two idle fleets on a full bucket does not make it hold more", () => {
    let account = anAccount();
    const { capacity } = account.budget.buckets.all;
    for (let minute = 1; minute <= 60; minute++) {
      const at = START + minute * 60_000;
      account = after(account, [
        [aReport("a", at, { wants: { list: 1 } }), at],
        [aReport("b", at, { wants: { list: 1 } }), at],
      ]);
    }

    expect(account.budget.buckets.all.capacity).toBe(capacity);
  });

  it("of a refusal that the fleet met before it could hear of another's teaches no lower rate", () => {
    const asked: (readonly [Report, number])[] = [
      [aReport("a", START), START],
      [aReport("b", START), START],
    ];
    const refused = (fleet: string, at: number): readonly [Report, number] => [
      aReport(fleet, at, { calls: [{ tick: 1, calls: [refusal(at)] }] }),
      at,
    ];
    const first = after(anAccount(), [...asked, refused("a", START + 1_000)]);

    const both = after(first, [refused("b", START + 3_000)]);

    expect(both.budget.buckets.all.ratePerSecond).toBe(first.budget.buckets.all.ratePerSecond);
    expect(both.budget.buckets.all.level).toBeLessThan(0);
  });

  it("of what a fleet's own ledger knows fills an account that knows nothing", () => {
    const record = {
      name: "all",
      ratePerSecond: 2,
      capacity: 8,
      refusedAt: START - 60_000,
    } as const;
    const known = { records: [record], apart: { reads: 3, writes: 0 } };
    const report = aReport("a", START, { known });

    const fresh = exchange(newAccount(freshBudget(START)), report, START).reply;
    const wise = exchange(anAccount({ perSecond: 1 }), report, START).reply;

    expect(fresh.parts.all?.bucket).toMatchObject({ ratePerSecond: 2, capacity: 8 });
    expect(fresh.apart).toEqual({ reads: 3, writes: 0 });
    expect(wise.parts.all?.bucket.ratePerSecond).toBe(1);
    expect(wise.apart).toEqual(NOBODY);
  });

  it("shows that reads and writes do not share, also while other fleets are at work", () => {
    let account = anAccount({ perSecond: 0.5 });
    account = after(account, [[aReport("b", START), START]]);
    for (let tick = 1; tick <= 3; tick++) {
      const at = START + tick * 5_000;
      const made = [refusal(at), { lane: "list", startedAt: at + 50, throttled: false } as const];
      const report = aReport("a", at + 100, { calls: [{ tick, calls: made }] });
      account = after(account, [
        [report, at + 100],
        [aReport("b", at + 200), at + 200],
      ]);
    }

    expect(account.budget.apart.reads).toBe(3);
  });
});
