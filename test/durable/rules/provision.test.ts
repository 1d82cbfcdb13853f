import { describe, expect, it } from "vitest";
import type { Instance } from "../../../durable/rules/model.ts";
import { provision } from "../../../durable/rules/provision.ts";
import type { Memory } from "../../../durable/rules/state.ts";
import { namesOf } from "../../../durable/rules/world.ts";
import {
  aHold,
  aPlanned,
  aRow,
  aState,
  laneOf,
  NOW,
  OWNER,
  type SpecOverrides,
} from "./builders.ts";

function planned(count: number, overrides: Partial<Instance> = {}): Instance[] {
  return Array.from({ length: count }, (_, index) => aPlanned({ name: `p${index}`, ...overrides }));
}

function configuring(count: number): Instance[] {
  return Array.from({ length: count }, (_, index) =>
    aRow({ name: `c${index}`, phase: "configuring", portsHash: null }),
  );
}

describe("a command", () => {
  it("has its number, its last moment, and its rows name it", () => {
    const moves = provision(aState({ rows: configuring(2) }));

    expect(moves.commands).toMatchObject([
      { number: 500, tick: 7, region: "ap-northeast-2", notAfter: NOW + 20_000 },
      { number: 501, action: { kind: "ports", name: "c1" } },
    ]);
    expect(moves.rows.map(({ command }) => command)).toEqual([500, 501]);
    expect(moves.state).toEqual({ nextCommand: 502 });
  });

  it("is not given while another is under way for the row, nor before its next attempt", () => {
    const rows = [
      aPlanned({ name: "a", command: 9 }),
      aPlanned({ name: "b", nextAttemptAt: NOW + 1 }),
      aPlanned({ name: "c", mayExist: true }),
    ];

    expect(provision(aState({ rows })).commands).toEqual([]);
  });

  it("is given from the very moment of the next attempt", () => {
    expect(provision(aState({ rows: planned(1, { nextAttemptAt: NOW }) })).commands).toHaveLength(
      1,
    );
  });

  it("is not given while AWS refuses our credentials", () => {
    const state = aState({
      rows: [...configuring(1), ...planned(1)],
      holds: [aHold("credentials")],
    });

    expect(provision(state).commands).toEqual([]);
  });
});

describe("the order of the calls", () => {
  it("is servers that run, then new ones, then those that go", () => {
    const rows = [...planned(1), aRow({ name: "d", phase: "deleting" }), ...configuring(1)];

    const kinds = provision(aState({ rows })).commands.map(({ action }) => action.kind);

    expect(kinds).toEqual(["ports", "create", "delete"]);
  });

  it("stops at what one tick can carry out", () => {
    const moves = provision(aState({ rows: [...configuring(100), ...planned(1)] }));

    expect(moves.commands).toHaveLength(100);
    expect(moves.commands.every(({ action }) => action.kind === "ports")).toBe(true);
  });
});

describe("ports of an instance that is still pending", () => {
  const kinds = (row: Partial<Instance>) => {
    const starting = aRow({ name: "a", phase: "starting", portsHash: null, ...row });
    const state = aState({ rows: [starting], lessons: { portsWhilePending: "accepted" } });
    return provision(state).commands.map(({ action }) => action.kind);
  };

  it("are put on one that no listing has shown yet only if its create is ours", () => {
    expect(kinds({ arn: null, createdByUs: true })).toEqual(["ports"]);
    expect(kinds({ arn: null, createdByUs: false })).toEqual([]);
    expect(kinds({ arn: "arn:1", createdByUs: false })).toEqual(["ports"]);
  });
});

