import { createHmac, randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Demand, type Host } from "../demand/sessions.ts";
import type { Fault, MediaServer } from "./answer.ts";
import { SIGNATURE_WINDOW_SECONDS } from "./drain.ts";
import { MediaServers, type MediaServersOptions } from "./media-servers.ts";

const SECRET = "s3cret";
const REAL_SECONDS = 1_795_347_605;
/** The model's time has nothing to do with the real one. */
const MODEL_MS = 42;

const NAMES = ["media-1", "media-2"] as const;

function media(name: string, more: Partial<MediaServer> = {}): MediaServer {
  const address = `127.16.0.${name.slice("media-".length)}`;
  return { name, address, port: 8080, path: "/health", ...more };
}

interface Call {
  readonly to?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Got {
  readonly status: number;
  readonly body: unknown;
}

let servers: MediaServers;
let sessions: Map<string, number>;
let faults: Map<string, Fault>;
let realMs: number;

async function start(more: Partial<MediaServersOptions> = {}): Promise<void> {
  servers = new MediaServers({
    scene: {
      nowMs: () => MODEL_MS,
      sessionsOn: (name) => sessions.get(name) ?? 0,
      faultOf: (name) => faults.get(name),
    },
    via: { address: "127.0.0.1", port: 0 },
    drainSecret: SECRET,
    realNowMs: () => realMs,
    ...more,
  });
  await servers.sync(NAMES.map((name) => media(name)));
}

/** Over a socket, through the one listener. */
async function ask({ to = "media-1", method = "POST", path = "", headers = {} }: Call) {
  const [hostname = "", port = ""] = (servers.probeVia ?? "").split(":");
  const host = `${media(to).address}:8080`;
  const options = { hostname, port, path, method, agent: false, headers: { host, ...headers } };
  return await new Promise<Got>((resolve, reject) => {
    const sent = httpRequest(options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: parsedOrText(body) }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}

function parsedOrText(body: string): unknown {
  try {
    const document: unknown = JSON.parse(body);
    return document;
  } catch {
    // A broken server's answer: the text itself is what a test looks at.
    return body;
  }
}

function signed(
  verb: "drain" | "undrain",
  more: Partial<Signed> = {},
): Required<Pick<Call, "method" | "path" | "headers">> {
  const {
    instance = "media-1",
    time = REAL_SECONDS,
    secret = SECRET,
    nonce = randomBytes(16).toString("hex"),
    deployment = "default",
    method = "POST",
    version = "v2",
  } = more;
  const path = `/lightfleet/${verb}`;
  const lines = [version, time, nonce, deployment, instance, verb, method, path];
  const hex = createHmac("sha256", secret).update(lines.join("\n")).digest("hex");
  return {
    method,
    path,
    headers: {
      "X-Lightfleet-Time": String(time),
      "X-Lightfleet-Nonce": nonce,
      "X-Lightfleet-Deployment": deployment,
      "X-Lightfleet-Instance": instance,
      "X-Lightfleet-Verb": verb,
      "X-Lightfleet-Signature": `${version}=${hex}`,
    },
  };
}

interface Signed {
  readonly instance: string;
  readonly time: number | string;
  readonly secret: string;
  readonly nonce: string;
  readonly deployment: string;
  readonly method: string;
  readonly version: string;
}

async function saysDraining(to = "media-1"): Promise<unknown> {
  const { body } = await ask({ to, method: "GET", path: "/health" });
  return typeof body === "object" && body !== null && "draining" in body ? body.draining : body;
}

beforeEach(() => {
  sessions = new Map();
  faults = new Map();
  realMs = REAL_SECONDS * 1000;
});

afterEach(async () => {
  await servers.close();
});

describe("a server that takes part in draining", () => {
  beforeEach(() => start());

  test.each(["POST", "PUT"])(
    "says that it drains after a signed %s, and others do not",
    async (method) => {
      sessions.set("media-1", 3);

      const got = await ask(signed("drain", { method }));

      expect(got).toEqual({
        status: 200,
        body: { instance: "media-1", sessions: 3, draining: true },
      });
      expect(await saysDraining()).toBe(true);
      expect(await saysDraining("media-2")).toBe(false);
      expect(NAMES.map((name) => servers.isDraining(name))).toEqual([true, false]);
    },
  );

  test("drains until it is told to take sessions again, and both may be told twice", async () => {
    for (const [verb, isDraining] of [
      ["undrain", false],
      ["drain", true],
      ["drain", true],
      ["undrain", false],
      ["undrain", false],
    ] as const) {
      expect((await ask(signed(verb))).status).toBe(200);
      expect(await saysDraining()).toBe(isDraining);
    }
  });

  test.each([
    ["without any header", { path: "/lightfleet/drain", headers: {} }],
    ["with another secret", signed("drain", { secret: "guess" })],
    ["without its time", { ...signed("drain"), headers: without("X-Lightfleet-Time") }],
    ["without its signature", { ...signed("drain"), headers: without("X-Lightfleet-Signature") }],
    ["with a later time than was signed", tampered("X-Lightfleet-Time", String(REAL_SECONDS + 1))],
    ["with another verb than was signed", tampered("X-Lightfleet-Verb", "undrain")],
    ["with another instance than was signed", tampered("X-Lightfleet-Instance", "media-2")],
    ["with another nonce than was signed", tampered("X-Lightfleet-Nonce", "0".repeat(32))],
    ["with another deployment than was signed", tampered("X-Lightfleet-Deployment", "other")],
    ["by another method than was signed", { ...signed("drain"), method: "PUT" }],
    ["by the other verb's path", { ...signed("undrain"), path: "/lightfleet/drain" }],
    ["without its nonce", { ...signed("drain"), headers: without("X-Lightfleet-Nonce") }],
    ["with a nonce that is none", signed("drain", { nonce: "" })],
    ["with a signature of v1", signed("drain", { version: "v1" })],
    ["with half a signature", tampered("X-Lightfleet-Signature", "v2=6cf3")],
    ["with a time that is none", signed("drain", { time: "soon" })],
    ["with a time in fractions", signed("drain", { time: `${REAL_SECONDS}.5` })],
  ])("does not drain %s: 401", async (_how, call) => {
    expect((await ask(call)).status).toBe(401);
    expect(await saysDraining()).toBe(false);
  });

  test("takes a time at the edge of the window, and does not beyond it", async () => {
    for (const [seconds, status] of [
      [-SIGNATURE_WINDOW_SECONDS - 1, 401],
      [SIGNATURE_WINDOW_SECONDS + 1, 401],
      [-SIGNATURE_WINDOW_SECONDS, 200],
      [SIGNATURE_WINDOW_SECONDS, 200],
    ] as const) {
      expect((await ask(signed("drain", { time: REAL_SECONDS + seconds }))).status).toBe(status);
      expect(await saysDraining()).toBe(status === 200);
    }
  });

  test("does not drain where another instance is meant: 409", async () => {
    expect((await ask(signed("drain", { instance: "media-2" }))).status).toBe(409);
    expect(NAMES.map((name) => servers.isDraining(name))).toEqual([false, false]);
  });

  test("does not drain for another deployment, which may have a server of the same name: 409", async () => {
    expect((await ask(signed("drain", { deployment: "staging" }))).status).toBe(409);
    expect(await saysDraining()).toBe(false);
  });

  test("does not take a call twice, whatever came in between, until it is too old anyway", async () => {
    const [drain, undrain] = [signed("drain"), signed("undrain")];
    expect((await ask(drain)).status).toBe(200);
    expect((await ask(undrain)).status).toBe(200);

    for (const seconds of [0, 1, SIGNATURE_WINDOW_SECONDS]) {
      realMs = (REAL_SECONDS + seconds) * 1000;
      expect((await ask(drain)).status).toBe(401);
      expect(await saysDraining()).toBe(false);
    }
    realMs = (REAL_SECONDS + SIGNATURE_WINDOW_SECONDS + 1) * 1000;
    expect((await ask(drain)).status).toBe(401);
    expect((await ask(signed("drain", { time: realMs / 1000 }))).status).toBe(200);
  });

  test("does not remember the nonce of a call that it refused", async () => {
    const nonce = "ab".repeat(16);
    expect((await ask(signed("drain", { nonce, secret: "guess" }))).status).toBe(401);

    expect((await ask(signed("drain", { nonce }))).status).toBe(200);
  });

  test.each([
    [signed("drain", { method: "GET" }), 405],
    [{ ...signed("drain"), path: "/lightfleet/drains" }, 404],
    [{ ...signed("drain"), path: "/health" }, 404],
  ])("does not know %j", async (call, status) => {
    expect((await ask(call)).status).toBe(status);
    expect(await saysDraining()).toBe(false);
  });

  test("still wants the header that its probes carry", async () => {
    await servers.sync([media("media-1", { requiredHeader: { name: "X-Probe", value: "p" } })]);
    const { path, headers } = signed("drain");

    expect((await ask({ path, headers })).status).toBe(401);
    expect(servers.isDraining("media-1")).toBe(false);
    expect((await ask({ path, headers: { ...headers, "X-Probe": "p" } })).status).toBe(200);
  });

  test("has forgotten it when it was started anew, and keeps it otherwise", async () => {
    await ask(signed("drain"));

    await servers.sync(NAMES.map((name) => media(name)));
    expect(await saysDraining()).toBe(true);

    await servers.sync([media("media-1", { readyAtMs: MODEL_MS })]);
    expect(await saysDraining()).toBe(false);
    expect(servers.isDraining("media-1")).toBe(false);
  });
});

describe("a broken server", () => {
  beforeEach(() => start());

  test.each([
    ["that resets answers nothing, and has not done it", "reset", null, false],
    ["that is not ready may have done it all the same", "notReady", 503, true],
    ["that answers garbage has done it", "garbage", 200, true],
    ["with a wrong name takes itself for another", "wrongName", 409, false],
  ] as const)("%s", async (_what, fault, status, isDraining) => {
    faults.set("media-1", fault);

    const got = await ask(signed("drain")).catch(() => null);

    expect(got?.status ?? null).toBe(status);
    expect(servers.isDraining("media-1")).toBe(isDraining);
  });
});

test("servers without a key know nothing of draining", async () => {
  await start({ drainSecret: null });

  expect((await ask(signed("drain"))).status).toBe(404);
  expect(await saysDraining()).toBe(false);
  expect(servers.isDraining("media-1")).toBe(false);
});

test("servers whose clock is not given go by real time, not by the model's", async () => {
  await start({ realNowMs: Date.now });
  const now = Math.floor(Date.now() / 1000);

  expect((await ask(signed("drain", { time: Math.floor(MODEL_MS / 1000) }))).status).toBe(401);
  expect((await ask(signed("drain", { time: now }))).status).toBe(200);
});

test("no session begins on a server from the moment at which it says that it drains", async () => {
  const minuteMs = 60_000;
  let nowMs = 0;
  const rate = { maxPerHour: 600, perHour: () => 600 };
  const demand = new Demand({ rate, seed: 5, startMs: 0, capacity: 1_000, placement: "fullest" });
  let hosts: readonly Host[] = NAMES.map((name) => ({ name, readyAtMs: 0 }));
  const told: unknown[] = [];
  await start({
    onDraining: (name, isDraining) => {
      told.push([name, isDraining]);
      demand.advance(nowMs, hosts);
      hosts = hosts.map((host) => ({ ...host, accepting: !servers.isDraining(host.name) }));
    },
  });
  const startedOn = (events: ReturnType<Demand["advance"]>): Set<string> =>
    new Set(events.flatMap((event) => (event.kind === "placed" ? [event.host] : [])));

  nowMs = minuteMs;
  await ask(signed("drain"));
  await ask(signed("drain"));
  const whileDraining = startedOn(demand.advance(10 * minuteMs, hosts));
  nowMs = 10 * minuteMs;
  await ask(signed("undrain"));
  await ask({ to: "media-2", ...signed("drain", { instance: "media-2" }) });
  const afterwards = startedOn(demand.advance(20 * minuteMs, hosts));

  expect(told).toEqual([
    ["media-1", true],
    ["media-1", false],
    ["media-2", true],
  ]);
  expect(whileDraining).toEqual(new Set(["media-2"]));
  expect(afterwards).toEqual(new Set(["media-1"]));
});

function without(name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(signed("drain").headers).filter(([other]) => other !== name),
  );
}

function tampered(name: string, value: string): Required<Pick<Call, "path" | "headers">> {
  const { path, headers } = signed("drain");
  return { path, headers: { ...headers, [name]: value } };
}
