import { describe, expect, it } from "vitest";
import { BODY_BYTES_MAX } from "../../../worker/api/body.ts";
import { LEAST, NOW, changes, createWorld, errorsOf, serve } from "./fakes.ts";
import { status } from "./views.ts";

const MEDIA = "/v1/fleets/media";

describe("every reply", () => {
  it("carries a request id, secure headers and no leave to be stored", async () => {
    const { app, call } = serve(createWorld());

    for (const response of [
      await call("GET", "/v1/fleets"),
      await call("GET", "/nothing"),
      await call("POST", "/v1/fleets"),
      await app.request("/v1/fleets"),
      await app.request("/openapi.json"),
      await app.request("/docs"),
      await app.request("/"),
    ]) {
      expect(response.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/u);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(response.headers.get("X-Frame-Options")).toBe("DENY");
      expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    }
  });

  it("keeps the caller's own request id, unless it could break a log line", async () => {
    const { app } = serve(createWorld());

    const kept = await app.request("/", { headers: { "X-Request-Id": "build-42" } });
    const replaced = await app.request("/", { headers: { "X-Request-Id": "a b{}" } });

    expect(kept.headers.get("X-Request-Id")).toBe("build-42");
    expect(replaced.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/u);
  });

  it.each([
    ["of a change", "DELETE", `${MEDIA}?confirm=media`, 202],
    ["of a read that failed", "GET", `${MEDIA}?token=x`, 400],
  ])("%s leaves one log line, with who asked and without the query or the token", async (...it) => {
    const [, method, path, status] = it;
    const world = createWorld();

    await serve(world).call(method, path);

    expect(world.log).toHaveLength(1);
    expect(world.log[0]).toMatchObject({
      event: "request",
      method,
      path: MEDIA,
      status,
      actor: "token:olga",
      error: null,
    });
    const line = JSON.stringify({ ...world.log[0], actor: null });
    expect(line).not.toContain("token");
  });

  it("of a read that went well leaves no log line: the platform has one", async () => {
    const world = createWorld();
    const { call } = serve(world);

    await call("GET", MEDIA);
    await call("HEAD", `${MEDIA}/events?kind=launch`);

    expect(world.log).toEqual([]);
  });
});

