import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSpec } from "../../../worker/api/spec.ts";
import { BEGINS } from "./fake-fleet.ts";
import { LEAST, changes, createWorld, errorsOf, serve } from "./fakes.ts";

const MEDIA = "/v1/fleets/media";

describe("putting a fleet", () => {
  it("that is new is 201, with its place, and puts it into the directory first", async () => {
    const world = createWorld();
    const { call } = serve(world);

    const response = await call("PUT", "/v1/fleets/calls", LEAST);

    expect(response.status).toBe(201);
    expect(response.headers.get("Location")).toBe("/v1/fleets/calls");
    expect(await response.json()).toEqual({ version: 1, created: true, begins: BEGINS });
    const parsed = parseSpec(LEAST);
    expect(changes(world)).toEqual([
      { fleet: "calls", method: "register", args: [] },
      {
        fleet: "calls",
        method: "configure",
        args: ["calls", parsed.ok && parsed.value, { actor: "token:olga" }],
      },
    ]);
  });

  it("that is there is 200", async () => {
    const { call } = serve(createWorld());

    const response = await call("PUT", MEDIA, LEAST);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ version: 2, created: false, begins: BEGINS });
  });

  it("with a spec that is not valid is 400, and changes nothing", async () => {
    const world = createWorld();
    const { call } = serve(world);

    const response = await call("PUT", MEDIA, { ...LEAST, limits: { maxInstances: 0 } });

    expect(response.status).toBe(400);
    expect(await errorsOf(response)).toEqual([
      "limits.maxInstances: must be a whole number from 1 to 1000",
    ]);
    expect(world.calls).toEqual([]);
  });

  it("into another region passes on the fleet's refusal", async () => {
    const world = createWorld();
    const { call } = serve(world);
    world.applied = {
      refused: { status: 409, title: "The region cannot change", detail: "Make another fleet." },
    };

    const response = await call("PUT", MEDIA, LEAST);

    expect(response.status).toBe(409);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({
      title: "The region cannot change",
      detail: "Make another fleet.",
      status: 409,
    });
  });

  it("with any JSON at all is never 5xx, and reaches the fleet only if it is valid", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string(), nearlyValid()), async (text) => {
        const world = createWorld();
        const { call } = serve(world);

        const response = await call("PUT", MEDIA, text);

        expect(response.status).toBeLessThan(500);
        const valid = isValid(text);
        expect(response.status === 200).toBe(valid);
        expect(changes(world).map(({ method }) => method)).toEqual(
          valid ? ["register", "configure"] : [],
        );
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });
});

describe("removing a fleet", () => {
  it("is 202 when its name is confirmed, and does not kill busy servers", async () => {
    const world = createWorld();
    const { call } = serve(world);

    const response = await call("DELETE", `${MEDIA}?confirm=media`);

    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      removing: true,
      forgotten: false,
      waitsForAws: null,
    });
    expect(changes(world)).toEqual([
      {
        fleet: "media",
        method: "remove",
        args: [{ force: false, reason: null, abandon: null }, { actor: "token:olga" }],
      },
    ]);
  });

  it("kills busy servers only with force=true", async () => {
    const world = createWorld();
    const { call } = serve(world);

    await call("DELETE", `${MEDIA}?confirm=media&force=true`);

    expect(changes(world)[0]?.args[0]).toEqual({ force: true, reason: null, abandon: null });
  });

  it("hands on which servers may go on billing, and why the fleet is given up all the same", async () => {
    const world = createWorld();
    const query =
      "?confirm=media&force=true&abandon=media-a-1,media-a-2&reason=the%20key%20is%20gone";

    expect((await serve(world).call("DELETE", MEDIA + query)).status).toBe(202);

    expect(changes(world)[0]?.args[0]).toEqual({
      force: true,
      reason: "the key is gone",
      abandon: "media-a-1,media-a-2",
    });
  });

  it.each([
    "",
    "?confirm=",
    "?confirm=Media",
    "?confirm=media2",
    "?confirm=media&force=yes",
    "?force=true",
    "?confirm=media&forced=true",
  ])("is 400 with `%s`, and changes nothing", async (query) => {
    const world = createWorld();
    const { call } = serve(world);

    const response = await call("DELETE", MEDIA + query);

    expect(response.status).toBe(400);
    expect(world.calls).toEqual([]);
  });
});

