import { describe, expect, it } from "vitest";
import { deleteRoom, launchRoom, type Room, standing } from "../../../durable/rules/guard.ts";
import type { GuardName, Pausable } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import type { State } from "../../../durable/rules/state.ts";
import { aHold, aRow, aState, idleRows, MINUTE_MS, NOW } from "./builders.ts";

function launches(state: State, wanted = 2): Room {
  return launchRoom(state, tally(state), wanted);
}

function deletes(state: State, wanted = 2): Room {
  return deleteRoom(state, tally(state), wanted);
}

/** A zone that lacks capacity, for so many minutes more. */
function lacking(zone: string, minutes = 1) {
  return aHold("zoneCapacity", { subject: zone, until: NOW + minutes * MINUTE_MS });
}

describe("the zones of the spec", () => {
  it("hold launching back where all lack capacity, until the first may have it again", () => {
    const holds = [lacking("ap-northeast-2a", 7), lacking("ap-northeast-2c", 3)];

    const { room, blockers } = launches(aState({ holds }));

    expect(room).toBe(0);
    expect(blockers).toMatchObject([
      { guard: "zoneCapacity", value: null, limit: null, retryAt: NOW + 3 * MINUTE_MS },
    ]);
  });

  it.each(["ap-northeast-2a", "ap-northeast-2c"])(
    "do not hold launching back where only %s lacks capacity",
    (zone) => {
      expect(launches(aState({ holds: [lacking(zone)] }))).toEqual({ room: 2, blockers: [] });
    },
  );

  it("are tried again when one of them may have room, not one that left the spec", () => {
    const holds = [
      lacking("ap-northeast-2a", 7),
      lacking("ap-northeast-2c", 3),
      lacking("ap-northeast-2b", 1),
    ];

    expect(launches(aState({ holds })).blockers).toMatchObject([{ retryAt: NOW + 3 * MINUTE_MS }]);
  });

  it("do not hold launching back where it was another region's zones that lacked capacity", () => {
    const holds = [lacking("us-east-1a"), lacking("us-east-1b")];

    expect(launches(aState({ holds }))).toEqual({ room: 2, blockers: [] });
  });
});

describe("a pause", () => {
  const paused = (...what: readonly Pausable[]): State =>
    aState({
      pauses: what.map((each) => ({
        what: each,
        since: NOW,
        until: null,
        reason: "",
        actor: "op",
      })),
    });

  it("of anything but launching does not hold launching back", () => {
    expect(launches(paused("retire", "schedule", "rollout")).room).toBe(2);
    expect(launches(paused("launch")).room).toBe(0);
  });

  it("of anything but retiring does not hold deletes back", () => {
    expect(deletes(paused("launch", "schedule", "rollout")).room).toBe(2);
    expect(deletes(paused("retire")).room).toBe(0);
  });
});

describe("a fleet that has never seen a complete listing", () => {
  const fix = (listingTrouble: string | null) =>
    launches(aState({ listed: false, memory: { listingTrouble } })).blockers[0]?.fix;

  it("says why its look failed, or that the first one is under way", () => {
    expect(fix("AccessDenied")).toBe("no complete listing was seen yet: AccessDenied");
    expect(fix(null)).toBe("no complete listing was seen yet: the first look is under way");
  });
});

describe("what binds whether or not anything is wanted", () => {
  const bound = (state: State) => standing(state, tally(state));

  it("is a key that AWS refuses, with what AWS said", () => {
    const [blocker, ...others] = bound(aState({ holds: [aHold("credentials")] }));

    expect(blocker).toMatchObject({ guard: "credentials", retryAt: NOW + MINUTE_MS });
    expect(blocker?.fix).toContain("refused");
    expect(others).toEqual([]);
  });

  it("is that many servers are silent at once, and how many", () => {
    expect(bound(aState({ rows: idleRows(3) }))).toMatchObject([
      { guard: "blindEyes", value: 3, limit: null, retryAt: null },
    ]);
  });

  it("is nothing else: not a pause, a quota or a full fleet", () => {
    const pause = { what: "launch", since: NOW, until: null, reason: "", actor: "op" } as const;
    const state = aState({
      spec: { limits: { maxInstances: 0 } },
      holds: [aHold("quota"), aHold("rejected")],
      pauses: [pause],
    });

    expect(bound(state)).toEqual([]);
  });
});

describe("a limit that was lowered below what there is", () => {
  it("leaves no room, and never a negative one", () => {
    const state = aState({ rows: idleRows(3), spec: { limits: { maxInstances: 2 } } });

    expect(launches(state)).toMatchObject({
      room: 0,
      blockers: [{ guard: "maxInstances", value: 3, limit: 2 }],
    });
  });
});

describe("a blocker", () => {
  const paused = (what: Pausable): Partial<State> => ({
    pauses: [{ what, since: NOW, until: null, reason: "", actor: "op" }],
  });

  it.each<[GuardName, string, Parameters<typeof aState>[0]]>([
    ["maxInstances", "raise limits.maxInstances", { spec: { limits: { maxInstances: 1 } } }],
    ["maxLaunchesPerTick", "the next tick", { spec: { limits: { maxLaunchesPerTick: 1 } } }],
    ["maxLaunchesPerHour", "raise limits.max", { spec: { limits: { maxLaunchesPerHour: 1 } } }],
    ["paused", "/resume", paused("launch")],
    ["quota", "refused", { holds: [aHold("quota")] }],
    [
      "zoneCapacity",
      "add another zone",
      { holds: [lacking("ap-northeast-2a"), lacking("ap-northeast-2c")] },
    ],
    ["failedBoots", "3 servers in a row were never ready", { failedBoots: 3 }],
  ])("of launching by %s says what to do: %s", (guard, fix, state) => {
    const { blockers } = launches(aState(state));

    expect(blockers.map((blocker) => blocker.guard)).toEqual([guard]);
    expect(blockers[0]?.fix).toContain(fix);
  });

  it.each<[GuardName, string, Parameters<typeof aState>[0]]>([
    ["maxDeletesPerTick", "the next tick", { spec: { limits: { maxDeletesPerTick: 1 } } }],
    ["maxDeletesPerHour", "raise limits.max", { spec: { limits: { maxDeletesPerHour: 1 } } }],
    ["paused", "/resume", paused("retire")],
    ["noListing", "nothing is deleted on it", { memory: { listingTrusted: false } }],
    ["blindEyes", "check the health port", { rows: idleRows(2) }],
    ["credentials", "refused", { holds: [aHold("credentials")] }],
  ])("of deletes by %s says what to do: %s", (guard, fix, state) => {
    const { blockers } = deletes(aState(state));

    expect(blockers.map((blocker) => blocker.guard)).toEqual([guard]);
    expect(blockers[0]?.fix).toContain(fix);
  });
});

describe("the caps of a tick and of an hour", () => {
  it("do not count deletes that were decided in an earlier tick for this one", () => {
    const earlier = aRow({ phase: "deleting", deletingAt: NOW - 5_000 });
    const state = aState({ rows: [earlier], spec: { limits: { maxDeletesPerTick: 2 } } });

    expect(deletes(state)).toEqual({ room: 2, blockers: [] });
  });

  it("do not count servers that were launched long ago", () => {
    const state = aState({ rows: idleRows(3), spec: { limits: { maxLaunchesPerHour: 2 } } });

    expect(launches(state)).toEqual({ room: 2, blockers: [] });
  });
});
