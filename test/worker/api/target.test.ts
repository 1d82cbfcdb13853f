import { describe, expect, it } from "vitest";
import { changes, createWorld, errorsOf, serve } from "./fakes.ts";
import { target } from "./views.ts";

const TARGET = "/v1/fleets/media/target";

async function put(body: unknown) {
  const world = createWorld();
  const response = await serve(world).call("PUT", TARGET, body);
  return { response, args: changes(world).map(({ args }) => args) };
}

describe("the target", () => {
  it("is read with its chain", async () => {
    const response = await serve(createWorld()).call("GET", TARGET);

    expect(await response.json()).toMatchObject({ spares: 10, source: "tag", chain: [] });
  });

  it("is overridden for a number of seconds, with who and why", async () => {
    const { response, args } = await put({
      spares: 20,
      expiresInSeconds: 7200,
      reason: " concert ",
    });

    expect(response.status).toBe(200);
    expect(args).toEqual([
      [
        {
          expression: "20",
          fromMs: null,
          untilMs: null,
          expiresInSeconds: 7200,
          reason: "concert",
        },
        { actor: "token:olga" },
      ],
    ]);
  });

  it("is overridden until a moment, in any offset", async () => {
    const { args } = await put({ spares: "10+20%", until: "2026-11-22T20:00:00+09:00" });

    expect(args[0]?.[0]).toEqual({
      expression: "10+20%",
      fromMs: null,
      untilMs: Date.parse("2026-11-22T11:00:00Z"),
      expiresInSeconds: null,
      reason: "no reason given",
    });
  });

  it("answers what it is then, and not the override", async () => {
    const { response } = await put({ spares: "total:60", expiresInSeconds: 60 });

    expect(await response.json()).toEqual(target());
  });

  it("is not booked for later here, and says where it is", async () => {
    const { response } = await put({
      spares: 1,
      expiresInSeconds: 60,
      from: "2026-11-22T11:00:00Z",
    });

    expect(await errorsOf(response)).toEqual([
      "from: is not known here; POST the same body to .../overrides, to book it for later",
    ]);
  });

  it("goes back to the other sources", async () => {
    const world = createWorld();

    const response = await serve(world).call("DELETE", TARGET);

    expect(response.status).toBe(200);
    expect(changes(world)).toEqual([
      { fleet: "media", method: "endOverrides", args: [{ actor: "token:olga" }] },
    ]);
  });

  it.each([
    ["body", undefined],
    ["spares", { expiresInSeconds: 60 }],
    ["spares", { spares: "lots", expiresInSeconds: 60 }],
    ["spares", { spares: -1, expiresInSeconds: 60 }],
    ["spares", { spares: 10_001, expiresInSeconds: 60 }],
    ["spares", { spares: null, expiresInSeconds: 60 }],
    ["expiresInSeconds", { spares: 1 }],
    ["expiresInSeconds", { spares: 1, expiresInSeconds: 0 }],
    ["expiresInSeconds", { spares: 1, expiresInSeconds: 30 * 86_400 + 1 }],
    ["until", { spares: 1, expiresInSeconds: 60, until: "2026-11-22T11:00:00Z" }],
    ["until", { spares: 1, until: "2026-11-22T10:00:00Z" }],
    ["until", { spares: 1, until: "2026-12-22T10:00:00.001Z" }],
    ["until", { spares: 1, until: "2026-11-22T20:00:00" }],
    ["until", { spares: 1, until: "2026-02-30T20:00:00Z" }],
    ["until", { spares: 1, until: 1_795_000_000 }],
    ["reason", { spares: 1, expiresInSeconds: 60, reason: "x".repeat(501) }],
    ["from", { spares: 1, expiresInSeconds: 60, from: "2026-11-22T11:00:00Z" }],
  ])("is not overridden when %s is wrong: %j", async (field, body) => {
    const { response, args } = await put(body);

    expect(response.status).toBe(400);
    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([field]);
    expect(args).toEqual([]);
  });

  it("may be overridden for exactly 30 days", async () => {
    expect((await put({ spares: 1, until: "2026-12-22T10:00:00Z" })).response.status).toBe(200);
    expect((await put({ spares: 1, expiresInSeconds: 30 * 86_400 })).response.status).toBe(200);
  });
});

describe("a held value of the tag", () => {
  it.each(["confirm", "refuse"] as const)("is judged by its name: %s", async (verdict) => {
    const world = createWorld();
    const path = `/v1/fleets/media/target/${verdict}`;

    const response = await serve(world).call("POST", path, { expression: "100", reason: "final" });

    expect(response.status).toBe(200);
    expect(changes(world)).toMatchObject([
      {
        method: "judgeTag",
        args: [{ verdict, expression: "100", reason: "final" }, { actor: "token:olga" }],
      },
    ]);
  });

  it("is not judged without its name, or where the fleet holds another one", async () => {
    const world = createWorld();
    const { call } = serve(world);

    expect((await call("POST", "/v1/fleets/media/target/confirm", {})).status).toBe(400);
    expect(changes(world)).toEqual([]);
    world.refusal = { refused: { status: 409, title: "No such value", detail: "it is `7`" } };
    const refused = await call("POST", "/v1/fleets/media/target/confirm", { expression: "100" });
    expect(refused.status).toBe(409);
  });
});