describe("an unknown fleet", () => {
  it.each([
    ["GET", "", undefined],
    ["GET", "/spec", undefined],
    ["GET", "/instances", undefined],
    ["GET", "/instances/a-1", undefined],
    ["POST", "/instances/a-1/drain", undefined],
    ["POST", "/instances/a-1/undrain", undefined],
    ["POST", "/instances/a-1/protect", undefined],
    ["POST", "/instances/a-1/unprotect", undefined],
    ["POST", "/instances/a-1/delete", undefined],
    ["POST", "/instances/a-1/adopt", undefined],
    ["GET", "/target", undefined],
    ["PUT", "/target", { spares: 1, expiresInSeconds: 60 }],
    ["DELETE", "/target", undefined],
    ["GET", "/overrides", undefined],
    ["POST", "/overrides", { spares: 1, expiresInSeconds: 60 }],
    ["DELETE", "/overrides/7", undefined],
    ["GET", "/schedule", undefined],
    ["DELETE", "?confirm=other", undefined],
    ["POST", "/pause", undefined],
    ["POST", "/resume", undefined],
    ["POST", "/reconcile", undefined],
    ["GET", "/events", undefined],
  ])("is 404: %s %s", async (method, path, body) => {
    const { call } = serve(createWorld());

    const response = await call(method, `/v1/fleets/other${path}`, body);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: "urn:lightfleet:problem:unknown-fleet" });
  });

  it("is told how it is created", async () => {
    const { call } = serve(createWorld());

    expect(await (await call("GET", "/v1/fleets/other")).text()).toContain("PUT /v1/fleets/other");
  });
});

describe("reading fleets", () => {
  it("lists each with the few numbers that matter, and those without a fleet with nulls", async () => {
    const world = createWorld();
    const { call } = serve(world);

    const response = await call("GET", "/v1/fleets");

    expect(await response.json()).toEqual({
      fleets: [
        {
          name: "media",
          answered: true,
          region: "ap-northeast-2",
          mode: "active",
          removing: false,
          target: { spares: 10, source: "tag" },
          spares: 9,
          sessions: 4,
          counts: {
            idle: 9,
            busy: 4,
            unknown: 0,
            launching: 1,
            waiting: 0,
            draining: 0,
            deleting: 0,
            total: 14,
          },
          converged: false,
        },
      ],
      nextCursor: null,
    });
  });

  it("lists a fleet that fails as one that did not answer", async () => {
    const world = createWorld();
    const { call } = serve(world);
    world.thrown = new Error("storage is gone");

    const response = await call("GET", "/v1/fleets");

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      fleets: [{ name: "media", answered: false, spares: null, target: null }],
    });
  });

  it("gives the status and the spec as the fleet tells them", async () => {
    const world = createWorld();
    const { call } = serve(world);
    await call("PUT", MEDIA, LEAST);

    expect(await (await call("GET", MEDIA)).json()).toEqual(world.statuses.get("media"));
    expect(await (await call("GET", `${MEDIA}/spec`)).json()).toEqual({
      version: 1,
      spec: world.specs.get("media"),
    });
  });
});

function isValid(text: string): boolean {
  try {
    return parseSpec(JSON.parse(text)).ok;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false;
    throw thrown;
  }
}

function nearlyValid(): fc.Arbitrary<string> {
  const count = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.jsonValue());
  return count.map((maxInstances) => JSON.stringify({ ...LEAST, limits: { maxInstances } }));
}
