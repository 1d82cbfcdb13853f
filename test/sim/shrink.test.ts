import { describe, expect, test } from "vitest";
import type { Result } from "./result.ts";
import { type Incident, ORDINARY_SITE, type Scenario } from "./scenario.ts";
import { type Limits, shrink } from "./shrink.ts";

const NO_LIMITS: Limits = {
  width: 1,
  runs: 1_000,
  ms: 1_000,
  now: () => 0,
  stopped: () => false,
};
const MINUTE_MS = 60_000;

function incident(id: number): Incident {
  return { id, when: { at: id * MINUTE_MS }, fault: "throttle", forMs: 0, n: 0 };
}

function scenario(incidents: number, hours = 1): Scenario {
  return {
    seed: 1,
    startsAt: 0,
    hours,
    spec: {},
    sessionsPerHour: 1,
    meanLengthMs: 1,
    promise: "server",
    bootMs: 1,
    softwareBootMs: 1,
    site: ORDINARY_SITE,
    signed: true,
    incidents: Array.from({ length: incidents }, (_, id) => incident(id)),
  };
}

function resultOf(invariant: string | null, at = 30 * MINUTE_MS): Result {
  return {
    seed: 1,
    hash: "",
    simulatedMs: 0,
    violations: invariant === null ? [] : [{ invariant, at, detail: "" }],
    faults: {},
    transitions: {},
    points: {},
    pointLabels: [],
    trace: [],
  };
}

/** A simulator under which a scenario fails as `invariantOf` says. */
function simulator(invariantOf: (ids: readonly number[], scenario: Scenario) => string | null) {
  const runs: Scenario[] = [];
  const run = async (scenario: Scenario) => {
    runs.push(scenario);
    return resultOf(
      invariantOf(
        scenario.incidents.map(({ id }) => id),
        scenario,
      ),
    );
  };
  return { run, runs };
}

function needing(...needed: readonly number[]) {
  return (ids: readonly number[]) => (needed.every((id) => ids.includes(id)) ? "I6" : null);
}

const idsOf = ({ incidents }: Scenario) => incidents.map(({ id }) => id);

describe("shrinking a failing scenario", () => {
  test.each([
    { needed: [0], of: 1 },
    { needed: [13], of: 48 },
    { needed: [3, 7], of: 48 },
    { needed: [0, 20, 47], of: 48 },
    { needed: [0, 1, 2, 3], of: 4 },
    { needed: [], of: 10 },
  ])("leaves the incidents $needed of $of", async ({ needed, of }) => {
    const { run } = simulator(needing(...needed));

    const shrunk = await shrink(scenario(of), resultOf("I6"), run, NO_LIMITS);

    expect(idsOf(shrunk.scenario)).toEqual(needed);
    expect(shrunk.end).toBe("minimal");
  });

  test("leaves a set from which none can be taken away, whatever makes it fail", async () => {
    const fails = (ids: readonly number[]) =>
      ids.filter((id) => id % 3 === 0).length >= 2 || ids.length >= 9 ? "I6" : null;
    const { run } = simulator(fails);

    const shrunk = await shrink(scenario(30), resultOf("I6"), run, NO_LIMITS);

    const ids = idsOf(shrunk.scenario);
    expect(fails(ids)).toBe("I6");
    for (const id of ids) expect(fails(ids.filter((other) => other !== id))).toBeNull();
  });

  test("comes to the same whether runs are made one by one or several at once", async () => {
    const { run } = simulator((ids) =>
      ids.filter((id) => id % 5 === 0).length >= 3 ? "I6" : null,
    );
    const late = async (scenario: Scenario) => {
      const result = await run(scenario);
      // The more incidents, the sooner it is over.
      for (let wait = 48 - scenario.incidents.length; wait > 0; wait -= 1) await Promise.resolve();
      return result;
    };

    const one = await shrink(scenario(48), resultOf("I6"), late, NO_LIMITS);
    const many = await shrink(scenario(48), resultOf("I6"), late, { ...NO_LIMITS, width: 8 });

    expect(many.scenario).toEqual(one.scenario);
    expect(many.runs).toBeGreaterThan(one.runs);
  });

  test("does not take another broken invariant for the same failure", async () => {
    const { run } = simulator((ids) => (ids.includes(2) ? "I6" : "I9"));

    const shrunk = await shrink(scenario(8), resultOf("I6"), run, NO_LIMITS);

    expect(idsOf(shrunk.scenario)).toEqual([2]);
    expect(shrunk.result.violations[0]?.invariant).toBe("I6");
  });

  test("shortens the hours as far as it still fails", async () => {
    const { run } = simulator((_, { hours }) => (hours >= 0.62 ? "I18" : null));

    const shrunk = await shrink(scenario(2, 3), resultOf("I18"), run, NO_LIMITS);

    expect(shrunk.scenario.hours).toBe(0.65);
    expect(shrunk.end).toBe("minimal");
  });

  test("tries the moment just after the violation first", async () => {
    const { run, runs } = simulator((_, { hours }) => (hours >= 0.5 ? "I6" : null));

    await shrink(scenario(0, 8), resultOf("I6"), run, NO_LIMITS);

    expect(runs.map(({ hours }) => hours).slice(0, 2)).toEqual([8, 0.5]);
  });

  test("says so when the scenario does not fail again", async () => {
    const { run, runs } = simulator(() => null);

    const shrunk = await shrink(scenario(8), resultOf("I6"), run, NO_LIMITS);

    expect(shrunk).toMatchObject({ end: "notAgain", runs: 1, result: resultOf("I6") });
    expect(idsOf(shrunk.scenario)).toHaveLength(8);
    expect(runs).toHaveLength(1);
  });

  test("ends at its number of runs with the smallest that it found", async () => {
    const { run, runs } = simulator(needing(3, 40));

    const shrunk = await shrink(scenario(48), resultOf("I6"), run, { ...NO_LIMITS, runs: 12 });

    expect(runs).toHaveLength(12);
    expect(shrunk.end).toBe("limit");
    expect(idsOf(shrunk.scenario)).toEqual(expect.arrayContaining([3, 40]));
    expect(shrunk.scenario.incidents.length).toBeLessThan(48);
  });

  test("ends at its time", async () => {
    let nowMs = 0;
    const { run } = simulator(needing(3, 40));
    const slow = async (scenario: Scenario) => {
      nowMs += 10;
      return await run(scenario);
    };
    const limits = { ...NO_LIMITS, ms: 55, now: () => nowMs };

    const shrunk = await shrink(scenario(48), resultOf("I6"), slow, limits);

    expect(shrunk).toMatchObject({ end: "limit", runs: 6, ms: 60 });
  });

  test("ends when it is stopped, also in the middle of a run", async () => {
    const { run, runs } = simulator(needing(3, 40));
    const stopped = { ...NO_LIMITS, stopped: () => runs.length === 4 };

    const between = await shrink(scenario(48), resultOf("I6"), run, stopped);
    const within = await shrink(scenario(48), resultOf("I6"), async () => null, NO_LIMITS);

    expect(between).toMatchObject({ end: "limit", runs: 4 });
    expect(within).toMatchObject({ end: "limit", runs: 1 });
  });
});
