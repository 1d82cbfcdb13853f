import { describe, expect, it } from "vitest";
import { changes, createWorld, errorsOf, LEAST, serve } from "./fakes.ts";
import { lease } from "./views.ts";

const LEASES = "/v1/fleets/media/leases";
const DISPATCHER = "dispatcher-token";
const DAN = { actor: "token:dan", isOperator: false };

async function post(body?: unknown, world = createWorld()) {
  const response = await serve(world).call("POST", LEASES, body, DISPATCHER);
  return { response, args: changes(world).map(({ args }) => args) };
}

describe("leases", () => {
  it("are listed for all who may read", async () => {
    const response = await serve(createWorld()).call("GET", LEASES, undefined, "viewer-token");

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ leases: [lease("7")], nextCursor: null });
  });

  it("are given: one, for a minute, where nothing is said", async () => {
    const { response, args } = await post();

    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ leases: [lease("8")] });
    const wish = { count: 1, partial: false, key: null, ttlSeconds: 60, zone: null };
    expect(args).toEqual([[wish, { actor: "token:dan" }]]);
  });

  it("are given as they are wished, whole numbers as strings too", async () => {
    const wish = { partial: true, key: "room-42", zone: "ap-northeast-2c" };

    const { response, args } = await post({ ...wish, count: "3", ttlSeconds: 300 });

    expect(response.status).toBe(201);
    expect(args).toEqual([[{ ...wish, count: 3, ttlSeconds: 300 }, { actor: "token:dan" }]]);
  });

  it("are the same for the same key: 200 and not 201", async () => {
    const { response } = await post({ key: "session-7" });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ leases: [lease("7")] });
  });

  it("are not there without a spare: 409, with what is starting and when it is expected", async () => {
    const world = createWorld();
    const expectedAt = "2026-11-22T10:02:00.000Z";
    world.noSpare = { noSpare: { detail: "No spare.", spares: 0, starting: 2, expectedAt } };

    const { response } = await post({}, world);

    expect(response.status).toBe(409);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "urn:lightfleet:problem:no-spare",
      title: "There is no spare to lease",
      status: 409,
      detail: "No spare.",
      instance: LEASES,
      spares: 0,
      starting: 2,
      expectedAt,
    });
  });

  it.each([
    [{ count: 0 }, "count: must be a whole number from 1 to 50"],
    [{ count: 51 }, "count: must be a whole number from 1 to 50"],
    [{ ttlSeconds: 4 }, "ttlSeconds: must be a whole number from 5 to 3600"],
    [{ ttlSeconds: 3_601 }, "ttlSeconds: must be a whole number from 5 to 3600"],
    [{ key: "" }, "key: must be 1 to 128 printable ASCII characters without spaces"],
    [{ key: "k".repeat(129) }, "key: must be 1 to 128 printable ASCII characters without spaces"],
    [{ zone: "seoul" }, "zone: must be an availability zone such as `ap-northeast-2a`"],
    [{ partial: "yes" }, "partial: must be true or false"],
    [
      { name: "media-1" },
      "name: is not a known key; known here: count, partial, key, ttlSeconds, zone",
    ],
  ])("do not take %j", async (body, error) => {
    const { response, args } = await post(body);

    expect(response.status).toBe(400);
    expect(await errorsOf(response)).toEqual([error]);
    expect(args).toEqual([]);
  });

  it("do not come from a fleet that there is not", async () => {
    const response = await serve(createWorld()).call("POST", "/v1/fleets/nobodys/leases", {});

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: "urn:lightfleet:problem:unknown-fleet" });
  });
});

describe("a lease", () => {
  it.each([
    [undefined, { ttlSeconds: null, used: false }],
    [{ ttlSeconds: 120 }, { ttlSeconds: 120, used: false }],
    [{ state: "used" }, { ttlSeconds: null, used: true }],
  ])("is renewed by %j", async (body, change) => {
    const world = createWorld();

    const response = await serve(world).call("PUT", `${LEASES}/7`, body, DISPATCHER);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(lease("7"));
    expect(changes(world)).toEqual([
      { fleet: "media", method: "renewLease", args: ["7", change, DAN] },
    ]);
  });

  it("is not changed to anything but used", async () => {
    const response = await serve(createWorld()).call("PUT", `${LEASES}/7`, { state: "free" });

    expect(response.status).toBe(400);
    expect(await errorsOf(response)).toEqual(["state: must be one of used"]);
  });

  it("is released", async () => {
    const world = createWorld();

    const response = await serve(world).call("DELETE", `${LEASES}/7`, undefined, DISPATCHER);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ released: true });
    expect(changes(world)).toEqual([{ fleet: "media", method: "releaseLease", args: ["7", DAN] }]);
  });

  it.each(["PUT", "DELETE"])("that is over is a 404 for %s, of the lease alone", async (method) => {
    const { call } = serve(createWorld());
    await call("PUT", "/v1/fleets/media", LEAST);

    const response = await call(method, `${LEASES}/9`);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      type: "urn:lightfleet:problem:unknown-lease",
      detail: "9 is over.",
    });
  });

  it("is asked for as who asks, and an operator is one", async () => {
    const world = createWorld();
    const { call } = serve(world);

    await call("PUT", `${LEASES}/7`);
    await call("GET", LEASES, undefined, "viewer-token");

    const claimants = world.calls.map(({ args }) => args.at(-1));
    expect(claimants).toEqual([
      { actor: "token:olga", isOperator: true },
      { actor: "token:vera", isOperator: false },
    ]);
  });

  it.each(["PUT", "DELETE"])("of another is a 403 for %s that says what to do", async (method) => {
    const world = createWorld();
    world.foreign = "7";

    const response = await serve(world).call(method, `${LEASES}/7`, undefined, DISPATCHER);

    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      type: "urn:lightfleet:problem:foreign-lease",
      detail: "7 is another's.",
    });
  });
});

describe("the pages of the leases", () => {
  it("tell in no cursor what the ids of others' hide", async () => {
    const world = createWorld();
    const ids = ["aaaaaa…", "bbbbbb…", "cccccc111111"];
    world.leases.clear();
    for (const id of ids) world.leases.set(id, { ...lease(id), instance: "media-ab12-1" });
    const { call } = serve(world);
    const seen: string[] = [];

    let cursor = "";
    for (let page = 0; page < ids.length; page++) {
      const read = await call("GET", `${LEASES}?limit=1${cursor}`, undefined, DISPATCHER);
      const body = (await read.json()) as {
        leases: { id: string }[];
        nextCursor: string | null;
      };
      seen.push(...body.leases.map(({ id }) => id));
      cursor = `&cursor=${encodeURIComponent(body.nextCursor ?? "")}`;
    }

    expect(seen).toEqual(ids);
  });
});
