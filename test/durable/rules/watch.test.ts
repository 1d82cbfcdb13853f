import { describe, expect, it } from "vitest";
import { ADOPTION_LIFE_MS, DOUBT_EVERY_TICKS } from "../../../durable/rules/limits.ts";
import type { Memory } from "../../../durable/rules/state.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import {
  aPlanned,
  aRow,
  aState,
  freshFor,
  idleFreshness,
  idleRows,
  laneOf,
  NOW,
  OWNER,
} from "./builders.ts";

const TAG = { resource: "key-0abc1234", key: "여유_서버_목표치" };

describe("a listing", () => {
  const listing = (...args: Parameters<typeof aState>): boolean =>
    watchOf(aState(...args)).listing !== null;

  it("is not due where nothing changes and the last was lately", () => {
    expect(listing({ rows: idleRows(1) })).toBe(false);
    expect(listing({ memory: { listedAt: NOW - 29_999 } })).toBe(false);
  });

  it("is due every six ticks", () => {
    expect(listing({ memory: { listedAt: NOW - 30_000 } })).toBe(true);
  });

  it("is due until one was complete, in this life and in that of the object", () => {
    expect(listing({ listed: false })).toBe(true);
    expect(listing({ memory: { listedAt: null } })).toBe(true);
  });

  it("is due while an instance is missed", () => {
    expect(listing({ memory: { absentSince: new Map([["a", NOW]]) } })).toBe(true);
  });

  it.each(["starting", "deleting"] as const)("is due while an instance is %s", (phase) => {
    expect(listing({ rows: [aRow({ phase })] })).toBe(true);
  });

  it("is due while a create may have happened", () => {
    expect(listing({ rows: [aPlanned({ mayExist: true })] })).toBe(true);
  });

  it("reads as many pages as there are calls for, and goes on where it stopped", () => {
    const from = (memory: Partial<Memory>) =>
      watchOf(aState({ rows: idleRows(20), listed: false, memory })).listing;
    const scan = {
      startedAt: NOW,
      next: "page 2",
      pages: 1,
      present: new Map(),
      strangers: [],
      unread: [],
    };

    expect(from(laneOf("list", 0))).toBeNull();
    expect(from(laneOf("list", 1))).toEqual({ pagesMax: 1, from: null });
    expect(from({ ...laneOf("list", 2), scan })).toEqual({ pagesMax: 2, from: "page 2" });
  });
});

describe("look-ups", () => {
  const perhaps = (name: string) => aPlanned({ name, mayExist: true });

  it("are of names whose create may have happened, three in a tick", () => {
    const { lookUps } = watchOf(aState({ rows: ["a", "b", "c", "d"].map(perhaps) }));

    expect(lookUps).toEqual(["a", "b", "c"]);
  });

  it("are not made while the create may still be under way", () => {
    const rows = [
      { ...perhaps("a"), command: 9 },
      { ...perhaps("b"), nextAttemptAt: NOW + 1 },
      aPlanned({ name: "c" }),
    ];

    expect(watchOf(aState({ rows })).lookUps).toEqual([]);
  });

  it("come before the listing where tokens are few", () => {
    const state = aState({ rows: [perhaps("a"), perhaps("b")], memory: laneOf("list", 1) });

    expect(watchOf(state)).toMatchObject({ lookUps: ["a"], listing: null });
  });
});

describe("a probe", () => {
  it.each(["warming", "ready", "draining"] as const)("is made of a server that is %s", (phase) => {
    const row = aRow({ phase, revision: 4 });

    expect(watchOf(aState({ rows: [row] })).probes).toEqual([
      { name: row.name, revision: 4, address: "203.0.113.7" },
    ]);
  });

  it("is not made of one in another phase, nor without an address", () => {
    const rows = [
      aRow({ name: "a", phase: "configuring" }),
      aRow({ name: "b", phase: "deleting" }),
      aRow({ name: "c", phase: "lost" }),
      aRow({ name: "d", publicIp: null }),
    ];

    expect(watchOf(aState({ rows })).probes).toEqual([]);
  });

  it("is due an interval after the last, less half a tick", () => {
    const row = aRow();
    const askedBefore = (ms: number): number => {
      const freshness = new Map([[row.name, idleFreshness(1, NOW - ms)]]);
      return watchOf(aState({ rows: [row], memory: { freshness } })).probes.length;
    };

    expect([askedBefore(2_499), askedBefore(2_500)]).toEqual([0, 1]);
  });
});

