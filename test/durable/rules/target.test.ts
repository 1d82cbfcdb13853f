import { describe, expect, it } from "vitest";
import type { Boundary, Override } from "../../../durable/rules/model.ts";
import type { State } from "../../../durable/rules/state.ts";
import { type Link, type Source, type Target, targetOf } from "../../../durable/rules/target.ts";
import { aRuling, aState, MINUTE_MS, NOW } from "./builders.ts";
import { aBoundary, aConcert, TAG, tagged, writing } from "./schedule-builders.ts";

function anOverride(overrides: Partial<Override> = {}): Override {
  const [from, until] = [NOW - MINUTE_MS, NOW + MINUTE_MS];
  return { id: "o1", expression: "30", from, until, reason: "concert", actor: "op", ...overrides };
}

function linkOf({ chain }: Target, source: Source): Link | undefined {
  return chain.find((link) => link.source === source);
}

describe("the target", () => {
  it("is the default where nothing else has a value", () => {
    const target = targetOf(aState({ spec: { spares: { default: "5" } } }), 0);

    expect(target).toMatchObject({ spares: 5, source: "default", expression: "5" });
  });

  it("is the tag's value rather than the default", () => {
    const state = aState({
      spec: { spares: { default: "5", tag: TAG } },
      tagMemory: { value: "12", garbled: null },
    });

    expect(targetOf(state, 0)).toMatchObject({ spares: 12, source: "tag" });
  });

  it("falls through a missing tag, and does not read one that the spec does not name", () => {
    const missing = aState({ spec: { spares: { default: "5", tag: TAG } } });
    const unnamed = aState({
      spec: { spares: { default: "5" } },
      tagMemory: { value: "12", garbled: null },
    });

    expect(targetOf(missing, 0)).toMatchObject({ spares: 5, source: "default" });
    expect(targetOf(unnamed, 0)).toMatchObject({ spares: 5, source: "default" });
  });

  it("keeps the last good value of a garbled tag, and says what the tag says now", () => {
    const state = aState({
      spec: { spares: { tag: TAG } },
      tagMemory: { value: "12", garbled: "lots" },
    });

    const target = targetOf(state, 0);

    expect(target).toMatchObject({ spares: 12, source: "tag" });
    expect(linkOf(target, "tag")?.note).toContain("`lots`");
  });

  it("falls through a tag that was garbled from the first", () => {
    const state = aState({
      spec: { spares: { default: "5", tag: TAG } },
      tagMemory: { value: null, garbled: "lots" },
    });

    expect(targetOf(state, 0)).toMatchObject({ spares: 5, source: "default" });
  });

  it("is the override's value, with its reason and end, rather than the tag's", () => {
    const state = aState({
      spec: { spares: { tag: TAG } },
      tagMemory: { value: "12", garbled: null },
      overrides: [anOverride()],
    });

    const target = targetOf(state, 0);

    expect(target).toMatchObject({ spares: 30, source: "override", reason: "concert" });
    expect(target.until).toBe(NOW + MINUTE_MS);
  });

  it("is the override that started last, whatever their order", () => {
    const early = anOverride({ id: "early", expression: "1", from: NOW - 2 * MINUTE_MS });
    const late = anOverride({ id: "late", expression: "2", from: NOW - MINUTE_MS });

    for (const overrides of [
      [early, late],
      [late, early],
    ])
      expect(targetOf(aState({ overrides }), 0).expression).toBe("2");
  });

  it("begins with the override's first moment and does not outlast its end", () => {
    const begins = aState({ overrides: [anOverride({ from: NOW })] });
    const ended = aState({ overrides: [anOverride({ until: NOW })] });
    const later = aState({ overrides: [anOverride({ from: NOW + 1 })] });

    expect(targetOf(begins, 0).source).toBe("override");
    expect(targetOf(ended, 0).source).toBe("default");
    expect(targetOf(later, 0).source).toBe("default");
  });

  it("is held between the spec's minimum and maximum, and does not leave them", () => {
    const of = (text: string): number =>
      targetOf(aState({ spec: { spares: { default: text, min: 3, max: 8 } } }), 0).spares;

    expect([of("1"), of("5"), of("99")]).toEqual([3, 5, 8]);
  });

  it("grows with the sessions where its expression has a share of them", () => {
    const state = aState({ spec: { spares: { default: "10+20%" } } });

    expect(targetOf(state, 50).spares).toBe(20);
  });

  it("shows every link of the chain, also those that did not win", () => {
    const state = aState({
      spec: { spares: { default: "5", tag: TAG } },
      tagMemory: { value: "12", garbled: null },
    });

    const { chain } = targetOf(state, 0);

    expect(chain.map(({ source, spares }) => [source, spares])).toEqual([
      ["override", null],
      ["specialDay", null],
      ["tag", 12],
      ["schedule", null],
      ["default", 5],
    ]);
  });

  it("is zero while the fleet is removed, whatever the minimum", () => {
    const state = aState({ spec: { spares: { min: 3 } }, removing: { force: false } });

    expect(targetOf(state, 0).spares).toBe(0);
  });
});

