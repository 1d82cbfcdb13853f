import { describe, expect, it } from "vitest";
import type { Role } from "../../../worker/api/auth.ts";
import { type World, LEAST, TOKENS, changes, createWorld, serve } from "./fakes.ts";

/** What each route needs, said a second time: a route with the wrong role must not pass unseen. */
const NEEDED: Record<string, Role | "open" | "published"> = {
  "GET /healthz": "open",
  "GET /openapi.json": "published",
  "GET /docs": "published",
  "GET /metrics": "viewer",
  "GET /v1/fleets": "viewer",
  "GET /v1/refused": "operator",
  "PUT /v1/fleets/:fleet": "operator",
  "GET /v1/fleets/:fleet": "viewer",
  "DELETE /v1/fleets/:fleet": "operator",
  "POST /v1/pause": "operator",
  "POST /v1/resume": "operator",
  "GET /v1/fleets/:fleet/spec": "viewer",
  "GET /v1/fleets/:fleet/instances": "viewer",
  "GET /v1/fleets/:fleet/instances/:name": "viewer",
  "POST /v1/fleets/:fleet/instances/:name/drain": "operator",
  "POST /v1/fleets/:fleet/instances/:name/undrain": "operator",
  "POST /v1/fleets/:fleet/instances/:name/protect": "operator",
  "POST /v1/fleets/:fleet/instances/:name/unprotect": "operator",
  "POST /v1/fleets/:fleet/instances/:name/delete": "operator",
  "POST /v1/fleets/:fleet/instances/:name/adopt": "operator",
  "GET /v1/fleets/:fleet/target": "viewer",
  "PUT /v1/fleets/:fleet/target": "operator",
  "DELETE /v1/fleets/:fleet/target": "operator",
  "GET /v1/fleets/:fleet/overrides": "viewer",
  "POST /v1/fleets/:fleet/target/confirm": "operator",
  "POST /v1/fleets/:fleet/target/refuse": "operator",
  "POST /v1/fleets/:fleet/overrides": "operator",
  "DELETE /v1/fleets/:fleet/overrides/:id": "operator",
  "GET /v1/fleets/:fleet/history": "viewer",
  "GET /v1/fleets/:fleet/schedule": "viewer",
  "GET /v1/fleets/:fleet/doctor": "operator",
  "GET /v1/fleets/:fleet/cost": "viewer",
  "GET /v1/fleets/:fleet/leases": "viewer",
  "POST /v1/fleets/:fleet/leases": "dispatcher",
  "PUT /v1/fleets/:fleet/leases/:id": "dispatcher",
  "DELETE /v1/fleets/:fleet/leases/:id": "dispatcher",
  "POST /v1/fleets/:fleet/pause": "operator",
  "POST /v1/fleets/:fleet/resume": "operator",
  "POST /v1/fleets/:fleet/reconcile": "operator",
  "GET /v1/fleets/:fleet/events": "viewer",
};

const ROLES: readonly Role[] = ["viewer", "dispatcher", "operator"];

const BODIES: Record<string, unknown> = {
  "PUT /v1/fleets/:fleet": LEAST,
  "PUT /v1/fleets/:fleet/target": { spares: 20, expiresInSeconds: 60 },
  "POST /v1/fleets/:fleet/target/confirm": { expression: "100" },
  "POST /v1/fleets/:fleet/target/refuse": { expression: "100" },
  "POST /v1/fleets/:fleet/overrides": { spares: "total:60", expiresInSeconds: 60 },
};

/** Without `*`: those are the doors that every request passes, and the 405 of each path. */
function routesOf(world: World) {
  const { app } = serve(world);
  return app.routes.filter(({ method }) => method !== "ALL");
}

