import { describe, expect, it } from "vitest";
import { absorbListing } from "../../../durable/rules/absorb-listing.ts";
import { ALL_READ } from "../../../durable/rules/scan.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { apply, NO_MOVES, type State } from "../../../durable/rules/state.ts";
import { BLANK } from "../../../durable/rules/transition.ts";
import type { CloudInstance } from "../../../durable/rules/world.ts";
import {
  aCloudInstance,
  aPlanned,
  aRow,
  aState,
  complete,
  freshFor,
  idleRows,
  MINUTE_MS,
  NOW,
  partial,
  phases,
} from "./builders.ts";

/** Of the fleet's own ledger; what is older can only be of one that was lost. */
const BEFORE_BIRTH = aState().identity.bornAt;

/** The state after a complete listing of nothing but `names` that begins at `at`. */
function listed(state: State, at: number, ...names: readonly string[]): State {
  const now = { ...state, now: at };
  const seen = complete(
    names.map((name) => aCloudInstance({ name })),
    at,
  );
  return apply(now, absorbListing(now, seen));
}

describe("an instance that is listed", () => {
  it("moves a planned row to starting, with what AWS says of it", () => {
    const row = aPlanned();
    const cloud = aCloudInstance({ state: "pending", publicIp: null, zone: "ap-northeast-2c" });

    const moves = absorbListing(aState({ rows: [row] }), complete([cloud]));

    expect(moves.rows).toMatchObject([
      { phase: "starting", step: "address", arn: cloud.arn, zone: "ap-northeast-2c" },
    ]);
    expect(moves.events).toMatchObject([{ kind: "created", instance: row.name }]);
  });

  it("moves a starting row to configuring once it runs and has an address", () => {
    const row = aPlanned({ phase: "starting" });

    const moves = absorbListing(aState({ rows: [row] }), complete([aCloudInstance()]));

    expect(moves.rows).toMatchObject([
      { phase: "configuring", step: "ports", publicIp: "203.0.113.7" },
    ]);
  });

  it.each([
    { state: "running", publicIp: null },
    { state: "pending", publicIp: "203.0.113.7" },
  ])("does not leave starting while it is $state with the address $publicIp", (cloud) => {
    const row = aPlanned({ phase: "starting" });

    const moves = absorbListing(aState({ rows: [row] }), complete([aCloudInstance(cloud)]));

    expect(moves.rows.map(({ phase }) => phase)).toEqual(["starting"]);
  });

  it("does not write a row of which nothing changed", () => {
    const moves = absorbListing(aState({ rows: [aRow()] }), complete([aCloudInstance()]));

    expect(moves.rows).toEqual([]);
  });

  it("takes its new address into the row", () => {
    const cloud = aCloudInstance({ publicIp: "203.0.113.8" });

    const moves = absorbListing(aState({ rows: [aRow()] }), complete([cloud]));

    expect(moves.rows).toMatchObject([{ phase: "ready", publicIp: "203.0.113.8", revision: 2 }]);
  });

  it("does not touch the row where another instance has taken its name", () => {
    const cloud = aCloudInstance({ arn: "arn:another", publicIp: "203.0.113.8" });

    expect(absorbListing(aState({ rows: [aRow()] }), complete([cloud])).rows).toEqual([]);
  });
});

describe("an instance that has taken the name of one of ours", () => {
  const another = aCloudInstance({ arn: "arn:another" });

  it("seed 540022: is adopted as soon as ours is known to be lost, and does not wait for its end", () => {
    const moves = absorbListing(aState({ rows: [aRow({ phase: "lost" })] }), complete([another]));

    expect(moves.rows).toMatchObject([
      { phase: "ready", arn: "arn:another", adopted: true, occupancy: "unknown" },
    ]);
  });
});

describe("an instance of ours without a live row", () => {
  const stray = aCloudInstance({ name: "media-old-9", createdAt: BEFORE_BIRTH });

  it("is adopted as unknown, and does not count as a spare or as created by us", () => {
    const moves = absorbListing(aState(), complete([stray]));

    expect(moves.rows).toMatchObject([
      { name: "media-old-9", phase: "ready", adopted: true, createdByUs: false },
    ]);
    expect(moves.rows).toMatchObject([{ occupancy: "unknown", everRead: false, portsHash: null }]);
    expect(moves.events).toMatchObject([{ kind: "adopted", instance: "media-old-9" }]);
  });

  it("is adopted from a partial listing too: what is seen is there", () => {
    expect(phases(absorbListing(aState(), partial([stray])).rows)).toEqual(["media-old-9: ready"]);
  });

  it("is adopted again after it was lost, and never takes the short way any more", () => {
    const lost = aRow({ phase: "lost", occupancy: "idle" });

    const moves = absorbListing(aState({ rows: [lost] }), complete([aCloudInstance()]));

    expect(moves.rows).toMatchObject([
      { phase: "ready", adopted: true, createdByUs: false, occupancy: "unknown", idleSince: null },
    ]);
  });

  it.each(["shutting-down", "terminated"])("is not adopted while it is %s", (state) => {
    const moves = absorbListing(aState(), complete([{ ...stray, state }]));

    expect(moves.rows).toEqual([]);
    expect(moves.events).toEqual([]);
  });
});

