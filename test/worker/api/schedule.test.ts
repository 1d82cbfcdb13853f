import { describe, expect, it } from "vitest";
import { createWorld, errorsOf, serve } from "./fakes.ts";
import { schedule } from "./views.ts";

const SCHEDULE = "/v1/fleets/media/schedule";

describe("the schedule", () => {
  it("is told for the next seven days", async () => {
    const world = createWorld();

    const response = await serve(world).call("GET", SCHEDULE);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(schedule());
    expect(world.calls).toEqual([{ fleet: "media", method: "schedule", args: [7] }]);
  });

  it.each([1, 366])("is told for %i days", async (days) => {
    const world = createWorld();

    await serve(world).call("GET", `${SCHEDULE}?days=${days}`);

    expect(world.calls[0]?.args).toEqual([days]);
  });

  it.each([
    ["days", "days=0"],
    ["days", "days=367"],
    ["days", "days=-7"],
    ["days", "days=1.5"],
    ["days", "days=week"],
    ["days", "days="],
    ["days", "days=7&days=8"],
    ["weeks", "weeks=1"],
  ])("is not told when %s is wrong: %s", async (field, query) => {
    const world = createWorld();

    const response = await serve(world).call("GET", `${SCHEDULE}?${query}`);

    expect(response.status).toBe(400);
    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([field]);
    expect(world.calls).toEqual([]);
  });
});
