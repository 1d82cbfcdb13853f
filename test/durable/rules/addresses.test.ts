/** Whose an address is: what was heard at one that a server has not any more, and what a delete waits for. */
import { describe, expect, it } from "vitest";
import { isDoubted } from "../../../durable/rules/addresses.ts";
import { standing } from "../../../durable/rules/guard.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { occupancyOf, tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { settleCommand } from "../../../durable/rules/settle.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import type { CloudInstance, LookUp, Observation } from "../../../durable/rules/world.ts";
import {
  A_HOLE,
  aCloudInstance,
  anAnswer,
  anObservation,
  aRow,
  aState,
  complete,
  found,
  freshFor,
  idleRows,
  MINUTE_MS,
  NOW,
  partial,
  type SpecOverrides,
  wordsFor,
} from "./builders.ts";

const NAME = "media-k3-1";
const ELSEWHERE = "198.51.100.9";
const TAKES_PART: SpecOverrides = {
  health: { drain: { method: "POST", path: "/{verb}", secretRef: "DRAIN_KEY" } },
};
const DRAINING: Partial<Instance> = {
  phase: "draining",
  cordonedAt: NOW - 10 * MINUTE_MS,
  drainReason: "surplus",
  saysDraining: true,
  drainTold: true,
};
const DELETING: Partial<Instance> = {
  ...DRAINING,
  phase: "deleting",
  step: "delete",
  deletingAt: NOW - 5_000,
  restsOnReply: true,
};
const NOTHING_SAID = { words: new Map() } as const;

/** A server that answered just now; nobody has asked AWS for it. */
function stateOf(overrides: Partial<Instance> = {}, spec: SpecOverrides = {}): State {
  const row = aRow(overrides);
  return aState({ rows: [row], spec, memory: { ...freshFor(row), ...NOTHING_SAID } });
}

function planned(state: State, sight: Partial<Observation> = {}): State {
  return plan(state, anObservation({ tick: state.tick, ...sight })).after;
}

function nextTick(state: State): State {
  const now = state.now + state.tickMs;
  return { ...state, now, beganAt: now, tick: state.tick + 1 };
}

function commandsOf(state: State, sight: Partial<Observation> = {}): readonly string[] {
  const { moves } = plan(state, anObservation({ tick: state.tick, ...sight }));
  return moves.commands.map(({ action }) => action.kind);
}

function listed(overrides: Partial<CloudInstance> = {}, at = NOW): Partial<Observation> {
  return { listing: complete([aCloudInstance(overrides)], at) };
}

function rowOf(state: State, name = NAME): Instance {
  const row = state.instances.get(name);
  if (row === undefined) throw new Error(`there is no ${name}`);
  return row;
}

/** The listing shows another address of a server in this phase. */
function moved(overrides: Partial<Instance> = {}, spec: SpecOverrides = {}): State {
  return planned(stateOf(overrides, spec), listed({ publicIp: ELSEWHERE }));
}

describe("a server whose address changes", () => {
  const SIGHTS: readonly [string, Partial<Observation>][] = [
    ["a listing", listed({ publicIp: ELSEWHERE })],
    ["a part of a listing", { listing: partial([aCloudInstance({ publicIp: ELSEWHERE })]) }],
    ["a look-up by name", { lookUps: found([NAME], { publicIp: ELSEWHERE }) }],
  ];

  it.each(SIGHTS)("is unknown from the moment at which %s shows it", (_, sight) => {
    const after = planned(stateOf(), sight);

    expect(occupancyOf(after, rowOf(after))).toBe("unknown");
    expect(rowOf(after)).toMatchObject({ publicIp: ELSEWHERE, occupancy: "unknown" });
    expect(after.memory.freshness.has(NAME)).toBe(false);
  });

  it("is unknown where it has none for now, and where another one follows", () => {
    const without = planned(stateOf(), listed({ publicIp: null }));
    const again = planned(nextTick(without), listed({ publicIp: ELSEWHERE }, NOW + 5_000));

    expect(occupancyOf(without, rowOf(without))).toBe("unknown");
    expect(isDoubted(again, rowOf(again))).toBe(true);
  });

  it("keeps its sessions in the count, and is not replaced", () => {
    const after = moved({ occupancy: "busy", sessions: 3 });

    expect(tally(after)).toMatchObject({ sessions: 3, unknown: 1, unasked: 1, blind: false });
    expect(tally(after).waitedFor).toBe(0);
  });

  it("does not drain any more by the word that was heard at the other address", () => {
    expect(rowOf(moved(DRAINING, TAKES_PART))).toMatchObject({ saysDraining: false });
  });

  it("is neither probed nor called before a later look has shown the address again", () => {
    const after = nextTick(moved(DRAINING, TAKES_PART));
    const again = planned(after, listed({ publicIp: ELSEWHERE }, after.now));

    expect(watchOf(after).probes).toEqual([]);
    expect(commandsOf(after)).toEqual([]);
    expect(isDoubted(again, rowOf(again))).toBe(false);
    expect(watchOf(nextTick(again)).probes).toMatchObject([{ address: ELSEWHERE }]);
  });

  it("is looked up by name in the next tick, and asked in the one after", () => {
    const after = nextTick(moved());
    const confirmed = planned(after, { lookUps: found([NAME], { publicIp: ELSEWHERE }) });

    expect(watchOf(after).lookUps).toEqual([NAME]);
    expect(watchOf(nextTick(confirmed)).probes).toMatchObject([{ address: ELSEWHERE }]);
  });

  it("is not confirmed by a second look of the same tick", () => {
    const sight = {
      ...listed({ publicIp: ELSEWHERE }),
      lookUps: found([NAME], { publicIp: ELSEWHERE }),
    };

    const after = planned(stateOf(), sight);

    expect(isDoubted(after, rowOf(after))).toBe(true);
  });

  it("is in doubt anew where the next look shows yet another one", () => {
    const after = nextTick(moved());
    const back = planned(after, listed({}, after.now));

    expect(isDoubted(back, rowOf(back))).toBe(true);
  });

  it("does not hear a reading that was asked for at the address before", () => {
    const state = stateOf();
    const readings = [anAnswer(rowOf(state), 0)];

    const after = planned(state, { ...listed({ publicIp: ELSEWHERE }), readings });

    expect(after.memory.freshness.has(NAME)).toBe(false);
  });

  it("is not in doubt by the first address that it ever has", () => {
    const booting = stateOf({ phase: "starting", step: "address", publicIp: null });
    const pending = stateOf({ adopted: true, everRead: false, publicIp: null });
    const adopted = aState({ rows: [], memory: NOTHING_SAID });

    expect(isDoubted(booting, rowOf(planned(booting, listed())))).toBe(false);
    expect(isDoubted(adopted, rowOf(planned(adopted, listed())))).toBe(false);
    expect(isDoubted(pending, rowOf(planned(pending, listed())))).toBe(false);
  });

  it("is in doubt where it was lost in between, and is listed again elsewhere", () => {
    const after = planned(stateOf({ phase: "lost" }), listed({ publicIp: ELSEWHERE }));

    expect(rowOf(after)).toMatchObject({ phase: "ready", publicIp: ELSEWHERE });
    expect(isDoubted(after, rowOf(after))).toBe(true);
  });
});