describe("the tag", () => {
  const tag = (memory: Partial<Memory>) =>
    watchOf(aState({ spec: { spares: { tag: TAG } }, memory })).tag;

  it("is read every three ticks, and at once after a cold start", () => {
    expect(tag({ tagReadAt: NOW - 15_000 })).toEqual(TAG);
    expect(tag({ tagReadAt: null })).toEqual(TAG);
  });

  it("is not read sooner, nor without a token, nor where the spec names none", () => {
    expect(tag({ tagReadAt: NOW - 14_999 })).toBeNull();
    expect(tag({ tagReadAt: null, ...laneOf("ec2", 0) })).toBeNull();
    expect(watchOf(aState({ memory: { tagReadAt: null } })).tag).toBeNull();
  });
});

describe("a watch", () => {
  it("says whose instances it looks for, in which tick", () => {
    expect(watchOf(aState())).toMatchObject({ tick: 7, region: "ap-northeast-2", owner: OWNER });
  });
});

describe("a fleet that is removed", () => {
  it("is listed in every tick, to see its instances go", () => {
    const { listing } = watchOf(aState({ rows: idleRows(1), removing: { force: false } }));

    expect(listing).toEqual({ pagesMax: 5, from: null });
  });
});

describe("the very moment", () => {
  it("of a row's next attempt has it looked up", () => {
    const row = aPlanned({ mayExist: true, nextAttemptAt: NOW });

    expect(watchOf(aState({ rows: [row] })).lookUps).toEqual([row.name]);
  });

  it("at which the lane has one token has the tag read", () => {
    const state = aState({
      spec: { spares: { tag: TAG } },
      memory: { tagReadAt: null, ...laneOf("ec2", 1) },
    });

    expect(watchOf(state).tag).toEqual(TAG);
  });
});

describe("the prices of AWS", () => {
  const HOUR_MS = 3_600_000;
  const bundles = (...args: Parameters<typeof aState>): boolean => watchOf(aState(...args)).bundles;

  it("are read once a day where that of the spec's bundle is known", () => {
    expect(bundles({ memory: { bundlesReadAt: NOW - 24 * HOUR_MS + 1 } })).toBe(false);
    expect(bundles({ memory: { bundlesReadAt: NOW - 24 * HOUR_MS } })).toBe(true);
  });

  it("are read once in each life of the object", () => {
    expect(bundles({ memory: { bundlesReadAt: null, bundlesAskedAt: null } })).toBe(true);
  });

  it("are asked for once a minute while that of the spec's bundle is not known", () => {
    const state = { bundles: new Map() };
    const asked = (at: number) => ({ ...state, memory: { bundlesAskedAt: at } });

    expect(bundles(asked(NOW - 59_999))).toBe(false);
    expect(bundles(asked(NOW - 60_000))).toBe(true);
  });

  it("wait for a token that neither listing nor look-ups need", () => {
    const state = { bundles: new Map(), listed: false };
    const memory = { bundlesAskedAt: null };

    expect(bundles({ ...state, memory: { ...memory, ...laneOf("list", 1) } })).toBe(false);
    expect(bundles({ ...state, memory: { ...memory, ...laneOf("list", 2) } })).toBe(true);
  });
});

describe("an instance that is to be adopted", () => {
  const adoptions = [{ name: "by-hand", since: NOW, actor: "olga" }];

  it("is looked up by its name until there is a row of it", () => {
    const rows = [aRow({ name: "by-hand" })];

    expect(watchOf(aState({ adoptions })).lookUps).toEqual(["by-hand"]);
    expect(watchOf(aState({ adoptions, rows })).lookUps).toEqual([]);
  });

  it("seed 601115: is looked up now and then where it is a silent row that was never listed", () => {
    const silent = aRow({ name: "by-hand" });
    const at = (tick: number, now: number, memory = {}): readonly string[] =>
      watchOf({ ...aState({ adoptions, rows: [silent], memory }), tick, now }).lookUps;
    const late = NOW + ADOPTION_LIFE_MS;

    expect(at(2 * DOUBT_EVERY_TICKS, late)).toEqual(["by-hand"]);
    expect(at(2 * DOUBT_EVERY_TICKS + 1, late)).toEqual([]);
    expect(at(2 * DOUBT_EVERY_TICKS, late - 1)).toEqual([]);
    const { freshness } = freshFor(silent);
    const answering = new Map([...freshness].map(([name, of]) => [name, { ...of, readAt: late }]));
    expect(at(2 * DOUBT_EVERY_TICKS, late, { freshness: answering })).toEqual([]);
  });

  it("comes after the names that may exist, three in a tick", () => {
    const rows = [1, 2, 3].map((n) => aPlanned({ name: `media-k3-${n}`, mayExist: true }));
    const { lookUps } = watchOf(aState({ adoptions, rows }));

    expect(lookUps).toEqual(["media-k3-1", "media-k3-2", "media-k3-3"]);
  });
});
