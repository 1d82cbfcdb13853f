/** Clients in a loop, and somebody who guesses tokens: what they get, and what operators see of it. */
import { describe, expect, it } from "vitest";
import { siteOf } from "../../../worker/api/address.ts";
import { Rates } from "../../../worker/api/rates.ts";
import { createWorld, serve, type World } from "./fakes.ts";

const WRONG = "Bearer a-token-that-nobody-knows";
const GUESSES = 60;

function api(world: World) {
  const { app } = serve(world);
  return async (authorization: string | null, address = "203.0.113.7", path = "/v1/fleets/media") =>
    await app.request(path, {
      headers: {
        "CF-Connecting-IP": address,
        ...(authorization === null ? {} : { Authorization: authorization }),
      },
    });
}

async function statuses(many: number, ask: () => Promise<Response>): Promise<Set<number>> {
  const seen = new Set<number>();
  for (let each = 0; each < many; each++) seen.add((await ask()).status);
  return seen;
}

describe("a token in a loop", () => {
  it("gets 429 and the time after which it goes on, and others are not held up", async () => {
    const world = createWorld();
    world.requestsPerSecond = 2;
    const ask = api(world);
    const vera = async () => await ask("Bearer viewer-token");
    expect(await statuses(20, vera)).toEqual(new Set([200]));
    const asked = world.calls.length;

    const refused = await vera();

    expect(refused.status).toBe(429);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await refused.json()).toMatchObject({
      type: "urn:lightfleet:problem:too-many-requests",
      detail: expect.stringContaining("`vera` makes too many requests") as string,
    });
    expect(world.calls).toHaveLength(asked);
    expect((await ask("Bearer operator-token")).status).toBe(200);
    world.now += 1_000;
    expect((await vera()).status).toBe(200);
  });

  it("is bounded from whatever addresses it comes", async () => {
    const world = createWorld();
    world.requestsPerSecond = 1;
    const ask = api(world);
    let host = 0;
    await statuses(10, async () => await ask("Bearer viewer-token", `198.51.100.${(host += 1)}`));

    expect((await ask("Bearer viewer-token", "192.0.2.1")).status).toBe(429);
  });
});

describe("who guesses tokens", () => {
  it("gets 429 after many of them, while another address, and a right token, go through", async () => {
    const ask = api(createWorld());
    expect(await statuses(GUESSES, async () => await ask(WRONG))).toEqual(new Set([401]));

    const refused = await ask(WRONG);

    expect(refused.status).toBe(429);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect((await ask(WRONG, "198.51.100.1")).status).toBe(401);
    // A page with a stale token must not lock the whole office out.
    expect((await ask("Bearer viewer-token")).status).toBe(200);
  });

  it("is one and the same from every address of one /64", async () => {
    const ask = api(createWorld());
    let host = 0;
    await statuses(GUESSES, async () => await ask(WRONG, `2001:db8:0:7::${(host += 1)}`));

    expect((await ask(WRONG, "2001:db8:0:7:ffff:ffff:ffff:1")).status).toBe(429);
    expect((await ask(WRONG, "2001:db8:0:8::1")).status).toBe(401);
  });

  it("is nobody who sends no token at all", async () => {
    const ask = api(createWorld());

    expect(await statuses(2 * GUESSES, async () => await ask(null))).toEqual(new Set([401]));
  });
});

describe("refused requests", () => {
  it("are counted by address and by what was wrong, for operators alone", async () => {
    const world = createWorld();
    const ask = api(world);
    await ask(WRONG);
    await ask(null);
    world.now += 5_000;
    await ask("Bearer viewer-token", "203.0.113.7", "/v1/refused");
    await ask(WRONG, "198.51.100.1");
    await ask("Bearer operator-token", "192.0.2.1");

    const shown = await ask("Bearer operator-token", "192.0.2.1", "/v1/refused");

    expect(await shown.json()).toEqual({
      since: "2026-11-22T10:00:00.000Z",
      addresses: [
        {
          address: "203.0.113.7",
          wrong: 2,
          forbidden: 1,
          tooMany: 0,
          firstAt: "2026-11-22T10:00:00.000Z",
          lastAt: "2026-11-22T10:00:05.000Z",
          lastActor: "token:vera",
        },
        {
          address: "198.51.100.1",
          wrong: 1,
          forbidden: 0,
          tooMany: 0,
          firstAt: "2026-11-22T10:00:05.000Z",
          lastAt: "2026-11-22T10:00:05.000Z",
          lastActor: null,
        },
      ],
      forgotten: 0,
    });
  });

  it("are in the log with the address, and other requests without it", async () => {
    const world = createWorld();
    const ask = api(world);
    await ask(WRONG);
    await ask("Bearer viewer-token", "203.0.113.7", "/v1/fleets/nobodys");

    const logged = world.log.map((entry) => ("address" in entry ? entry.address : "none"));
    expect(logged).toEqual(["203.0.113.7", null]);
  });

  it("take no more memory from any number of addresses, and the forgotten ones are still counted", async () => {
    const ask = api(createWorld());
    let host = 0;
    const address = () => `10.${(host += 1) >> 8}.${host & 255}.1`;
    await statuses(600, async () => await ask(WRONG, address()));

    const shown = await ask("Bearer operator-token", "192.0.2.1", "/v1/refused");

    const { addresses, forgotten } = (await shown.json()) as {
      addresses: unknown[];
      forgotten: number;
    };
    expect(addresses).toHaveLength(500);
    expect(forgotten).toBe(100);
  });
});

describe("the buckets of requests", () => {
  it("are forgotten from the one that asked longest ago, beyond two thousand", () => {
    const rates = new Rates({ perSecond: 1, burst: 1 });
    rates.take("first", 0);
    rates.take("second", 0);
    expect(rates.take("first", 0)).toBe(1);
    for (let each = 0; each < 1_999; each++) rates.take(`other ${each}`, 0);

    expect(rates.size).toBe(2_000);
    expect(rates.take("first", 0)).toBe(1);
    expect(rates.take("second", 0)).toBeNull();
  });

  it("fill at their rate, to their brim, and not by a clock that goes back", () => {
    const rates = new Rates({ perSecond: 0.5, burst: 2 });
    const taken = [0, 0, 0, 1_000, 2_000, 2_000, 1_000, 60_000, 60_000, 60_000].map((at) =>
      rates.take("one", at),
    );

    expect(taken).toEqual([null, null, 2, 1, null, 2, 2, null, null, 2]);
  });
});

describe("the site of an address", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:0:7::1", "2001:db8:0:7::/64"],
    ["2001:DB8:0:0007:1:2:3:4", "2001:db8:0:7::/64"],
    ["2001:db8::", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", "unknown"],
    ["1:2:3", "unknown"],
    ["x".repeat(9_000), "unknown"],
    ["203.0.113.7, 10.0.0.1", "unknown"],
  ])("of %j is %s", (address, site) => expect(siteOf(address)).toBe(site));
});
