import { describe, expect, it } from "vitest";
import { Stopwatch } from "../../../worker/api/timing.ts";
import { createWorld, serve } from "./fakes.ts";

describe("Server-Timing", () => {
  it("tells the time in all, and that in the objects", async () => {
    const world = createWorld();
    const { app } = serve(world);
    // The clock moves on when the object is asked, and once more when the reply is logged.
    world.statuses.get = (name) => {
      world.now += 30;
      return createWorld().statuses.get(name);
    };

    const reply = await app.request("/v1/fleets/media", {
      headers: { Authorization: "Bearer viewer-token" },
    });

    expect(reply.headers.get("Server-Timing")).toBe("total;dur=30, object;dur=30");
  });

  it("tells of no object where none was asked", async () => {
    const reply = await serve(createWorld()).app.request("/v1/fleets/media");

    expect(reply.headers.get("Server-Timing")).toBe("total;dur=0, object;dur=0");
  });
});

describe("a stopwatch", () => {
  it("counts time once in which several are under way", async () => {
    let now = 0;
    const stopwatch = new Stopwatch(() => now);
    const first = Promise.withResolvers<string>();
    const second = Promise.withResolvers<string>();

    const timed = [stopwatch.time(() => first.promise), stopwatch.time(() => second.promise)];
    now = 10;
    first.resolve("one");
    await timed[0];
    now = 25;
    expect(stopwatch.totalMs).toBe(25);
    second.resolve("two");
    expect(await Promise.all(timed)).toEqual(["one", "two"]);
    now = 100;

    expect(stopwatch.totalMs).toBe(25);
  });

  it("counts what fails, too", async () => {
    let now = 0;
    const stopwatch = new Stopwatch(() => now);

    const failing = stopwatch.time(async () => {
      now = 7;
      throw new Error("gone");
    });

    await expect(failing).rejects.toThrow("gone");
    expect(stopwatch.totalMs).toBe(7);
  });
});
