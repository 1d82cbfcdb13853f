import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SEVERITIES } from "../../../durable/rules/bulletins.ts";
import type { AlertKind } from "../../../durable/rules/spec.ts";
import type { Status } from "../../../durable/rules/views.ts";
import { GUARDS_BY_WEIGHT } from "../../../durable/rules/guard-order.ts";
import { screenOf, type Shown } from "../../../worker/text/screen.ts";
import { widthOf } from "../../../worker/text/width.ts";
import { instance, target } from "../api/views.ts";
import {
  aBlocker,
  ago,
  anAlert,
  anEvent,
  aScene,
  aVerdict,
  aWaiting,
  counted,
  decided,
  minutesAgo,
} from "./scenes.ts";

const text = (shown: Shown): string => screenOf(shown).join("\n");

describe("the verdict", () => {
  const headline = (changes: Partial<Status>) => screenOf(aScene(changes))[1] ?? "";
  const blind = { verdict: aVerdict("blind", { title: "Blind", what: "Nobody sees." }) };

  it("is the fleet's own, in the words that the page has too", () => {
    const shown = aScene({
      verdict: aVerdict("heldBack", {
        title: "Held back",
        what: "1 of 9 spares. AWS has no room.",
        doing: "Lightfleet tries again.",
      }),
    });

    expect(text(shown)).toContain("HELD BACK: 1 of 9 spares. AWS has no room. Lightfleet tries");
  });

  it("is stale a moment after the time up to which it stands, and not before", () => {
    const until = (ms: number) => aVerdict("well", { title: "Well", staleAt: ago(ms) });

    expect(headline({ verdict: until(0) })).toMatch(/^WELL: /u);
    expect(headline({ verdict: until(1) })).toMatch(/^STALE: Nobody runs the fleet/u);
    expect(headline({ ...blind, verdict: { ...blind.verdict, staleAt: ago(1) } })).toMatch(
      /^STALE: /u,
    );
  });

  it("is the one of a fleet that has not ticked yet, which cannot be stale", () => {
    const waking = aVerdict("waking", { title: "Waking", what: "It wakes.", staleAt: null });

    expect(headline({ verdict: waking, lastTick: null })).toBe("WAKING: It wakes.");
  });

  it("cannot break out of its lines with what a person wrote as a reason", () => {
    const what = "A reason\nFAKE: all is well\u001b[2J";

    expect(text(aScene({ verdict: aVerdict("paused", { what }) }))).not.toContain("\u001b");
    expect(screenOf(aScene({ verdict: aVerdict("paused", { what }) })).join("|")).not.toContain(
      "|FAKE",
    );
  });

  it("says beside the name that a fleet only observes", () => {
    expect(text(aScene({ mode: "observe" }))).toContain("media (ap-northeast-2, only observes)");
  });
});

describe("the times", () => {
  it("are in the fleet's zone", () => {
    expect(screenOf(aScene({ timezone: "America/New_York" }))[0]).toContain(
      "Sun 22 Nov 13:04:05 America/New_York",
    );
    expect(screenOf(aScene({ timezone: "UTC" }))[0]).toContain("Sun 22 Nov 18:04:05 UTC");
  });

  it("name the day where it is not today, and the date where it is far", () => {
    const until = (at: string) =>
      text(aScene({ target: { ...target(), source: "override", reason: "concert", until: at } }));

    expect(until("2026-11-22T20:00:00.000Z")).toContain("until 05:00: concert");
    expect(until("2026-11-23T20:00:00.000Z")).toContain("until Tue 05:00: concert");
    expect(until("2026-12-31T17:00:00.000Z")).toContain("until 1 Jan 02:00: concert");
  });

  it("show the zone's offset where its name has no room", () => {
    const [title = ""] = screenOf(
      aScene({ fleet: "a".repeat(32), timezone: "America/Argentina/ComodRivadavia" }),
    );

    expect(title).toContain("GMT-3");
    expect(widthOf(title)).toBe(80);
  });
});

