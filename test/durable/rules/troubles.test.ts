/** What is wrong now, and lasts. */
import { describe, expect, it } from "vitest";
import type { OpenAlert, Trouble } from "../../../durable/rules/bulletins.ts";
import { newsOf } from "../../../durable/rules/news.ts";
import { troublesOf } from "../../../durable/rules/troubles.ts";
import type { Blocker, GuardName, Pause } from "../../../durable/rules/model.ts";
import type { EventDraft, State } from "../../../durable/rules/state.ts";
import {
  aPlanned,
  aRow,
  aState,
  aTarget,
  freshFor,
  idleRows,
  MINUTE_MS,
  NOW,
  SECOND_MS,
} from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;

function aBlocker(guard: GuardName, overrides: Partial<Blocker> = {}): Blocker {
  return { guard, value: 3, limit: 3, retryAt: null, fix: "raise it", ...overrides };
}

function found(
  state: State,
  options: { spares?: number; blockers?: Blocker[]; open?: OpenAlert[] } = {},
): Trouble[] {
  const { spares = 0, blockers = [], open = [] } = options;
  return troublesOf(state, aTarget(spares), blockers, open);
}

function kinds(troubles: readonly Trouble[]): string[] {
  return troubles.map(({ kind, subject }) => `${kind} ${subject}`.trim());
}

function openAlert(overrides: Partial<OpenAlert>): OpenAlert {
  const words = { what: "w", canDo: "c", awaySince: null };
  return { kind: "noSpares", subject: "", since: NOW, severity: "page", ...words, ...overrides };
}

const BUSY = aRow({ occupancy: "busy", sessions: 1, busySince: NOW - MINUTE_MS, idleSince: null });

describe("no spares left", () => {
  const busy = aState({ rows: [BUSY], memory: freshFor(BUSY) });

  it("is told at once, with its numbers", () => {
    const [trouble] = found(busy, { spares: 10 });

    expect(trouble).toMatchObject({ kind: "noSpares", toldAfterMs: 0 });
    expect(trouble?.what).toBe(
      "New sessions cannot start: no spare is left. 1 session is on 1 busy server; the target is 10 spares.",
    );
  });

  it.each<[string, State, number]>([
    ["there is a spare", aState({ rows: idleRows(1), memory: freshFor(...idleRows(1)) }), 10],
    ["none is wanted", busy, 0],
    ["the fleet is being removed", { ...busy, removing: { force: false } }, 10],
    ["the fleet is younger than its first spare", aState({ rows: [aPlanned()] }), 10],
    ["nobody was asked yet, after a cold start", aState({ rows: idleRows(3) }), 10],
  ])("is not told where %s", (_what, state, spares) => {
    expect(kinds(found(state, { spares }))).toEqual([]);
  });

  it("is told where the servers that are ready cannot be asked at all", () => {
    const adopted = aRow({ adopted: true, publicIp: null, occupancy: "unknown" });

    expect(kinds(found(aState({ rows: [adopted] }), { spares: 1 }))).toContain("noSpares");
  });

  it("goes on while every server that ever served is gone", () => {
    const state = aState({ rows: [aPlanned()] });

    expect(kinds(found(state, { spares: 1, open: [openAlert({})] }))).toEqual(["noSpares"]);
    expect(found(state, { spares: 0, open: [openAlert({})] })).toEqual([]);
  });

  it.each<[string, State, Blocker[], RegExp]>([
    [
      "servers are on their way",
      aState({
        rows: [BUSY, aPlanned({ name: "media-k3-2", command: 7 })],
        memory: freshFor(BUSY),
      }),
      [],
      /is launching 1 server;/,
    ],
    [
      "a limit binds",
      busy,
      [aBlocker("maxInstances")],
      /just now. No more servers can be launched: the fleet has reached its maximum/,
    ],
    ["it only watches", { ...busy, spec: { ...busy.spec, mode: "observe" } }, [], /"observe"/],
    [
      "somebody paused it",
      { ...busy, pauses: [aPause({ reason: "maintenance" })] },
      [aBlocker("paused")],
      /alice paused it \(maintenance\)/,
    ],
    ["it has just begun", busy, [], /in its next ticks/],
  ])("says what is done about it where %s", (_what, state, blockers, doing) => {
    expect(found(state, { spares: 10, blockers })[0]?.doing).toMatch(doing);
  });

  it("says how the limit that binds is raised", () => {
    const [trouble] = found(busy, { spares: 10, blockers: [aBlocker("maxInstances")] });

    expect(trouble?.canDo).toContain("raise limits.maxInstances in the spec (GET /v1/fleets/media");
  });
});

