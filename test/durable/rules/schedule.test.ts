/** The schedule's word: when a boundary is applied, and its way into the tag. */
import { describe, expect, it } from "vitest";
import { scheduleHash } from "../../../durable/rules/hash.ts";
import { plan } from "../../../durable/rules/plan.ts";
import {
  dueTagWrite,
  followSchedule,
  isPending,
  settleTagWrite,
  tagWriteIssued,
} from "../../../durable/rules/schedule.ts";
import { unheard } from "../../../durable/rules/settle.ts";
import { apply, type Moves, NO_MOVES, type State } from "../../../durable/rules/state.ts";
import { CALL_LIMIT_MS } from "../../../durable/rules/limits.ts";
import type { Boundary, Pause } from "../../../durable/rules/model.ts";
import type { Command, Outcome } from "../../../durable/rules/world.ts";
import { aHold, anObservation, aRuling, aState, MINUTE_MS, NOW, SECOND_MS } from "./builders.ts";
import {
  aBoundary,
  aWrite,
  says,
  TAG,
  tagged,
  writeCommand,
  writing,
} from "./schedule-builders.ts";

const PAUSE: Pause = {
  what: "schedule",
  since: NOW - MINUTE_MS,
  until: null,
  reason: "by hand today",
  actor: "alice",
};

/** The state with a boundary that has just passed. */
function at(state: State, last: Boundary | null): State {
  return { ...state, agenda: { last, coming: [] } };
}

function ruledBy(state: State, boundary: Boundary | null): State {
  return {
    ...state,
    ruling: aRuling({ scheduleHash: state.scheduleHash, boundary, appliedAt: NOW - MINUTE_MS }),
  };
}

/** The tag was last read then. */
function readAt(tagReadAt: number | null) {
  return { memory: { tagReadAt } };
}

function messages({ events }: Moves): string[] {
  return events.map(({ message }) => message);
}

describe("a boundary", () => {
  it("is applied in the first tick after its instant, and told", () => {
    const { state, events } = followSchedule(at(tagged(), aBoundary()));

    expect(state.ruling).toMatchObject({ boundary: aBoundary(), appliedAt: NOW });
    expect(events).toEqual([
      {
        kind: "boundary",
        instance: null,
        message: "morning begins: 20 spares; 20 goes into the tag",
        data: {
          at: NOW - MINUTE_MS,
          name: "morning",
          edge: "begins",
          value: "20",
          timezone: "Asia/Seoul",
          source: "schedule",
        },
      },
    ]);
  });

  it("is not applied again in the next tick", () => {
    const first = at(tagged(), aBoundary());
    const next = apply(first, followSchedule(first));

    expect(followSchedule(next)).toEqual(NO_MOVES);
  });

  it("is not applied again where the clock was set back before an older one", () => {
    const state = ruledBy(tagged(), aBoundary());

    expect(followSchedule(at(state, aBoundary({ at: NOW - 9 * MINUTE_MS, value: "9" })))).toEqual(
      NO_MOVES,
    );
  });

  it("is applied where it is only a little newer than the last", () => {
    const state = ruledBy(tagged(), aBoundary({ value: "9", at: NOW - 1 }));

    expect(followSchedule(at(state, aBoundary({ at: NOW }))).state.ruling).toMatchObject({
      boundary: { value: "20" },
    });
  });

  it("does nothing where there is none", () => {
    expect(followSchedule(at(tagged(), null))).toEqual(NO_MOVES);
    expect(followSchedule(at(ruledBy(tagged(), aBoundary()), null))).toEqual(NO_MOVES);
  });

  it.each<[string, Partial<State>]>([
    ["the schedule is paused", { pauses: [PAUSE] }],
    ["the fleet is being removed", { removing: { force: false } }],
  ])("is not applied while %s", (_what, changes) => {
    expect(followSchedule({ ...at(tagged(), aBoundary()), ...changes })).toEqual(NO_MOVES);
  });

  it("is applied while something else is paused, and after the pause", () => {
    const pauses = [
      { ...PAUSE, what: "launch" as const },
      { ...PAUSE, until: NOW },
    ];

    expect(followSchedule({ ...at(tagged(), aBoundary()), pauses }).events).toHaveLength(1);
  });

  it("says that nothing of the schedule holds where its value ends", () => {
    const ended = aBoundary({ name: "season", edge: "ends", value: null });

    const moves = followSchedule(at(tagged(), ended));

    expect(messages(moves)).toEqual([
      "season ends: nothing of the schedule holds any more; 5 goes into the tag",
    ]);
    expect(moves.state.ruling?.write).toMatchObject({ value: "5" });
  });

  it("is kept in the ledger alone where the spec names no tag", () => {
    const spares = { tag: null };

    const moves = followSchedule(at(tagged({ spec: { spares } }), aBoundary()));

    expect(moves.state.ruling?.write).toBeNull();
    expect(messages(moves)).toEqual(["morning begins: 20 spares"]);
  });
});

