/** What the tag says, and what of it counts while a boundary's value is on its way into it. */
import { describe, expect, it } from "vitest";
import { absorbTag } from "../../../durable/rules/absorb-tag.ts";
import type { TagMemory } from "../../../durable/rules/model.ts";
import { apply, type Moves, NO_MOVES, type State } from "../../../durable/rules/state.ts";
import { targetOf } from "../../../durable/rules/target.ts";
import type { TagReading } from "../../../durable/rules/world.ts";
import { A_HOLE, aState, MINUTE_MS, NOW, SECOND_MS } from "./builders.ts";
import { aWrite, says, tagged, writing } from "./schedule-builders.ts";

const MISSING: TagReading = { kind: "missing", at: NOW };
const WRITTEN = { writtenAt: NOW - 10 * SECOND_MS } as const;
/** Read back a moment after it was written. */
const READ_BACK = { ...WRITTEN, readBackAt: NOW - 5 * SECOND_MS } as const;
/** The tag is remembered as the boundary has written it. */
const OURS = { tagMemory: { value: "20", garbled: null } } as const;

function after(state: State, ...readings: readonly TagReading[]): State {
  return readings.reduce((now, reading) => apply(now, absorbTag(now, reading)), state);
}

function told({ events }: Moves): string[] {
  return events.map(({ message }) => message);
}

/** What rules, and by which source. */
function ruling(state: State): string {
  const { source, expression } = targetOf(state, 0);
  return `${source} ${expression}`;
}

describe("a reading of the tag", () => {
  const HOLE: TagReading = { kind: "hole", hole: A_HOLE };

  it.each<[string, TagReading]>([
    ["it failed", HOLE],
    [
      "EC2 refused it",
      { kind: "hole", hole: { ...A_HOLE, why: "rejected", rejection: "credentials" } },
    ],
  ])(
    "changes nothing but how long it lasts, where %s: the last good value goes on ruling",
    (_what, reading) => {
      for (const state of [tagged(), writing()]) {
        const moves = absorbTag(state, reading);
        expect(moves).toEqual({ ...NO_MOVES, memory: { tagUnread: moves.memory.tagUnread } });
        expect(moves.memory.tagUnread).toMatchObject({ since: NOW });
      }
      expect(ruling(after(tagged(), reading))).toBe("tag 3");
    },
  );

  it("changes nothing at all where none was wanted", () => {
    expect(absorbTag(tagged(), { kind: "none" })).toEqual(NO_MOVES);
  });

  it("is of another tag, and ignored, where it began no later than the spec named this one", () => {
    const state = tagged({ memory: { tagChangedAt: NOW } });

    expect(absorbTag(state, says("12"))).toEqual(NO_MOVES);
    expect(absorbTag(state, says("12", NOW + 1)).state).toEqual({
      tagMemory: { value: "12", garbled: null },
    });
  });

  it("is remembered, and told, where it is new; its time is remembered in any case", () => {
    const moves = absorbTag(tagged(), says("12"));

    expect(moves).toEqual({
      ...NO_MOVES,
      memory: { tagReadAt: NOW, tagReadSinceWrite: true, tagUnread: null },
      state: { tagMemory: { value: "12", garbled: null } },
      events: [
        {
          kind: "tag",
          instance: null,
          message: "the tag says 12",
          data: { value: "12", garbled: null },
        },
      ],
    });
    expect(absorbTag(tagged(), says("3"))).toEqual({
      ...NO_MOVES,
      memory: { tagReadAt: NOW, tagReadSinceWrite: true, tagUnread: null },
    });
    expect(absorbTag(tagged({ ruling: null }), says("12")).events).toHaveLength(1);
  });

  it.each(["lots", "-3", "1e3", "0x10", "99999999", "auto", "total:60", "20 spares"])(
    "that is no target (%j) keeps the last good value, and is told once",
    (text) => {
      const moves = absorbTag(tagged(), says(text));
      const next = apply(tagged(), moves);

      expect(moves.state).toEqual({ tagMemory: { value: "3", garbled: text } });
      expect(told(moves)).toEqual([expect.stringMatching(/^the tag .+; 3 goes on ruling$/u)]);
      expect(ruling(next)).toBe("tag 3");
      expect(absorbTag(next, says(text)).events).toEqual([]);
    },
  );

  it("that is garbled in another way is told again, and so is what mends it", () => {
    const garbled = after(tagged(), says("lots"));

    expect(told(absorbTag(garbled, says("more")))).toHaveLength(1);
    expect(told(absorbTag(garbled, says("3")))).toEqual(["the tag says 3"]);
    expect(after(garbled, says("3")).tagMemory).toEqual({ value: "3", garbled: null });
  });

  it("falls through to the next source where the tag is missing, and says so once", () => {
    const moves = absorbTag(tagged(), MISSING);
    const next = apply(tagged(), moves);

    expect(told(moves)).toEqual(["the tag has no value any more; the next source rules"]);
    expect(ruling(next)).toBe("default 5");
    expect(absorbTag(next, MISSING).events).toEqual([]);
  });

  it.each(["", "   "])("falls through likewise where a person has emptied it (%j)", (text) => {
    const next = apply(tagged(), absorbTag(tagged(), says(text)));

    expect(next.tagMemory).toEqual({ value: null, garbled: null });
    expect(ruling(next)).toBe("default 5");
    expect(absorbTag(next, says(text)).events).toEqual([]);
  });

  it("leaves nothing to rule of a tag that was garbled and is then gone", () => {
    const garbled = tagged({ tagMemory: { value: null, garbled: "lots" } });

    expect(
      told(absorbTag(tagged({ tagMemory: { value: null, garbled: null } }), says("lots"))),
    ).toEqual([expect.stringMatching(/; the next source rules$/u)]);
    expect(after(garbled, MISSING).tagMemory).toEqual({ value: null, garbled: null });
  });
});