async function request(route: string, world: World, authorization: string | null) {
  const { app } = serve(world);
  const [method = "", template = ""] = route.split(" ");
  const path = template
    .replace(":fleet", "media")
    .replace(":name", "media-ab12-1")
    .replace(":id", "7");
  const query = route === "DELETE /v1/fleets/:fleet" ? "?confirm=media" : "";
  const body = BODIES[route];
  return await app.request(path + query, {
    method,
    headers: {
      ...(authorization === null ? {} : { Authorization: authorization }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function bearer(role: Role): string {
  return `Bearer ${TOKENS.find((token) => token.role === role)?.value ?? ""}`;
}

describe("the roles", () => {
  it("are stated here for every route of the app, and for no other", () => {
    const routes = routesOf(createWorld()).map(({ method, path }) => `${method} ${path}`);

    expect(routes.sort()).toEqual(Object.keys(NEEDED).sort());
  });

  for (const [route, needed] of Object.entries(NEEDED)) {
    if (needed === "open" || needed === "published") {
      it(`let anybody call ${route}, and show nothing of the fleets but whether they tick`, async () => {
        const world = createWorld();

        expect((await request(route, world, null)).status).toBe(200);
        expect((await request(route, world, "Bearer operator-tokem")).status).toBe(200);
        if (needed === "published") expect(world.calls).toEqual([]);
        expect(changes(world)).toEqual([]);
      });
      continue;
    }

    for (const [words, authorization] of [
      ["no token", null],
      ["a wrong token", "Bearer operator-tokem"],
      ["an empty token", "Bearer "],
      ["another scheme", "Basic operator-token"],
      ["a part of a token", "Bearer operator-toke"],
    ] as const)
      it(`keep ${words} from ${route}, and change nothing`, async () => {
        const world = createWorld();

        const response = await request(route, world, authorization);

        expect(response.status).toBe(401);
        expect(response.headers.get("WWW-Authenticate")).toContain("Bearer");
        expect(response.headers.get("Content-Type")).toBe("application/problem+json");
        expect(world.calls).toEqual([]);
      });

    for (const role of ROLES.slice(0, ROLES.indexOf(needed)))
      it(`keep a ${role} from ${route}, say who may, and change nothing`, async () => {
        const world = createWorld();

        const response = await request(route, world, bearer(role));

        expect(response.status).toBe(403);
        expect(await response.text()).toContain(`role ${needed}`);
        expect(world.calls).toEqual([]);
      });

    for (const role of ROLES.slice(ROLES.indexOf(needed)))
      it(`let a ${role} call ${route}`, async () => {
        const world = createWorld();

        const response = await request(route, world, bearer(role));

        expect([200, 201, 202, 404]).toContain(response.status);
        if (route !== "GET /v1/refused") expect(world.calls.length).toBeGreaterThan(0);
        if (needed === "viewer") expect(changes(world)).toEqual([]);
      });
  }

  it("keep everything shut while no token is configured", async () => {
    const { app } = serve(createWorld(), []);

    const shut = [
      "/metrics",
      "/v1/fleets",
      "/v1/fleets/media",
      "/openapi.json",
      "/docs",
      "/anything",
    ];
    for (const path of shut) {
      const response = await app.request(path, { headers: { Authorization: "Bearer x" } });
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).not.toBeNull();
    }
    const said = await (await app.request("/v1/fleets")).text();
    expect(said).toContain("wrangler secret put OPERATOR_TOKEN");
    expect((await app.request("/healthz")).status).toBe(200);
    expect((await app.request("/")).status).toBe(200);
  });

  it("say of one like `abcde` that it is too short, whether or not it is configured", async () => {
    const { app } = serve(createWorld());

    for (const token of ["abcde", "a".repeat(23)]) {
      const headers = { Authorization: `Bearer ${token}` };
      const response = await app.request("/v1/fleets", { headers });

      expect(response.status).toBe(401);
      expect(await response.text()).toContain("fewer than 24 characters");
    }
    const headers = { Authorization: `Bearer ${"a".repeat(24)}` };
    const said = await (await app.request("/v1/fleets", { headers })).text();
    expect(said).toContain("not one of those configured");
  });

  it("do not let a configured token that is empty open anything", async () => {
    const world = createWorld();
    const { app } = serve(world, [{ name: "none", role: "operator", value: "" }]);

    for (const authorization of ["Bearer", "Bearer ", "Bearer  "]) {
      const response = await app.request("/v1/fleets", {
        headers: { Authorization: authorization },
      });
      expect(response.status).toBe(401);
    }
    expect(world.calls).toEqual([]);
  });
});
