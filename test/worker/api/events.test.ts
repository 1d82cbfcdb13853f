import { describe, expect, it } from "vitest";
import { createWorld, errorsOf, serve } from "./fakes.ts";
import { event } from "./views.ts";

const EVENTS = "/v1/fleets/media/events";

describe("events", () => {
  it("are asked for without a filter, fifty at a time", async () => {
    const world = createWorld();
    world.events.push(event(2), event(1));

    const response = await serve(world).call("GET", EVENTS);

    expect(await response.json()).toEqual({ events: [event(2), event(1)], nextCursor: null });
    expect(world.calls[0]?.args).toEqual([
      { since: null, until: null, kind: null, instance: null, before: null, limit: 50 },
    ]);
  });

  it("pass on every filter, with times in any offset", async () => {
    const world = createWorld();

    await serve(world).call(
      "GET",
      `${EVENTS}?since=2026-11-22T10:00:00%2B09:00&until=2026-11-22T02:00:00Z&kind=launch&instance=media-ab12-1&cursor=40&limit=200`,
    );

    expect(world.calls[0]?.args).toEqual([
      {
        since: Date.parse("2026-11-22T01:00:00Z"),
        until: Date.parse("2026-11-22T02:00:00Z"),
        kind: "launch",
        instance: "media-ab12-1",
        before: 40,
        limit: 200,
      },
    ]);
  });

  it("understand an offset whose plus sign was not escaped", async () => {
    const world = createWorld();

    await serve(world).call("GET", `${EVENTS}?since=2026-11-22T10:00:00+09:00`);

    expect(world.calls[0]?.args).toMatchObject([{ since: Date.parse("2026-11-22T01:00:00Z") }]);
  });

  it("give the last id of a full page as the cursor", async () => {
    const world = createWorld();
    world.events.push(event(9), event(8), event(7));

    const response = await serve(world).call("GET", `${EVENTS}?limit=2`);

    expect(await response.json()).toEqual({ events: [event(9), event(8)], nextCursor: 8 });
  });

  it("say whether their chain holds only if that is asked for, for it reads them all", async () => {
    const world = createWorld();

    const plain = await serve(world).call("GET", EVENTS);
    expect(world.calls.map(({ method }) => method)).toEqual(["events"]);
    const verified = await serve(world).call("GET", `${EVENTS}?verify=true`);

    expect(await plain.json()).not.toHaveProperty("chain");
    expect(await verified.json()).toMatchObject({ chain: { holds: true, checked: 0 } });
  });

  it.each([
    ["verify", "verify"],
    ["limit", "limit=0"],
    ["limit", "limit=201"],
    ["limit", "limit="],
    ["cursor", "cursor=abc"],
    ["since", "since=yesterday"],
    ["until", "until=2026-11-22"],
    ["since", "since=2026-11-22T02:00:00Z&until=2026-11-22T01:00:00Z"],
    ["kind", "kind=a%20b"],
    ["page", "page=2"],
  ])("are refused when %s is wrong: %s", async (field, query) => {
    const world = createWorld();

    const response = await serve(world).call("GET", `${EVENTS}?${query}`);

    expect(response.status).toBe(400);
    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([field]);
    expect(world.calls).toEqual([]);
  });
});
