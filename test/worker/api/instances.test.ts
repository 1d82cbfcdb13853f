import { describe, expect, it } from "vitest";
import { LEAST, createWorld, errorsOf, serve } from "./fakes.ts";

const MEDIA = "/v1/fleets/media";

describe("instances", () => {
  it("are listed without a filter", async () => {
    const world = createWorld();

    const response = await serve(world).call("GET", `${MEDIA}/instances`);

    expect(await response.json()).toEqual({
      instances: [...world.instances.values()],
      nextCursor: null,
    });
    expect(world.calls[0]?.args).toEqual([
      { phase: null, ip: null },
      { after: null, limit: 250 },
    ]);
  });

  it.each([
    ["phase=draining", { phase: "draining", ip: null }],
    ["ip=203.0.113.7", { phase: null, ip: "203.0.113.7" }],
    ["ip=2001:db8::7&phase=ready", { phase: "ready", ip: "2001:db8::7" }],
  ])("are filtered by %s", async (query, filter) => {
    const world = createWorld();

    await serve(world).call("GET", `${MEDIA}/instances?${query}`);

    expect(world.calls[0]?.args).toEqual([filter, { after: null, limit: 250 }]);
  });

  it.each([
    ["phase", "phase=idle"],
    ["ip", "ip=203.0.113"],
    ["ip", "ip="],
    ["state", "state=ready"],
  ])("are not listed when %s is wrong", async (field, query) => {
    const world = createWorld();

    const response = await serve(world).call("GET", `${MEDIA}/instances?${query}`);

    expect(response.status).toBe(400);
    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([field]);
    expect(world.calls).toEqual([]);
  });
});

describe("one instance", () => {
  it("comes with its history", async () => {
    const world = createWorld();

    const response = await serve(world).call("GET", `${MEDIA}/instances/media-ab12-1`);

    expect(await response.json()).toEqual({
      instance: world.instances.get("media-ab12-1"),
      events: [],
    });
  });

  it("that is unknown is 404, and told apart from an unknown fleet", async () => {
    const world = createWorld();
    const { call } = serve(world);
    await call("PUT", MEDIA, LEAST);

    const unknown = await call("GET", `${MEDIA}/instances/media-ab12-9`);
    const elsewhere = await call("GET", "/v1/fleets/other/instances/media-ab12-1");

    expect(await unknown.json()).toMatchObject({
      status: 404,
      type: "urn:lightfleet:problem:unknown-instance",
    });
    expect(await elsewhere.json()).toMatchObject({
      status: 404,
      type: "urn:lightfleet:problem:unknown-fleet",
    });
  });
});
