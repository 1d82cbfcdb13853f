import { describe, expect, it } from "vitest";
import { createWorld, errorsOf, serve } from "./fakes.ts";
import { history } from "./views.ts";

const HISTORY = "/v1/fleets/media/history";

describe("the history", () => {
  it("is told of the last twenty-four hours", async () => {
    const world = createWorld();

    const response = await serve(world).call("GET", HISTORY, undefined, "viewer-token");

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(history());
    expect(world.calls).toEqual([{ fleet: "media", method: "history", args: [24] }]);
  });

  it.each([1, 168])("is told of %i hours", async (hours) => {
    const world = createWorld();

    await serve(world).call("GET", `${HISTORY}?hours=${hours}`);

    expect(world.calls[0]?.args).toEqual([hours]);
  });

  it("is not told of a fleet that is not there", async () => {
    const response = await serve(createWorld()).call("GET", "/v1/fleets/other/history");

    expect(response.status).toBe(404);
  });

  it.each([
    ["hours", "hours=0"],
    ["hours", "hours=169"],
    ["hours", "hours=1.5"],
    ["hours", "hours=day"],
    ["days", "days=1"],
  ])("is not told when %s is wrong: %s", async (field, query) => {
    const world = createWorld();

    const response = await serve(world).call("GET", `${HISTORY}?${query}`);

    expect(response.status).toBe(400);
    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([field]);
    expect(world.calls).toEqual([]);
  });
});
