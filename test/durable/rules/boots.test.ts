import { describe, expect, it } from "vitest";
import { giveUpBoots } from "../../../durable/rules/boots.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { type Memory, type Moves, NO_MOVES, type State } from "../../../durable/rules/state.ts";
import { aHold, aPlanned, aRow, aState, idleRows, NOW, phases, aFailing } from "./builders.ts";
import { freshAndSilent } from "./silence.ts";

/** Gives up boots after every server was looked at and asked. */
function after(state: State): Moves {
  const memory = lookedAt([...state.instances.values()], NOW);
  return unlooked({ ...state, memory: { ...state.memory, ...memory } });
}

/** Gives up boots by what the state itself says of looks. */
function unlooked(state: State): Moves {
  return giveUpBoots(state, tally(state));
}

/** Every booting server was shown without an address, and every other one was asked and stayed silent. */
function lookedAt(rows: readonly Instance[], at: number): Pick<Memory, "pendingAt" | "freshness"> {
  const names = rows.map(({ name }) => name);
  const { freshness } = freshAndSilent([], rows);
  const asked = [...freshness].map(([name, fresh]) => [name, { ...fresh, askedAt: at }] as const);
  return { pendingAt: new Map(names.map((name) => [name, at])), freshness: new Map(asked) };
}

/** It waits for its ports or its first answer for fifteen minutes, and was never heard of. */
const SILENT = aPlanned({
  phase: "warming",
  phaseSince: NOW - 900_000,
  arn: "arn:1",
  createdAt: NOW - 900_000,
  plannedAt: NOW - 900_000,
});

describe("a boot that never gave a reading", () => {
  it.each([
    ["warming", {}],
    [
      "refused ports",
      { phase: "configuring", refusedSince: NOW - 900_000, attempts: 3, nextAttemptAt: NOW },
    ],
  ] as const)("is deleted after readySeconds of %s", (_what, row) => {
    const moves = after(aState({ rows: [{ ...SILENT, ...row }] }));

    expect(phases(moves.rows)).toEqual(["media-k3-1: deleting"]);
    expect(moves.events.map(({ kind }) => kind)).toEqual(["delete", "bootFailed"]);
    expect(moves.state).toMatchObject({ failedBoots: 1 });
  });

  it("is deleted where it had no address after startSeconds", () => {
    const row = { ...SILENT, phase: "starting", phaseSince: NOW - 300_000 } as const;

    expect(phases(after(aState({ rows: [row] })).rows)).toEqual(["media-k3-1: deleting"]);
  });

  it.each<[string, Partial<Instance>]>([
    ["before readySeconds", { phaseSince: NOW - 899_999 }],
    [
      "before readySeconds of refused ports",
      { phase: "configuring", refusedSince: NOW - 899_999, attempts: 3, nextAttemptAt: NOW },
    ],
    [
      "where its own ports were refused twice only, and others tried since",
      { phase: "configuring", refusedSince: NOW - 900_000, attempts: 2, nextAttemptAt: NOW },
    ],
    [
      "where its next attempt has been due since before readySeconds of refused ports",
      { phase: "configuring", refusedSince: NOW - 900_000, attempts: 9, nextAttemptAt: NOW - 1 },
    ],
    ["while it waits for our call to put its ports", { phase: "configuring" }],
    ["before startSeconds", { phase: "starting", phaseSince: NOW - 299_999 }],
    ["where its ARN is not known", { arn: null }],
    ["where it was adopted", { adopted: true }],
    ["where its create is not in this ledger", { createdByUs: false }],
    ["where it is planned", { phase: "planned" }],
    ["where it is ready", { phase: "ready" }],
    ["where it is lost", { phase: "lost" }],
  ])("is not deleted %s", (_what, overrides) => {
    expect(after(aState({ rows: [{ ...SILENT, ...overrides }] })).rows).toEqual([]);
  });

  it("is not deleted where AWS left the calls for its ports unanswered (simulator, seed 85200094)", () => {
    const waiting = { refusedSince: NOW - 900_000, attempts: 9, nextAttemptAt: NOW } as const;
    const row = { ...SILENT, phase: "configuring", ...waiting } as const;
    const gone = (why: "unknown" | "rejected") =>
      phases(after({ ...aState({ rows: [row] }), failing: [aFailing("ports", { why })] }).rows);

    expect(gone("unknown")).toEqual([]);
    expect(gone("rejected")).toEqual(["media-k3-1: deleting"]);
  });

  it("is deleted where its machine was stopped before it answered, though nobody asks it any more (simulator, seed 883106)", () => {
    const stopped = { ...SILENT, stoppedSince: NOW - 800_000 };
    const memory = lookedAt([stopped], NOW - 850_000);

    expect(phases(unlooked(aState({ rows: [stopped], memory })).rows)).toEqual([
      "media-k3-1: deleting",
    ]);
  });

  it("is not deleted before it was asked after its time limit: that it was not is our own slowness", () => {
    const early = lookedAt([SILENT], NOW - 1);

    expect(unlooked(aState({ rows: [SILENT], memory: early })).rows).toEqual([]);
    expect(unlooked(aState({ rows: [SILENT] })).rows).toEqual([]);
  });

  it("is not deleted while no look after its time limit has shown it without an address", () => {
    const row = { ...SILENT, phase: "starting", phaseSince: NOW - 300_000 } as const;

    expect(unlooked(aState({ rows: [row], memory: lookedAt([row], NOW - 1) })).rows).toEqual([]);
    expect(unlooked(aState({ rows: [row] })).rows).toEqual([]);
  });

  it("is not a failed boot while known servers are silent too", () => {
    const moves = after(aState({ rows: [SILENT, ...idleRows(2).map(renamed)] }));

    expect(moves.rows).toEqual([]);
    expect(moves.state).toEqual({});
  });

  it("is not deleted while the last listing lacked it: it may not be ours any more", () => {
    const memory = { unlisted: new Set([SILENT.name]) };

    expect(after(aState({ rows: [SILENT], memory })).rows).toEqual([]);
  });

  it("is not deleted on a listing that is not trusted", () => {
    const moves = after(aState({ rows: [SILENT], memory: { listingTrusted: false } }));

    expect(moves.rows).toEqual([]);
    expect(moves.blockers).toMatchObject([{ guard: "noListing" }]);
  });

  function renamed(row: Instance): Instance {
    return { ...row, name: `${row.name}x` };
  }
});