describe("a ledger that has just been born", () => {
  it("is ruled by the newest boundary, and writes nothing to the tag", () => {
    const moves = followSchedule(at(tagged({ ruling: null }), aBoundary()));

    expect(moves.state.ruling).toMatchObject({ boundary: aBoundary(), write: null });
    expect(messages(moves)).toEqual(["morning begins: 20 spares"]);
  });

  it("remembers that there was none, and tells nothing", () => {
    const state = at(tagged({ ruling: null }), null);

    const { state: changes, events } = followSchedule(state);

    expect(events).toEqual([]);
    expect(changes.ruling).toEqual({
      scheduleHash: state.scheduleHash,
      boundary: null,
      appliedAt: NOW,
      write: null,
    });
  });

  it("writes the next one", () => {
    const born = at(tagged({ ruling: null }), aBoundary({ at: NOW - 60 * MINUTE_MS, value: "9" }));
    const next = at(apply(born, followSchedule(born)), aBoundary());

    expect(followSchedule(next).state.ruling?.write).toMatchObject({ value: "20" });
  });
});

describe("another schedule in the spec", () => {
  const OTHER = { scheduleHash: scheduleHash({ ...aState().spec.spares, schedule: [] }) };

  it("is decided anew, though its boundary is older, and is written", () => {
    const state = { ...ruledBy(tagged(), aBoundary()), ...OTHER };
    const older = aBoundary({ at: NOW - 60 * MINUTE_MS, value: "7", name: "night" });

    const moves = followSchedule(at(state, older));

    expect(messages(moves)).toEqual(["night begins: 7 spares; 7 goes into the tag"]);
    expect(moves.state.ruling).toMatchObject({ ...OTHER, boundary: older, write: { value: "7" } });
  });

  it("writes nothing again where the same value has ruled since the same moment", () => {
    const state = { ...writing({ attempts: 3 }), ...OTHER };
    const renamed = aBoundary({ name: "mornings" });

    const { state: changes, events } = followSchedule(at(state, renamed));

    expect(events).toEqual([]);
    expect(changes.ruling).toEqual({ ...state.ruling, ...OTHER, boundary: renamed });
  });

  it.each<[string, Boundary | null, Boundary | null]>([
    ["another moment", aBoundary(), aBoundary({ at: NOW - 2 * MINUTE_MS })],
    ["another value", aBoundary(), aBoundary({ value: "21" })],
    ["a special day", aBoundary(), aBoundary({ special: true })],
    ["one where none was", null, aBoundary()],
  ])("is applied for %s", (_what, before, last) => {
    const state = { ...ruledBy(tagged(), before), ...OTHER };

    expect(followSchedule(at(state, last)).events).toHaveLength(1);
  });

  it("tells nothing where there is none any more, nor where there was none", () => {
    const ruled = followSchedule(at({ ...writing(), ...OTHER }, null));
    const never = followSchedule(at({ ...ruledBy(tagged(), null), ...OTHER }, null));

    expect([ruled.events, never.events]).toEqual([[], []]);
    expect(ruled.state.ruling).toMatchObject({ ...OTHER, boundary: null, write: null });
    expect(never.state.ruling).toMatchObject({ ...OTHER, boundary: null });
  });
});

