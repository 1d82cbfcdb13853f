import { describe, expect, it } from "vitest";
import {
  change,
  LAUNCHING,
  MOVES,
  PHASES,
  PROBED,
  transition,
} from "../../../durable/rules/transition.ts";
import { aRow, NOW } from "./builders.ts";

const PAIRS = PHASES.flatMap((from) => PHASES.map((to) => ({ from, to })));
const KNOWN = PAIRS.filter(({ from, to }) => MOVES[from].includes(to));
const UNKNOWN = PAIRS.filter(({ from, to }) => !MOVES[from].includes(to));

describe("a transition", () => {
  it.each(KNOWN)("moves from $from to $to", ({ from, to }) => {
    const moved = transition(aRow({ phase: from }), to, NOW);

    expect(moved).toMatchObject({ phase: to, phaseSince: NOW, changedAt: NOW });
  });

  it.each(UNKNOWN)("does not move from $from to $to", ({ from, to }) => {
    expect(() => transition(aRow({ phase: from }), to, NOW)).toThrow(
      `media-k3-1 cannot move from ${from} to ${to}`,
    );
  });

  it("leads to deletion only from phases in which an instance may exist and be billed", () => {
    const before = PHASES.filter((from) => MOVES[from].includes("deleting"));

    expect(before).toEqual(["starting", "configuring", "warming", "ready", "draining"]);
  });

  it("raises the revision, and does not touch the row that it is given", () => {
    const row = aRow({ revision: 4 });

    const moved = transition(row, "draining", NOW, { cordonedAt: NOW });

    expect(moved).toMatchObject({ revision: 5, cordonedAt: NOW });
    expect(row).toMatchObject({ revision: 4, phase: "ready", cordonedAt: null });
  });

  it("begins the new phase with a clean slate of attempts", () => {
    const tried = aRow({ attempts: 3, nextAttemptAt: NOW, lastError: "no", command: 9 });

    const moved = transition({ ...tried, step: "ports", mayExist: true }, "draining", NOW);

    expect(moved).toMatchObject({ attempts: 0, nextAttemptAt: 0, lastError: null });
    expect(moved).toMatchObject({ command: null, step: null, mayExist: false });
  });
});

describe("a change within a phase", () => {
  it("raises the revision, and does not begin the phase anew", () => {
    const row = aRow({ revision: 4, attempts: 2 });

    const changed = change(row, NOW, { sessions: 3 });

    expect(changed).toMatchObject({ revision: 5, changedAt: NOW, sessions: 3, attempts: 2 });
    expect(changed.phaseSince).toBe(row.phaseSince);
  });
});

describe("the moves of an instance", () => {
  /** Written out a second time, so that no change of the table passes by chance. */
  it("are these, and no others", () => {
    const moves = PHASES.map((from) => `${from} -> ${MOVES[from].join(", ")}`);

    expect(moves).toEqual([
      "planned -> starting, gone",
      "starting -> configuring, deleting, lost, gone",
      "configuring -> warming, deleting, lost",
      "warming -> ready, draining, deleting, lost",
      "ready -> draining, deleting, lost",
      "draining -> ready, deleting, lost",
      "deleting -> gone, draining",
      "lost -> gone, ready",
      "gone -> ready",
    ]);
  });
});

describe("the phases", () => {
  it("on the way to a spare are four, and those that are probed three", () => {
    expect([...LAUNCHING]).toEqual(["planned", "starting", "configuring", "warming"]);
    expect([...PROBED]).toEqual(["warming", "ready", "draining"]);
  });
});