describe("what somebody else wrote", () => {
  it("does not steer the terminal", () => {
    const reason = "\u001b[2J\u001b]0;owned\u0007 line\r\n\u202eevil\u0000";
    const shown = aScene(
      {
        target: { ...target(), source: "override", reason, until: minutesAgo(-60) },
        blockers: [aBlocker("rejected", { fix: reason })],
        paused: [{ what: "launch", since: minutesAgo(1), until: null, reason, actor: reason }],
        ...decided(reason),
      },
      { events: [anEvent(1, reason, reason)], instances: [aWaiting(1, { lastError: reason })] },
    );

    for (const line of screenOf(shown)) expect(line).toMatch(/^[^\p{C}]*$/u);
  });

  it("counts Korean as two columns, and is cut at the right one", () => {
    const note = "여유_서버_목표치_".repeat(20);
    const chain = [{ ...aLink(), note }];

    const lines = screenOf(aScene({ target: { ...target(), chain } }));

    const line = lines.find((each) => each.includes("여유")) ?? "";
    expect(widthOf(line)).toBeLessThanOrEqual(80);
    expect(widthOf(line)).toBeGreaterThan(74);
    expect(line.length).toBeLessThan(60);
  });
});

describe("what is wrong", () => {
  it("comes with the most important first, and says how many have no room", () => {
    const blockers = GUARDS_BY_WEIGHT.toReversed().map((guard) =>
      aBlocker(guard, { fix: "do this and that, and then something else. ".repeat(8) }),
    );

    const shown = text(aScene({ blockers }));

    expect(shown).toContain("\n! credentials");
    expect(shown).not.toContain("! maxDeletesPerTick");
    expect(shown).toMatch(/! and \d+ more: GET \/v1\/fleets\/media/u);
  });

  it("is told once: not by its alert too", () => {
    const shown = text(
      aScene({ blockers: [aBlocker("quota")], alerts: [anAlert("guard"), anAlert("noSpares")] }),
    );

    expect(shown.match(/^! /gmu)).toHaveLength(1);
  });

  it("is told of an alert that no guard tells, and not of one that nobody wants", () => {
    const shown = text(
      aScene({
        alerts: [anAlert("busyForLong"), anAlert("lost", { severity: "off" })],
        notifyTrouble: "Slack answered no_service",
      }),
    );

    expect(shown).toContain("! busyForLong, since 02:45 (19 minutes)");
    expect(shown).toContain("! people are not told\n  Slack answered no_service");
    expect(shown).not.toContain("! lost");
  });

  it("is told of every kind of alert but those that a guard or the verdict tells", () => {
    const kinds = Object.keys(SEVERITIES) as AlertKind[];
    const silent = kinds.filter(
      (kind) => !text(aScene({ alerts: [anAlert(kind)] })).includes("! "),
    );

    expect(silent.toSorted()).toEqual([
      "blindEyes",
      "credentials",
      "failedBoots",
      "guard",
      "noSpares",
      "noTick",
      "rollout",
    ]);
  });

  it("leaves room for what is done and what has happened", () => {
    const blockers = GUARDS_BY_WEIGHT.map((guard) =>
      aBlocker(guard, { fix: "do it. ".repeat(60) }),
    );

    const shown = text(aScene({ blockers }));

    expect(shown).toContain("\nNow ");
    expect(shown).toContain("\nEvents ");
  });
});

describe("servers that wait", () => {
  it("are counted where there are many, and are not all listed", () => {
    const instances = Array.from({ length: 30 }, (_, number) => aWaiting(number, {}));

    const shown = text(aScene({}, { instances }));

    expect(shown).toContain("and 27 more wait for a call");
    expect(shown.match(/waits for/gu)).toHaveLength(3);
  });

  it("do not include those that wait for nothing", () => {
    expect(text(aScene({}, { instances: [instance("media-ab12-1")] }))).not.toContain("waits for");
  });

  it("show no next attempt that is due", () => {
    const due = aWaiting(1, { nextAttemptAt: ago(1) });

    expect(text(aScene({}, { instances: [due] }))).toContain("media-ab12-1 waits for its ports\n");
  });
});

