import { describe, expect, it } from "vitest";
import { absorbListing } from "../../../durable/rules/absorb-listing.ts";
import { assembled } from "../../../durable/rules/scan.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import type { Listing } from "../../../durable/rules/world.ts";
import {
  A_HOLE,
  aCloudInstance,
  aRow,
  aState,
  complete,
  idleRows,
  MINUTE_MS,
  NOW,
  partial,
} from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;

/** Pages that end because the look had no more of them, at this page token. */
function upTo(next: string, ...names: readonly string[]) {
  return { ...partial(names.map(instance)), hole: null, next };
}

function instance(name: string) {
  return aCloudInstance({ name, arn: `arn:${name}` });
}

function unread(name: string) {
  return { name, arn: `arn:${name}`, isClaimed: true, what: "state: gone" };
}

/** A fleet of so many old servers, none of which was heard of lately. */
function fleet(count: number): State {
  const old = { plannedAt: NOW - HOUR_MS, changedAt: NOW - HOUR_MS };
  const rows = idleRows(count, old).map((row) => ({ ...row, arn: `arn:${row.name}` }));
  return aState({ rows });
}

function looked(state: State, look: Listing, at = NOW): State {
  const now = { ...state, now: at, beganAt: at };
  return apply(now, absorbListing(now, look));
}

describe("a listing in several looks", () => {
  it("says of nobody that he is absent before its last page is in", () => {
    const state = looked(fleet(3), upTo("p2", "media-k3-1"));

    expect(state.memory.absentSince.size).toBe(0);
    expect(state.memory.scan).toMatchObject({ next: "p2", pages: 1, startedAt: NOW });
    expect(state.memory.listedAt).toBe(aState().memory.listedAt);
  });

  it("is as old as its first page, and knows of the servers of all its pages", () => {
    const first = looked(fleet(3), upTo("p2", "media-k3-1"));

    const state = looked(first, complete([instance("media-k3-2")], NOW + 5_000), NOW + 5_000);

    expect(state.memory).toMatchObject({ scan: null, listedAt: NOW, listedPages: 2 });
    expect([...state.memory.absentSince]).toEqual([["media-k3-3", NOW]]);
    expect([...state.memory.unlisted]).toEqual(["media-k3-3"]);
  });

  it("lets rows follow each page as it comes", () => {
    const booting = aRow({ name: "b", phase: "starting", publicIp: null, arn: null });

    const state = looked(aState({ rows: [booting] }), upTo("p2", "b"));

    expect(state.instances.get("b")?.phase).toBe("configuring");
  });

  it("does not call a server unlisted that was planned after it began", () => {
    const first = looked(fleet(1), upTo("p2", "media-k3-1"));
    const planned = aRow({ name: "new", phase: "configuring", plannedAt: NOW + 1_000 });
    const grown = { ...first, instances: new Map([...first.instances, ["new", planned]]) };

    const state = looked(grown, complete([], NOW + 5_000), NOW + 5_000);

    expect(state.memory.unlisted.has("new")).toBe(false);
  });

  it("goes on at the same page where a look failed in between", () => {
    const first = looked(fleet(2), upTo("p2", "media-k3-1"));

    const state = looked(first, { ...partial([]), pages: 0, next: "p2" });

    expect(state.memory.scan).toMatchObject({ next: "p2", startedAt: NOW });
    expect(state.memory).toMatchObject({ listingTrusted: false, listingTrouble: A_HOLE.detail });
  });

  it("begins anew where AWS does not take its page token any more", () => {
    const first = looked(fleet(2), upTo("p2", "media-k3-1"));

    expect(looked(first, partial([])).memory.scan).toBeNull();
  });

  it("remembers what earlier pages gave in a form that cannot be read, and forgets it once it is read", () => {
    const first = unread("media-k3-1");
    const second = unread("media-k3-2");
    const begun = looked(fleet(2), { ...upTo("p2"), unread: [first, second] });

    const { listing } = assembled(begun.memory, complete([instance("media-k3-2")]));

    expect(listing).toMatchObject({ kind: "complete", unread: [first] });
  });

  it("is given up where its pages have no end", () => {
    const { scan, listing } = assembled({ scan: null }, { ...upTo("p501"), pages: 500 });

    expect(scan).toBeNull();
    expect(listing).toMatchObject({
      kind: "partial",
      hole: { why: "malformed", detail: "GetInstances has no end after 500 pages" },
    });
  });

  it("keeps the drift that earlier pages have shown", () => {
    const state = fleet(2);
    const drifting = { ...instance("media-k3-1"), tags: {} };
    const first = looked(state, { ...partial([drifting]), hole: null, next: "p2" });

    const after = looked(first, complete([instance("media-k3-2")], NOW + 1), NOW + 1);

    expect([...after.memory.driftSince.keys()]).toEqual(["media-k3-1"]);
  });
});