describe("an override that does not parse", () => {
  it("is fallen through, and its reason is not given for what rules instead", () => {
    const target = targetOf(
      aState({
        spec: { spares: { default: "5" } },
        overrides: [anOverride({ expression: "lots" })],
      }),
      0,
    );

    expect(target).toMatchObject({ spares: 5, source: "default", reason: null });
    expect(target.chain[0]).toMatchObject({ source: "override", spares: null });
  });
});

describe("of two overrides that began together", () => {
  it("the one that was set later rules", () => {
    const overrides = [
      anOverride({ id: "a", expression: "1" }),
      anOverride({ id: "b", expression: "2" }),
    ];

    expect(targetOf(aState({ overrides }), 0).expression).toBe("2");
  });
});

describe("the note of the tag", () => {
  const note = (value: string | null, garbled: string | null) =>
    linkOf(
      targetOf(aState({ spec: { spares: { tag: TAG } }, tagMemory: { value, garbled } }), 0),
      "tag",
    )?.note;

  it("says where the value is from, and what is wrong with it", () => {
    const where = "여유_서버_목표치 on key-0abc1234";

    expect(note("12", null)).toBe(where);
    expect(note(null, null)).toBe(`${where} has no value`);
    expect(note("12", "lots")).toBe(
      `the last good value of ${where}; the tag now says \`lots\`, which is no target`,
    );
    expect(note(null, "lots")).toContain("`lots`");
  });
});

describe("a default that does not parse", () => {
  it("is a fault of ours, and no target", () => {
    expect(() => targetOf(aState({ spec: { spares: { default: "lots" } } }), 0)).toThrow(
      "the default of a parsed spec always has a value",
    );
  });
});

describe("a link without a value", () => {
  it("says which it is, and why it has none", () => {
    const notes = (tag: typeof TAG | null) =>
      targetOf(aState({ spec: { spares: { tag } } }), 0).chain.map(({ source, note }) => [
        source,
        note,
      ]);

    expect(notes(null)).toEqual([
      ["override", "none rules now"],
      ["specialDay", "none is today"],
      ["tag", "the spec names no tag"],
      ["schedule", "the spec has no schedule"],
      ["default", "spares.default of the spec"],
    ]);
    expect(notes(TAG)[2]).toEqual(["tag", "여유_서버_목표치 on key-0abc1234 has no value"]);
  });

  it("differs from an override, which says who set it and why", () => {
    const { chain } = targetOf(aState({ overrides: [anOverride()] }), 0);

    expect(chain[0]?.note).toBe("set by op: concert");
  });
});