describe("while a boundary's value is on its way into the tag", () => {
  it.each<[string, State, TagReading]>([
    ["what was there before", writing(), says("3")],
    ["what was there before, long after", writing({ writtenAt: NOW - 60 * MINUTE_MS }), says("3")],
    ["that there is none, as before", writing({ before: [null] }), MISSING],
    ["what could not be read before", writing({ before: ["lots"] }), says("lots")],
    ["one of several values from before", writing({ before: ["3", "9"] }), says("9")],
  ])("%s says nothing, and the boundary rules", (_what, state, reading) => {
    const moves = absorbTag(state, reading);

    expect(moves).toEqual({
      ...NO_MOVES,
      memory: { tagReadAt: NOW, tagReadSinceWrite: true, tagUnread: null },
    });
    expect(ruling(apply(state, moves))).toBe("schedule 20");
  });

  it("rules by the tag as soon as the value has been read back", () => {
    const state = after(writing(WRITTEN), says("20"));

    expect(state.ruling?.write).toEqual(aWrite({ ...WRITTEN, readBackAt: NOW }));
    expect(ruling(state)).toBe("tag 20");
  });

  it("takes spaces around the value for its own, for a person may have written it so", () => {
    expect(after(writing(WRITTEN), says(" 20 ")).ruling?.write).toMatchObject({ readBackAt: NOW });
  });

  it("takes the value for read back where nobody knew whether it was written", () => {
    const state = after(writing({ attempts: 1 }), says("20"));

    expect(state.ruling?.write).toMatchObject({ writtenAt: NOW, readBackAt: NOW });
  });

  it("does not take it for read back where it said the same before, until it was written", () => {
    const same = { before: ["20"] };
    const at = NOW - 10 * SECOND_MS;

    expect(after(writing(same), says("20")).ruling?.write?.readBackAt).toBeNull();
    expect(after(writing({ ...same, writtenAt: NOW }), says("20")).ruling?.write?.readBackAt).toBe(
      null,
    );
    expect(after(writing({ ...same, writtenAt: at }), says("20")).ruling?.write?.readBackAt).toBe(
      NOW,
    );
  });

  it.each<[string, TagReading, TagMemory, string]>([
    ["another value", says("15"), { value: "15", garbled: null }, "tag 15"],
    ["zero", says("0"), { value: "0", garbled: null }, "tag 0"],
    ["no tag", MISSING, { value: null, garbled: null }, "schedule 20"],
    ["what is no target", says("lots"), { value: "20", garbled: "lots" }, "tag 20"],
  ])("a third word is a person's, and wins: %s", (_what, reading, tagMemory, rules) => {
    const state = writing({ ...WRITTEN, command: 42, lastError: "refused" });

    const next = after(state, reading);

    expect(next.tagMemory).toEqual(tagMemory);
    expect(ruling(next)).toBe(rules);
    // Seed 601434: the call that is under way may be carried out yet, and the next boundary waits for it.
    expect(next.ruling?.write).toEqual(aWrite({ command: 42, writtenAt: NOW, readBackAt: NOW }));
  });

  it("the first word of a tag that was never read is what was there before the boundary", () => {
    const never = writing({ before: [] }, { tagMemory: { value: null, garbled: null } });

    const next = after(never, says("7"));

    expect(next.ruling?.write).toEqual(aWrite({ before: ["7"] }));
    expect(next.tagMemory).toEqual({ value: null, garbled: null });
    expect(ruling(next)).toBe("schedule 20");
    expect(ruling(after(next, says("8")))).toBe("tag 8");
  });
});