describe("a guard that holds the fleet back", () => {
  const state = aState();

  it.each<[GuardName, string, number]>([
    ["blindEyes", "blindEyes", 0],
    ["credentials", "credentials", 0],
    ["failedBoots", "failedBoots", 30 * SECOND_MS],
    ["rollout", "rollout", 30 * SECOND_MS],
    ["maxInstances", "guard maxInstances", 30 * SECOND_MS],
    ["maxMonthlyUsd", "guard maxMonthlyUsd", 30 * SECOND_MS],
    ["maxLaunchesPerHour", "guard maxLaunchesPerHour", 30 * SECOND_MS],
    ["maxDeletesPerHour", "guard maxDeletesPerHour", 30 * SECOND_MS],
    ["noListing", "guard noListing", 30 * SECOND_MS],
    ["quota", "guard quota", 30 * SECOND_MS],
    ["zoneCapacity", "guard zoneCapacity", 30 * SECOND_MS],
    ["rejected", "guard rejected", 30 * SECOND_MS],
    ["protected", "guard protected", 30 * SECOND_MS],
    ["silentServers", "guard silentServers", 30 * SECOND_MS],
    ["leasesPerToken", "guard leasesPerToken", 30 * SECOND_MS],
    ["leaseMaxSeconds", "guard leaseMaxSeconds", 30 * SECOND_MS],
  ])("%s is told as %s", (guard, expected, toldAfterMs) => {
    const [trouble] = found(state, { blockers: [aBlocker(guard)] });

    expect(kinds(trouble === undefined ? [] : [trouble])).toEqual([expected]);
    expect(trouble?.toldAfterMs).toBe(toldAfterMs);
    expect(trouble?.doing).toMatch(/^Lightfleet /);
    expect(trouble?.canDo).toMatch(/^You can /);
  });

  it.each<GuardName>(["maxLaunchesPerTick", "maxDeletesPerTick", "awsRequestRate", "paused"])(
    "%s is a matter of course",
    (guard) => expect(found(state, { blockers: [aBlocker(guard)] })).toEqual([]),
  );
});

describe("the month's money", () => {
  const spentOf = (usd: number) => aState({ spec: LIMIT, spentOnGone: usd });
  const LIMIT = { limits: { maxMonthlyUsd: 100 } };

  it.each<[number, string[]]>([
    [49.9, []],
    [50, ["spend 50 %"]],
    [79, ["spend 50 %"]],
    [80, ["spend 80 %"]],
    [100, ["spend 100 %"]],
    [120, ["spend 100 %"]],
  ])("of which $%d of $100 is spent", (usd, expected) => {
    expect(kinds(found(spentOf(usd)))).toEqual(expected);
  });

  it("is no trouble where there is no limit", () => {
    expect(found(aState({ spentOnGone: 5_000 }))).toEqual([]);
  });

  it("goes on as it was told while no prices are known", () => {
    const rows = idleRows(1);
    const state = aState({ spec: LIMIT, rows, bundles: new Map(), memory: freshFor(...rows) });
    const open = [openAlert({ kind: "spend", subject: "50 %" })];

    expect(kinds(found(state, { open }))).toEqual(["spend 50 %"]);
  });
});

