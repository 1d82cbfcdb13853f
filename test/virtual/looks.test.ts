/** The measured bar of looks: who is read when, with six sockets for each invocation. */
import { describe, expect, it, vi } from "vitest";
import { live, type Scene, type Seen } from "./looks.ts";

/** A failing shard writes a line to the log each time. */
vi.spyOn(console, "warn").mockImplementation(() => {});

const tenth = (server: number): boolean => server % 10 === 3;

/** Nothing of it comes from our own slowness: nobody is replaced, nothing is retired, the eyes are not blind. */
function expectCalm(seen: Seen): void {
  expect(seen).toMatchObject({ blindTicks: 0, retired: 0, unknownAtEnd: 0, queued: 0 });
  expect(seen.mostSockets).toBeLessThanOrEqual(6);
}

/** With a round trip of 100 ms a probe takes 200: one to connect, one to ask. */
const DROPPING: Scene = { servers: 300, probeMs: 200, drops: tenth, ticks: 60 };

describe("300 servers at a round trip of 100 ms, of which a tenth drops packets", () => {
  it.each<[string, Partial<Scene>]>([
    ["with the eyes' own sockets alone", {}],
    ["when they begin to drop them all at once", { drops: (n, at) => tenth(n) && at >= 20 }],
    ["with shards", { shard: () => "works" }],
    ["with one shard that throws", { shard: (n) => (n === 1 ? "throws" : "works") }],
    ["with one shard that hangs", { shard: (n) => (n === 1 ? "hangs" : "works") }],
    ["after each restart of the object", { restarts: [20, 40], shard: () => "works" }],
  ])("never leaves a healthy server unread for longer than 15 s, %s", async (_how, more) => {
    const seen = await live({ ...DROPPING, ...more });

    expectCalm(seen);
    expect(seen.longestUnreadMs).toBeLessThanOrEqual(15_000);
  });

  it.each(["throws", "hangs"] as const)(
    "goes on with the eyes' own sockets, in turn, where every shard %s",
    async (how) => {
      const seen = await live({ ...DROPPING, shard: () => how });

      expectCalm(seen);
      expect(seen.longestUnreadMs).toBeLessThanOrEqual(25_000);
    },
  );

  it("replaces no more than the few silent servers that it may", async () => {
    expect((await live(DROPPING)).launched).toBeLessThanOrEqual(5);
  });
});

describe("servers for which one look is too short", () => {
  it.each([
    [80, 400, 10_000],
    [150, 200, 10_000],
    [300, 200, 15_000],
    [300, 400, 30_000],
  ])("%i at %i ms are all read, and none is replaced", async (servers, probeMs, withinMs) => {
    const seen = await live({ servers, probeMs, ticks: 60 });

    expectCalm(seen);
    expect(seen.launched).toBe(0);
    expect(seen.longestUnreadMs).toBeLessThanOrEqual(withinMs);
    // What the fleet says of itself is what it does.
    expect(Math.max(...seen.sustainedMs)).toBeGreaterThanOrEqual(seen.longestUnreadMs - 5_000);
  });

  it.each([
    [200, 15_000],
    [400, 20_000],
  ])("1,000 at %i ms are all read with the help of shards", async (probeMs, withinMs) => {
    const seen = await live({ servers: 1_000, probeMs, ticks: 20, shard: () => "works" });

    expectCalm(seen);
    expect(seen.launched).toBe(0);
    expect(seen.shardsUsed).toBe(8);
    expect(seen.longestUnreadMs).toBeLessThanOrEqual(withinMs);
  });

  it("100, of which 14 drop packets, are read but for those", async () => {
    const drops = (server: number): boolean => server % 7 === 3;

    const seen = await live({ servers: 100, probeMs: 200, drops, ticks: 60 });

    expectCalm(seen);
    expect(seen.launched).toBeLessThanOrEqual(5);
    expect(seen.longestUnreadMs).toBeLessThanOrEqual(10_000);
  });

  it("are all read where some take much longer than the others, which the eyes must first learn", async () => {
    const probeMs = (server: number): number => (server % 20 === 0 ? 900 : 100);

    const seen = await live({ servers: 300, probeMs, ticks: 60 });

    expectCalm(seen);
    expect(seen.launched).toBe(0);
    expect(seen.longestUnreadMs).toBeLessThanOrEqual(35_000);
  });
});

describe("a fleet of a few servers", () => {
  it("is read whole in each look, by the eyes alone", async () => {
    const seen = await live({ servers: 30, probeMs: 200, ticks: 20, shard: () => "works" });

    expectCalm(seen);
    expect(seen).toMatchObject({ launched: 0, shardsUsed: 0 });
    expect(seen.answers).toEqual(Array<number>(20).fill(30));
    expect(seen.sustainedMs).toEqual(Array<number>(20).fill(5_000));
  });
});
