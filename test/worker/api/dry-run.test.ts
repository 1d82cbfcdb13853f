import { Previews } from "../../../durable/calendar/preview.ts";
import { describe, expect, it } from "vitest";
import { parseSpec } from "../../../worker/api/spec.ts";
import { LEAST, changes, createWorld, errorsOf, serve } from "./fakes.ts";
import { BEGINS } from "./fake-fleet.ts";
import { checkup, doctorReport } from "./fake-books.ts";
import { dryRun } from "./views.ts";

const DRY = "/v1/fleets/media?dryRun=true";

describe("a dry run", () => {
  it("says what the spec would do, and changes nothing", async () => {
    const world = createWorld();

    const response = await serve(world).call("PUT", DRY, LEAST);

    expect(response.status).toBe(200);
    const parsed = parseSpec(LEAST);
    if (!parsed.ok) throw new Error("the least spec is one");
    const patient = { fleet: "media", spec: parsed.value, checkup: checkup() };
    const { schedule, ...rest } = dryRun(false);
    expect(await response.json()).toEqual({
      ...rest,
      schedule: new Previews().of(schedule, 7),
      doctor: doctorReport(patient),
    });
    expect(world.calls).toEqual([
      { fleet: "media", method: "checkup", args: [] },
      { fleet: "media", method: "dryRun", args: ["media", parsed.value] },
    ]);
    expect(changes(world)).toEqual([]);
  });

  it.each(["If-Match", "If-None-Match"])(
    "with the condition %s is no less a dry run",
    async (name) => {
      const world = createWorld();

      const response = await serve(world).app.request(DRY, {
        method: "PUT",
        headers: {
          Authorization: "Bearer operator-token",
          "Content-Type": "application/json",
          [name]: "*",
        },
        body: JSON.stringify(LEAST),
      });

      expect(response.status).toBe(200);
      expect(world.calls.map(({ method }) => method)).toEqual(["checkup", "dryRun"]);
      expect(changes(world)).toEqual([]);
    },
  );

  it("of a new fleet is 200 and no 201, and the directory is not told", async () => {
    const world = createWorld();

    const response = await serve(world).call("PUT", "/v1/fleets/calls?dryRun=true", LEAST);

    expect(response.status).toBe(200);
    expect(response.headers.get("Location")).toBeNull();
    expect(await response.json()).toMatchObject({
      created: true,
      doctor: { fleet: "calls", checks: [{}, {}, { what: "the spec is not applied" }] },
    });
    expect(world.calls.map(({ method }) => method)).toEqual(["checkup", "dryRun"]);
    expect(world.statuses.has("calls")).toBe(false);
  });

  it("finds the same mistakes as applying does", async () => {
    const world = createWorld();
    const { call } = serve(world);
    const spec = { ...LEAST, colour: 1, limits: { maxInstances: 0 } };

    const dry = await errorsOf(await call("PUT", DRY, spec));

    expect(dry).toHaveLength(2);
    expect(dry).toEqual(await errorsOf(await call("PUT", "/v1/fleets/media", spec)));
    expect(world.calls).toEqual([]);
  });

  it("is not made of an empty body", async () => {
    const world = createWorld();

    const response = await serve(world).call("PUT", DRY);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("The body is empty");
    expect(world.calls).toEqual([]);
  });

  it("into another region passes on the fleet's refusal", async () => {
    const world = createWorld();
    world.refusal = {
      refused: { status: 409, title: "The region cannot change", detail: "Make another fleet." },
    };

    const response = await serve(world).call("PUT", DRY, LEAST);

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ detail: "Make another fleet." });
  });

  it.each(["viewer-token", "dispatcher-token"])("is not made for a %s", async (token) => {
    const world = createWorld();

    const response = await serve(world).call("PUT", DRY, LEAST, token);

    expect(response.status).toBe(403);
    expect(world.calls).toEqual([]);
  });

  it("is not one with dryRun=false: that is applied", async () => {
    const world = createWorld();

    const response = await serve(world).call("PUT", "/v1/fleets/media?dryRun=false", LEAST);

    expect(await response.json()).toEqual({ version: 2, created: false, begins: BEGINS });
    expect(changes(world).map(({ method }) => method)).toEqual(["register", "configure"]);
  });

  it.each([
    "dryRun",
    "dryRun=",
    "dryRun=1",
    "dryRun=TRUE",
    "dryrun=true",
    "dryRun=true&dryRun=false",
  ])("that is asked for as `%s` is refused, and never applied", async (query) => {
    const world = createWorld();

    const response = await serve(world).call("PUT", `/v1/fleets/media?${query}`, LEAST);

    expect(response.status).toBe(400);
    expect(world.calls).toEqual([]);
  });

  it.each([
    ["DELETE", "/v1/fleets/media?confirm=media&dryRun=true", undefined],
    ["POST", "/v1/fleets/media/overrides?dryRun=true", { spares: 1, expiresInSeconds: 1 }],
    ["PUT", "/v1/fleets/media/target?dryRun=true", { spares: 1, expiresInSeconds: 1 }],
  ])("is not known to %s %s, and nothing is done", async (method, path, body) => {
    const world = createWorld();

    const response = await serve(world).call(method, path, body);

    expect(response.status).toBe(400);
    expect(world.calls).toEqual([]);
  });
});