describe("what lasts for too long", () => {
  const answering = freshFor(BUSY);
  const silent = { freshness: new Map([["media-k3-1", staleSince(11 * MINUTE_MS)]]) };

  it.each<[string, State, string[]]>([
    [
      "a server that is busy for 13 hours",
      aState({ rows: [{ ...BUSY, busySince: NOW - 13 * HOUR_MS }], memory: answering }),
      ["busyForLong media-k3-1"],
    ],
    [
      "a server that is busy for 11 hours",
      aState({ rows: [{ ...BUSY, busySince: NOW - 11 * HOUR_MS }], memory: answering }),
      [],
    ],
    [
      "a server that is drained for 25 hours",
      aState({ rows: [aRow({ phase: "draining", cordonedAt: NOW - 25 * HOUR_MS })] }),
      ["unknownForLong media-k3-1", "drainingForLong media-k3-1"],
    ],
    [
      "a server that is protected for eight days",
      aState({
        rows: [aRow({ protectedBy: "alice", protectedSince: NOW - 8 * 24 * HOUR_MS })],
        memory: freshFor(aRow()),
      }),
      ["protectedForLong media-k3-1"],
    ],
    [
      "a fleet that is paused for 25 hours",
      aState({ pauses: [aPause({ since: NOW - 25 * HOUR_MS })] }),
      ["pausedForLong"],
    ],
    [
      "a pause that has ended",
      aState({ pauses: [aPause({ since: NOW - 25 * HOUR_MS, until: NOW })] }),
      [],
    ],
    ["a silent server", aState({ rows: [aRow()], memory: silent }), ["unknownForLong media-k3-1"]],
    ["a server that is off", aState({ rows: [aRow({ stoppedSince: NOW })], memory: silent }), []],
  ])("%s", (_what, state, expected) => {
    expect(kinds(found(state))).toEqual(expected);
  });

  it("a silent server is told after its minutes, counted from its last reading", () => {
    const [trouble] = found(aState({ rows: [aRow()], memory: silent }));

    expect(trouble).toMatchObject({ since: NOW - 11 * MINUTE_MS, toldAfterMs: 10 * MINUTE_MS });
  });

  it("of blind eyes people are told as a whole", () => {
    const rows = idleRows(3);

    expect(kinds(found(aState({ rows }), { blockers: [aBlocker("blindEyes")] }))).toEqual([
      "blindEyes",
    ]);
  });
});

describe("what is not the fleet's own", () => {
  it("a tag that does not parse is a trouble, and none where the spec names no tag", () => {
    const tagMemory = { value: "10", garbled: "ten" };
    const tag = { resource: "key-0abc1234", key: "spares" };

    const [trouble] = found(aState({ tagMemory, spec: { spares: { tag } } }), { spares: 10 });

    expect(trouble?.what).toBe(
      'The target in the tag cannot be read: spares on key-0abc1234 says "ten".',
    );
    expect(found(aState({ tagMemory }))).toEqual([]);
  });

  it("a stranger that another fleet of this deployment has claimed says so", () => {
    const strangers = [{ name: "media-x", arn: "arn:x", owner: "default/gone" }];

    const [trouble] = found(aState({ memory: { strangers } }));

    expect(trouble?.what).toContain("carries the tag of default/gone");
    expect(trouble?.canDo).toContain("GET /v1/fleets whether that fleet still exists");
    expect(trouble?.canDo).not.toContain("/adopt");
  });

  it("a stranger is a trouble, also before the first look after a cold start", () => {
    const strangers = [{ name: "media-x", arn: "arn:x", owner: null }];
    const open = [openAlert({ kind: "stranger", subject: "media-x" })];

    expect(kinds(found(aState({ memory: { strangers } })))).toEqual(["stranger media-x"]);
    expect(kinds(found(aState({ memory: { listedAt: null } }), { open }))).toEqual([
      "stranger media-x",
    ]);
    expect(found(aState(), { open })).toEqual([]);
  });
});

describe("news", () => {
  const event = (kind: EventDraft["kind"], instance: string): EventDraft => ({
    kind,
    instance,
    message: "as it was written",
    data: { sessions: 2 },
  });

  it("is made of the events that people must hear of, and of no others", () => {
    const events = [
      event("launch", "a"),
      event("lost", "b"),
      event("adopted", "c"),
      event("rival", "d"),
      event("forced", "e"),
      event("would", "f"),
    ];

    const news = newsOf(aState(), events);

    expect(news.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      "lost b",
      "rival d",
      "adopted c",
      "forced e",
    ]);
    expect(news[0]?.what).toContain("It had 2 sessions when it was last heard of.");
  });

  it("is told in one where much happened at once", () => {
    const events = Array.from({ length: 12 }, (_, index) => event("adopted", `s${index}`));

    const news = newsOf(aState(), events);

    expect(news.map(({ what }) => what)).toEqual([
      "12 servers were found that Lightfleet did not remember, with this fleet's tags: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more.",
    ]);
  });
});

function aPause(overrides: Partial<Pause> = {}): Pause {
  return { what: "launch", since: NOW, until: null, reason: "r", actor: "alice", ...overrides };
}

function staleSince(ms: number) {
  const at = NOW - ms;
  return { phaseSince: at, askedAt: NOW, readAt: at, idleReadings: [], goodInRow: 0 };
}
