import { describe, expect, it } from "vitest";
import type { Instance } from "../../../durable/rules/model.ts";
import type { State } from "../../../durable/rules/state.ts";
import { chooseVictims, paidUntil } from "../../../durable/rules/victims.ts";
import {
  aRow,
  aState,
  freshFor,
  idleFreshness,
  idleRows,
  MINUTE_MS,
  NOW,
  type SpecOverrides,
} from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;

function names(state: State, slots: number): readonly string[] {
  return chooseVictims(state, state.instances.values(), slots).map(({ name }) => name);
}

/** Servers that all answer. */
function answering(rows: readonly Instance[], spec: SpecOverrides = {}): State {
  return aState({ rows, spec, memory: freshFor(...rows) });
}

describe("a victim", () => {
  const spared = (overrides: Partial<Instance>, spec: SpecOverrides = {}): readonly string[] =>
    names(answering([aRow(overrides)], spec), 1);

  it("is a known idle server", () => {
    expect(spared({})).toEqual(["media-k3-1"]);
  });

  it.each<[string, Partial<Instance>]>([
    ["one that is busy", { occupancy: "busy", sessions: 1, idleSince: null }],
    ["one that is unknown", { occupancy: "unknown", idleSince: null }],
    ["one that turned idle too lately", { idleSince: NOW - 59_999 }],
    ["one whose ARN is not known", { arn: null }],
    ["one that is not ready yet", { phase: "warming" }],
  ])("is not %s", (_what, overrides) => {
    expect(spared(overrides)).toEqual([]);
  });

  it("is not one with fewer good readings than confirmations", () => {
    const [row] = [aRow()];
    const readings = (count: number): readonly string[] => {
      const freshness = new Map([[row.name, idleFreshness(count)]]);
      return names(aState({ rows: [row], memory: { freshness } }), 1);
    };

    expect(readings(2)).toEqual([]);
    expect(readings(3)).toHaveLength(1);
  });

  it("is not one whose paid hour goes on: only from 115 seconds before its end", () => {
    const spec: SpecOverrides = { retire: { billing: "hour" } };

    expect(spared({ createdAt: NOW - HOUR_MS + 115_001 }, spec)).toEqual([]);
    expect(spared({ createdAt: NOW - HOUR_MS + 115_000 }, spec)).toHaveLength(1);
  });

  it("is one of an outdated template whatever its hour", () => {
    const young = { createdAt: NOW - 5 * MINUTE_MS, template: "old" };

    expect(spared(young, { retire: { billing: "hour" } })).toHaveLength(1);
  });

  it("is first the outdated one, then the one whose hour ends first, then the oldest", () => {
    const rows = [
      aRow({ name: "late", createdAt: NOW - 10 * MINUTE_MS }),
      aRow({ name: "early", createdAt: NOW - 50 * MINUTE_MS }),
      aRow({ name: "older", createdAt: NOW - 110 * MINUTE_MS }),
      aRow({ name: "outdated", createdAt: NOW - MINUTE_MS, template: "old" }),
    ];

    const chosen = [1, 2, 3].map((slots) => names(answering(rows), slots));

    expect(chosen).toEqual([["outdated"], ["outdated", "older"], ["outdated", "older", "early"]]);
  });

  it("is not one that the last listing lacked: it may not be ours any more", () => {
    const state = answering(idleRows(2));
    const memory = { ...state.memory, unlisted: new Set(["media-k3-1"]) };

    expect(names({ ...state, memory }, 2)).toEqual(["media-k3-2"]);
  });
});

describe("the paid hour", () => {
  it("ends with each whole hour since AWS created the instance", () => {
    const row = aRow({ createdAt: NOW });

    expect(paidUntil(row, NOW)).toBe(NOW + HOUR_MS);
    expect(paidUntil(row, NOW + HOUR_MS - 1)).toBe(NOW + HOUR_MS);
    expect(paidUntil(row, NOW + HOUR_MS)).toBe(NOW + 2 * HOUR_MS);
  });
});

describe("beside two servers that may go, a third", () => {
  /** There are slots enough for it, and its last readings all said idle. */
  const chosen = (overrides: Partial<Instance>): readonly string[] => {
    const rows = [...idleRows(2), aRow({ name: "third", ...overrides })];
    const freshness = new Map(rows.map(({ name }) => [name, idleFreshness()]));
    return names(aState({ rows, memory: { freshness } }), 3);
  };

  it("goes with them where it has been idle for just long enough", () => {
    expect(chosen({ idleSince: NOW - 60_000 })).toContain("third");
  });

  it.each<[string, Partial<Instance>]>([
    ["has a session", { sessions: 1 }],
    ["is busy", { occupancy: "busy" }],
    ["is unknown", { occupancy: "unknown" }],
    ["is warming", { phase: "warming" }],
    ["drains already", { phase: "draining", drainReason: "replace", cordonedAt: NOW - 1 }],
    ["is lost", { phase: "lost" }],
    ["was idle since nobody knows when", { idleSince: null }],
  ])("does not go where it %s", (_what, overrides) => {
    expect(chosen(overrides)).toEqual(["media-k3-1", "media-k3-2"]);
  });
});

describe("of servers whose hour ends together", () => {
  const first = (...rows: readonly Instance[]): readonly string[] => names(answering(rows), 1);

  it("the oldest goes first, by AWS's creation time and not by that of its adoption", () => {
    const adopted = (name: string, hours: number): Instance =>
      aRow({ name, createdAt: NOW - hours * HOUR_MS - 1, plannedAt: NOW - HOUR_MS });

    expect(first(adopted("older", 5), adopted("younger", 3))).toEqual(["older"]);
    expect(first(adopted("younger", 3), adopted("older", 5))).toEqual(["older"]);
  });

  it("and of the same age, they go by name, whatever their order in the ledger", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => aRow({ name }));
    if (a === undefined || b === undefined || c === undefined) throw new Error("three rows");

    expect(first(c, b, a)).toEqual(["a"]);
    expect(first(b, a, c)).toEqual(["a"]);
  });
});
