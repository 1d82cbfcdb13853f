import { describe, expect, test } from "vitest";
import { type Evidence, isPassed, judge, type Standing } from "./judge.ts";

const FAULTS_ENDED_AT = 1_000_000;

function evidence(given: Partial<Evidence> = {}): Evidence {
  return {
    maxInstances: 2,
    created: [],
    deletes: [],
    losses: [],
    standing: [],
    rows: [],
    faultsEndedAt: FAULTS_ENDED_AT,
    ...given,
  };
}

function billed(name: string, createdAt: number, endedAt: number | null = null) {
  return { name, createdAt, endedAt };
}

function standing(given: Partial<Standing> = {}): Standing {
  return { name: "media-1", createdAt: 5, state: "running", lacks: [], ...given };
}

test("a soak in which nothing happened passes", () => {
  const verdict = judge(evidence());

  expect(verdict).toEqual({ busyDeletes: [], zombies: [], overMaximum: [], peak: 0 });
  expect(isPassed(verdict)).toBe(true);
});

describe("busy servers deleted", () => {
  test("are named with the time and the sessions", () => {
    const deletes = [
      { name: "media-1", at: 7, sessions: [] },
      { name: "media-2", at: 9, sessions: [4, 6] },
    ];

    const verdict = judge(evidence({ deletes }));

    expect(verdict.busyDeletes).toMatchObject([
      { instances: ["media-2"], at: 9, sessions: [4, 6] },
    ]);
    expect(verdict.busyDeletes[0]?.sentence).toContain("2 sessions on it (4, 6)");
    expect(isPassed(verdict)).toBe(false);
  });

  test("are counted once, though their sessions are lost as well", () => {
    const deletes = [{ name: "media-2", at: 9, sessions: [4] }];
    const losses = [{ host: "media-2", atMs: 10, sessions: 1 }];

    expect(judge(evidence({ deletes, losses })).busyDeletes).toHaveLength(1);
  });

  test("are those too that lost sessions although they were empty when they were deleted", () => {
    const deletes = [{ name: "media-2", at: 9, sessions: [] }];
    const losses = [{ host: "media-2", atMs: 10, sessions: 1 }];

    expect(judge(evidence({ deletes, losses })).busyDeletes).toMatchObject([
      { instances: ["media-2"], at: 10 },
    ]);
  });
});

describe("zombies", () => {
  const listed = [{ name: "media-1", phase: "ready" }];

  test("are not the servers that the fleet lists and that are whole", () => {
    expect(judge(evidence({ standing: [standing()], rows: listed })).zombies).toEqual([]);
  });

  test("are what is billed and not listed, or listed as no longer there", () => {
    const two = [standing(), standing({ name: "media-2" })];
    const rows = [{ name: "media-2", phase: "gone" }];

    const { zombies } = judge(evidence({ standing: two, rows }));

    expect(zombies.map(({ sentence }) => sentence)).toEqual([
      "media-1 is billed (running), and the fleet's API does not list it",
      "media-2 is billed (running), and the fleet's API calls it gone",
    ]);
  });

  test("are everything, when the fleet's API does not answer", () => {
    expect(judge(evidence({ standing: [standing()], rows: null })).zombies).toHaveLength(1);
  });

  test.each(["starting", "configuring", "warming", "deleting"])(
    "are servers that are still %s long after the faults, not those that are new",
    (phase) => {
      const rows = [{ name: "media-1", phase }];
      const isNew = standing({ createdAt: FAULTS_ENDED_AT });

      expect(judge(evidence({ standing: [standing()], rows })).zombies).toHaveLength(1);
      expect(judge(evidence({ standing: [isNew], rows })).zombies).toEqual([]);
    },
  );

  test("are servers that the fleet calls ready and that are half-made at the cloud", () => {
    const halfMade = standing({ lacks: ["its firewall has not the fleet's ports"] });

    const { zombies } = judge(evidence({ standing: [halfMade], rows: listed }));

    expect(zombies[0]?.sentence).toContain("half-made: its firewall");
  });

  test("are not servers that are draining: the fleet has them in hand", () => {
    const rows = [{ name: "media-1", phase: "draining" }];

    expect(judge(evidence({ standing: [standing()], rows })).zombies).toEqual([]);
  });
});

describe("the maximum", () => {
  test("may be reached, also when one is made in the moment in which another ends", () => {
    const created = [billed("a", 1, 5), billed("b", 2), billed("c", 5)];

    expect(judge(evidence({ created }))).toMatchObject({ overMaximum: [], peak: 2 });
  });

  test("is exceeded once for each stretch of time, told at its highest moment with all names", () => {
    const created = [
      billed("a", 1),
      billed("b", 2),
      billed("c", 3, 10),
      billed("d", 4, 6),
      billed("e", 20),
    ];

    const { overMaximum, peak } = judge(evidence({ created }));

    expect(peak).toBe(4);
    expect(overMaximum).toMatchObject([
      { at: 4, instances: ["a", "b", "c", "d"] },
      { at: 20, instances: ["a", "b", "e"] },
    ]);
    expect(isPassed(judge(evidence({ created })))).toBe(false);
  });
});
