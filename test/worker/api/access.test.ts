/** Cloudflare Access, with keys of our own on a real HTTP server in its place. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAccessJudge } from "../../../worker/api/access.ts";
import type { Role } from "../../../worker/api/auth.ts";
import { NOW, TOKENS, changes, createWorld, serve } from "./fakes.ts";

const AUD = "a".repeat(64);
const MEDIA = "/v1/fleets/media";

const ours = await generateKeyPair("RS256", { extractable: true });
const foreign = await generateKeyPair("RS256", { extractable: true });
const ourJwk: JWK = { ...(await exportJWK(ours.publicKey)), kid: "ours", alg: "RS256", use: "sig" };

let server: Server;
let issuer = "";
let asked: string[] = [];
let answer: RequestListener;

const giveKeys: RequestListener = (_request, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ keys: [ourJwk] }));
};

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  asked = [];
  answer = giveKeys;
});

interface Token {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly ageSeconds?: number;
  /** Seconds since 1970, where that is another moment than when it begins to count. */
  readonly signedInAt?: number;
  readonly lastsSeconds?: number;
  readonly kid?: string;
  readonly key?: CryptoKey | Uint8Array;
  readonly alg?: string;
}

async function token(wanted: Token = {}): Promise<string> {
  const issuedAt = NOW / 1_000 - (wanted.ageSeconds ?? 60);
  return await new SignJWT(wanted.claims ?? { email: "olga@example.org" })
    .setProtectedHeader({ alg: wanted.alg ?? "RS256", kid: wanted.kid ?? "ours" })
    .setIssuer(wanted.issuer ?? issuer)
    .setAudience(wanted.audience ?? AUD)
    .setIssuedAt(wanted.signedInAt ?? issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + (wanted.lastsSeconds ?? 3_600))
    .sign(wanted.key ?? ours.privateKey);
}

function api(world = createWorld(), tokens = TOKENS, role: Role = "viewer") {
  const access = createAccessJudge(
    { issuer, audiences: [AUD], role, operators: ["olga@example.org"] },
    { send: async (request) => await fetch(request), now: () => world.now },
  );
  const { app } = serve(world, tokens, access);
  return async (assertion: string | null, method = "GET", path = MEDIA, more: object = {}) =>
    await app.request(path, {
      method,
      headers: { ...(assertion === null ? {} : { "Cf-Access-Jwt-Assertion": assertion }), ...more },
    });
}