describe("an instance that is not listed", () => {
  const [row] = idleRows(1);

  it("is lost after two complete listings sixty seconds apart", () => {
    const once = listed(aState({ rows: [row ?? aRow()] }), NOW);
    const twice = listed(once, NOW + MINUTE_MS);

    expect(phases([...once.instances.values()])).toEqual(["media-k3-1: ready"]);
    expect(phases([...twice.instances.values()])).toEqual(["media-k3-1: lost"]);
  });

  it("is not lost after two listings that are less than sixty seconds apart", () => {
    const once = listed(aState({ rows: idleRows(1) }), NOW);
    const soon = listed(once, NOW + MINUTE_MS - 1);

    expect(phases([...soon.instances.values()])).toEqual(["media-k3-1: ready"]);
  });

  it("is not missed at all by a partial listing", () => {
    const once = listed(aState({ rows: idleRows(1) }), NOW);
    const later = { ...once, now: NOW + 10 * MINUTE_MS };

    const moves = absorbListing(later, { ...partial([]), startedAt: later.now });

    expect(moves.rows).toEqual([]);
    expect(moves.memory).toEqual({
      listingTrusted: false,
      listingTrouble: "timed out",
      unseen: { since: later.beganAt, throttled: false },
      absentSince: once.memory.absentSince,
      unlisted: once.memory.unlisted,
      unread: ALL_READ,
      driftSince: new Map(),
      scan: null,
      scannedAt: later.beganAt,
    });
    expect(moves.state).toEqual({});
  });

  it("is not missed where the listing began before the row's last change", () => {
    const changed = aRow({ changedAt: NOW });

    const once = listed(aState({ rows: [changed] }), NOW);

    expect(once.memory.absentSince.size).toBe(0);
  });

  it("is counted anew where the row changed after it was first missed", () => {
    const changed = aRow({ changedAt: NOW + 1 });
    const once = aState({
      rows: [changed],
      memory: { absentSince: new Map([[changed.name, NOW]]) },
    });

    const later = listed(once, NOW + 2 * MINUTE_MS);

    expect(phases([...later.instances.values()])).toEqual(["media-k3-1: ready"]);
    expect(later.memory.absentSince.get(changed.name)).toBe(NOW + 2 * MINUTE_MS);
  });

  it("is not missed before it is 120 seconds old: listings lag", () => {
    const young = aRow({ plannedAt: NOW - 119_999 });
    const old = aRow({ plannedAt: NOW - 120_000 });

    expect(listed(aState({ rows: [young] }), NOW).memory.absentSince.size).toBe(0);
    expect(listed(aState({ rows: [old] }), NOW).memory.absentSince.size).toBe(1);
  });

  it("is not missed while its media server answers", () => {
    const answering = aRow();
    const state = aState({ rows: [answering], memory: freshFor(answering) });

    expect(listed(state, NOW).memory.absentSince.size).toBe(0);
  });

  it("is not missed any more once it is listed again", () => {
    const once = listed(aState({ rows: idleRows(1) }), NOW);
    const back = listed(once, NOW + MINUTE_MS, "media-k3-1");
    const away = listed(back, NOW + 2 * MINUTE_MS);

    expect(phases([...away.instances.values()])).toEqual(["media-k3-1: ready"]);
  });

  it("is gone after two listings, however near, where we deleted it", () => {
    const deleting = aRow({ phase: "deleting" });

    const once = listed(aState({ rows: [deleting] }), NOW);
    const moves = absorbListing({ ...once, now: NOW + 5_000 }, complete([], NOW + 5_000));

    expect(once.instances.get(deleting.name)?.phase).toBe("deleting");
    expect(moves.rows).toMatchObject([{ phase: "gone", goneAt: NOW + 5_000 }]);
    expect(moves.events).toMatchObject([{ kind: "deleted" }]);
  });

  it("does not end a planned row: its create has not been seen yet", () => {
    const planned = aPlanned();

    const once = listed(aState({ rows: [planned] }), NOW);
    const twice = listed(once, NOW + 60 * MINUTE_MS);

    expect(twice.instances.get(planned.name)?.phase).toBe("planned");
  });

  it("is gone ten minutes after it was lost, and not before", () => {
    const lost = aRow({ phase: "lost", phaseSince: NOW });
    const state = aState({ rows: [lost] });

    expect(listed(state, NOW + 10 * MINUTE_MS - 1).instances.size).toBe(1);
    expect(listed(state, NOW + 10 * MINUTE_MS).instances.size).toBe(0);
  });
});

