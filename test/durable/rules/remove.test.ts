import { describe, expect, it } from "vitest";
import { removeAll } from "../../../durable/rules/remove.ts";
import { aPlanned, aRow, aState, idleRows, NOW, phases } from "./builders.ts";

const RETIRE_PAUSED = {
  what: "retire",
  since: NOW,
  until: null,
  reason: "r",
  actor: "op",
} as const;

describe("a fleet that is removed", () => {
  const busy = aRow({ name: "busy", occupancy: "busy", sessions: 2 });

  it("drains all that serves, busy or not, and does not delete it", () => {
    const rows = [busy, aRow({ name: "idle" })];

    const moves = removeAll(aState({ rows, removing: { force: false } }));

    expect(phases(moves.rows)).toEqual(["busy: draining", "idle: draining"]);
    expect(moves.rows.map(({ drainReason }) => drainReason)).toEqual(["fleet", "fleet"]);
  });

  it("makes surplus drains its own, so that a session does not end them", () => {
    const draining = aRow({ phase: "draining", drainReason: "surplus", cordonedAt: NOW - 1 });

    const moves = removeAll(aState({ rows: [draining], removing: { force: false } }));

    expect(moves.rows).toMatchObject([{ drainReason: "fleet", cordonedAt: NOW - 1 }]);
  });

  it("deletes busy servers only by force", () => {
    const moves = removeAll(aState({ rows: [busy], removing: { force: true } }));

    expect(phases(moves.rows)).toEqual(["busy: deleting"]);
    expect(moves.events).toMatchObject([
      { kind: "delete", data: { reason: "force", sessions: 2 } },
    ]);
  });

  it("is left alone while retiring is paused, or when it is not removed", () => {
    const paused = { removing: { force: true }, pauses: [RETIRE_PAUSED] };

    expect(removeAll(aState({ rows: [busy], ...paused })).rows).toEqual([]);
    expect(removeAll(aState({ rows: [busy] })).rows).toEqual([]);
  });
});

describe("the events of a removal", () => {
  it("say what is drained for it, and what was never created", () => {
    const rows = [aPlanned({ name: "planned" }), aRow({ name: "ready" })];

    expect(removeAll(aState({ rows, removing: { force: false } })).events).toMatchObject([
      { kind: "cancelled", instance: "planned" },
      {
        kind: "drain",
        instance: "ready",
        message: "drain ready: the fleet is being removed",
        data: { reason: "fleet" },
      },
    ]);
  });

  it("say of force how many sessions it ended", () => {
    const busy = aRow({ name: "busy", occupancy: "busy", sessions: 2 });

    expect(removeAll(aState({ rows: [busy], removing: { force: true } })).events).toMatchObject([
      { message: "delete busy: the fleet is removed by force, with 2 sessions on it" },
    ]);
  });
});

describe("a removal", () => {
  it.each(["replace", "operator", "fleet"] as const)(
    "does not write again a drain for %s: no session ends it anyhow",
    (drainReason) => {
      const draining = aRow({ phase: "draining", drainReason, cordonedAt: NOW - 1 });

      expect(removeAll(aState({ rows: [draining], removing: { force: false } })).rows).toEqual([]);
    },
  );

  it("by force deletes whatever exists, and nothing that is gone from us or may not exist", () => {
    const exists = ["starting", "configuring", "warming", "ready", "draining"] as const;
    const left = ["deleting", "lost"] as const;
    const rows = [
      ...[...exists, ...left].map((phase) => aRow({ name: phase, phase })),
      aRow({ name: "nameless", arn: null }),
      aPlanned({ name: "planned" }),
      aPlanned({ name: "perhaps", mayExist: true }),
    ];

    const moves = removeAll(aState({ rows, removing: { force: true } }));

    expect(phases(moves.rows)).toEqual([
      ...exists.map((phase) => `${phase}: deleting`),
      "planned: gone",
    ]);
    expect(moves.blockers).toEqual([]);
  });

  it("by force does not delete a server that the last listing lacked", () => {
    const unlisted = new Set(["media-k3-1"]);
    const rows = idleRows(2);
    const state = aState({ rows, removing: { force: true }, memory: { unlisted } });

    expect(phases(removeAll(state).rows)).toEqual(["media-k3-2: deleting"]);
  });
});

describe("a protected server", () => {
  const guarded = aRow({ name: "guarded", protectedBy: "olga" });

  it.each([false, true])("outlives the removal of its fleet, by force %s", (force) => {
    const rows = [guarded, aRow({ name: "other" })];

    const moves = removeAll(aState({ rows, removing: { force } }));

    expect(moves.rows.map(({ name }) => name)).toEqual(["other"]);
    expect(moves.blockers).toMatchObject([{ guard: "protected", value: 1 }]);
  });
});
