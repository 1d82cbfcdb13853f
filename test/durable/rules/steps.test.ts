import { describe, expect, it } from "vitest";
import { onceFor } from "../../../durable/rules/once.ts";
import { apply, join, type Moves, NO_MOVES, type State } from "../../../durable/rules/state.ts";
import { Steps } from "../../../durable/rules/steps.ts";
import { aHold, aPlanned, aRow, aState, idleRows, NOW } from "./builders.ts";

const [STAYS, CHANGES, GOES] = idleRows(3);
if (STAYS === undefined || CHANGES === undefined || GOES === undefined) throw new Error("three");

/** Steps of all kinds, some of which touch the same row or word of the state. */
const STEPS: readonly ((state: State) => Moves)[] = [
  () => NO_MOVES,
  () => ({ ...NO_MOVES, rows: [{ ...CHANGES, sessions: 1 }, aPlanned({ name: "new" })] }),
  ({ failedBoots }) => ({ ...NO_MOVES, state: { failedBoots: failedBoots + 1, listed: true } }),
  ({ instances }) => ({
    ...NO_MOVES,
    rows: [{ ...GOES, phase: "gone", goneAt: NOW }],
    events: [{ kind: "deleted", instance: GOES.name, message: `${instances.size} were there` }],
    blockers: [{ guard: "quota", value: 1, limit: 1, retryAt: null, fix: "wait" }],
    memory: { surplusSince: NOW },
  }),
  ({ instances }) => ({
    ...NO_MOVES,
    rows: [{ ...CHANGES, sessions: (instances.get(CHANGES.name)?.sessions ?? 0) + 1 }],
    state: { holds: [aHold("quota")] },
    memory: { surplusSince: null },
  }),
];

describe("steps that are made one after the other", () => {
  it("leave the state and the moves that each of them, applied alone, would add up to", () => {
    const state = aState({ rows: [STAYS, CHANGES, GOES] });
    const steps = new Steps(state);
    let [moves, after] = [NO_MOVES, state];

    for (const step of STEPS) {
      const next = step(after);
      [moves, after] = [join(moves, next), apply(after, next)];
      steps.take(step);
      expect(steps.state).toEqual(after);
    }

    expect(steps.moves).toEqual(moves);
    expect(steps.state.instances.get(CHANGES.name)?.sessions).toBe(2);
    expect([...steps.state.instances.keys()]).toEqual([...after.instances.keys()]);
  });

  it("change nothing of the state on which they began", () => {
    const state = aState({ rows: [STAYS, CHANGES, GOES] });
    const steps = new Steps(state);

    for (const step of STEPS) steps.take(step);

    expect(state).toEqual(aState({ rows: [STAYS, CHANGES, GOES] }));
  });

  it("copy the rows once, however many of them change rows", () => {
    const steps = new Steps(aState({ rows: [aRow()] }));
    const maps = new Set<unknown>();

    for (let sessions = 0; sessions < 20; sessions++) {
      steps.take(() => ({ ...NO_MOVES, rows: [aRow({ sessions })] }));
      maps.add(steps.state.instances);
    }

    expect(maps.size).toBe(1);
  });
});

describe("a state to which moves are applied that change nothing", () => {
  it.each<[string, Moves]>([
    ["none at all", NO_MOVES],
    [
      "values that are there",
      { ...NO_MOVES, state: { listed: true }, memory: { emptySince: null } },
    ],
    [
      "events alone",
      { ...NO_MOVES, events: [{ kind: "tag", instance: null, message: "the tag" }] },
    ],
  ])("is the same state, so that nothing is counted anew: %s", (_, moves) => {
    const state = aState({ rows: [aRow()], listed: true });

    expect(apply(state, moves)).toBe(state);
  });

  it("is another one if any of it is new", () => {
    const state = aState({ rows: [aRow()] });

    expect(apply(state, { ...NO_MOVES, memory: { emptySince: NOW } })).not.toBe(state);
    expect(apply(state, { ...NO_MOVES, rows: [aRow()] })).not.toBe(state);
  });
});

describe("what is worked out once for an object", () => {
  it("is worked out anew for another one, also if that is equal", () => {
    const asked: object[] = [];
    const sizeOf = onceFor((key: { readonly size: number }) => {
      asked.push(key);
      return key.size;
    });
    const [one, other] = [{ size: 3 }, { size: 3 }];

    expect([sizeOf(one), sizeOf(one), sizeOf(other), sizeOf(one)]).toEqual([3, 3, 3, 3]);
    expect(asked).toEqual([one, other]);
  });

  it("is kept also if it is nothing", () => {
    let asked = 0;
    const nothing = onceFor((): undefined => {
      asked++;
    });
    const key = {};

    expect([nothing(key), nothing(key), asked]).toEqual([undefined, undefined, 1]);
  });
});