describe("two servers that are said to have one address", () => {
  const [one, other] = idleRows(2, { publicIp: ELSEWHERE });
  if (one === undefined || other === undefined) throw new Error("there are two");
  const state = aState({ rows: [one, other], memory: freshFor(one, other) });

  it("are unknown, asked nothing, and looked up both", () => {
    expect(tally(state)).toMatchObject({ unknown: 2, spares: 0, unasked: 2, blind: false });
    expect(watchOf(state).probes).toEqual([]);
    expect(watchOf(state).lookUps).toEqual([one.name, other.name]);
  });

  it("are not deleted, however often the address says that it is empty", () => {
    const rows = [one, other].map((row) => ({ ...row, ...DRAINING }));
    const draining = aState({ rows, memory: freshFor(...rows) });

    expect(commandsOf(draining, { lookUps: found([one.name], { publicIp: ELSEWHERE }) })).toEqual(
      [],
    );
  });

  it("do not count where one of them is on its way out", () => {
    const going = { ...other, ...DELETING, name: "going" };
    const alone = aState({ rows: [one, going], memory: freshFor(one) });

    expect(isDoubted(alone, one)).toBe(false);
  });
});

describe("a delete that rests on replies", () => {
  const word = { lookUps: found([NAME]) };

  it("waits for AWS's word on the address, which is asked for once the server is empty", () => {
    const state = stateOf(DRAINING);

    expect(commandsOf(state)).toEqual([]);
    expect(watchOf(state).lookUps).toEqual([NAME]);
    expect(commandsOf(state, word)).toEqual(["delete"]);
    expect(rowOf(planned(state, word))).toMatchObject({ phase: "deleting", restsOnReply: true });
  });

  const OTHERS: readonly [string, LookUp][] = [
    ["shows it at another address", found([NAME], { publicIp: ELSEWHERE })[0] as LookUp],
    ["shows no address of it", found([NAME], { publicIp: null })[0] as LookUp],
    ["shows another instance under its name", found([NAME], { arn: "arn:other" })[0] as LookUp],
    ["shows it without our tag", found([NAME], { owner: null })[0] as LookUp],
    ["shows it pending", found([NAME], { state: "pending" })[0] as LookUp],
    ["says that it is somebody else's", { kind: "foreign", name: NAME, arn: null, owner: "x" }],
    ["does not know it", { kind: "absent", name: NAME, startedAt: NOW }],
    ["fails", { kind: "hole", name: NAME, hole: A_HOLE }],
  ];

  it.each(OTHERS)("is not made where the look-up %s", (_, lookUp) => {
    expect(commandsOf(stateOf(DRAINING), { lookUps: [lookUp] })).toEqual([]);
  });

  it("does not take a listing for the word, nor one that was heard before the server was empty", () => {
    const early = stateOf({ ...DRAINING, sessions: 1, occupancy: "busy" });

    expect(commandsOf(stateOf(DRAINING), listed())).toEqual([]);
    expect(planned(early, word).memory.words.size).toBe(0);
  });

  it("asks anew after the server was seen with a session, and after the word has grown old", () => {
    const row = aRow({ ...DRAINING, drainReason: "operator" });
    const heardAt = (at: number): State =>
      aState({ rows: [row], memory: { ...freshFor(row), words: wordsFor([row], at) } });

    const busy = planned(heardAt(NOW), { readings: [anAnswer(row, 1)] });

    expect(commandsOf(heardAt(NOW))).toEqual(["delete"]);
    expect(busy.memory.words.size).toBe(0);
    // The word of an earlier tick is older than the readings of this one.
    expect(commandsOf(heardAt(NOW - 1))).toEqual([]);
    // The clock was set back: nobody knows how old it is.
    expect(commandsOf(heardAt(NOW + 1))).toEqual([]);
  });

  it("is asked for no more servers than may be deleted now, and for none that is protected or held", () => {
    const rows = idleRows(4, DRAINING);
    const limits = { maxDeletesPerTick: 2 };
    const lookUps = (changes: Partial<Instance>) =>
      watchOf(
        aState({
          rows: rows.map((row) => ({ ...row, ...changes })),
          spec: { limits },
          memory: { ...freshFor(...rows), ...NOTHING_SAID },
        }),
      ).lookUps;

    expect(lookUps({})).toEqual(["media-k3-1", "media-k3-2"]);
    expect(lookUps({ protectedBy: "olga" })).toEqual([]);
    expect(lookUps({ drainHold: true })).toEqual([]);
  });

  it("is shown after half a minute in which AWS does not give the word, with its reason", () => {
    const hole: LookUp = { kind: "hole", name: NAME, hole: A_HOLE };
    const asked = planned(stateOf(DRAINING), { lookUps: [hole] });
    const late = { ...asked, now: NOW + 30_000 };

    expect(standing(asked, tally(asked))).toEqual([]);
    const [blocker] = standing(late, tally(late));
    expect(blocker).toMatchObject({ guard: "deleteFailing", since: NOW, value: 1 });
    expect(blocker?.fix).toContain(A_HOLE.detail);
  });
});