describe("creates", () => {
  it("go fifty names to a call, with our tags and the template", () => {
    const state = aState({ rows: planned(52), spec: { tags: { team: "media" } } });

    const { commands, rows } = provision(state);

    const actions = commands.map(({ action }) => action);
    expect(actions.map((action) => action.kind === "create" && action.names.length)).toEqual([
      50, 2,
    ]);
    expect(actions[0]).toMatchObject({
      tags: { team: "media", "lightfleet:owner": OWNER, "lightfleet:spec": state.template },
    });
    expect(rows.every(({ template }) => template === state.template)).toBe(true);
  });

  it("do not let a person's tag stand in for ours", () => {
    const state = aState({ rows: planned(1), spec: { tags: { "lightfleet:owner": "other" } } });

    expect(provision(state).commands).toMatchObject([
      { action: { tags: { "lightfleet:owner": OWNER } } },
    ]);
  });

  it("go alone for a name that was refused before, and not with the others", () => {
    const rows = [...planned(2), aPlanned({ name: "refused", attempts: 1 })];

    const names = provision(aState({ rows })).commands.map(
      ({ action }) => action.kind === "create" && action.names,
    );

    expect(names).toEqual([["p0", "p1"], ["refused"]]);
  });

  it("go apart for each zone", () => {
    const rows = [aPlanned({ name: "a" }), aPlanned({ name: "c", zone: "ap-northeast-2c" })];

    expect(provision(aState({ rows })).commands).toMatchObject([
      { action: { names: ["a"], zone: "ap-northeast-2a" } },
      { action: { names: ["c"], zone: "ap-northeast-2c" } },
    ]);
  });

  it("do not go to a zone that was taken out of the spec since they were planned", () => {
    const spec = { availabilityZones: ["ap-northeast-2c"] };
    const rows = [aPlanned({ zone: "ap-northeast-2a" })];

    const moves = provision(aState({ spec, rows }));

    expect(moves.commands).toMatchObject([{ action: { zone: "ap-northeast-2c" } }]);
    expect(moves.rows).toMatchObject([{ zone: "ap-northeast-2c" }]);
  });

  it("go to the next zone while their own lacks capacity, and the row follows", () => {
    const holds = [aHold("zoneCapacity", { subject: "ap-northeast-2a" })];

    const moves = provision(aState({ rows: planned(1), holds }));

    expect(moves.commands).toMatchObject([{ action: { zone: "ap-northeast-2c" } }]);
    expect(moves.rows).toMatchObject([{ zone: "ap-northeast-2c" }]);
  });

  it("do not go to a zone that lacks capacity, but return once the hold is over", () => {
    const hold = (subject: string, until: number) => aHold("zoneCapacity", { subject, until });
    const both = [hold("ap-northeast-2a", NOW + 1), hold("ap-northeast-2c", NOW + 1)];
    const over = [hold("ap-northeast-2a", NOW)];

    expect(provision(aState({ rows: planned(1), holds: both })).commands).toEqual([]);
    expect(provision(aState({ rows: planned(1), holds: over })).commands).toMatchObject([
      { action: { zone: "ap-northeast-2a" } },
    ]);
  });

  it.each(["quota", "rejected"] as const)("wait while %s holds, and nothing else does", (guard) => {
    const rows = [...planned(1), ...configuring(1)];

    const { commands } = provision(aState({ rows, holds: [aHold(guard)] }));

    expect(commands.map(({ action }) => action.kind)).toEqual(["ports"]);
  });
});

describe("ports", () => {
  const put = (row: Partial<Instance>, spec: SpecOverrides = {}): number =>
    provision(aState({ rows: [aRow(row)], spec })).commands.length;

  it("are put again where the spec has changed them", () => {
    expect(put({ portsHash: "old" })).toBe(1);
    expect(put({ phase: "warming", portsHash: "old" })).toBe(1);
  });

  it("are not put again where they are as the spec says, nor on what leaves", () => {
    expect(put({})).toBe(0);
    expect(put({ phase: "deleting", arn: null, portsHash: "old" })).toBe(0);
  });

  it("are put again on what drains: behind a closed port nobody is ever seen empty", () => {
    expect(put({ phase: "draining", portsHash: "old" })).toBe(1);
  });

  it("of an adopted server are left alone unless the spec says so", () => {
    expect(put({ adopted: true, portsHash: null })).toBe(0);
    expect(put({ adopted: true, portsHash: null }, { adopt: { ports: true } })).toBe(1);
  });
});

describe("deletes", () => {
  it("name the ARN, and are not made without it", () => {
    const rows = [
      aRow({ name: "a", phase: "deleting" }),
      aRow({ name: "b", phase: "deleting", arn: null }),
    ];

    expect(provision(aState({ rows })).commands).toMatchObject([
      { action: { kind: "delete", name: "a", arn: "arn:a" } },
    ]);
  });
});

describe("a delete that AWS has answered", () => {
  const ANSWERED_AT = NOW - 70_000;
  const row = aRow({ phase: "deleting", nextAttemptAt: ANSWERED_AT + 60_000 });
  const commands = (memory: Partial<Memory>) =>
    provision(aState({ rows: [row], memory })).commands.map(({ action }) => action.kind);

  it("is made again where a listing since then still shows the instance", () => {
    expect(commands({ listedAt: ANSWERED_AT + 1 })).toEqual(["delete"]);
  });

  it("is not made again before such a listing", () => {
    expect(commands({ listedAt: ANSWERED_AT - 1 })).toEqual([]);
    expect(commands({ listedAt: null })).toEqual([]);
  });

  it("is not made again where the listing lacks the instance", () => {
    const unlisted = new Set([row.name]);

    expect(commands({ listedAt: ANSWERED_AT + 1, unlisted })).toEqual([]);
  });
});

describe("a lane", () => {
  it("gives as many calls as it has tokens, and says when it has more", () => {
    const moves = provision(aState({ rows: configuring(5), memory: laneOf("ports", 2) }));

    expect(moves.commands).toHaveLength(2);
    expect(moves.rows).toHaveLength(2);
    expect(moves.blockers).toMatchObject([{ guard: "awsRequestRate", limit: 1 }]);
  });

  it("does not hold back another lane", () => {
    const rows = [...configuring(2), ...planned(1)];

    const { commands } = provision(aState({ rows, memory: laneOf("ports", 0) }));

    expect(commands.map(({ action }) => action.kind)).toEqual(["create"]);
  });

  it("with enough tokens is no blocker", () => {
    const moves = provision(aState({ rows: configuring(2), memory: laneOf("ports", 2) }));

    expect(moves.blockers).toEqual([]);
  });
});

