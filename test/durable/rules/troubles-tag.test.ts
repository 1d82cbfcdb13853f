/** What is wrong with the tag, and when people are told of it. */
import { describe, expect, it } from "vitest";
import { bulletinsOf } from "../../../durable/rules/alerts.ts";
import type { OpenAlert, Trouble } from "../../../durable/rules/bulletins.ts";
import type { State } from "../../../durable/rules/state.ts";
import { targetOf } from "../../../durable/rules/target.ts";
import { tagTroubles } from "../../../durable/rules/troubles-tag.ts";
import { MINUTE_MS, NOW, SECOND_MS } from "./builders.ts";
import { tagged, writing } from "./schedule-builders.ts";

const REFUSED = { lastError: "The AWS key has no right to ec2:CreateTags. Add it." } as const;

function found(state: State): Trouble[] {
  return tagTroubles(state, targetOf(state, 0));
}

describe("a tag that cannot be read", () => {
  it("is a trouble, and says what rules meanwhile", () => {
    const state = tagged({ tagMemory: { value: "3", garbled: "three" } });

    expect(found(state)).toEqual([
      {
        kind: "tag",
        subject: "",
        since: NOW,
        toldAfterMs: 0,
        what: 'The target in the tag cannot be read: 여유_서버_목표치 on key-0abc1234 says "three".',
        doing: "Lightfleet goes on with 3 spares (tag: 3).",
        canDo:
          "You can set the tag to a number such as 10, or to 10+20%. GET /v1/fleets/media/target shows what rules.",
      },
    ]);
  });

  it("is none where it is good, missing, or not named by the spec", () => {
    const garbled = { tagMemory: { value: "3", garbled: "three" } };

    expect(found(tagged())).toEqual([]);
    expect(found(tagged({ tagMemory: { value: null, garbled: null } }))).toEqual([]);
    expect(found(tagged({ ...garbled, spec: { spares: { tag: null } } }))).toEqual([]);
  });
});

describe("a boundary that cannot be written to the tag", () => {
  it("is a trouble after a minute, with the last error and what rules meanwhile", () => {
    expect(found(writing(REFUSED))).toEqual([
      {
        kind: "tag",
        subject: "not written",
        since: NOW - MINUTE_MS,
        toldAfterMs: MINUTE_MS,
        what: "The tag does not say the target: 20 could not be written to 여유_서버_목표치 on key-0abc1234. The AWS key has no right to ec2:CreateTags. Add it.",
        doing:
          "Lightfleet goes on with 20 spares (schedule: 20), and tries again until the tag says 20.",
        canDo:
          "You can set the tag to 20 yourself, or to another value, which then rules. GET /v1/fleets/media/target shows what rules.",
      },
    ]);
  });

  it("is told in whole sentences where the error is none", () => {
    const [trouble] = found(writing({ lastError: "throttled by AWS: RequestLimitExceeded" }));

    expect(trouble?.what).toMatch(/ throttled by AWS: RequestLimitExceeded\.$/u);
  });

  it("is told in one with a tag that could not be read before", () => {
    const state = writing(REFUSED, { tagMemory: { value: "3", garbled: "three" } });

    expect(found(state).map(({ subject }) => subject)).toEqual(["", "not written"]);
  });

  it.each<[string, State]>([
    ["nothing went wrong yet", writing()],
    ["AWS has accepted it", writing({ writtenAt: NOW })],
    ["it has been read back", writing({ ...REFUSED, readBackAt: NOW })],
    ["nothing is to be written", tagged()],
    ["no boundary was ever applied", tagged({ ruling: null })],
    ["the fleet only observes", writing(REFUSED, { spec: { mode: "observe" } })],
    ["the spec names no tag", writing(REFUSED, { spec: { spares: { tag: null } } })],
    [
      "somebody paused the schedule",
      writing(REFUSED, {
        pauses: [{ what: "schedule", since: NOW, until: null, reason: "r", actor: "a" }],
      }),
    ],
  ])("is none where %s", (_what, state) => {
    expect(found(state)).toEqual([]);
  });
});

describe("people", () => {
  /** Looks every five seconds, and gives what people read. */
  function watched(looks: readonly State[]): string[] {
    let open: readonly OpenAlert[] = [];
    return looks.flatMap((state) => {
      const { open: next, bulletins } = bulletinsOf(state, open, found(state), []);
      open = next;
      return bulletins.map(({ stage, what }) => `${stage}: ${what}`);
    });
  }

  /** The same state for so many seconds from a moment on. */
  function lasting(state: State, from: number, seconds: number): State[] {
    return Array.from({ length: seconds / 5 }, (_, index) => ({
      ...state,
      now: from + index * 5 * SECOND_MS,
    }));
  }

  const refused = writing(REFUSED);
  const began = NOW - MINUTE_MS;
  const mended = writing({ writtenAt: NOW }, { tagMemory: { value: "20", garbled: null } });

  it("are told once, after a minute, and once of the end", () => {
    const told = watched([
      ...lasting(refused, began, 300),
      ...lasting(mended, began + 5 * MINUTE_MS, 300),
    ]);

    expect(told).toEqual([
      expect.stringMatching(/^begins: The tag does not say the target: 20 could not/u),
      "ends: Nothing waits to be written to the tag any more: it says 20. It lasted 5 minutes.",
    ]);
  });

  it("are not told of what heals within the minute", () => {
    const told = watched([
      ...lasting(refused, began, 60),
      ...lasting(mended, began + MINUTE_MS, 300),
    ]);

    expect(told).toEqual([]);
  });
});
