import { describe, expect, it } from "vitest";
import {
  NEWCOMERS_FIRST_MAX,
  STALE_AFTER_INTERVALS,
  SUSTAINED_INTERVAL_MAX_MS,
  WHOLE_LIMIT_EVERY,
} from "../../../durable/rules/limits.ts";
import type { Freshness, Instance } from "../../../durable/rules/model.ts";
import { occupancyOf, tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { apply, NO_MOVES, type State } from "../../../durable/rules/state.ts";
import {
  learnTurns,
  NO_TURNS,
  restingShards,
  sustainedIntervalMs,
  turnsOf,
} from "../../../durable/rules/turns.ts";
import type { Observation } from "../../../durable/rules/world.ts";
import {
  aHoleOf,
  anAnswer,
  anObservation,
  aRow,
  aState,
  freshFor,
  idleFreshness,
  idleRows,
  MINUTE_MS,
  NOW,
} from "./builders.ts";
import { freshAndSilent } from "./silence.ts";

const SECOND_MS = 1_000;

const names = (state: State): string[] => turnsOf(state).map(({ name }) => name);

/** Servers that were last asked so many seconds ago, and answered. */
function askedAgo(...seconds: readonly number[]): State {
  const rows = idleRows(seconds.length);
  const freshness = new Map(
    rows.map((row, index) => [row.name, idleFreshness(3, NOW - (seconds[index] ?? 0) * SECOND_MS)]),
  );
  return aState({ rows, memory: { freshness } });
}

function learned(state: State, observation: Partial<Observation>): State {
  const turns = learnTurns(state, anObservation(observation));
  return apply(state, { ...NO_MOVES, memory: { turns } });
}

describe("the turn to be asked", () => {
  it("comes to the server that was asked longest ago first", () => {
    expect(names(askedAgo(10, 30, 20))).toEqual(["media-k3-2", "media-k3-3", "media-k3-1"]);
  });

  it("does not come again within the interval", () => {
    expect(names(askedAgo(10, 1))).toEqual(["media-k3-1"]);
  });

  it("comes to a few new servers before all others, and to the rest of them after", () => {
    const known = aRow({ name: "known" });
    const fresh = idleRows(NEWCOMERS_FIRST_MAX + 2, { phase: "warming", everRead: false });
    const freshness = new Map([["known", idleFreshness(3, NOW - 10 * SECOND_MS)]]);

    const order = names(aState({ rows: [...fresh, known], memory: { freshness } }));

    expect(order.indexOf("known")).toBe(NEWCOMERS_FIRST_MAX);
    expect(order).toHaveLength(NEWCOMERS_FIRST_MAX + 3);
  });

  it("comes to silent servers last, with a shorter limit", () => {
    const [silent, known] = [aRow({ name: "silent" }), aRow({ name: "known" })];
    const memory = freshAndSilent([], [silent]);
    const later = NOW + 10 * SECOND_MS;

    const requests = turnsOf({ ...aState({ rows: [silent, known], memory }), now: later });

    expect(requests).toMatchObject([
      { name: "known" },
      { name: "silent", doubtful: true, limitMs: 500 },
    ]);
    expect(requests[0]).not.toHaveProperty("doubtful");
  });

  it("brings a silent server its whole limit from time to time, and after one answer", () => {
    const row = aRow();
    const request = (fresh: Partial<Freshness>) =>
      turnsOf({
        ...aState({
          rows: [row],
          memory: { freshness: new Map([[row.name, { ...idleFreshness(), ...fresh }]]) },
        }),
        now: NOW + 10 * SECOND_MS,
      })[0];

    expect(request({ goodInRow: 0, silences: 3 })?.limitMs).toBe(500);
    expect(request({ goodInRow: 0, silences: 3, tookMs: 700 })?.limitMs).toBe(1_400);
    expect(request({ goodInRow: 0, silences: WHOLE_LIMIT_EVERY })?.limitMs).toBeUndefined();
    expect(request({ goodInRow: 1 })).not.toHaveProperty("limitMs");
  });
});

describe("a server that was not asked", () => {
  const [asked, unasked] = idleRows(2);

  function afterALook(): State {
    if (asked === undefined || unasked === undefined) throw new Error("there are two rows");
    const rows = [asked, unasked];
    const long = idleFreshness(3, NOW - 14 * SECOND_MS);
    const freshness = new Map(rows.map(({ name }) => [name, long]));
    return aState({
      rows,
      spec: { spares: { default: "2" } },
      memory: { freshness },
    });
  }

  it("keeps all that was known of it", () => {
    const state = afterALook();
    const row = asked as Instance;

    const { memory } = plan(state, anObservation({ readings: [anAnswer(row, 0)] })).moves;

    const name = unasked?.name ?? "";
    expect(memory.freshness?.get(name)).toEqual(state.memory.freshness.get(name));
    expect(memory.turns?.missedSince.get(name)).toBe(NOW);
  });

  it("is not replaced and does not make the eyes blind, even when nothing is known of it any more", () => {
    const rows = idleRows(20);
    const [first, ...others] = rows;
    if (first === undefined) throw new Error("there are rows");
    const state = aState({ rows, spec: { spares: { default: "20" } } });

    const made = plan(state, anObservation({ readings: [anAnswer(first, 0)] }));
    const after = apply(state, made.moves);

    expect(tally(after)).toMatchObject({ blind: false, unasked: others.length, unknown: 19 });
    expect(made.moves.rows.filter(({ phase }) => phase === "planned")).toEqual([]);
    expect(made.blockers).toEqual([]);
  });

  it("is silent as before where it was silent when last asked", () => {
    const rows = idleRows(20);
    const state = aState({ rows, spec: { spares: { default: "20" } } });
    const asked = apply(state, plan(state, anObservation({ readings: rows.map(aHoleOf) })).moves);

    expect(tally(asked)).toMatchObject({ blind: true, unasked: 0 });
    const later = { ...asked, now: NOW + 10 * SECOND_MS, beganAt: NOW + 10 * SECOND_MS };
    expect(tally(apply(later, plan(later, anObservation()).moves))).toMatchObject({ blind: true });
  });

  it("is no failed boot, however late it is", () => {
    const phaseSince = NOW - 60 * MINUTE_MS;
    const boot = aRow({ phase: "warming", phaseSince, everRead: false, readyAt: null });
    const state = aState({ rows: [boot], spec: { spares: { default: "0" } } });
    const phaseAfter = (observation: Partial<Observation>) =>
      apply(state, plan(state, anObservation(observation)).moves).instances.get(boot.name)?.phase;

    expect(phaseAfter({})).toBe("warming");
    expect(phaseAfter({ readings: [aHoleOf(boot)] })).toBe("deleting");
  });

  it("is doubtful where it could not be given its whole time, and its turn is owed", () => {
    const state = askedAgo(10, 10);

    const after = learned(state, {
      readings: [anAnswer(aRow({ name: "media-k3-2" }), 0)],
      probing: { cutShort: ["media-k3-1"], shards: 2, failedShards: [] },
    });
    const soon = { ...after, now: NOW + 5 * SECOND_MS };
    const later = { ...after, now: NOW + 10 * SECOND_MS };

    expect(after.memory.turns.shards).toBe(2);
    expect(names(soon)).not.toContain("media-k3-1");
    expect(turnsOf(later).find(({ name }) => name === "media-k3-1")).toMatchObject({
      doubtful: true,
    });
  });
});

describe("a server that was asked later than the object's clock says it is now", () => {
  it("is asked again: the clocks of two machines differ", () => {
    expect(names(askedAgo(-20))).toEqual(["media-k3-1"]);
  });
});

describe("the interval that a fleet sustains", () => {
  const answersOf = (state: State, ...which: readonly number[]): Partial<Observation> => ({
    readings: which.map((n) => anAnswer(aRow({ name: `media-k3-${n}` }), 0)),
    tick: state.tick,
  });

  it("is that of the spec while every server is asked", () => {
    const state = askedAgo(5, 5);

    expect(sustainedIntervalMs(learned(state, answersOf(state, 1, 2)))).toBe(5 * SECOND_MS);
  });

  it("grows with the time for which a turn is owed, and a reading is stale after three of it", () => {
    const state = askedAgo(5, 5);
    const once = learned(state, answersOf(state, 1));
    const later = { ...once, now: NOW + 9 * SECOND_MS, beganAt: NOW + 5 * SECOND_MS };
    const twice = learned(later, answersOf(later, 1));

    const sustained = sustainedIntervalMs(twice);
    expect(sustained).toBe(14 * SECOND_MS);
    const row = aRow({ name: "media-k3-2" });
    const staleAt = NOW - 5 * SECOND_MS + STALE_AFTER_INTERVALS * sustained;
    expect(occupancyOf({ ...twice, now: staleAt }, row)).toBe("idle");
    expect(occupancyOf({ ...twice, now: staleAt + 1 }, row)).toBe("unknown");
  });

  it("comes back by and by when every server is asked again", () => {
    let state = learned(askedAgo(5, 5), {});
    state = { ...state, memory: { ...state.memory, turns: { ...NO_TURNS, roundMs: 20_000 } } };

    const after = learned(state, answersOf(state, 1, 2));

    expect(sustainedIntervalMs(after)).toBe(18_000);
  });

  it("never grows without end", () => {
    const once = learned(askedAgo(5), {});
    const anHour = 3_600 * SECOND_MS;
    const later = { ...once, now: NOW + anHour, beganAt: NOW + anHour - SECOND_MS };

    expect(sustainedIntervalMs(learned(later, {}))).toBe(SUSTAINED_INTERVAL_MAX_MS);
  });

  it("is not measured on silent servers, which wait for the others", () => {
    const row = aRow();
    const state = {
      ...aState({ rows: [row], memory: freshAndSilent([], [row]) }),
      now: NOW + 30 * SECOND_MS,
      beganAt: NOW + 20 * SECOND_MS,
    };

    expect(sustainedIntervalMs(learned(state, {}))).toBe(5 * SECOND_MS);
  });
});

describe("the pace of probes", () => {
  it("is the mean of what was measured, the newest of which weighs most", () => {
    const row = aRow();
    const state = aState({ rows: [row], memory: freshFor(row) });
    const took = (tookMs: number) => [{ ...anAnswer(row, 0), tookMs }];

    const once = learned(state, { readings: took(100) });
    const twice = learned(once, { readings: took(200) });

    expect(once.memory.turns.answerMs).toBe(100);
    expect(twice.memory.turns.answerMs).toBe(130);
    expect(twice.memory.turns.silenceMs).toBeNull();
    expect(learned(twice, {}).memory.turns.answerMs).toBe(130);
  });
});

describe("a shard that failed", () => {
  it("rests for twelve ticks", () => {
    const probing = { cutShort: [], shards: 2, failedShards: ["default/media/1"] };
    const after = learned(aState(), { probing });

    expect(restingShards(after)).toEqual(["default/media/1"]);
    expect(restingShards({ ...after, tick: after.tick + 11 })).toEqual(["default/media/1"]);
    expect(restingShards({ ...after, tick: after.tick + 12 })).toEqual([]);
  });
});