describe("the schedule as a source", () => {
  const ruledBy = (boundary: Boundary | null, state = tagged()): State => ({
    ...state,
    ruling: aRuling({ boundary }),
  });
  const UNTAGGED = tagged({ spec: { spares: { tag: null } } });

  it("rules below the tag, where its value was written and a person changed it since", () => {
    const target = targetOf(ruledBy(aBoundary()), 0);

    expect(target).toMatchObject({ spares: 3, source: "tag" });
    expect(linkOf(target, "schedule")).toMatchObject({ expression: "20", spares: 20 });
  });

  it("rules where there is no tag, with its name and the time of its boundary", () => {
    const target = targetOf(ruledBy(aBoundary(), UNTAGGED), 0);

    expect(target).toMatchObject({ spares: 20, source: "schedule", expression: "20", until: null });
    expect(linkOf(target, "schedule")).toEqual({
      source: "schedule",
      expression: "20",
      spares: 20,
      readAt: NOW - MINUTE_MS,
      until: null,
      note: "morning",
    });
  });

  it("rules before the tag until its value has been read back, and says why it waits", () => {
    const first = targetOf(writing(), 0);
    const refused = targetOf(writing({ lastError: "no right to it" }), 0);
    const observing = targetOf(writing({}, { spec: { mode: "observe" } }), 0);

    for (const target of [first, refused, observing])
      expect(target).toMatchObject({ spares: 20, source: "schedule" });
    expect(first.chain.map(({ source }) => source)).toEqual([
      "override",
      "specialDay",
      "schedule",
      "tag",
      "default",
    ]);
    expect([first, refused, observing].map((target) => linkOf(target, "schedule")?.note)).toEqual([
      "morning; tag write pending",
      "morning; tag write pending: no right to it",
      "morning; tag write pending: the fleet only observes",
    ]);
    expect(linkOf(first, "tag")?.expression).toBe("3");
  });

  it("does not go before the tag any more when it has been read back", () => {
    const target = targetOf(writing({ writtenAt: NOW, readBackAt: NOW }), 0);

    expect(target.source).toBe("tag");
    expect(linkOf(target, "schedule")?.note).toBe("morning");
  });

  it("says that it is paused", () => {
    const pause = { what: "schedule", since: NOW, until: null, reason: "r", actor: "a" } as const;
    const target = targetOf({ ...ruledBy(aBoundary(), UNTAGGED), pauses: [pause] }, 0);

    expect(linkOf(target, "schedule")?.note).toBe("morning; the schedule is paused");
  });

  it("counts the sessions of its expression", () => {
    expect(targetOf(ruledBy(aBoundary({ value: "10+20%" }), UNTAGGED), 50).spares).toBe(20);
  });

  it.each<[string, Boundary | null, State, string]>([
    ["the spec has none", null, aState(), "the spec has no schedule"],
    ["nothing of it has begun", null, UNTAGGED, "nothing of it has begun yet"],
    [
      "it has ended",
      aBoundary({ name: "season", edge: "ends", value: null }),
      UNTAGGED,
      "season has ended",
    ],
    ["a special day mutes it", aConcert(), UNTAGGED, "concert mutes it"],
  ])("has no value where %s, and says so", (_what, boundary, state, note) => {
    const link = linkOf(targetOf(ruledBy(boundary, state), 0), "schedule");

    expect(link).toMatchObject({ expression: null, spares: null, readAt: null, note });
  });

  it("is told as what holds after a special day", () => {
    const boundary = aConcert({ edge: "ends", special: false, value: "9" });
    const target = targetOf(ruledBy(boundary, UNTAGGED), 0);

    expect(target).toMatchObject({ spares: 9, source: "schedule" });
    expect(linkOf(target, "schedule")?.note).toBe("after concert");
  });

  it("is not there before the first tick of a ledger", () => {
    expect(targetOf(tagged({ ruling: null }), 0)).toMatchObject({ spares: 3, source: "tag" });
  });
});

