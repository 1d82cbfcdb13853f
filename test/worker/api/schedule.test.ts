import { describe, expect, it } from "vitest";
import { createWorld, errorsOf, serve } from "./fakes.ts";
import { override } from "./views.ts";

const SCHEDULE = "/v1/fleets/media/schedule";

describe("the schedule", () => {
  it("is told for the next seven days", async () => {
    const world = createWorld();

    const response = await serve(world).call("GET", SCHEDULE);

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      leadSeconds: 240,
      boundaries: Array.from({ length: 7 }, () => ({ name: "morning", spares: 20 })),
      overrides: [{ id: override("7").id }],
    });
    expect(world.calls).toEqual([{ fleet: "media", method: "schedule", args: [] }]);
  });

  it.each([1, 366])("is told for %i days", async (days) => {
    const response = await serve(createWorld()).call("GET", `${SCHEDULE}?days=${days}`);

    const { boundaries } = (await response.json()) as { boundaries: unknown[] };
    expect(boundaries).toHaveLength(days);
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
