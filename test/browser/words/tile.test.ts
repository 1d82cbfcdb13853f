import { describe, expect, it } from "vitest";
import type { InstanceView } from "../../../durable/rules/views.ts";
import { tileOf } from "../../../worker/dashboard/browser/tile.js";
import { instance } from "../../worker/api/views.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z");

function of(changes: Partial<InstanceView>) {
  return tileOf({ ...instance("media-ab12-7"), ...changes }, "media", NOW);
}

describe("a tile", () => {
  it("has the name without the fleet's", () => {
    expect(of({}).name).toBe("ab12-7");
    expect(of({ name: "by-hand" }).name).toBe("by-hand");
  });

  it("says how old the server is, and how long it is paid for", () => {
    const tile = of({
      createdAt: "2026-11-22T07:46:00.000Z",
      paidUntil: "2026-11-22T10:46:00.000Z",
    });

    expect(tile).toMatchObject({ age: "2 h 14 min", hour: "46 min paid", hourShare: 75 });
  });

  it("says nothing of an hour while nothing is billed", () => {
    expect(of({ phase: "planned", paidUntil: "2026-11-22T11:00:00.000Z" }).hour).toBe("");
    expect(of({ paidUntil: null }).hour).toBe("");
  });

  it.each<[string, string, Partial<InstanceView>]>([
    ["ready", "idle", { phase: "ready", occupancy: "idle" }],
    ["ready", "busy", { phase: "ready", occupancy: "busy", sessions: 1 }],
    ["ready", "3 of 4 busy", { phase: "ready", occupancy: "busy", sessions: 3, capacity: 4 }],
    ["ready", "unknown", { phase: "ready", occupancy: "unknown" }],
    ["ready", "takes no more", { phase: "ready", saysDraining: true }],
    ["launching", "warming", { phase: "warming" }],
    ["draining", "draining, 2 sessions", { phase: "draining", sessions: 2 }],
    ["deleting", "deleting", { phase: "deleting" }],
    ["lost", "lost", { phase: "lost" }],
  ])("in the group %s says %s", (group, state, changes) => {
    expect(of(changes)).toMatchObject({ group, state });
  });
});

describe("what a server waits for", () => {
  it("is its step, the attempt, and when the next one comes", () => {
    const tile = of({
      phase: "configuring",
      step: "ports",
      attempts: 3,
      nextAttemptAt: "2026-11-22T10:00:25.000Z",
    });

    expect(tile.waits).toBe("waits for its ports to be set, attempt 3, next in 25 s");
    expect(tile.tone).toBe("warn");
  });

  it("leaves out a first attempt, and a time that is over", () => {
    const nextAttemptAt = "2026-11-22T09:59:00.000Z";

    expect(of({ phase: "starting", step: "address", attempts: 1, nextAttemptAt }).waits).toBe(
      "waits for an address",
    );
  });

  it("is its sessions while it drains, and then its end", () => {
    const drain = { phase: "draining", drainReason: "operator", drainThen: "hold" } as const;

    expect(of({ ...drain, sessions: 1 }).waits).toBe("waits for 1 session to end");
    expect(of(drain).waits).toBe("operator: is held when empty");
    expect(of({ ...drain, drainThen: "delete" }).waits).toBe(
      "operator: waits to be confirmed empty",
    );
  });

  it("is nothing while it is ready", () => {
    expect(of({}).waits).toBe("");
  });
});