describe("every screen", () => {
  const words = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 400 }),
    fc.constant("여유 서버 목표치 ".repeat(40)),
    fc.constant("w".repeat(300)),
    fc.constant(""),
  );
  const count = fc.integer({ min: 0, max: 1_000 });
  const moment = fc.integer({ min: -400 * 86_400_000, max: 400 * 86_400_000 }).map((ms) => ago(ms));

  const statuses = fc.record({
    fleet: fc.constantFrom("m", "a".repeat(32)),
    region: fc.constantFrom("ap-southeast-2", "eu-central-1"),
    timezone: fc.constantFrom(
      "UTC",
      "Asia/Seoul",
      "America/Argentina/ComodRivadavia",
      "Asia/Kathmandu",
    ),
    mode: fc.constantFrom("active", "observe"),
    removing: fc.boolean(),
    spares: count,
    sessions: fc.integer({ min: 0, max: 1_000_000 }),
    target: fc.record({
      spares: count,
      source: fc.constantFrom("override", "specialDay", "tag", "schedule", "default"),
      expression: words,
      reason: fc.option(words),
      until: fc.option(moment),
      chain: words.map((note) => [{ ...aLink(), note }]),
      heldTag: fc.constant(null),
      next: fc.option(
        fc.record({
          at: moment,
          source: fc.constantFrom("override", "schedule"),
          name: words,
          expression: words,
          spares: count,
          launchFrom: fc.option(moment),
        }),
      ),
    }),
    counts: fc
      .tuple(count, count, count, count, count, count)
      .map(([idle, busy, unknown, launching, draining, deleting]) =>
        counted({ idle, busy, unknown, launching, draining, deleting }),
      ),
    blockers: fc
      .subarray([...GUARDS_BY_WEIGHT])
      .chain((guards) =>
        fc.tuple(
          ...guards.map((guard) =>
            words.map((fix) => aBlocker(guard, { fix, value: 1e9, limit: 1e9 })),
          ),
        ),
      ),
    alerts: fc.array(
      words.map((what) => anAlert("stranger", { what })),
      { maxLength: 5 },
    ),
    paused: fc.array(
      fc.record({
        what: fc.constantFrom("launch", "retire", "schedule", "rollout"),
        since: moment,
        until: fc.option(moment),
        reason: words,
        actor: words,
      }),
      { maxLength: 4 },
    ),
    notifyTrouble: fc.option(words),
    lastTick: fc.option(
      fc.record({
        number: fc.nat(),
        at: moment,
        durationMs: fc.nat(),
        decision: words,
        error: fc.option(words),
      }),
    ),
  }) as fc.Arbitrary<Partial<Status>>;
  const events = fc.array(fc.tuple(fc.nat(10_000_000), words, words), { maxLength: 20 });
  const waiting = fc.array(fc.tuple(fc.nat(99_999), fc.option(words)), { maxLength: 8 });

  it("has at most 24 lines of at most 80 columns, and none that ends in a blank", () => {
    fc.assert(
      fc.property(statuses, events, waiting, (status, happened, waits) => {
        const lines = screenOf(
          aScene(status, {
            events: happened.map(([secondsAgo, message, actor]) =>
              anEvent(secondsAgo, message, actor),
            ),
            instances: waits.map(([number, lastError]) =>
              aWaiting(number, {
                name: `${"a".repeat(32)}-ab12-${number}`,
                attempts: number,
                lastError,
              }),
            ),
          }),
        );

        expect(lines.length).toBeLessThanOrEqual(24);
        for (const line of lines) {
          expect(widthOf(line), line).toBeLessThanOrEqual(80);
          expect(line).toBe(line.trimEnd());
        }
      }),
      { numRuns: 300 },
    );
  });
});

function aLink() {
  return {
    source: "tag",
    expression: "10",
    spares: 10,
    won: true,
    ageSeconds: 4,
    until: null,
    note: "spares on key-0abc1234",
  } as const;
}
