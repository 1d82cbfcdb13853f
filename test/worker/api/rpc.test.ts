import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CALL_TIMEOUT_MS, within } from "../../../worker/api/rpc.ts";
import { SURVEY_TIMEOUT_MS } from "../../../worker/api/survey.ts";
import { createWorld, serve } from "./fakes.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

describe("a call", () => {
  it("that ends in time is its own result, and leaves no timer behind", async () => {
    expect(await within(1_000, Promise.resolve(5))).toBe(5);
    await expect(within(1_000, Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that does not end is 503, and says that the change may have been made", async () => {
    const world = createWorld();
    world.hangs = true;

    const pending = serve(world).call("POST", "/v1/fleets/media/reconcile");
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    await vi.advanceTimersByTimeAsync(CALL_TIMEOUT_MS);
    const response = await pending;

    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toBe("5");
    expect(await response.text()).toContain("may have been made or not");
    expect(world.log.at(-1)).toMatchObject({ error: "TimedOut: no answer within 10000 ms" });
  });

  it("does not end before its limit", async () => {
    let ended = false;
    const pending = within(1_000, never).catch(() => {
      ended = true;
    });

    await vi.advanceTimersByTimeAsync(999);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toBe(true);
    await pending;
  });
});

describe("a fleet that hangs", () => {
  it("makes healthz 503 in its own time, and does not hang it", async () => {
    const world = createWorld();
    world.hangs = true;
    const { app } = serve(world);

    const pending = Promise.resolve(
      app.request("/healthz", { headers: { Authorization: "Bearer viewer-token" } }),
    );
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(1));
    await vi.advanceTimersByTimeAsync(SURVEY_TIMEOUT_MS);
    const response = await pending;

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ fleets: [{ name: "media", answered: false }] });
  });
});