describe("an empty listing where several servers should be", () => {
  it("is not trusted, and takes ten minutes to be believed", () => {
    const once = listed(aState({ rows: idleRows(2) }), NOW);
    const soon = listed(once, NOW + 10 * MINUTE_MS - 1);
    const late = listed(once, NOW + 10 * MINUTE_MS);

    expect(once.memory.listingTrusted).toBe(false);
    expect(phases([...soon.instances.values()])).toEqual([
      "media-k3-1: ready",
      "media-k3-2: ready",
    ]);
    expect(phases([...late.instances.values()])).toEqual(["media-k3-1: lost", "media-k3-2: lost"]);
  });

  it("seed 601142: is believed ten minutes after the rows' last change, though that came amid it", () => {
    const once = listed(aState({ rows: idleRows(2) }), NOW);
    const amid = apply(once, { ...NO_MOVES, rows: idleRows(2, { changedAt: NOW + MINUTE_MS }) });

    const soon = listed(amid, NOW + 11 * MINUTE_MS);
    const late = listed(soon, NOW + 11 * MINUTE_MS + 1);

    expect(phases([...soon.instances.values()])).toEqual([
      "media-k3-1: ready",
      "media-k3-2: ready",
    ]);
    expect(phases([...late.instances.values()])).toEqual(["media-k3-1: lost", "media-k3-2: lost"]);
  });

  it("is trusted where one server or none should be", () => {
    expect(listed(aState({ rows: idleRows(1) }), NOW).memory.listingTrusted).toBe(true);
    expect(listed(aState(), NOW).memory.listingTrusted).toBe(true);
  });
});

describe("a tick without a listing", () => {
  it("changes nothing, and does not say that one was seen", () => {
    const moves = absorbListing(aState({ listed: false, rows: idleRows(2) }), { kind: "none" });

    expect(moves).toMatchObject({ rows: [], state: {}, memory: {} });
  });

  it("differs from a complete one, which is remembered for the life of the ledger", () => {
    const moves = absorbListing(aState({ listed: false }), complete([]));

    expect(moves).toMatchObject({ state: { listed: true }, memory: { listedAt: NOW } });
  });
});

describe("what a listing tells of an instance", () => {
  const told = (row: Partial<Instance>, cloud: Partial<CloudInstance>) =>
    absorbListing(aState({ rows: [aPlanned(row)] }), complete([aCloudInstance(cloud)])).rows[0];

  it("is when AWS created it, which does not change any more", () => {
    const createdAt = NOW - 20_000;

    expect(told({}, { createdAt })?.createdAt).toBe(createdAt);
    const arn = "arn:media-k3-1";
    const heard = { arn, createdAt: NOW - 30_000 };
    expect(told(heard, { arn, createdAt })?.createdAt).toBe(NOW - 30_000);
  });

  it("is not a creation in the future, though AWS's clock be ahead", () => {
    expect(told({}, { createdAt: NOW + 5_000 })?.createdAt).toBe(NOW);
  });

  it("is the template of its tag, or else that of its row", () => {
    expect(told({ template: "ours" }, { template: "tagged" })?.template).toBe("tagged");
    expect(told({ template: "ours" }, { template: null })?.template).toBe("ours");
  });
});

describe("a deleted instance that is not listed any more", () => {
  it.each<[string, Partial<Instance>]>([
    ["though its media server answered to the last", {}],
    ["though it is younger than 120 seconds", { plannedAt: NOW - 60_000 }],
  ])("is gone after two listings, %s", (_what, overrides) => {
    const row = aRow({ phase: "deleting", ...overrides });

    const once = listed(aState({ rows: [row], memory: freshFor(row) }), NOW);
    const twice = listed(once, NOW + 5_000);

    expect(twice.instances.size).toBe(0);
  });
});