describe("what is to be written at a boundary", () => {
  const written = (state: State) =>
    followSchedule(at(state, aBoundary())).state.ruling?.write ?? null;

  it("is new, and knows what the tag said", () => {
    expect(written(tagged())).toEqual(aWrite());
  });

  it.each([
    ["that it was missing", { value: null, garbled: null }, [null]],
    ["what could not be read", { value: "3", garbled: "three" }, ["three"]],
  ])("knows %s", (_what, tagMemory, before) => {
    expect(written(tagged({ tagMemory }))?.before).toEqual(before);
  });

  it("knows what was read before a restart, and nothing where it was never read", () => {
    const memory = { tagReadAt: null };

    expect(written(tagged({ memory }))?.before).toEqual(["3"]);
    const without = { memory, tagMemory: { value: null, garbled: null } };
    expect(written(tagged({ ...without, tagWasRead: false }))?.before).toEqual([]);
    // Simulator, seed 85200286: that it was read and empty is known after a restart, too.
    expect(written(tagged({ ...without, tagWasRead: true }))?.before).toEqual([null]);
  });

  it("knows what an earlier write may have left in the tag", () => {
    const earlier = { value: "9", before: ["3", "4"] };
    const tagMemory = { value: "3", garbled: null };

    expect(written(tagged({ tagMemory, ...ruling(earlier) }))?.before).toEqual(["3", "4", "9"]);
  });

  it("waits for an earlier write that is under way, and begins its own count", () => {
    const earlier = { value: "9", command: 41, attempts: 5, triedAt: NOW + 8 * SECOND_MS };

    expect(
      written(tagged(ruling({ ...earlier, lastError: "refused", nextAttemptAt: NOW }))),
    ).toEqual(aWrite({ before: ["3", "9"], command: 41, nextAttemptAt: NOW + 8 * SECOND_MS }));
  });

  it("seed 601289: waits for what an earlier one waited for, though that was never tried", () => {
    const over = NOW + 20 * SECOND_MS;
    const earlier = { value: "9", triedAt: null, nextAttemptAt: over };

    expect(written(tagged(ruling(earlier)))?.nextAttemptAt).toBe(over);
  });

  function ruling(write: Parameters<typeof aWrite>[0]): Pick<State, "ruling"> {
    const boundary = aBoundary({ at: NOW - 60 * MINUTE_MS, value: "9" });
    return {
      ruling: aRuling({ scheduleHash: tagged().scheduleHash, boundary, write: aWrite(write) }),
    };
  }
});

describe("a write that is pending", () => {
  it.each([
    [true, aRuling({ write: aWrite() })],
    [true, aRuling({ write: aWrite({ writtenAt: NOW }) })],
    [false, aRuling({ write: aWrite({ writtenAt: NOW, readBackAt: NOW }) })],
    [false, aRuling()],
    [false, null],
  ])("is so (%s) until it has been read back", (pending, ruling) => {
    expect(isPending(ruling)).toBe(pending);
  });
});

describe("the command to write the tag", () => {
  it("is due at once", () => {
    expect(dueTagWrite(writing())).toEqual({ kind: "targetTag", tag: TAG, value: "20" });
  });

  it.each<[string, State]>([
    ["none is wanted", tagged()],
    ["no boundary was ever applied", tagged({ ruling: null })],
    ["the spec names no tag any more", writing({}, { spec: { spares: { tag: null } } })],
    ["it was read back", writing({ readBackAt: NOW })],
    ["the schedule is paused", writing({}, { pauses: [PAUSE] })],
    ["one is under way", writing({ command: 41 })],
    ["its next attempt is later", writing({ nextAttemptAt: NOW + 1 })],
    ["the tag was not read since the last attempt", writing({ triedAt: NOW }, readAt(NOW))],
    ["the tag was not read since the object was born", writing({ triedAt: 1 }, readAt(null))],
  ])("is not due where %s", (_what, state) => {
    expect(dueTagWrite(state)).toBeNull();
  });

  it("is due again when its time has come and the tag was read since", () => {
    const state = writing({ triedAt: NOW - 1, nextAttemptAt: NOW }, readAt(NOW));

    expect(dueTagWrite(state)).toMatchObject({ value: "20" });
  });

  it("is due for the first time though the tag was never read", () => {
    expect(dueTagWrite(writing({}, readAt(null)))).toMatchObject({ value: "20" });
  });

  it("is in the ledger as under way before it is carried out", () => {
    const state = writing({ attempts: 1 });

    expect(tagWriteIssued(state, 77).memory).toEqual({ tagReadSinceWrite: false });
    expect(tagWriteIssued(state, 77).state.ruling).toEqual({
      ...state.ruling,
      write: aWrite({ attempts: 1, command: 77, triedAt: NOW }),
    });
    expect([tagWriteIssued(tagged(), 77), tagWriteIssued(tagged({ ruling: null }), 77)]).toEqual([
      NO_MOVES,
      NO_MOVES,
    ]);
  });

  it("goes out with the tick of the boundary", () => {
    const state = at(tagged(), aBoundary());

    const { moves } = plan(state, anObservation());

    const command = moves.commands.find(({ action }) => action.kind === "targetTag");
    expect(command?.action).toEqual({ kind: "targetTag", tag: TAG, value: "20" });
    expect(moves.state.ruling?.write).toMatchObject({ command: command?.number, triedAt: NOW });
  });

  it("does not go out while AWS refuses the key, nor where the fleet only observes", () => {
    const held = at(tagged({ holds: [aHold("credentials")] }), aBoundary());
    const observing = at(tagged({ spec: { mode: "observe" } }), aBoundary());

    for (const state of [held, observing]) {
      const { moves, target } = plan(state, anObservation());
      expect(moves.commands).toEqual([]);
      expect(moves.state.ruling?.write).toEqual(aWrite());
      expect(target).toMatchObject({ spares: 20, source: "schedule" });
    }
  });

  it("does not go out where a person has changed the tag meanwhile", () => {
    const state = writing({ triedAt: NOW - MINUTE_MS });

    const { moves, target } = plan(state, anObservation({ tag: says("15") }));

    expect(moves.commands.filter(({ action }) => action.kind === "targetTag")).toEqual([]);
    expect(target).toMatchObject({ spares: 15, source: "tag" });
  });
});

