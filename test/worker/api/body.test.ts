/** A body that comes slowly: the client's own time-out, and not the fleet's. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BODY_WITHIN_MS } from "../../../worker/api/body.ts";
import { CALL_TIMEOUT_MS } from "../../../worker/api/rpc.ts";
import { createWorld, serve } from "./fakes.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a body that trickles is 408, and the fleet was asked nothing", async () => {
  const world = createWorld();
  const { app } = serve(world);
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"reason":"')),
    cancel: () => void (isCancelled = true),
  });
  const init = { method: "POST", body, duplex: "half" };
  const headers = { Authorization: "Bearer operator-token", "Content-Type": "application/json" };

  const pending = Promise.resolve(app.request("/v1/fleets/media/pause", { ...init, headers }));
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
  await vi.advanceTimersByTimeAsync(BODY_WITHIN_MS);
  const response = await pending;

  expect(response.status).toBe(408);
  expect(await response.json()).toMatchObject({ type: "urn:lightfleet:problem:body-too-slow" });
  expect(isCancelled).toBe(true);
  expect(world.calls).toEqual([]);
  expect(BODY_WITHIN_MS).toBeLessThan(CALL_TIMEOUT_MS);
});
