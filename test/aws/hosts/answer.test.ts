import { describe, expect, test } from "vitest";
import type { Answer, Fault, HealthRequest, MediaServer, Reply, Scene } from "./answer.ts";
import { answer, endpointOf } from "./answer.ts";

const READY_AT_MS = 60_000;

const media: MediaServer = {
  name: "media-a-1",
  address: "127.16.0.5",
  port: 8080,
  path: "/health",
  readyAtMs: READY_AT_MS,
};

function ask(
  given: {
    server?: Partial<MediaServer>;
    request?: Partial<HealthRequest>;
    scene?: Partial<Scene>;
  } = {},
): Answer {
  const server = { ...media, ...given.server };
  return answer(
    new Map([[endpointOf(server), server]]),
    { endpoint: "127.16.0.5:8080", method: "GET", path: "/health", headers: {}, ...given.request },
    { nowMs: () => READY_AT_MS, sessionsOn: () => 3, ...given.scene },
  );
}

function reply(got: Answer): Reply {
  if (got.kind !== "reply") throw new Error(`the answer is ${got.kind}`);
  return got;
}

function broken(fault: Fault): Answer {
  return ask({ scene: { faultOf: (name) => (name === "media-a-1" ? fault : undefined) } });
}

test("a server tells its name, its sessions and that it is not draining", () => {
  const got = reply(ask());

  expect(got).toMatchObject({ status: 200, contentType: "application/json", msPerByte: 0 });
  expect(JSON.parse(got.body)).toEqual({ instance: "media-a-1", sessions: 3, draining: false });
});

test("a server that is draining by the scene says so", () => {
  expect(JSON.parse(reply(ask({ scene: { isDraining: () => true } })).body)).toMatchObject({
    draining: true,
  });
});

test("a server refuses before it is ready, and not from then on", () => {
  expect(ask({ scene: { nowMs: () => READY_AT_MS - 1 } })).toEqual({ kind: "refused" });
  expect(ask({ scene: { nowMs: () => READY_AT_MS } }).kind).toBe("reply");
});

test("nobody listens at another address or port", () => {
  for (const endpoint of ["127.16.0.6:8080", "127.16.0.5:8081", "", "media-a-1"]) {
    expect(ask({ request: { endpoint } })).toEqual({ kind: "refused" });
  }
});

test.each([{ path: "/" }, { path: "/health/" }, { path: "/healthy" }, { method: "POST" }])(
  "%j is not found",
  (request) => {
    expect(reply(ask({ request })).status).toBe(404);
  },
);

test("a query does not hide the health path, be it the caller's or the server's own", () => {
  expect(reply(ask({ request: { path: "/health?fresh=1" } })).status).toBe(200);
  expect(reply(ask({ server: { path: "/h?all=1" }, request: { path: "/h?all=1" } })).status).toBe(
    200,
  );
});

describe("a server that requires a header", () => {
  const server = { requiredHeader: { name: "X-Probe", value: "secret" } };

  test("answers with it", () => {
    expect(reply(ask({ server, request: { headers: { "x-probe": "secret" } } })).status).toBe(200);
  });

  test.each([{}, { "x-probe": "guess" }, { "x-probe": ["secret", "secret"] }])(
    "does not with %j",
    (headers) => {
      const got = reply(ask({ server, request: { headers } }));

      expect(got.status).toBe(401);
      expect(got.body).not.toContain("sessions");
    },
  );
});

describe("a broken server", () => {
  test("may be silent or reset", () => {
    expect(broken("silent")).toEqual({ kind: "silent" });
    expect(broken("reset")).toEqual({ kind: "reset" });
  });

  test("may break off its JSON", () => {
    expect((): unknown => JSON.parse(reply(broken("garbage")).body)).toThrow(SyntaxError);
  });

  test("may speak in another's name", () => {
    expect(JSON.parse(reply(broken("wrongName")).body)).toEqual({
      instance: "not-media-a-1",
      sessions: 0,
      draining: false,
    });
  });

  test("may be so slow that no probe waits for it", () => {
    const got = reply(broken("slow"));

    expect(JSON.parse(got.body)).toMatchObject({ sessions: 3 });
    expect(got.msPerByte * got.body.length).toBeGreaterThan(10_000);
  });

  test("may send megabytes", () => {
    expect(reply(broken("hugeBody")).body.length).toBeGreaterThan(4_000_000);
  });

  test("may be unavailable and look idle", () => {
    const got = reply(broken("notReady"));

    expect(got.status).toBe(503);
    expect(JSON.parse(got.body)).toMatchObject({ sessions: 0 });
  });

  test("does not break others", () => {
    expect(
      ask({ scene: { faultOf: (name) => (name === "media-a-2" ? "reset" : undefined) } }).kind,
    ).toBe("reply");
  });
});
