import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { booking } from "../../../worker/api/booking.ts";
import { LEAST, NOW, changes, createWorld, errorsOf, serve } from "./fakes.ts";
import { override, target } from "./views.ts";

const OVERRIDES = "/v1/fleets/media/overrides";
const DAY_MS = 86_400_000;

async function post(body: unknown) {
  const world = createWorld();
  const response = await serve(world).call("POST", OVERRIDES, body);
  return { response, args: changes(world).map(({ args }) => args) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

describe("the overrides", () => {
  it("are listed", async () => {
    const response = await serve(createWorld()).call("GET", OVERRIDES);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ overrides: [override("7")], nextCursor: null });
  });

  it("are ended by their id, and the target is answered", async () => {
    const world = createWorld();

    const response = await serve(world).call("DELETE", `${OVERRIDES}/7`);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(target());
    expect(changes(world)).toEqual([
      { fleet: "media", method: "endOverride", args: ["7", { actor: "token:olga" }] },
    ]);
  });

  it("do not know an id that is not booked: 404, of the override and not of the fleet", async () => {
    const world = createWorld();
    const { call } = serve(world);
    await call("PUT", "/v1/fleets/media", LEAST);

    const response = await call("DELETE", `${OVERRIDES}/9`);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      type: "urn:lightfleet:problem:unknown-override",
      detail: "None is booked as 9.",
    });
  });

  it("are not ended all at once by leaving out the id", async () => {
    const world = createWorld();

    const response = await serve(world).call("DELETE", OVERRIDES);

    expect(response.status).toBe(405);
    expect(world.calls).toEqual([]);
  });
});