describe("a delete that was commanded", () => {
  it("is named by its row, so that it is not commanded twice", () => {
    const row = aRow({ phase: "deleting" });

    expect(provision(aState({ rows: [row] })).rows).toMatchObject([
      { name: row.name, phase: "deleting", command: 500 },
    ]);
  });
});

describe("names that AWS refused together", () => {
  const refused = (count: number, attempts: number) =>
    planned(count).map((row) => ({ ...row, attempts }));
  const sizes = (rows: readonly Instance[], memory: Partial<Memory> = {}) =>
    provision(aState({ rows, memory })).commands.map(({ action }) => namesOf(action).length);

  it("go in halves, and in the end alone", () => {
    expect(sizes(refused(60, 0))).toEqual([50, 10]);
    expect(sizes(refused(60, 1))).toEqual([25, 25, 10]);
    expect(sizes(refused(3, 6))).toEqual([1, 1, 1]);
  });

  it("do not spoil the others: new names go in a call of their own", () => {
    const others = planned(3).map((row) => ({ ...row, name: `new-${row.name}` }));

    expect(sizes([...refused(2, 6), ...others])).toEqual([1, 1, 3]);
  });

  it("teach how many go in one call of this template, and of no other", () => {
    const { template } = aState();

    const known = { names: 5, isProven: true };

    expect(sizes(refused(12, 0), { namesMax: { template, ...known } })).toEqual([5, 5, 2]);
    expect(sizes(refused(12, 0), { namesMax: { template: "older", ...known } })).toEqual([12]);
  });

  it("are tried in one call before the others follow", () => {
    const { template } = aState();

    const namesMax = { template, names: 5, isProven: false };

    expect(sizes(refused(12, 1), { namesMax })).toEqual([5]);
  });
});

describe("the blocker of a lane", () => {
  it("says which calls AWS throttles", () => {
    const { blockers } = provision(aState({ rows: configuring(2), memory: laneOf("ports", 0) }));

    expect(blockers[0]?.fix).toBe("AWS throttles ports calls; the fleet paces itself and goes on");
  });
});

describe("the ports of a server that the last listing lacked", () => {
  it("are not put: it may not be ours any more", () => {
    const rows = [
      aRow({ name: "a", phase: "configuring", portsHash: null }),
      aRow({ name: "b", portsHash: "old" }),
    ];

    const put = (...unlisted: readonly string[]) =>
      provision(aState({ rows, memory: { unlisted: new Set(unlisted) } })).commands.length;

    expect([put(), put("a"), put("a", "b")]).toEqual([2, 1, 0]);
  });
});

describe("tags", () => {
  const kinds = (row: Partial<Instance>, state: Parameters<typeof aState>[0] = {}) =>
    provision(aState({ rows: [aRow(row)], ...state })).commands.map(({ action }) => action.kind);
  const unlisted = new Set(["media-k3-1"]);

  it("are put where they are not as the spec says, with those of ours", () => {
    const rows = [aRow({ tagsHash: "old", template: "old" })];
    const state = aState({ rows, spec: { tags: { team: "media" } }, retiredTags: ["cost"] });

    expect(provision(state).commands.map(({ action }) => action)).toEqual([
      {
        kind: "tags",
        name: "media-k3-1",
        arn: "arn:media-k3-1",
        put: { team: "media", "lightfleet:owner": OWNER, "lightfleet:spec": "old" },
        remove: ["cost"],
        tagsHash: state.tagsHash,
      },
    ]);
  });

  it.each<[string, Partial<Instance>]>([
    ["before the server is configured", { phase: "configuring", portsHash: null }],
    ["on what leaves", { phase: "deleting", arn: null }],
    ["on what is lost", { phase: "lost" }],
    ["without an ARN", { arn: null }],
  ])("are not put %s", (_what, row) => {
    expect(kinds({ tagsHash: "old", ...row })).not.toContain("tags");
  });

  it("are not put on what the last listing lacked, unless an operator wants it adopted", () => {
    const adoptions = [{ name: "media-k3-1", since: NOW, actor: "olga" }];
    const stray = { tagsHash: null, portsHash: null, adopted: true };
    const memory = { unlisted };

    expect(kinds(stray, { memory })).toEqual([]);
    expect(kinds(stray, { memory, adoptions })).toEqual(["tags"]);
    // Not before it is ours: its ports are somebody else's until then.
    expect(kinds(stray, { adoptions, spec: { adopt: { ports: true } } })).toEqual(["tags"]);
  });

  it("take turns with the ports, so that a call that is refused for ever starves no other", () => {
    const row = { tagsHash: null, portsHash: null };

    expect([0, 1, 2, 3].map((attempts) => kinds({ ...row, attempts }))).toEqual([
      ["ports"],
      ["tags"],
      ["ports"],
      ["tags"],
    ]);
  });
});
