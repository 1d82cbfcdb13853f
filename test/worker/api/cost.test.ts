import { describe, expect, it } from "vitest";
import { createWorld, errorsOf, NOW, serve } from "./fakes.ts";
import { COST as TOLD } from "../../../worker/api/openapi/examples.ts";

const COST = "/v1/fleets/media/cost";

describe("the cost of a month", () => {
  it("is that of the present month for a viewer who names none", async () => {
    const world = createWorld();

    const response = await serve(world).call("GET", COST, undefined, "viewer-token");

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(TOLD);
    expect(world.calls).toEqual([{ fleet: "media", method: "cost", args: [NOW, null] }]);
  });

  it("is asked for by month, and with EC2's price", async () => {
    const world = createWorld();

    await serve(world).call("GET", `${COST}?month=2026-10&ec2HourlyUsd=0.0554`);

    expect(world.calls[0]?.args).toEqual([Date.UTC(2026, 9, 1), 0.0554]);
  });

  it("of which nothing is kept is a 404 with the reason, and no zeros", async () => {
    const world = createWorld();
    const title = "Nothing of that month is kept";
    world.refusal = { refused: { status: 404, title, detail: "It is long ago." } };

    const response = await serve(world).call("GET", `${COST}?month=2020-01`);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      type: "urn:lightfleet:problem:unknown-month",
      detail: "It is long ago.",
    });
  });

  it("fits a terminal", async () => {
    const response = await serve(createWorld()).call("GET", `${COST}?format=text`);

    expect(await response.text()).toBe(
      [
        "media, 2026-11: 2026-11-01 00:00 to 2026-11-22 10:00 UTC",
        "Cost          $7.77 for 240.5 hours, 241 of them billed",
        "To its end    $14.20, should all that runs go on",
        "On EC2        $13.32 at $0.0554 an hour",
        "Fixed fleet   $33.10 for 2, as many as at 2026-11-12 09:30",
        "Servers       1",
        "                  $7.77    240.5 h  media-ab12-1 (medium_3_0)",
        "",
      ].join("\n"),
    );
  });

  it("is not told of a fleet that is not there", async () => {
    expect((await serve(createWorld()).call("GET", "/v1/fleets/other/cost")).status).toBe(404);
  });

  it.each(["month=2026-13", "month=2026-1", "month=last", "ec2HourlyUsd=-1", "ec2HourlyUsd=a"])(
    "is not told where %s",
    async (query) => {
      const world = createWorld();

      const response = await serve(world).call("GET", `${COST}?${query}`);

      expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([
        query.split("=")[0],
      ]);
      expect(world.calls).toEqual([]);
    },
  );
});