describe("an absence", () => {
  it("does not count where the earlier listing began with the row's last change", () => {
    const row = aRow({ changedAt: NOW });
    const once = aState({ rows: [row], memory: { absentSince: new Map([[row.name, NOW]]) } });

    const later = listed(once, NOW + 2 * MINUTE_MS);

    expect(later.instances.get(row.name)?.phase).toBe("ready");
    expect(later.memory.absentSince.get(row.name)).toBe(NOW + 2 * MINUTE_MS);
  });

  it("of a planned row is not remembered: no listing is hastened for it", () => {
    expect(listed(aState({ rows: [aPlanned()] }), NOW).memory.absentSince.size).toBe(0);
  });

  it("of a lost row counts on, whatever was last read from its server", () => {
    const lost = aRow({ phase: "lost", phaseSince: NOW - 10 * MINUTE_MS });

    const state = listed(aState({ rows: [lost], memory: freshFor(lost) }), NOW);

    expect(state.instances.size).toBe(0);
  });
});

describe("a listing that holds some of several servers", () => {
  it("is trusted: what it lacks is lost after a minute, not after ten", () => {
    const once = listed(aState({ rows: idleRows(3) }), NOW, "media-k3-1");
    const twice = listed(once, NOW + MINUTE_MS, "media-k3-1");

    expect(once.memory.listingTrusted).toBe(true);
    expect(phases([...twice.instances.values()])).toEqual([
      "media-k3-1: ready",
      "media-k3-2: lost",
      "media-k3-3: lost",
    ]);
  });
});

describe("an empty listing where only launches should be", () => {
  it("is trusted: listings lag", () => {
    const rows = ["a", "b", "c"].map((name) => aPlanned({ name }));

    expect(listed(aState({ rows }), NOW).memory.listingTrusted).toBe(true);
  });
});

describe("the events of a listing", () => {
  it("say of a lost instance since when it is missed, and how many sessions it had", () => {
    const row = aRow({ sessions: 3, occupancy: "busy" });
    const once = listed(aState({ rows: [row] }), NOW);

    const moves = absorbListing({ ...once, now: NOW + MINUTE_MS }, complete([], NOW + MINUTE_MS));

    expect(moves.rows).toMatchObject([{ lastError: "no longer listed, and not by us" }]);
    expect(moves.events).toMatchObject([
      { kind: "lost", instance: row.name, data: { sessions: 3, absentSince: NOW } },
    ]);
  });

  it("say of an adopted one what AWS calls it", () => {
    const { events } = absorbListing(aState(), complete([aCloudInstance({ state: "stopped" })]));

    expect(events).toMatchObject([{ data: { arn: "arn:media-k3-1", state: "stopped" } }]);
  });

  it("are none for a lost instance that is gone: it was told before", () => {
    const lost = aRow({ phase: "lost", phaseSince: NOW - 10 * MINUTE_MS });

    const moves = absorbListing(aState({ rows: [lost] }), complete([]));

    expect(moves.rows).toMatchObject([{ phase: "gone", goneAt: NOW }]);
    expect(moves.events).toEqual([]);
  });
});

describe("the words of a listing", () => {
  it("are plain, and name the instance", () => {
    const said = (row: Partial<Instance>, cloud: readonly CloudInstance[], missedAt = NOW) => {
      const absentSince = new Map([["media-k3-1", missedAt]]);
      const state = aState({ rows: [aRow(row)], memory: { absentSince } });
      return absorbListing(state, complete(cloud)).events.map(({ message }) => message);
    };
    const since = NOW - MINUTE_MS;

    expect(said({ phase: "planned" }, [aCloudInstance()])).toEqual([
      "media-k3-1 exists in ap-northeast-2a",
    ]);
    expect(said({}, [aCloudInstance({ state: "stopped" })])).toEqual([
      "media-k3-1 is stopped, and not by us",
    ]);
    expect(said({ phase: "lost" }, [aCloudInstance()])).toEqual([
      "media-k3-1 carries our tags but had no live row: adopted, occupancy unknown",
    ]);
    expect(said({ phase: "deleting" }, [], since)).toEqual(["media-k3-1 is gone"]);
    expect(said({}, [], since)).toEqual([
      "media-k3-1 is no longer listed, and we did not delete it",
    ]);
    expect(said({ phase: "warming" }, [], since)).toEqual([
      "media-k3-1 is no longer listed, and we did not delete it before it was ready",
    ]);
  });
});

describe("a row of which nothing is known", () => {
  it("is nobody's: neither created by us, adopted nor ever read, and so it is never deleted", () => {
    expect(BLANK).toMatchObject({
      createdByUs: false,
      adopted: false,
      everRead: false,
      occupancy: "unknown",
      arn: null,
    });
  });
});