describe("an override", () => {
  it("is booked for later in any offset: 201, with its place, itself and the target", async () => {
    const { response, args } = await post({
      spares: "20",
      from: "2026-11-23T19:00:00+09:00",
      until: "2026-11-23T23:00:00+09:00",
      reason: " concert ",
    });

    expect(response.status).toBe(201);
    expect(response.headers.get("Location")).toBe(`${OVERRIDES}/8`);
    expect(await response.json()).toEqual({ override: override("8"), target: target() });
    expect(args).toEqual([
      [
        {
          expression: "20",
          fromMs: Date.parse("2026-11-23T10:00:00Z"),
          untilMs: Date.parse("2026-11-23T14:00:00Z"),
          expiresInSeconds: null,
          reason: "concert",
        },
        { actor: "token:olga" },
      ],
    ]);
  });

  it("begins now where it does not say when, and lasts for the seconds that it says", async () => {
    const { response, args } = await post({ spares: 20, expiresInSeconds: "7200" });

    expect(response.status).toBe(201);
    expect(args[0]?.[0]).toEqual({
      expression: "20",
      fromMs: null,
      untilMs: null,
      expiresInSeconds: 7200,
      reason: "no reason given",
    });
  });

  it.each(["20", "10+20%", "total:60", " total:60 ", "total:0"])(
    "may be of %j spares",
    async (spares) => {
      const { response, args } = await post({ spares, expiresInSeconds: 60 });

      expect(response.status).toBe(201);
      expect(args[0]?.[0]).toMatchObject({ expression: spares.trim() });
    },
  );

  it.each(["total", "total:", "total:-1", "total:10+20%", "total:10001", "sum:60", "10+"])(
    "is not of %j spares",
    async (spares) => {
      const { response, args } = await post({ spares, expiresInSeconds: 60 });

      expect(response.status).toBe(400);
      expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual(["spares"]);
      expect(args).toEqual([]);
    },
  );

  it("says what spares may be, the total too", async () => {
    const { response } = await post({ spares: null, expiresInSeconds: 60 });

    expect(await errorsOf(response)).toEqual([
      "spares: must be a number of spares or a string such as `10+20%` or `total:60`",
    ]);
  });

  it.each([
    ["a minute ago", { from: iso(NOW - 60_000), until: iso(NOW + 1) }],
    ["a minute ago, for seconds", { from: iso(NOW - 60_000), expiresInSeconds: 61 }],
    ["now, for 30 days", { until: iso(NOW + 30 * DAY_MS) }],
    ["in 366 days", { from: iso(NOW + 366 * DAY_MS), expiresInSeconds: 30 * 86_400 }],
    ["later, for 30 days", { from: iso(NOW + DAY_MS), until: iso(NOW + 31 * DAY_MS) }],
    ["later, for a millisecond", { from: iso(NOW + DAY_MS), until: iso(NOW + DAY_MS + 1) }],
  ])("may begin %s", async (_, times) => {
    expect((await post({ spares: 1, ...times })).response.status).toBe(201);
  });

  it.each([
    ["from: is in the past", { from: iso(NOW - 60_001), until: iso(NOW + DAY_MS) }],
    ["from: must be within 366 days", { from: iso(NOW + 366 * DAY_MS + 1), expiresInSeconds: 1 }],
    ["from: must be a time with its offset", { from: "2026-11-23T19:00:00", expiresInSeconds: 1 }],
    ["from: must be a time with its offset", { from: null, expiresInSeconds: 1 }],
    ["until: must be in the future", { until: iso(NOW) }],
    ["until: must be in the future", { from: iso(NOW - 60_000), until: iso(NOW) }],
    ["until: must be after from", { from: iso(NOW + 2), until: iso(NOW + 2) }],
    ["until: must be after from", { from: iso(NOW + DAY_MS), until: iso(NOW + DAY_MS - 1) }],
    ["until: must be within 30 days", { until: iso(NOW + 30 * DAY_MS + 1) }],
    ["until: must be within 30 days", { from: iso(NOW + 1), until: iso(NOW + 30 * DAY_MS + 2) }],
    ["until: and expiresInSeconds exclude", { until: iso(NOW + 1), expiresInSeconds: 1 }],
    ["expiresInSeconds: is required, or until", {}],
    ["expiresInSeconds: is required, or until", { from: iso(NOW + DAY_MS) }],
    ["expiresInSeconds: must be a whole number", { expiresInSeconds: 30 * 86_400 + 1 }],
    ["expiresInSeconds: is counted from `from`", { from: iso(NOW - 60_000), expiresInSeconds: 60 }],
    ["timezone: is not a known key", { expiresInSeconds: 1, timezone: "Asia/Seoul" }],
    ["reason: is longer", { expiresInSeconds: 1, reason: "x".repeat(501) }],
  ])("is not booked: %s, with %j", async (words, times) => {
    const { response, args } = await post({ spares: 1, ...times });

    expect(response.status).toBe(400);
    const errors = await errorsOf(response);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(words);
    expect(args).toEqual([]);
  });

  it("is told everything that is wrong in itself at once", async () => {
    const { response } = await post({ spares: 1, from: iso(NOW - DAY_MS) });

    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([
      "from",
      "expiresInSeconds",
    ]);
  });

  it("is not booked without a body", async () => {
    const { response, args } = await post(undefined);

    expect(await errorsOf(response)).toEqual(["body: is required"]);
    expect(args).toEqual([]);
  });

  it("is not booked where the fleet has too many, and says so in its words", async () => {
    const world = createWorld();
    world.refusal = {
      refused: { status: 409, title: "Too many overrides", detail: "End one of them first." },
    };

    const response = await serve(world).call("POST", OVERRIDES, { spares: 1, expiresInSeconds: 1 });

    expect(response.status).toBe(409);
    expect(response.headers.get("Location")).toBeNull();
    expect(await response.json()).toMatchObject({
      type: "urn:lightfleet:problem:conflict",
      detail: "End one of them first.",
    });
  });

  it("that is booked always ends in the future, and lasts at most 30 days, whatever was sent", () => {
    const ms = fc
      .tuple(
        fc.constantFrom(0, 0, -60_000, 30 * DAY_MS, 366 * DAY_MS, 396 * DAY_MS),
        fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -DAY_MS, max: DAY_MS })),
      )
      .map(([days, more]) => NOW + days + more);
    const times = fc.record(
      {
        from: ms.map(iso),
        until: ms.map(iso),
        expiresInSeconds: fc.oneof(
          fc.integer({ min: -1, max: 61 }),
          fc.integer({ min: 29 * 86_400, max: 31 * 86_400 }),
        ),
      },
      { requiredKeys: [] },
    );
    let booked = 0;
    fc.assert(
      fc.property(times, (written) => {
        const read = booking.read({ spares: 1, ...written }, NOW);

        const passes = "ok" in read && read.ok;
        booked += passes ? 1 : 0;
        expect(passes).toBe(mayBeBooked(written));
      }),
      { seed: 20261122, numRuns: 2_000 },
    );
    expect(booked).toBeGreaterThan(100);
  });
});

/** The bounds, said a second time. */
function mayBeBooked(written: { from?: string; until?: string; expiresInSeconds?: number }) {
  const { from, until, expiresInSeconds: seconds } = written;
  const start = from === undefined ? NOW : Date.parse(from);
  const ends = [
    ...(until === undefined ? [] : [Date.parse(until)]),
    ...(seconds === undefined ? [] : [start + seconds * 1_000]),
  ];
  const [end = 0] = ends;
  return (
    ends.length === 1 &&
    start >= NOW - 60_000 &&
    start <= NOW + 366 * DAY_MS &&
    end > Math.max(NOW, start) &&
    end <= start + 30 * DAY_MS
  );
}