describe("a boot that answered, but was never steadily ready", () => {
  it("is drained for replacement, and does not take the short way", () => {
    const moves = after(aState({ rows: [{ ...SILENT, everRead: true }] }));

    expect(moves.rows).toMatchObject([
      { phase: "draining", drainReason: "replace", cordonedAt: NOW },
    ]);
    expect(moves.state).toEqual({});
  });
});

describe("the breaker", () => {
  const failed = (failedBoots: number): Moves => after(aState({ rows: [SILENT], failedBoots }));

  it("opens at the count of failed boots, for openSeconds", () => {
    expect(failed(2).state).toMatchObject({
      failedBoots: 3,
      holds: [{ guard: "failedBoots", since: NOW, until: NOW + 1_800_000 }],
    });
  });

  it("does not open below the count", () => {
    expect(failed(1).state).toMatchObject({ failedBoots: 2, holds: [] });
  });

  it("opens again where the trial fails too", () => {
    expect(failed(3).state.holds).toMatchObject([{ until: NOW + 1_800_000 }]);
  });

  it("counts only the boots that are given up in this tick", () => {
    const rows = [1, 2].map((number) =>
      aRow({ ...SILENT, name: `b${number}`, arn: `arn:${number}` }),
    );
    const state = aState({ rows, spec: { limits: { maxDeletesPerTick: 1 } } });

    expect(after(state).state.failedBoots).toBe(1);
  });
});

describe("while no boot is overdue", () => {
  it("nothing is written", () => {
    expect(after(aState({ rows: [aRow()] }))).toEqual(NO_MOVES);
  });
});

describe("an overdue boot", () => {
  it("that answered is left alone where it could not be drained", () => {
    const row: Instance = { ...SILENT, phase: "configuring", everRead: true };

    expect(after(aState({ rows: [row] })).rows).toEqual([]);
  });

  it.each([
    ["starting", "it had no address within timeouts.startSeconds"],
    ["warming", "its media server gave no reading within timeouts.readySeconds"],
  ] as const)("is told from %s: %s", (phase, why) => {
    const row = { ...SILENT, phase };

    expect(after(aState({ rows: [row] })).events).toMatchObject([
      {
        kind: "delete",
        message: `delete media-k3-1: its boot failed, ${why}`,
        data: { reason: "bootFailed", phase, plannedAt: NOW - 900_000 },
      },
      { kind: "bootFailed", instance: SILENT.name },
    ]);
  });

  it("that answered is told as a drain for replacement", () => {
    expect(after(aState({ rows: [{ ...SILENT, everRead: true }] })).events).toMatchObject([
      {
        kind: "drain",
        instance: SILENT.name,
        message:
          "drain media-k3-1: it answered, but was never steadily ready within timeouts.readySeconds",
        data: { reason: "replace" },
      },
    ]);
  });
});

describe("the holds of other guards", () => {
  it.each([1, 2])(
    "are kept, and the breaker's own is not doubled, after %d failed boots",
    (had) => {
      const holds = [aHold("quota"), aHold("failedBoots", { until: NOW - 1 })];

      const { state } = after(aState({ rows: [SILENT], failedBoots: had, holds }));

      expect(state.holds?.map(({ guard, until }) => [guard, until > NOW])).toEqual(
        had === 1
          ? [["quota", true]]
          : [
              ["quota", true],
              ["failedBoots", true],
            ],
      );
    },
  );
});

describe("the open breaker", () => {
  it("says how many boots failed, and so do the events", () => {
    const { state, events } = after(aState({ rows: [SILENT], failedBoots: 2 }));

    expect(state.holds).toMatchObject([{ subject: "", detail: "3 failed boots in a row" }]);
    expect(events.at(-1)?.message).toBe(
      "media-k3-1 failed to boot (3 in a row); to see why, protect one that boots and read /var/log/cloud-init-output.log on it",
    );
  });
});

describe("while the eyes are blind", () => {
  it("no unsteady boot is drained for replacement", () => {
    const unsteady: Instance = { ...SILENT, everRead: true };
    const silent = ["a", "b"].map((name) => aRow({ name }));

    expect(after(aState({ rows: [unsteady, ...silent] })).rows).toEqual([]);
  });
});

describe("a failed boot of a server that somebody protects", () => {
  it.each<Partial<Instance>>([{ protectedBy: "olga" }, { protectedByTag: true }])(
    "does not delete it: %j",
    (guarded) => {
      expect(after(aState({ rows: [{ ...SILENT, ...guarded }] })).rows).toEqual([]);
    },
  );
});

describe("a failed boot while outdated servers are replaced", () => {
  it("stops the rollout for half an hour, at the first failure", () => {
    const rows = [SILENT, aRow({ name: "old", template: "old" })];

    expect(after(aState({ rows })).state.holds).toMatchObject([
      { guard: "rollout", until: NOW + 1_800_000, detail: "1 failed boots in a row" },
    ]);
    expect(after(aState({ rows: [SILENT] })).state.holds).toEqual([]);
  });
});