describe("the servers that answer, but are not listed", () => {
  const unlisted = (state: State, listing: Parameters<typeof absorbListing>[1]) =>
    [...(absorbListing(state, listing).memory.unlisted ?? [])].toSorted();
  const rows = idleRows(3);
  const state = aState({ rows, memory: freshFor(...rows) });
  const [first, second] = ["media-k3-1", "media-k3-2"].map((name) => aCloudInstance({ name }));
  if (first === undefined || second === undefined) throw new Error("two instances");

  it("are those that the last complete listing lacked, though nothing else says they are gone", () => {
    expect(unlisted(state, complete([first]))).toEqual(["media-k3-2", "media-k3-3"]);
    expect(absorbListing(state, complete([first])).memory.absentSince?.size).toBe(0);
  });

  it("stay so until they are seen, and a partial listing can show them", () => {
    const memory = { unlisted: new Set(["media-k3-2", "media-k3-3"]) };
    const before = aState({ rows, memory });

    expect(unlisted(before, partial([first, second]))).toEqual(["media-k3-3"]);
    expect(unlisted(before, complete([first, second]))).toEqual(["media-k3-3"]);
  });
});

describe("an instance that another ledger has made", () => {
  const bornAt = BEFORE_BIRTH;
  const told = (createdAt: number, overrides: Partial<CloudInstance> = {}): readonly string[] => {
    const cloud = aCloudInstance({ name: "media-r7-1", createdAt, ...overrides });
    return absorbListing(aState(), complete([cloud])).events.map(({ kind }) => kind);
  };

  it("after ours was born is a rival's, and is adopted all the same", () => {
    const cloud = aCloudInstance({ name: "media-r7-1", createdAt: bornAt + 120_001 });

    const moves = absorbListing(aState(), complete([cloud]));

    expect(phases(moves.rows)).toEqual(["media-r7-1: ready"]);
    expect(moves.events).toMatchObject([{ kind: "rival", instance: "media-r7-1" }]);
  });

  it.each<[string, number, Partial<CloudInstance>]>([
    ["by a call that was on its way when ours was born", bornAt + 120_000, {}],
    ["by our own ledger", NOW, { name: "media-k3-9" }],
    ["by a person, who gave it our tag", NOW, { template: null }],
  ])("is no rival's %s", (_what, createdAt, overrides) => {
    expect(told(createdAt, overrides)).toEqual(["adopted"]);
  });
});

describe("a stranger", () => {
  const stranger = { name: "media-k3-7", arn: "arn:stranger", owner: null };
  const look = (state: State) => absorbListing(state, { ...complete([]), strangers: [stranger] });

  it("is left alone, and told once in the life of the object", () => {
    const state = aState();
    const moves = look(state);

    expect(moves).toMatchObject({ rows: [], memory: { strangers: [stranger] } });
    expect(moves.events).toMatchObject([{ kind: "stranger", instance: "media-k3-7" }]);
    expect(look(apply(state, moves)).events).toEqual([]);
  });

  it("that is not there any more is forgotten", () => {
    const state = aState({ memory: { strangers: [stranger] } });

    expect(absorbListing(state, complete([])).memory).toMatchObject({ strangers: [] });
  });
});

describe("a listed server", () => {
  const after = (row: Instance, overrides: Partial<CloudInstance>): Instance | undefined =>
    absorbListing(aState({ rows: [row] }), complete([aCloudInstance(overrides)])).rows[0];
  const { tags } = aCloudInstance();
  const marked = { tags: { ...tags, "lightfleet:protect": "" } };

  it("is protected while it carries the tag, and since the first listing that shows it", () => {
    const guarded = after(aRow(), marked);

    expect(guarded).toMatchObject({ protectedByTag: true, protectedSince: NOW });
    expect(after(aRow({ protectedByTag: true, protectedSince: NOW - 9 }), {})).toMatchObject({
      protectedByTag: false,
      protectedSince: null,
    });
  });

  it("stays protected by a person when its tag is taken away", () => {
    const both = aRow({ protectedBy: "olga", protectedByTag: true, protectedSince: NOW - 9 });

    expect(after(both, {})).toMatchObject({
      protectedBy: "olga",
      protectedByTag: false,
      protectedSince: NOW - 9,
    });
  });

  it("has the bundle that it is billed as, whatever the spec says", () => {
    expect(after(aRow(), { bundle: "large_3_0" })).toMatchObject({ bundle: "large_3_0" });
  });
});
