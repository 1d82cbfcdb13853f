import { describe, expect, it } from "vitest";
import type { Override } from "../../../durable/rules/model.ts";
import { type Link, type Source, type Target, targetOf } from "../../../durable/rules/target.ts";
import { aState, MINUTE_MS, NOW } from "./builders.ts";

const TAG = { resource: "key-0abc1234", key: "여유_서버_목표치" };

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
