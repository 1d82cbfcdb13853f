import { describe, expect, it } from "vitest";
import type { Status } from "../../../durable/rules/views.ts";
import { judge } from "../../../worker/dashboard/browser/verdict.js";
import { status } from "../../worker/api/views.ts";

const NOW = Date.parse("2026-11-22T10:00:00.000Z");
const LAST_TICK = {
  number: 7,
  at: "2026-11-22T09:59:57.000Z",
  durationMs: 83,
  decision: "none",
  error: null,
};
const NOBODY = {
  idle: 0,
  busy: 0,
  unknown: 0,
  launching: 0,
  waiting: 0,
  draining: 0,
  deleting: 0,
  total: 0,
};
const WELL: Status = {
  ...status("media"),
  spares: 10,
  counts: { ...NOBODY, idle: 10, total: 10 },
  lastTick: LAST_TICK,
};
const GUARD = {
  guard: "maxInstances",
  value: 9,
  limit: 9,
  since: LAST_TICK.at,
  retryAt: null,
  fix: "raise it",
} as const;

const ALARM = {
  kind: "credentials",
  subject: "",
  severity: "page",
  since: LAST_TICK.at,
  what: "AWS refuses the key.",
  canDo: "Set it again.",
} as const;

function of(changes: Partial<Status>): string {
  const { word, tone } = judge({ ...WELL, ...changes }, NOW);
  return `${word}, ${tone}`;
}

describe("the fleet is", () => {
  it("well, with as many spares as are wanted and nothing under way", () => {
    expect(judge(WELL, NOW)).toEqual({
      word: "Well",
      tone: "good",
      why: "10 of 10 spares. Nothing is being launched.",
    });
  });

  it("being removed, and says how many servers are left without those that are deleted", () => {
    const counts = { ...NOBODY, idle: 2, busy: 3, deleting: 4, total: 9 };

    expect(judge({ ...WELL, removing: true, counts }, NOW).why).toBe(
      "The fleet is being removed: 5 servers left, with 4 sessions.",
    );
  });

  it.each<[string, Partial<Status>]>([
    ["Waking, quiet", { lastTick: null }],
    ["Failing, bad", { lastTick: { ...LAST_TICK, error: "no such table" } }],
    ["Stale, bad", { lastTick: { ...LAST_TICK, at: "2026-11-22T09:59:20.000Z" } }],
    ["Removing, warn", { removing: true }],
    ["Blind, bad", { blockers: [{ ...GUARD, guard: "blindEyes" }] }],
    ["Observing, quiet", { mode: "observe" }],
    ["No spares, bad", { spares: 0 }],
    ["Held back, warn", { spares: 7, blockers: [GUARD] }],
    ["Alarm, bad", { alerts: [ALARM] }],
    ["Growing, move", { spares: 7, counts: { ...NOBODY, launching: 3 } }],
    ["Short, warn", { spares: 7 }],
    ["Unsure, warn", { counts: { ...NOBODY, unknown: 1 } }],
    ["Shrinking, move", { spares: 12 }],
    ["Shrinking, move", { counts: { ...NOBODY, draining: 1 } }],
  ])("%s", (said, changes) => {
    expect(of(changes)).toBe(said);
  });

  it.each(["noSpares", "blindEyes"] as const)(
    "well again as soon as the numbers are, though the alert of %s is still open",
    (kind) => {
      const lingering = { ...ALARM, kind, what: "It was so a moment ago." };

      expect(of({ alerts: [lingering] })).toBe("Well, good");
      expect(of({ alerts: [lingering, ALARM] })).toBe("Alarm, bad");
    },
  );

  it("held back while AWS shows no servers, with how old the numbers are, though nothing is short", () => {
    const eyes = { ...WELL.eyes, listedAt: new Date(NOW - 180_000).toISOString() };
    const blockers = [{ ...GUARD, guard: "noListing" as const }];

    expect(judge({ ...WELL, eyes, blockers }, NOW)).toMatchObject({
      word: "Held back",
      why: "10 of 10 spares. AWS last showed the servers 3 min ago. Nothing is deleted until it shows them again.",
    });
  });

  it("paused, and says what", () => {
    const pause = {
      what: "retire",
      since: LAST_TICK.at,
      until: null,
      reason: "",
      actor: "olga",
    } as const;

    expect(judge({ ...WELL, paused: [pause] }, NOW).why).toBe(
      "10 of 10 spares, but retire is paused.",
    );
  });

  it("not held back by a guard that binds for a tick as a matter of course", () => {
    const routine = { ...GUARD, guard: "maxLaunchesPerTick" } as const;

    expect(of({ spares: 7, blockers: [routine], counts: { ...NOBODY, launching: 1 } })).toBe(
      "Growing, move",
    );
  });

  it("without spares rather than held back, where there are none at all", () => {
    expect(of({ spares: 0, blockers: [GUARD] })).toBe("No spares, bad");
  });

  it("well with no spares where none are wanted", () => {
    expect(of({ spares: 0, target: { ...WELL.target, spares: 0 } })).toBe("Well, good");
  });
});
