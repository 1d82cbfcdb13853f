import { describe, expect, it } from "vitest";
import { absorb } from "../../../durable/rules/absorb.ts";
import { adviceFor } from "../../../durable/rules/advice.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import type { LookUp } from "../../../durable/rules/world.ts";
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

  it.each([null, "staging/media"])(
    "leaves one with the owner %s alone, of which nothing but the tags can be read",
    (owner) => {
      const foreign = { kind: "foreign", name: PERHAPS.name, arn: null, owner } as const;

      const moves = absorb(UNSURE, anObservation({ lookUps: [foreign] }));

      expect(moves.rows).toMatchObject([{ phase: "gone", goneAt: NOW }]);
      expect(moves.events).toMatchObject([{ kind: "nameClash", data: { owner } }]);
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
    const moves = absorb(aState(), says("9"));
    const again = absorb(aState({ tagMemory: { value: "9", garbled: null } }), says("9"));

    expect(moves.state).toEqual({ tagMemory: { value: "9", garbled: null } });
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

    expect(moves.memory.budget?.buckets.list).toMatchObject({ refusedAt: NOW });
    expect(moves.memory.budget?.buckets.ec2).toEqual(before.memory.budget.buckets.ec2);
  });
});

describe("a look-up that does not concern its row", () => {
  const instance = aCloudInstance({ owner: null });
  const foreign = { kind: "found", name: PERHAPS.name, instance } as const;

  it.each<[string, readonly Instance[]]>([
    ["there is no such row", []],
    ["its create certainly did not happen", [{ ...PERHAPS, mayExist: false }]],
    ["it exists by now", [{ ...PERHAPS, phase: "starting" }]],
  ])("changes nothing where %s", (_what, rows) => {
    const moves = absorb(aState({ rows }), anObservation({ lookUps: [foreign] }));

    expect(moves).toMatchObject({ rows: [], events: [] });
  });

  it("changes nothing where the instance of ours is already on its way out", () => {
    const instance = aCloudInstance({ state: "terminated" });
    const found = { kind: "found", name: PERHAPS.name, instance } as const;

    const moves = absorb(UNSURE, anObservation({ lookUps: [found] }));

    expect(moves).toMatchObject({ rows: [], events: [] });
  });

  it("tells of a stranger who it is", () => {
    const instance = aCloudInstance({ owner: "staging/media" });
    const found = { kind: "found", name: PERHAPS.name, instance } as const;

    const { events } = absorb(UNSURE, anObservation({ lookUps: [found] }));

    expect(events).toMatchObject([
      {
        message: "media-k3-1 belongs to somebody else; it is left alone and another name is used",
        data: { arn: instance.arn, owner: "staging/media" },
      },
    ]);
  });
});

describe("a tag that changes", () => {
  const missing = anObservation({ tag: { kind: "missing", at: NOW } });
  const says = (value: string) => anObservation({ tag: { kind: "value", value, at: NOW } });

  it("is not told again while it is missing, but is remembered as read", () => {
    const moves = absorb(aState(), missing);

    expect(moves).toMatchObject({ events: [], state: {}, memory: { tagReadAt: NOW } });
  });

  it.each([
    { value: "12", garbled: null },
    { value: null, garbled: "lots" },
  ])("is told as removed after %j", (tagMemory) => {
    const moves = absorb(aState({ tagMemory }), missing);

    expect(moves.state).toEqual({ tagMemory: { value: null, garbled: null } });
    expect(moves.events).toMatchObject([
      { message: "the tag has no value any more; the next source rules" },
    ]);
  });

  it("is told as mended where it says its last good value again", () => {
    const before = aState({ tagMemory: { value: "12", garbled: "lots" } });

    const moves = absorb(before, says("12"));

    expect(moves.state).toEqual({ tagMemory: { value: "12", garbled: null } });
    expect(moves.events[0]?.message).toBe("the tag says 12");
  });

  it("leaves the next source to rule where it was garbled from the first", () => {
    const moves = absorb(aState(), says("lots"));

    expect(moves.state).toEqual({ tagMemory: { value: null, garbled: "lots" } });
    expect(moves.events[0]?.message).toContain("the next source rules");
  });
});

describe("the hold on changes while AWS refuses our credentials", () => {
  const refused = {
    why: "rejected",
    rejection: "credentials",
    detail: "ExpiredToken: too old",
  } as const;

  it("begins with the first refusal, and leaves the other holds", () => {
    const before = aState({ holds: [aHold("quota")] });
    const { what, fix } = adviceFor({ ...refused, code: "ExpiredToken", message: "too old" });

    const { state } = absorb(before, anObservation({ listing: partial([], refused) }));

    expect(state.holds).toMatchObject([
      { guard: "quota" },
      { guard: "credentials", since: NOW, detail: `${what} ${fix}` },
    ]);
  });

  it("begins with a look-up that was refused, too", () => {
    const lookUps: readonly LookUp[] = [
      { kind: "absent", name: "media-k3-8", startedAt: NOW },
      { kind: "hole", name: "media-k3-9", hole: refused },
    ];

    const { state } = absorb(aState(), anObservation({ lookUps }));

    expect(state.holds).toMatchObject([{ guard: "credentials", since: NOW }]);
  });

  it("is not written where there is none to end", () => {
    const before = aState({ holds: [aHold("quota")] });

    const { state } = absorb(before, anObservation({ listing: complete([]) }));

    expect(state.holds).toBeUndefined();
  });
});