describe("a path", () => {
  it("that is unknown is 404, with a problem that says where to look", async () => {
    const { call } = serve(createWorld());

    const response = await call("GET", "/v2/fleets");

    expect(response.status).toBe(404);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({
      type: "urn:lightfleet:problem:unknown-path",
      status: 404,
      instance: "/v2/fleets",
    });
  });

  it("of what this version does not offer is 404, and no stub", async () => {
    const { call } = serve(createWorld());

    for (const [method, path] of [["POST", `${MEDIA}/instances/media-ab12-1/reboot`]] as const)
      expect((await call(method, path)).status, path).toBe(404);
  });

  it.each([
    ["GET", `${MEDIA}/`, MEDIA],
    ["PUT", `${MEDIA}/target/`, `${MEDIA}/target`],
    ["GET", "/v1/fleets//", "/v1/fleets"],
    ["GET", "/metrics/", "/metrics"],
  ])("that ends in a slash is 404, and says so: %s %s", async (method, path, without) => {
    const world = createWorld();

    const response = await serve(world).call(method, path);

    expect(response.status).toBe(404);
    const { type, detail }: { type: string; detail: string } = await response.json();
    expect(type).toBe("urn:lightfleet:problem:unknown-path");
    expect(detail).toContain(`no path here ends in a slash. Ask for ${without}`);
    expect(world.calls).toEqual([]);
  });

  it.each(["/healthz/", "/docs/", "/openapi.json/"])(
    "that is open is open with a slash at its end too: %s",
    async (path) => {
      const { app } = serve(createWorld());

      expect((await app.request(path)).status).toBe(200);
    },
  );

  it.each(["/healthz?cb=123", "/healthz/?cb=1&cb=2", "/docs?utm_source=mail", "/openapi.json?v"])(
    "that is open takes whatever parameters a monitor or a link adds: %s",
    async (path) => {
      const { app } = serve(createWorld());

      expect((await app.request(path)).status).toBe(200);
    },
  );

  it("with a slash at its end tells a stranger nothing", async () => {
    const { app } = serve(createWorld());

    expect((await app.request(`${MEDIA}/`)).status).toBe(401);
    expect((await app.request("/nothing/")).status).toBe(401);
  });

  it("with another method is 405, and names the right ones", async () => {
    const { call } = serve(createWorld());

    const response = await call("PATCH", MEDIA);

    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe("PUT, GET, HEAD, DELETE");
    expect((await call("OPTIONS", `${MEDIA}/pause`)).headers.get("Allow")).toBe("POST");
  });

  it("answers HEAD as GET, without a body", async () => {
    const { call } = serve(createWorld());

    const response = await call("HEAD", MEDIA);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  it("refuses parameters that it does not know, or that come twice", async () => {
    const world = createWorld();
    const { call } = serve(world);

    const unknown = await call("GET", `${MEDIA}?format=xml&verbose=1`);
    const twice = await call("GET", `${MEDIA}/instances?phase=ready&phase=gone`);

    expect(unknown.status).toBe(400);
    expect(await errorsOf(unknown)).toEqual([
      "verbose: is not a known parameter; known here: format",
    ]);
    expect(await errorsOf(twice)).toEqual(["phase: is given twice"]);
    expect(world.calls).toEqual([]);
  });
});

describe("the name of a fleet", () => {
  it.each(["Media", "1a", "a_b", "media-", "a".repeat(33), "a%2Fb", "__proto__", "a%20b"])(
    "is not %s, and no object is made for it",
    async (name) => {
      const world = createWorld();
      const { call } = serve(world);

      const response = await call("PUT", `/v1/fleets/${name}`, LEAST);

      expect(response.status).toBe(400);
      expect(await response.text()).toContain("invalid-fleet-name");
      expect(world.calls).toEqual([]);
    },
  );

  it.each(["a", "media-2", "a".repeat(32)])("may be %s", async (name) => {
    const { call } = serve(createWorld());

    expect((await call("PUT", `/v1/fleets/${name}`, LEAST)).status).toBeLessThan(300);
  });
});

describe("a body", () => {
  it("that is not JSON is refused, and the place is told", async () => {
    const world = createWorld();
    const { call } = serve(world);

    const response = await call("PUT", MEDIA, '{"region": "ap-northeast-2",}');

    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/invalid-json.*line 1 column 29/u);
    expect(changes(world)).toEqual([]);
  });

  it("that is empty is refused where one is needed", async () => {
    const { call } = serve(createWorld());

    const response = await call("PUT", MEDIA, "");

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("limits.maxInstances");
  });

  it("that is not UTF-8 is refused", async () => {
    const { app } = serve(createWorld());

    const response = await app.request(MEDIA, {
      method: "PUT",
      headers: { Authorization: "Bearer operator-token", "Content-Type": "application/json" },
      body: new Uint8Array([0x22, 0xff, 0x22]),
    });

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("UTF-8");
  });

  it("over the limit is 413, and the one at the limit is read", async () => {
    const world = createWorld();
    const { call } = serve(world);
    const spec = JSON.stringify(LEAST);

    const over = await call("PUT", MEDIA, spec.padEnd(BODY_BYTES_MAX + 1));
    const at = await call("PUT", MEDIA, spec.padEnd(BODY_BYTES_MAX));

    expect(over.status).toBe(413);
    expect(at.status).toBe(200);
    expect(changes(world).map(({ method }) => method)).toEqual(["register", "configure"]);
  });

  it("that says it is too large is refused before it is read", async () => {
    const { app } = serve(createWorld());

    const response = await app.request(MEDIA, {
      method: "PUT",
      headers: { Authorization: "Bearer operator-token", "Content-Length": "999999999" },
      body: "{}",
    });

    expect(response.status).toBe(413);
  });

  it("of another type is 415, and JSON with a charset is not", async () => {
    const { app } = serve(createWorld());
    const put = async (type: string) =>
      await app.request(MEDIA, {
        method: "PUT",
        headers: { Authorization: "Bearer operator-token", "Content-Type": type },
        body: JSON.stringify(LEAST),
      });

    expect((await put("application/x-www-form-urlencoded")).status).toBe(415);
    expect((await put("text/plain")).status).toBe(415);
    expect((await put("application/json; charset=utf-8")).status).toBe(200);
  });
});

describe("a failure inside", () => {
  it("is 500 with the request id, and its cause only in the log", async () => {
    const world = createWorld();
    const { call } = serve(world);
    world.thrown = new Error("row 7 holds AKIDSECRET");

    const response = await call("GET", MEDIA);
    const said = await response.text();

    expect(response.status).toBe(500);
    expect(said).not.toContain("AKIDSECRET");
    expect(said).toContain(response.headers.get("X-Request-Id"));
    expect(world.log.at(-1)).toMatchObject({ status: 500, error: "Error: row 7 holds AKIDSECRET" });
  });

  it("that is no Error is 500 all the same", async () => {
    const world = createWorld();
    const { call } = serve(world);
    world.thrown = "a string" as unknown as Error;

    expect((await call("GET", MEDIA)).status).toBe(500);
  });

  it.each([
    ["overloaded", "5"],
    ["retryable", "1"],
  ])("marked %s is 503 with Retry-After %s", async (mark, seconds) => {
    const world = createWorld();
    const { call } = serve(world);
    world.thrown = Object.assign(new Error("Durable Object reset"), { [mark]: true });

    const response = await call("PUT", `${MEDIA}/target`, { spares: 1, expiresInSeconds: 60 });

    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toBe(seconds);
  });

  it("marked retryable and overloaded takes the longer rest", async () => {
    const world = createWorld();
    const { call } = serve(world);
    world.thrown = Object.assign(new Error("busy"), { retryable: true, overloaded: true });

    expect((await call("GET", MEDIA)).headers.get("Retry-After")).toBe("5");
  });
});

describe("the page", () => {
  it("is open, under a policy of its own", async () => {
    const { app } = serve(createWorld(), []);

    const response = await app.request("/");

    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Security-Policy")).toContain("script-src 'self'");
    expect(response.headers.get("X-Request-Id")).not.toBeNull();
    expect(await response.text()).toContain("a page");
  });

  it("only reads: whatever else is asked of it needs a token", async () => {
    const { app } = serve(createWorld());

    expect((await app.request("/", { method: "HEAD" })).status).toBe(200);
    expect((await app.request("/", { method: "POST" })).status).toBe(401);
    expect((await app.request("/page/0/secrets.js")).status).toBe(401);
  });
});

describe("settings of tokens that are not accepted", () => {
  const PROBLEM = "OPERATOR_TOKEN: entry 2 has no name";

  it("are said at /healthz, and to who finds no token that opens anything", async () => {
    const world = createWorld();
    world.settingsProblems = [PROBLEM];
    const { app: shut } = serve(world, []);

    const health = await asViewer(serve(world).app);
    const refused = await shut.request("/v1/fleets", { headers: { Authorization: "Bearer x" } });

    expect(await health.json()).toMatchObject({ ok: true, settings: [PROBLEM] });
    expect(refused.status).toBe(401);
    expect(await refused.text()).toContain(PROBLEM);
  });
});

/** Asks with a token, and so gets each fleet as it is now. */
async function asViewer(app: ReturnType<typeof serve>["app"]): Promise<Response> {
  return await app.request("/healthz", { headers: { Authorization: "Bearer viewer-token" } });
}

describe("healthz", () => {
  it.each([undefined, "Bearer wrong", "Bearer "])(
    "tells strangers with %s whether all is well, and no name",
    async (authorization) => {
      const world = createWorld();
      const { app } = serve(world);
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const ask = async () => await app.request("/healthz", { headers });

      const good = await ask();
      world.statuses.set("media", status("media", null));
      world.now += 1_000;
      const bad = await ask();

      expect([good.status, await good.text()]).toEqual([200, '{"ok":true}']);
      expect([bad.status, await bad.text()]).toEqual([503, '{"ok":false}']);
    },
  );

  it("asks no object again for a second, however many strangers come", async () => {
    const world = createWorld();
    const { app } = serve(world);
    const ask = async () => (await app.request("/healthz")).status;

    await ask();
    const before = world.calls.length;
    world.now += 999;
    for (let each = 0; each < 100; each += 1) expect(await ask()).toBe(200);

    expect(world.calls.length).toBe(before);
    world.now += 1;
    await ask();
    expect(world.calls.length).toBeGreaterThan(before);
  });

  it("is 200 while every fleet ticked within the minute", async () => {
    const { app } = serve(createWorld());

    const response = await asViewer(app);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ok: true,
      fleets: [
        {
          name: "media",
          ok: true,
          answered: true,
          lastTickAt: "2026-11-22T09:59:57.000Z",
          lastTickAgeSeconds: 3,
          blindSince: null,
        },
      ],
      settings: [],
    });
  });

  it("is 503 when AWS has not shown a fleet its servers for a minute, and not before", async () => {
    const world = createWorld();
    const { app } = serve(world);
    const since = new Date(NOW - 59_000).toISOString();
    const fix = "AWS does not show which servers there are: timed out";
    const blocker = {
      guard: "noListing",
      value: null,
      limit: null,
      retryAt: null,
      since,
      fix,
    } as const;
    world.statuses.set("media", { ...status("media"), blockers: [blocker] });

    expect((await asViewer(app)).status).toBe(200);
    world.now = NOW + 1_000;
    const late = await asViewer(app);

    expect(late.status).toBe(503);
    expect(await late.json()).toMatchObject({ fleets: [{ ok: false, blindSince: since }] });
  });

  it("is 200 at 60 s and 503 a millisecond later", async () => {
    const world = createWorld();
    const { app } = serve(world);

    world.now = NOW + 57_000;
    expect((await asViewer(app)).status).toBe(200);
    world.now = NOW + 57_001;
    expect((await asViewer(app)).status).toBe(503);
  });

  it("is 503 when a fleet fails, and changes nothing", async () => {
    const world = createWorld();
    const { app } = serve(world);
    world.thrown = new Error("storage is gone");

    const response = await asViewer(app);

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ ok: false, fleets: [{ answered: false }] });
    expect(world.log[0]).toMatchObject({ event: "fleet.unreachable", fleet: "media" });
    expect(changes(world)).toEqual([]);
  });

  it("is 503 while a fleet has not told of a tick, and 200 without any fleet", async () => {
    const world = createWorld();
    const { app } = serve(world);

    world.statuses.set("media", status("media", null));
    expect((await asViewer(app)).status).toBe(503);
    world.statuses.clear();
    expect((await asViewer(app)).status).toBe(200);
  });
});
