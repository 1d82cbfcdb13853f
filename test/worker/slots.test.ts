import { describe, expect, it } from "vitest";
import { createSlots } from "../../worker/slots.ts";

const NEVER = new AbortController().signal;

async function settled<T>(promise: Promise<T>): Promise<T | "waiting"> {
  return Promise.race([promise, new Promise<"waiting">((go) => setImmediate(go, "waiting"))]);
}

describe("slots", () => {
  it("are given at once while there are any, and then in the order of asking", async () => {
    const slots = createSlots(1);
    const first = await slots.take(NEVER);
    const second = slots.take(NEVER);
    const third = slots.take(NEVER);
    expect(await settled(second)).toBe("waiting");

    first?.();

    expect(await settled(second)).not.toBe("waiting");
    expect(await settled(third)).toBe("waiting");
  });

  it("are not given after the signal, and the next in the queue is not forgotten", async () => {
    const slots = createSlots(1);
    const over = new AbortController();
    const first = await slots.take(NEVER);
    const second = slots.take(over.signal);
    const third = slots.take(NEVER);

    over.abort();
    expect(await second).toBeNull();
    expect(await slots.take(over.signal)).toBeNull();
    first?.();

    expect(await settled(third)).not.toBe("waiting");
  });

  it("are not lost where the signal comes after the slot", async () => {
    const slots = createSlots(1);
    const over = new AbortController();
    const first = await slots.take(NEVER);
    const second = slots.take(over.signal);

    first?.();
    over.abort();

    const release = await second;
    expect(release).not.toBeNull();
    release?.();
    expect(await settled(slots.take(NEVER))).not.toBe("waiting");
  });
});