describe("a special day", () => {
  const onTheDay = (state: State, boundary: Boundary): State => ({
    ...state,
    ruling: aRuling({ boundary }),
  });

  it("goes before the tag and the schedule, though the tag was changed since", () => {
    const target = targetOf(onTheDay(tagged(), aConcert()), 0);

    expect(target).toMatchObject({ spares: 40, source: "specialDay", expression: "40" });
    expect(linkOf(target, "specialDay")).toEqual({
      source: "specialDay",
      expression: "40",
      spares: 40,
      readAt: NOW - MINUTE_MS,
      until: null,
      note: "concert; the tag and the schedule are mute until it ends",
    });
    expect(linkOf(target, "tag")?.spares).toBe(3);
  });

  it("does not go before an override", () => {
    const state = { ...onTheDay(tagged(), aConcert()), overrides: [anOverride()] };

    expect(targetOf(state, 0)).toMatchObject({ spares: 30, source: "override" });
  });

  it("rules on where one day ends within another", () => {
    const inner = aConcert({ name: "show", edge: "ends", value: "35" });
    const target = targetOf(onTheDay(tagged(), inner), 0);

    expect(target).toMatchObject({ spares: 35, source: "specialDay" });
    expect(linkOf(target, "specialDay")?.note).toMatch(/^after show;/u);
  });

  it("rules no longer when it has ended, nor where it has no value", () => {
    const ended = aConcert({ edge: "ends", special: false, value: "9" });
    const bare = aConcert({ value: null });

    for (const boundary of [ended, bare, aBoundary()]) {
      const link = linkOf(targetOf(onTheDay(tagged(), boundary), 0), "specialDay");
      expect(link).toMatchObject({ expression: null, note: "none is today" });
    }
  });
});

describe("a total", () => {
  const of = (expression: string, sessions: number): Target =>
    targetOf(tagged({ overrides: [anOverride({ expression })] }), sessions);

  it("is as many spares as it is more than the sessions, and never fewer than the others want", () => {
    expect(of("total:60", 4)).toMatchObject({ spares: 56, source: "override" });
    expect(of("total:60", 57).spares).toBe(3);
    expect(of("total:60", 60).spares).toBe(3);
  });

  it("stands on the source that would rule without it: on a special day its own", () => {
    const state = tagged({ overrides: [anOverride({ expression: "total:10" })] });

    expect(targetOf({ ...state, ruling: aRuling({ boundary: aConcert() }) }, 9).spares).toBe(40);
  });
});

describe("faults that were found", () => {
  const ENDED = aConcert({ edge: "ends", special: false, value: null });

  it("the concert's value in the tag does not rule on while its end cannot be written", () => {
    const state = writing({ value: "5", before: ["40"], lastError: "refused" }, CONCERT_IN_TAG);
    const ruling = state.ruling === null ? null : { ...state.ruling, boundary: ENDED };

    const target = targetOf({ ...state, ruling }, 0);

    expect(target).toMatchObject({ spares: 5, source: "schedule", expression: "5" });
    expect(linkOf(target, "schedule")?.note).toBe(
      "after concert, the default; tag write pending: refused",
    );
  });

  it("and the tag rules again when the default has been read back from it", () => {
    const state = writing({ value: "5", readBackAt: NOW }, CONCERT_IN_TAG);
    const ruling = state.ruling === null ? null : { ...state.ruling, boundary: ENDED };

    expect(targetOf({ ...state, ruling }, 0)).toMatchObject({ spares: 40, source: "tag" });
  });

  it("seed 520015: what a paused schedule held does not rule on when the spec has none any more", () => {
    const bare = { spec: { spares: { default: "6" } } };
    for (const boundary of [aBoundary({ value: "1" }), aConcert()]) {
      const state = aState({ ...bare, ruling: aRuling({ boundary }) });
      expect(targetOf(state, 0)).toMatchObject({ spares: 6, source: "default" });
    }
  });

  const CONCERT_IN_TAG = { tagMemory: { value: "40", garbled: null } };
});
