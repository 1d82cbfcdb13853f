/** The attack: many who only read keep the tick waiting. */
import { describe, expect, it } from "vitest";
import { TickFirst } from "../../durable/tick-first.ts";

/** A gate whose waiting ends when the test says so. */
function aGate() {
  const waits: { ms: number; end: () => void }[] = [];
  const gate = new TickFirst(async (ms) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waits.push({ ms, end: resolve });
    await promise;
  });
  return { gate, waits };
}

/** What has passed by now, in order. */
function reads(gate: TickFirst, now: number, ...names: string[]): string[] {
  const passed: string[] = [];
  for (const name of names) void gate.pass(now).then(() => passed.push(name));
  return passed;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("a read", () => {
  it("passes at once while no tick is due", async () => {
    const { gate, waits } = aGate();
    gate.arm(1_000);

    const passed = reads(gate, 999, "a", "b");
    await settled();

    expect(passed).toEqual(["a", "b"]);
    expect(waits).toEqual([]);
  });

  it("steps aside for a tick that is due, and goes on in its order once that has begun", async () => {
    const { gate } = aGate();
    gate.arm(5_000);
    gate.arm(1_000);
    const passed = reads(gate, 1_000, "a", "b", "c");
    await settled();
    expect(passed).toEqual([]);

    gate.began();
    await settled();

    expect(passed).toEqual(["a", "b", "c"]);
  });

  it("passes while a tick is under way, though the next is due already", async () => {
    const { gate } = aGate();
    gate.began();
    gate.arm(1_000);

    const passed = reads(gate, 9_000, "a");
    await settled();

    expect(passed).toEqual(["a"]);
    gate.ended();
    const later = reads(gate, 9_000, "b");
    await settled();
    expect(later).toEqual([]);
  });

  it("does not wait for ever for an alarm that never comes, nor does the next", async () => {
    const { gate, waits } = aGate();
    gate.arm(1_000);
    const passed = reads(gate, 1_500, "a", "b");
    await settled();
    expect(waits.map(({ ms }) => ms)).toEqual([500]);

    waits[0]?.end();
    await settled();
    const later = reads(gate, 2_000, "c");
    await settled();

    expect([passed, later]).toEqual([["a", "b"], ["c"]]);
  });

  it("that waited for one tick is not let through before the next by the first one's time limit", async () => {
    const { gate, waits } = aGate();
    gate.arm(1_000);
    reads(gate, 1_000, "a");
    gate.began();
    gate.ended();
    gate.arm(2_000);
    const passed = reads(gate, 2_000, "b");

    waits[0]?.end();
    await settled();

    expect(passed).toEqual([]);
  });
});
