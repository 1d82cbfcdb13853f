/** One dispatcher that would lease everything for ever, against the limits of the spec. */
import { describe, expect, it } from "vitest";
import { readEvents } from "../../durable/ledger/events.ts";
import { writeInstance } from "../../durable/ledger/instances.ts";
import { lease, leasesOf, releaseLease, renewLease } from "../../durable/operate-lease.ts";
import type { LeaseChange, LeaseWish } from "../../durable/rules/views.ts";
import { aFleet, given, restart, stateOf, tick } from "./fleet-builder.ts";
import { aCloudInstance, complete, idleRows, type SpecOverrides } from "./rules/builders.ts";

const DAN = { actor: "token:dan", isOperator: false };
const EVE = { actor: "token:eve", isOperator: false };
const WISH: LeaseWish = { count: 1, partial: false, key: null, ttlSeconds: 60, zone: null };
const SECOND_MS = 1_000;

/** A fleet with so many idle servers, that answer in each tick. */
function dispatched(limits: SpecOverrides["limits"], servers = 6) {
  const rows = idleRows(servers);
  const fleet = aFleet({ spares: { default: String(servers) }, ...(limits && { limits }) });
  for (const row of rows) writeInstance(fleet.sql, row);
  restart(fleet);
  let words = 0;
  const look = (): void => {
    const now = fleet.now + 5_000;
    const readings = [...stateOf(fleet).instances.values()].map(({ name, revision }) => {
      const about = { name, revision, startedAt: now };
      return { ...about, kind: "answer", sessions: 0, draining: false } as const;
    });
    const listed = rows.map(({ name, template }) => aCloudInstance({ name, template }));
    tick(fleet, { readings, listing: complete(listed, now) });
  };
  look();
  const own = () => ({ ...given(fleet), word: () => `w${(words += 1)}x` });
  const ask = (wish: Partial<LeaseWish> = {}, asked = DAN) =>
    lease(fleet.engine, { ...WISH, ...wish }, asked, own());
  return {
    fleet,
    look,
    ask,
    take: (wish: Partial<LeaseWish> = {}, asked = DAN): string => {
      const answer = ask(wish, asked);
      const [first] = "leases" in answer ? answer.leases : [];
      if (first === undefined) throw new Error(JSON.stringify(answer));
      return first.id;
    },
    renew: (id: string, change: Partial<LeaseChange> = {}) =>
      renewLease(fleet.engine, id, { ttlSeconds: null, used: false, ...change }, DAN, own()),
    release: (id: string) => releaseLease(fleet.engine, id, DAN, own()),
    held: () => leasesOf(stateOf(fleet), { ...DAN, isOperator: true }),
    shown: () => fleet.engine.guards.map(({ guard, value, limit }) => ({ guard, value, limit })),
  };
}

function refusedFor(words: string) {
  return { refused: { status: 409, detail: expect.stringContaining(words) as string } };
}

describe("limits.leasesPerToken", () => {
  it("keeps one dispatcher from leasing everything, and leaves the rest to others", () => {
    const { ask, take, held } = dispatched({ leasesPerToken: 2 });
    take();
    take();

    expect(ask()).toMatchObject(refusedFor("2 leases of the 2 that one token may hold at once"));
    expect(take({}, EVE)).toBeDefined();
    expect(held()).toHaveLength(3);
  });

  it("refuses a request that would go beyond it whole, or gives what is left of it if that will do", () => {
    const { ask, held } = dispatched({ leasesPerToken: 4 });

    expect(ask({ count: 5 })).toMatchObject(refusedFor("5 more were wanted; nothing was taken"));
    expect(held()).toEqual([]);
    expect(ask({ count: 5, partial: true })).toMatchObject({ repeated: false });
    expect(held()).toHaveLength(4);
    expect(ask({ count: 5, partial: true })).toMatchObject(refusedFor("4 leases of the 4"));
  });

  it("gives the leases of a known key again, and new ones for those that were released", () => {
    const { ask, take, release } = dispatched({ leasesPerToken: 1 });
    const id = take({ key: "room-42" });

    expect(ask({ key: "room-42" })).toMatchObject({ repeated: true });
    release(id);
    expect(take({ key: "room-43" })).not.toBe(id);
  });

  it("is no limit where the spec has none", () => {
    const { ask } = dispatched({});

    expect(ask({ count: 6 })).toMatchObject({ repeated: false });
  });
});

describe("limits.leaseMaxSeconds", () => {
  it("refuses a lease for longer, and does not shorten it: its dispatcher counts by its own clock", () => {
    const { ask, held } = dispatched({ leaseMaxSeconds: 60 });

    expect(ask({ ttlSeconds: 61 })).toMatchObject(refusedFor("lasts 60 s at the most"));
    expect(held()).toEqual([]);
    expect(ask({ ttlSeconds: 60 })).toMatchObject({ repeated: false });
  });

  it("ends a lease that is renewed for ever, and says how long it may still last", () => {
    const { fleet, take, renew, held } = dispatched({ leaseMaxSeconds: 100 });
    const givenAt = fleet.now;
    const id = take();
    fleet.now += 30 * SECOND_MS;

    expect(renew(id)).toMatchObject({ expiresAt: new Date(givenAt + 90_000).toISOString() });
    fleet.now += 30 * SECOND_MS;
    expect(renew(id)).toMatchObject(refusedFor("of this one 40 s are left"));
    expect(held()[0]?.expiresAt).toBe(new Date(givenAt + 90_000).toISOString());
    expect(renew(id, { ttlSeconds: 40 })).toMatchObject({
      expiresAt: new Date(givenAt + 100_000).toISOString(),
    });
  });

  it("never keeps a session from being marked, nor moves the end by it", () => {
    const { fleet, take, renew } = dispatched({ leaseMaxSeconds: 60 });
    const end = new Date(fleet.now + 60_000).toISOString();
    const id = take();
    fleet.now += 50 * SECOND_MS;

    expect(renew(id, { used: true })).toMatchObject({ state: "used", expiresAt: end });
  });
});

describe("a limit of leases that refuses somebody", () => {
  it("is shown with its numbers for a minute after the last refusal, and told", () => {
    const { fleet, ask, take, look, shown } = dispatched({
      leasesPerToken: 1,
      leaseMaxSeconds: 60,
    });
    take();
    ask();
    ask({ ttlSeconds: 300 });
    look();

    expect(shown()).toEqual([
      { guard: "leasesPerToken", value: 1, limit: 1 },
      { guard: "leaseMaxSeconds", value: 300, limit: 60 },
    ]);
    const every = { since: null, until: null, instance: null, before: null, limit: 10 };
    const told = readEvents(fleet.sql, { ...every, kind: "guard" }).map(({ message }) => message);
    expect(told.join()).toContain("token:dan was refused more leases than one token may hold");

    fleet.now += 60 * SECOND_MS;
    look();
    expect(shown()).toEqual([]);
  });

  it("writes nothing, however often it does so", () => {
    const { fleet, ask, take } = dispatched({ leasesPerToken: 1 });
    take();
    const count = () => fleet.sql.rows("SELECT total_changes() AS made")[0]?.["made"];
    const before = count();
    for (let each = 0; each < 20; each++) ask();

    expect(count()).toBe(before);
  });
});