describe("what Cloudflare Access says", () => {
  it("lets a person in, under the mail address, with the role of the settings", async () => {
    const world = createWorld();
    const call = api(world);
    const vera = await token({ claims: { email: "vera@example.org" } });

    expect((await call(vera)).status).toBe(200);
    expect((await call(vera, "POST", `${MEDIA}/pause`)).status).toBe(403);
    expect(world.log[0]).toMatchObject({ actor: "access:vera@example.org" });
    expect(changes(world)).toEqual([]);
    expect(asked).toEqual(["/cdn-cgi/access/certs"]);
  });

  it("lets operators do everything, and tells the fleet who it was", async () => {
    const world = createWorld();
    const olga = await token({ claims: { email: "Olga@Example.org" } });

    const reply = await api(world)(olga, "POST", `${MEDIA}/pause`);

    expect(reply.status).toBe(200);
    expect(changes(world)[0]?.args.at(-1)).toEqual({ actor: "access:olga@example.org" });
  });

  it("lets nobody in under the name of a token, for the audit trail could not tell them apart", async () => {
    const tokens = [{ name: "olga@example.org", role: "viewer", value: "x".repeat(24) } as const];
    for (const email of ["Olga@Example.org", "olga@example.org"]) {
      const world = createWorld();

      const reply = await api(world, tokens)(await token({ claims: { email } }));

      expect(reply.status).toBe(403);
      expect(await reply.text()).toContain("the name of one of Lightfleet's tokens");
      expect(world.calls).toEqual([]);
    }
  });

  it("lets no service token in that is named as the fleet itself", async () => {
    const service = await token({ claims: { common_name: "Lightfleet", sub: "" } });

    expect((await api()(service)).status).toBe(403);
  });

  it("does not take a service token for the person after whom it is named", async () => {
    const world = createWorld();
    const call = api(world, undefined, "dispatcher");
    const service = await token({ claims: { common_name: "olga@example.org", sub: "" } });

    await call(service, "DELETE", `${MEDIA}/leases/7`);

    const asked = { actor: "access-service:olga@example.org", isOperator: false };
    expect(changes(world)[0]?.args).toEqual(["7", asked]);
  });

  it("lets a service token in by its name, and never as an operator by that", async () => {
    const call = api();
    const service = await token({ claims: { common_name: "olga@example.org", sub: "" } });

    expect((await call(service)).status).toBe(200);
    expect((await call(service, "POST", `${MEDIA}/pause`)).status).toBe(403);
  });

  it("asks for the keys once, however many come", async () => {
    const call = api();

    for (let round = 0; round < 5; round += 1) expect((await call(await token())).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it.each<[string, () => Promise<string>]>([
    ["is for another application", async () => await token({ audience: "b".repeat(64) })],
    [
      "is of another team",
      async () => await token({ issuer: "https://evil.cloudflareaccess.com" }),
    ],
    ["was signed in the future", async () => await token({ signedInAt: NOW / 1_000 + 31 })],
    ["is over", async () => await token({ ageSeconds: 7_200 })],
    ["is not yet valid", async () => await token({ ageSeconds: -3_600 })],
    [
      "is signed with another key of the same name",
      async () => await token({ key: foreign.privateKey }),
    ],
    ["names a key that nobody knows", async () => await token({ kid: "theirs" })],
    ["names nobody", async () => await token({ claims: {} })],
    [
      "names somebody who would break a line",
      async () => await token({ claims: { email: "a\nb@c" } }),
    ],
    ["is cut", async () => (await token()).slice(0, -4)],
    ["is not a token", async () => "abc"],
    ["is without end", async () => "a".repeat(20_000)],
    ["is not signed", unsigned],
    ["is signed with the public key, taken for a secret", confused],
  ])("lets nobody in where it %s", async (_words, make) => {
    const world = createWorld();

    const reply = await api(world)(await make());

    expect(reply.status).toBe(401);
    expect(reply.headers.get("WWW-Authenticate")).toContain("Bearer");
    expect(await reply.text()).toContain("ACCESS_AUD");
    expect(world.calls).toEqual([]);
  });

  it("is not looked at where a token is sent: that goes before", async () => {
    const call = api();
    const header = { Authorization: "Bearer viewer-token" };

    expect((await call("abc", "GET", MEDIA, header)).status).toBe(200);
    expect((await call(await token(), "POST", `${MEDIA}/pause`, header)).status).toBe(403);
    expect(
      (await call(await token(), "GET", MEDIA, { Authorization: "Bearer wrong" })).status,
    ).toBe(401);
    expect(asked).toEqual([]);
  });

  it("is not looked at where it is not configured", async () => {
    const world = createWorld();

    const reply = await serve(world).app.request(MEDIA, {
      headers: { "Cf-Access-Jwt-Assertion": await token() },
    });

    expect(reply.status).toBe(401);
    expect(asked).toEqual([]);
  });

  it("changes nothing for a page of another site, whose cookie Access takes", async () => {
    const world = createWorld();
    const call = api(world);
    const olga = await token();
    const pause = `${MEDIA}/pause`;

    for (const header of [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
    ])
      expect((await call(olga, "POST", pause, header)).status).toBe(403);
    expect(changes(world)).toEqual([]);
    const own = { Origin: "http://localhost", "Sec-Fetch-Site": "same-origin" };
    expect((await call(olga, "POST", pause, own)).status).toBe(200);
  });
});

describe("the keys of Cloudflare Access", () => {
  it.each<[string, RequestListener]>([
    ["are not there", (_, response) => response.writeHead(404).end("no")],
    ["fail", (_, response) => response.writeHead(500).end("no")],
    ["are somewhere else", (_, response) => response.writeHead(302, { Location: "/x" }).end()],
    ["are no JSON", (_, response) => response.end("<html>")],
    ["are no keys", (_, response) => response.end("{}")],
    [
      "are larger than any keys",
      (_, response) => response.end(`{"keys":[],"x":"${"a".repeat(70_000)}"}`),
    ],
    ["break off", (request) => request.socket.destroy()],
  ])("that %s are 503: nobody is let in, and nobody is called wrong", async (_words, listener) => {
    answer = listener;
    const world = createWorld();

    const reply = await api(world)(await token());

    expect(reply.status).toBe(503);
    expect(reply.headers.get("Retry-After")).toBe("5");
    expect(await reply.text()).toContain("keys-unavailable");
    expect(world.calls).toEqual([]);
    expect(world.log[0]?.event === "request" && world.log[0].error).toBeTruthy();
  });

  it("that come back are used at once, and others than these are asked for again", async () => {
    const world = createWorld();
    const call = api(world);
    answer = (_, response) => response.writeHead(500).end();
    expect((await call(await token())).status).toBe(503);

    answer = giveKeys;

    expect((await call(await token())).status).toBe(200);
  });

  it("that do not come are waited for no longer than 3 s", async () => {
    answer = () => undefined;
    const startedAt = Date.now();

    expect((await api()(await token())).status).toBe(503);
    expect(Date.now() - startedAt).toBeLessThan(6_000);
  });
});

/** Its header says that it needs no signature. */
async function unsigned(): Promise<string> {
  const [, payload = ""] = (await token()).split(".");
  const header = btoa(JSON.stringify({ alg: "none", kid: "ours" })).replaceAll("=", "");
  return `${header}.${payload}.`;
}

/** Signed with the HMAC of the public key, which everybody knows. */
async function confused(): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(ourJwk));
  return await token({ alg: "HS256", key: secret });
}
