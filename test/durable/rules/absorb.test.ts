import { describe, expect, it } from "vitest";
import { absorb } from "../../../durable/rules/absorb.ts";
import {
  A_HOLE,
  aCloudInstance,
  aHold,
  anObservation,
  aPlanned,
  aState,
  complete,
  NOW,
  partial,
} from "./builders.ts";

const PERHAPS = aPlanned({ mayExist: true, attempts: 1, changedAt: NOW - 30_000 });
const UNSURE = aState({ rows: [PERHAPS] });

describe("a look-up of a name whose create may have happened", () => {
  it("takes over an instance of ours", () => {
    const instance = aCloudInstance({ publicIp: null, state: "pending" });
    const found = { kind: "found", name: PERHAPS.name, instance } as const;

    const moves = absorb(UNSURE, anObservation({ lookUps: [found] }));

    expect(moves.rows).toMatchObject([
      { phase: "starting", arn: instance.arn, mayExist: false, createdByUs: true },
    ]);
    expect(moves.events).toMatchObject([{ kind: "created" }]);
  });

  it.each([null, "staging/media"])(
    "leaves a stranger's with the owner %s alone, and burns the name",
    (owner) => {
      const instance = aCloudInstance({ owner });
      const found = { kind: "found", name: PERHAPS.name, instance } as const;

      const moves = absorb(UNSURE, anObservation({ lookUps: [found] }));

      expect(moves.rows).toMatchObject([{ phase: "gone", goneAt: NOW, arn: null }]);
      expect(moves.events).toMatchObject([{ kind: "nameClash" }]);
    },
  );

  it("has the create tried again under the same name where nothing is there", () => {
    const absent = { kind: "absent", name: PERHAPS.name, startedAt: NOW } as const;

    const moves = absorb(UNSURE, anObservation({ lookUps: [absent] }));

    expect(moves.rows).toMatchObject([
      { name: PERHAPS.name, phase: "planned", mayExist: false, attempts: 1 },
    ]);
  });

  it("does not believe an absence that was seen before the row's last change", () => {
    const absent = { kind: "absent", name: PERHAPS.name, startedAt: PERHAPS.changedAt } as const;

    expect(absorb(UNSURE, anObservation({ lookUps: [absent] })).rows).toEqual([]);
  });

  it("does not say anything where it is a hole", () => {
    const hole = { kind: "hole", name: PERHAPS.name, hole: A_HOLE } as const;

    expect(absorb(UNSURE, anObservation({ lookUps: [hole] })).rows).toEqual([]);
  });

  it("does not touch a row that the listing of the same tick has moved on", () => {
    const absent = { kind: "absent", name: PERHAPS.name, startedAt: NOW } as const;
    const listing = complete([aCloudInstance()]);

    const moves = absorb(UNSURE, anObservation({ listing, lookUps: [absent] }));

    expect(moves.rows).toMatchObject([{ phase: "starting" }]);
  });
});

describe("the tag", () => {
  const says = (value: string) => anObservation({ tag: { kind: "value", value, at: NOW } });

  it("is remembered when it parses, and told once", () => {
    const moves = absorb(aState(), says("12"));
    const again = absorb(aState({ tagMemory: { value: "12", garbled: null } }), says("12"));

    expect(moves.state).toEqual({ tagMemory: { value: "12", garbled: null } });
    expect(moves.events).toMatchObject([{ kind: "tag" }]);
    expect(again).toMatchObject({ events: [], state: {}, memory: { tagReadAt: NOW } });
  });

  it("keeps its last good value when it does not parse, and is told once", () => {
    const moves = absorb(aState({ tagMemory: { value: "12", garbled: null } }), says("lots"));
    const again = absorb(aState({ tagMemory: { value: "12", garbled: "lots" } }), says("lots"));

    expect(moves.state).toEqual({ tagMemory: { value: "12", garbled: "lots" } });
    expect(moves.events[0]?.message).toContain("12 goes on ruling");
    expect(again.events).toEqual([]);
  });

  it("is forgotten when it is missing", () => {
    const before = aState({ tagMemory: { value: "12", garbled: "lots" } });

    const moves = absorb(before, anObservation({ tag: { kind: "missing", at: NOW } }));

    expect(moves.state).toEqual({ tagMemory: { value: null, garbled: null } });
    expect(moves.events).toMatchObject([{ kind: "tag" }]);
  });

  it("is not forgotten when it was not seen", () => {
    const before = aState({ tagMemory: { value: "12", garbled: null } });

    const moves = absorb(before, anObservation({ tag: { kind: "hole", hole: A_HOLE } }));

    expect(moves).toMatchObject({ state: {}, events: [] });
    expect(moves.memory.tagReadAt).toBeUndefined();
  });
});

describe("credentials", () => {
  const refused = {
    why: "rejected",
    rejection: "credentials",
    detail: "InvalidClientTokenId",
  } as const;

  it("that AWS refused hold every change back for a minute, from the first refusal on", () => {
    const before = aState({ holds: [aHold("credentials", { since: NOW - 30_000 })] });

    const moves = absorb(before, anObservation({ listing: partial([], refused) }));

    expect(moves.state.holds).toMatchObject([
      { guard: "credentials", since: NOW - 30_000, until: NOW + 60_000 },
    ]);
  });

  it("that AWS accepts again end their hold, and no other", () => {
    const before = aState({ holds: [aHold("credentials"), aHold("quota")] });

    const moves = absorb(before, anObservation({ listing: complete([]) }));

    expect(moves.state.holds).toMatchObject([{ guard: "quota" }]);
  });

  it("are not held back by a hole of another kind", () => {
    const moves = absorb(aState(), anObservation({ listing: partial([]) }));

    expect(moves.state.holds).toBeUndefined();
  });
});

describe("the calls that were made to look", () => {
  it("teach their lane, and no other", () => {
    const before = aState();

    const moves = absorb(
      before,
      anObservation({ calls: [{ lane: "list", startedAt: NOW, throttled: true }] }),
    );

    expect(moves.memory.purses?.list).toMatchObject({ ratePerSecond: 0.1, refusedAt: NOW });
    expect(moves.memory.purses?.ec2).toEqual(before.memory.purses.ec2);
  });
});