describe("in the minute after the value was read back", () => {
  it.each<[string, TagReading]>([
    ["what was there before", says("3")],
    ["the value itself", says("20")],
  ])("%s is a late answer or nothing new", (_what, reading) => {
    const state = writing(READ_BACK, OURS);

    expect(absorbTag(state, reading)).toEqual({
      ...NO_MOVES,
      memory: { tagReadAt: NOW, tagReadSinceWrite: true, tagUnread: null },
    });
    expect(ruling(after(state, reading))).toBe("tag 20");
  });

  it("another value is a person's, and the minute begins anew for what was before it", () => {
    const state = after(writing(READ_BACK, OURS), says("15"));

    expect(state.ruling?.write).toEqual(aWrite({ writtenAt: NOW, readBackAt: NOW }));
    expect(ruling(state)).toBe("tag 15");
  });

  it("a person's word that is garbled keeps the last good one", () => {
    const tagMemory = { value: "15", garbled: null };
    const state = after(writing(READ_BACK, { tagMemory }), says("lots"));

    expect(state.tagMemory).toEqual({ value: "15", garbled: "lots" });
  });
});

describe("after the minute", () => {
  it.each<[string, TagReading, TagMemory, string]>([
    ["the value of before", says("3"), { value: "3", garbled: null }, "tag 3"],
    ["the boundary's own", says("20"), { value: "20", garbled: null }, "tag 20"],
    ["another value", says("15"), { value: "15", garbled: null }, "tag 15"],
    ["no tag", MISSING, { value: null, garbled: null }, "schedule 20"],
  ])("%s is the tag's word, and nothing waits any more", (_what, reading, tagMemory, rules) => {
    const state = writing({ ...READ_BACK, writtenAt: NOW - MINUTE_MS }, OURS);

    const next = after(state, reading);

    expect(next.ruling?.write).toBeNull();
    expect(next.tagMemory).toEqual(tagMemory);
    expect(ruling(next)).toBe(rules);
  });

  it("is not over a moment before it", () => {
    const state = writing({ ...READ_BACK, writtenAt: NOW - MINUTE_MS + 1 }, OURS);

    expect(after(state, says("3"))).toMatchObject(OURS);
  });
});

describe("faults that were found", () => {
  it("a late answer does not undo a person's word that was read while the boundary was pending", () => {
    const spoken = after(writing(WRITTEN), says("15"));

    for (const late of ["3", "20"]) {
      const next = after(spoken, says(late, NOW + 15 * SECOND_MS));
      expect(ruling(next)).toBe("tag 15");
    }
    expect(ruling(after(spoken, says("3", NOW + MINUTE_MS)))).toBe("tag 3");
  });

  it("a person's next word wins at once all the same", () => {
    const state = after(
      writing(WRITTEN),
      says("15"),
      says("15", NOW + SECOND_MS),
      says("16", NOW + 2 * SECOND_MS),
    );

    expect(ruling(state)).toBe("tag 16");
    expect(state.ruling?.write).toMatchObject({ writtenAt: NOW + 2 * SECOND_MS });
  });

  it("a person's word that is repeated does not begin the minute anew", () => {
    const state = after(writing(WRITTEN), says("lots"), says("lots", NOW + SECOND_MS));

    expect(state.ruling?.write).toMatchObject({ writtenAt: NOW });
  });
});

describe("a large value in a tag that had none", () => {
  const nothing = { value: null, garbled: null };
  const spec = {
    spares: { default: "3", max: 500, tag: { resource: "key-0abc1234", key: "spares" } },
  };
  const afterRestart = (tagWasRead: boolean) =>
    absorbTag(aState({ spec, tagMemory: nothing, tagWasRead, memory: { tagReadAt: null } }), {
      kind: "value",
      value: "400",
      at: NOW,
    }).state;

  it("is what an operator found there, where the tag was never read", () => {
    expect(afterRestart(false)).toMatchObject({ tagMemory: { value: "400" }, tagWasRead: true });
  });

  it("is a jump where the tag was read and empty, though the object was restarted since", () => {
    expect(afterRestart(true)).toMatchObject({ tagMemory: nothing, tagJump: { value: "400" } });
  });
});