describe("what became of the command", () => {
  const DONE: Outcome = { number: 42, calls: [], kind: "done", requestId: "r-1" };
  const REFUSED: Outcome = {
    number: 42,
    calls: [],
    kind: "rejected",
    rejection: "credentials",
    code: "UnauthorizedOperation",
    message: "You are not authorized to perform: ec2:CreateTags",
    requestId: "r-2",
  };
  const THROTTLED: Outcome = {
    number: 42,
    calls: [],
    kind: "throttled",
    code: "RequestLimitExceeded",
    message: "slow down",
  };
  const UNSENT: Outcome = { number: 42, calls: [], kind: "unsent", message: "no time left" };
  const UNKNOWN: Outcome = { number: 42, calls: [], kind: "unknown", message: "timed out" };
  const UNDER_WAY = { command: 42, triedAt: NOW - SECOND_MS } as const;

  function settled(outcome: Outcome, write: Parameters<typeof aWrite>[0] = {}, value?: string) {
    const state = writing({ ...UNDER_WAY, ...write });
    const command = writeCommand(value);
    const { action } = command;
    if (action.kind !== "targetTag") throw new Error("no such command");
    const { state: changes, events } = settleTagWrite(state, command, action, outcome);
    return {
      write: changes.ruling?.write,
      events,
      state: apply(state, { ...NO_MOVES, state: changes }),
    };
  }

  it("is looked for in the tag where AWS accepted it, and written again after a minute", () => {
    const { write, events } = settled(DONE, { attempts: 1, lastError: "refused" });

    expect(write).toEqual(
      aWrite({ attempts: 2, triedAt: NOW, writtenAt: NOW, nextAttemptAt: NOW + MINUTE_MS }),
    );
    expect(events).toEqual([
      {
        kind: "tag",
        instance: null,
        message: `20 was written to the tag ${TAG.key} on ${TAG.resource}`,
        data: { command: 42, value: "20", requestId: "r-1", outcome: "done" },
      },
    ]);
  });

  it("seed 601434: tells only until when it may come, where a person's word was read meanwhile", () => {
    const overruled = { writtenAt: NOW - SECOND_MS, readBackAt: NOW - SECOND_MS };
    const over = writeCommand().notAfter + CALL_LIMIT_MS;

    expect(settled(DONE, overruled).write).toEqual(aWrite({ ...overruled, triedAt: NOW }));
    expect(settled(REFUSED, overruled).write).toEqual(aWrite({ ...overruled, triedAt: NOW }));
    expect(settled(UNKNOWN, overruled).write).toEqual(aWrite({ ...overruled, triedAt: over }));
  });

  it("goes out again at once where it was not sent", () => {
    const { write, events, state } = settled(UNSENT, { attempts: 1 });

    expect(write).toEqual(aWrite({ attempts: 1, lastError: "no time left" }));
    expect(dueTagWrite(state)).not.toBeNull();
    expect(events[0]?.message).toBe(
      `20 was not written to the tag ${TAG.key} on ${TAG.resource}, or nobody knows: no time left`,
    );
    expect(events[0]?.data).toMatchObject({ requestId: null, outcome: "unsent" });
  });

  it.each([
    ["a tick where it was throttled: its lane paces it", THROTTLED, 0, 5, /RequestLimitExceeded/u],
    ["a tick where it was throttled, however often", THROTTLED, 2, 5, /RequestLimitExceeded/u],
    ["where it was refused", REFUSED, 0, 5, /ec2:CreateTags/u],
    ["longer and longer where it was refused", REFUSED, 3, 40, /Add ec2:CreateTags to the policy/u],
  ] as const)("waits %s", (_what, outcome, attempts, seconds, said) => {
    const { write } = settled(outcome, { attempts });

    expect(write).toMatchObject({
      attempts: attempts + 1,
      command: null,
      triedAt: NOW,
      nextAttemptAt: NOW + seconds * SECOND_MS,
      writtenAt: null,
    });
    expect(write?.lastError).toMatch(said);
  });

  it.each([
    [
      "notFound",
      "InvalidKeyPair.NotFound",
      "The key pair ID 'key-0abc1234' does not exist",
      "AWS says: InvalidKeyPair.NotFound: The key pair ID 'key-0abc1234' does not exist. Check `spares.tag` in the spec: key-0abc1234 must be in the fleet's region, and take one more tag.",
    ],
    ["quota", "TagLimitExceeded", "The maximum number of Tags: 50", /: 50\. Check `spares\.tag`/u],
    ["invalid", "InvalidID", "The ID 'x' is not valid", /Check `spares\.tag`/u],
  ] as const)(
    "is told as a matter of the tag, not of the servers (a fault that was found): %s",
    (rejection, code, message, said) => {
      const { write } = settled({ ...REFUSED, rejection, code, message });

      if (typeof said === "string") expect(write?.lastError).toBe(said);
      else expect(write?.lastError).toMatch(said);
    },
  );

  it("names the right that the write needs, where EC2 does not", () => {
    const { write } = settled({ ...REFUSED, message: "You are not authorized." });

    expect(write?.lastError).toContain("no right to ec2:CreateTags.");
    expect(write?.lastError).not.toContain("DescribeTags");
  });

  it("tells AWS's own words of a refusal", () => {
    const { events } = settled(REFUSED);

    expect(events).toMatchObject([
      {
        message: `20 was not written to the tag ${TAG.key} on ${TAG.resource}, or nobody knows: UnauthorizedOperation: You are not authorized to perform: ec2:CreateTags`,
        data: { requestId: "r-2", outcome: "rejected" },
      },
    ]);
  });

  it.each([
    ["AWS's answer was lost", UNKNOWN],
    ["the object died", unheard(writeCommand())],
  ])("is tried again only when it is surely over, where %s", (_what, outcome) => {
    const over = NOW + 15 * SECOND_MS + 8 * SECOND_MS;

    const { write } = settled(outcome);

    expect(write).toMatchObject({
      attempts: 1,
      command: null,
      triedAt: over,
      nextAttemptAt: over,
      writtenAt: null,
    });
    expect(write?.lastError).toMatch(/\w{4}/u);
  });

  it("says nothing of the next boundary's value, which then goes out at once", () => {
    const { write, state } = settled(DONE, {}, "9");

    expect(write).toEqual(aWrite({ nextAttemptAt: NOW }));
    expect(dueTagWrite(state)).toMatchObject({ value: "20" });
  });

  it("is told, and changes nothing, where it is another command's", () => {
    const other = settled(DONE, { command: 43 });
    const free = settled(DONE, { command: null });

    expect([other.write, free.write]).toEqual([undefined, undefined]);
    expect([other.events, free.events].flat()).toHaveLength(2);
  });

  it.each<[string, State]>([
    ["nothing is to be written any more", tagged()],
    ["no boundary rules", tagged({ ruling: null })],
  ])("is told, and changes nothing, where %s", (_what, state) => {
    const command: Command = writeCommand();
    const { action } = command;
    if (action.kind !== "targetTag") throw new Error("no such command");

    const moves = settleTagWrite(state, command, action, DONE);

    expect(moves).toMatchObject({ state: {}, events: [{ kind: "tag" }] });
  });
});
