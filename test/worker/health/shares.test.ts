import { describe, expect, it } from "vitest";
import type { ProbeRequest } from "../../../durable/rules/world.ts";
import { deal, SHARDS_MAX, shardsFor } from "../../../worker/health/shares.ts";

function probes(count: number, doubtful = 0): ProbeRequest[] {
  return Array.from({ length: count }, (_none, index) => ({
    name: `media-k3-${index}`,
    revision: 1,
    address: "3.34.0.1",
    ...(index < doubtful ? { doubtful: true } : {}),
  }));
}

describe("the number of shards", () => {
  it.each([
    [1, 200, 0],
    [30, 200, 0],
    [90, 200, 0],
    [91, 200, 1],
    [300, 200, 3],
    [1_000, 100, 5],
    [1_000, 200, SHARDS_MAX],
    [5_000, 20, 5],
    [5_000, 200, SHARDS_MAX],
  ])("of %i servers at %i ms a probe is %i", (servers, answerMs, shards) => {
    expect(shardsFor(probes(servers), { answerMs, silenceMs: null })).toBe(shards);
  });

  it("never falls as servers come, and keeps within its bounds", () => {
    let before = 0;
    for (let servers = 1; servers <= 5_000; servers += 7) {
      const shards = shardsFor(probes(servers), { answerMs: 150, silenceMs: 500 });

      expect(shards).toBeGreaterThanOrEqual(before);
      expect(shards).toBeLessThanOrEqual(SHARDS_MAX);
      before = shards;
    }
  });

  it("counts that doubtful servers get only half of the sockets", () => {
    expect(shardsFor(probes(60, 60), { answerMs: 200, silenceMs: 500 })).toBe(3);
    expect(shardsFor(probes(60), { answerMs: 500, silenceMs: 500 })).toBe(1);
  });

  it("is guessed until something was measured", () => {
    expect(shardsFor(probes(300), undefined)).toBe(3);
    expect(shardsFor([], undefined)).toBe(0);
  });
});

describe("what is dealt out", () => {
  it("is dealt in turn, so that every share has as much of each", () => {
    expect(deal([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([
      [1, 4, 7],
      [2, 5],
      [3, 6],
    ]);
  });
});
