import { describe, expect, it } from "vitest";
import { changes, createWorld, errorsOf, serve } from "./fakes.ts";
import { status } from "./views.ts";

const EVERYTHING = ["launch", "retire", "schedule", "rollout"];

function twoFleets() {
  const world = createWorld();
  world.statuses.set("calls", status("calls"));
  return world;
}

describe("a pause of everything", () => {
  it("is one of every fleet, with one reason", async () => {
    const world = twoFleets();

    const reply = await serve(world).call("POST", "/v1/pause", { reason: "AWS has trouble" });

    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual({
      fleets: [
        { name: "calls", answered: true, paused: [] },
        { name: "media", answered: true, paused: [] },
      ],
    });
    const options = { reason: "AWS has trouble", expiresInSeconds: null };
    expect(changes(world).map(({ fleet, args }) => [fleet, ...args])).toEqual([
      ["calls", EVERYTHING, options, { actor: "token:olga" }],
      ["media", EVERYTHING, options, { actor: "token:olga" }],
    ]);
  });

  it("is 503 where a fleet does not answer, and says which", async () => {
    const world = twoFleets();
    world.thrown = new Error("storage is gone");

    const reply = await serve(world).call("POST", "/v1/pause");

    expect(reply.status).toBe(503);
    expect(await reply.json()).toMatchObject({
      fleets: [
        { name: "calls", answered: false, paused: null },
        { name: "media", answered: false },
      ],
    });
  });

  it("is of nothing where the body is wrong", async () => {
    const world = twoFleets();

    const reply = await serve(world).call("POST", "/v1/pause", { what: ["everything"] });

    expect(reply.status).toBe(400);
    expect(await errorsOf(reply)).toHaveLength(1);
    expect(world.calls).toEqual([]);
  });
});

describe("a resume of everything", () => {
  it("is one of every fleet, and of what it names", async () => {
    const world = twoFleets();

    const reply = await serve(world).call("POST", "/v1/resume", { what: ["launch"] });

    expect(reply.status).toBe(200);
    expect(changes(world).map(({ fleet, method, args }) => [fleet, method, args[0]])).toEqual([
      ["calls", "resume", ["launch"]],
      ["media", "resume", ["launch"]],
    ]);
  });

  it("takes no time for an end, as one fleet's does not", async () => {
    const reply = await serve(createWorld()).call("POST", "/v1/resume", { expiresInSeconds: 60 });

    expect(reply.status).toBe(400);
  });
});
