import { describe, expect, it } from "vitest";
import type { Instance } from "../../../durable/rules/model.ts";
import { nextTickAt } from "../../../durable/rules/next-tick.ts";
import {
  aPlanned,
  aRow,
  aState,
  idleFreshness,
  idleRows,
  laneOf,
  NOW,
  SECOND_MS,
} from "./builders.ts";

const BEAT_MS = 5 * SECOND_MS;
/** The tick began a moment ago, and everything was looked at in it. */
const BEGAN = NOW - 200;
const SEEN = { listedAt: BEGAN, scannedAt: BEGAN };

function next(rows: readonly Instance[], memory: Parameters<typeof aState>[0] = {}): number {
  return nextTickAt(aState({ rows, memory: { ...SEEN, ...memory.memory } }), BEGAN) - BEGAN;
}

describe("the tick after this one", () => {
  it("comes with the beat where nothing is known to be due", () => {
    expect(next(idleRows(3))).toBe(BEAT_MS);
  });

  it("comes a fifth of a beat later at the soonest, where calls wait that could be made", () => {
    expect(next([aPlanned()])).toBe(SECOND_MS);
  });

  it("comes with the token for which a call waits", () => {
    const memory = laneOf("create", 0);

    const inMs = next([aPlanned()], { memory });

    expect(inMs).toBeGreaterThan(SECOND_MS);
    expect(inMs).toBeLessThan(BEAT_MS);
  });

  it("comes with the next attempt of a row, where that is before the beat", () => {
    expect(next([aPlanned({ nextAttemptAt: BEGAN + 3_000 })])).toBe(3_000);
    expect(next([aPlanned({ nextAttemptAt: BEGAN + 60_000 })])).toBe(BEAT_MS);
  });

  it("comes with the beat where the server that is not ready yet is a machine that was stopped", () => {
    expect(next([aRow({ phase: "warming", stoppedSince: BEGAN, everRead: false })])).toBe(BEAT_MS);
  });

  it("comes for a call that is under way no sooner than with the beat", () => {
    expect(next([aPlanned({ command: 9 })])).toBe(BEAT_MS);
  });

  it("comes soon after the first good reading of a new server, for it lacks only the next", () => {
    const row = aRow({ name: "w", phase: "warming" });
    const asked = (goodInRow: number) => ({
      memory: { freshness: new Map([["w", { ...idleFreshness(0, BEGAN), goodInRow }]]) },
    });

    expect(next([row], asked(1))).toBe(SECOND_MS);
    expect(next([row], asked(0))).toBe(2 * SECOND_MS);
  });

  it("comes with the beat where AWS refuses our key: no call is made then", () => {
    const hold = {
      guard: "credentials",
      subject: "",
      since: NOW,
      until: NOW + 60_000,
      detail: "",
    } as const;
    const state = aState({ rows: [aPlanned()], holds: [hold], memory: SEEN });

    expect(nextTickAt(state, BEGAN) - BEGAN).toBe(BEAT_MS);
  });

  it("comes with the beat in a fleet that only observes", () => {
    const state = aState({ rows: [aPlanned()], spec: { mode: "observe" }, memory: SEEN });

    expect(nextTickAt(state, BEGAN) - BEGAN).toBe(BEAT_MS);
  });
});