describe("a delete that is planned, and not made yet", () => {
  it("is not made again before AWS has given its word anew", () => {
    const state = stateOf(DELETING);

    expect(commandsOf(state)).toEqual([]);
    expect(watchOf(state).lookUps).toEqual([NAME]);
    expect(commandsOf(state, { lookUps: found([NAME]) })).toEqual(["delete"]);
  });

  it("is made by a word that is half a minute old, and by none that is older", () => {
    const row = aRow(DELETING);
    const heardAt = (at: number): State =>
      aState({ rows: [row], memory: { words: wordsFor([row], at) } });

    expect(commandsOf(heardAt(NOW - 30_000))).toEqual(["delete"]);
    expect(commandsOf(heardAt(NOW - 30_001))).toEqual([]);
  });

  it.each([
    ["a listing", listed({ publicIp: ELSEWHERE })],
    ["the look-up", { lookUps: found([NAME], { publicIp: ELSEWHERE }) }],
  ])("goes back to its drain where %s shows another address", (_, sight) => {
    const { after, moves } = plan(stateOf(DELETING), anObservation(sight));

    expect(moves.commands).toEqual([]);
    expect(rowOf(after)).toMatchObject({
      phase: "draining",
      drainReason: "surplus",
      deletingAt: null,
      restsOnReply: false,
      occupancy: "unknown",
    });
    expect(moves.events).toMatchObject([{ kind: "drain", instance: NAME }]);
  });

  it("goes back once its call is over, where the address changed while that was under way", () => {
    const underWay = stateOf({ ...DELETING, command: 7 });
    const changed = planned(underWay, listed({ publicIp: ELSEWHERE }));
    const command = { number: 7, tick: 7, region: "r", notAfter: NOW, pace: null } as const;
    const action = { kind: "delete", name: NAME, arn: `arn:${NAME}` } as const;
    const settled = settleCommand(
      changed,
      { ...command, action },
      { number: 7, calls: [], kind: "unknown", message: "timed out" },
    );
    const after = nextTick(apply(changed, settled));
    const again = planned(after, listed({ publicIp: ELSEWHERE }, after.now));

    expect(rowOf(changed)).toMatchObject({ phase: "deleting", command: 7 });
    expect(rowOf(again).phase).toBe("draining");
  });

  it.each<[string, Partial<Instance>, Partial<CloudInstance>]>([
    ["AWS has taken it", { nextAttemptAt: NOW - 1_000 }, {}],
    ["the server is on its way out", {}, { state: "shutting-down" }],
    ["it rests on no reply", { restsOnReply: false }, {}],
  ])("stays where %s", (_, row, shown) => {
    const after = planned(
      stateOf({ ...DELETING, ...row }),
      listed({ publicIp: ELSEWHERE, ...shown }),
    );

    expect(rowOf(after).phase).toBe("deleting");
  });

  it("needs no word where it rests on no reply", () => {
    expect(commandsOf(stateOf({ ...DELETING, restsOnReply: false }))).toEqual(["delete"]);
  });
});
