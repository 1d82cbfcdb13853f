import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { HealthSpec } from "../../../durable/rules/spec.ts";
import type { Result } from "../../../worker/aws/errors.ts";
import { systemClock } from "../../../worker/clock.ts";
import { callDrain as callWithoutEnd } from "../../../worker/health/drain.ts";
import { probe } from "../../../worker/health/probe.ts";
import type { Prober } from "../../../worker/health/route.ts";
import {
  type Connection,
  type Exchange,
  type ExchangeResult,
  type Transport,
  transportOver,
} from "../../../worker/health/transport.ts";
import { MediaServers } from "../../aws/hosts/media-servers.ts";
import { mustEnd } from "../../must-end.ts";
import { START_MS, manualClock, testConfig } from "../aws/support.ts";
import { BEHAVIOURS, type Running, listen, nodeConnect } from "./servers.ts";

const SECRET = "geheim-비밀";
const ENV = { DRAIN_KEY: SECRET };
const LOCAL = { ...ENV, AWS_ENDPOINT_URL: "http://127.0.0.1:4566" };
const NEVER = new AbortController().signal;
const LATER = START_MS + 20_000;
const TIME = String(Math.floor(START_MS / 1000));
const HEALTH: HealthSpec = {
  kind: "http",
  port: 8080,
  path: "/health",
  sessionsPointer: "/sessions",
  capacity: 1,
  intervalSeconds: 5,
  timeoutSeconds: 2,
  header: null,
  host: null,
  drain: { method: "POST", path: "/lightfleet/{verb}", secretRef: "DRAIN_KEY" },
  nameRequired: true,
};

function drainOf(health: Partial<HealthSpec> = {}, address = "3.34.0.5") {
  const name = "media-a-1";
  return { kind: "drain", verb: "drain", name, address, health: { ...HEALTH, ...health } } as const;
}

function recording(result: ExchangeResult) {
  const asked: Exchange[] = [];
  const transport: Transport = (exchange) => {
    asked.push(exchange);
    return Promise.resolve(result);
  };
  return { asked, transport };
}

function answering(status: number) {
  return recording({ kind: "reply", status, body: new Uint8Array(0) });
}

const callDrain: typeof callWithoutEnd = (prober, ...given) =>
  mustEnd(callWithoutEnd(prober, ...given), "the drain call", prober.clock);

function proberWith(transport: Transport, env: Record<string, string> = ENV): Prober {
  const fetch = () => Promise.reject(new Error("fetch was not meant to be used"));
  return { config: testConfig(env), clock: manualClock(), transport, fetch };
}

/** By Node's own HMAC, over a text that is written out. */
function signatureOf(text: string, secret = SECRET): string {
  return `v2=${createHmac("sha256", secret).update(text).digest("hex")}`;
}

function messageOf(result: Result<null>): string {
  return result.kind === "done" ? "" : result.message;
}

function headersOf(exchange: Exchange | undefined): Record<string, string> {
  return Object.fromEntries((exchange?.headers ?? []).map(({ name, value }) => [name, value]));
}

/** What a call of these must be signed with, by the nonce that it drew. */
function expectedFor(
  exchange: Exchange | undefined,
  { time = TIME, verb = "drain", method = "POST", path = "/lightfleet/drain" } = {},
): string {
  const nonce = headersOf(exchange)["X-Lightfleet-Nonce"] ?? "";
  return signatureOf(["v2", time, nonce, "default", "media-a-1", verb, method, path].join("\n"));
}

describe("a drain call", () => {
  it("is signed over all that makes it, with the secret that the spec names", async () => {
    const { asked, transport } = answering(200);

    const result = await callDrain(proberWith(transport), drainOf(), NEVER, LATER);

    expect(result).toEqual({ kind: "done", value: null, requestId: null });
    expect(asked).toEqual([
      {
        to: { host: "3.34.0.5", port: 8080 },
        method: "POST",
        host: "3.34.0.5:8080",
        path: "/lightfleet/drain",
        headers: [
          { name: "X-Lightfleet-Time", value: TIME },
          { name: "X-Lightfleet-Nonce", value: headersOf(asked[0])["X-Lightfleet-Nonce"] },
          { name: "X-Lightfleet-Deployment", value: "default" },
          { name: "X-Lightfleet-Instance", value: "media-a-1" },
          { name: "X-Lightfleet-Verb", value: "drain" },
          { name: "X-Lightfleet-Signature", value: expectedFor(asked[0]) },
        ],
      },
    ]);
  });

  it("has the signature that any other HMAC gives", async () => {
    const { asked, transport } = answering(204);
    const clock = { ...manualClock(), now: () => 1_795_347_605_999 };
    const prober = { ...proberWith(transport, { DRAIN_KEY: "test-secret" }), clock };

    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index * 0x11);
    const drawn = vi.spyOn(crypto, "getRandomValues").mockImplementation((into) => {
      if (into instanceof Uint8Array) into.set(bytes);
      return into;
    });

    await callDrain(prober, drainOf(), NEVER, Number.MAX_VALUE).finally(() => drawn.mockRestore());

    // printf 'v2\n1795347605\n00112233445566778899aabbccddeeff\ndefault\nmedia-a-1\ndrain\nPOST\n/lightfleet/drain'
    // | openssl dgst -sha256 -hmac test-secret
    expect(headersOf(asked[0])["X-Lightfleet-Signature"]).toBe(
      "v2=c7768eea7dbb0c4ae27057a3cb3b37254596f6ad33c9da3c6df4854e9adef22c",
    );
  });

  it("has a nonce of its own each time, and says for which deployment it is", async () => {
    const { asked, transport } = answering(200);
    const prober = proberWith(transport, { ...ENV, DEPLOYMENT: "staging" });

    for (let call = 0; call < 3; call++) await callDrain(prober, drainOf(), NEVER, LATER);

    const nonces = asked.map((exchange) => headersOf(exchange)["X-Lightfleet-Nonce"]);
    expect(new Set(nonces).size).toBe(3);
    for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
    expect(headersOf(asked[0])["X-Lightfleet-Deployment"]).toBe("staging");
  });

  it("to undrain has its verb in the path, in its header and in the signature", async () => {
    const { asked, transport } = answering(200);
    const drain = { method: "PUT", path: "/{verb}?v={verb}", secretRef: "DRAIN_KEY" } as const;
    const action = { ...drainOf({ drain }), verb: "undrain" } as const;

    await callDrain(proberWith(transport), action, NEVER, LATER);

    expect(asked[0]).toMatchObject({ method: "PUT", path: "/undrain?v=undrain" });
    expect(headersOf(asked[0])).toMatchObject({
      "X-Lightfleet-Verb": "undrain",
      "X-Lightfleet-Signature": expectedFor(asked[0], {
        verb: "undrain",
        method: "PUT",
        path: "/undrain?v=undrain",
      }),
    });
  });

  it("goes the way of the probes: their header, PROBE_VIA, and IPv6 in brackets", async () => {
    const { asked, transport } = answering(200);
    const header = { name: "X-Probe", secretRef: "PROBE_KEY" };
    const env = { ...LOCAL, PROBE_KEY: "p", PROBE_VIA: "127.0.0.1:4567" };

    await callDrain(proberWith(transport, env), drainOf({ header }, "2406:da12::1"), NEVER, LATER);

    expect(asked[0]).toMatchObject({
      to: { host: "127.0.0.1", port: 4567 },
      host: "[2406:da12::1]:8080",
    });
    expect(asked[0]?.headers[0]).toEqual({ name: "X-Probe", value: "p" });
    expect(asked[0]?.headers).toHaveLength(7);
  });

  it("goes by fetch where the spec has a host template, and follows no redirect", async () => {
    const requests: Request[] = [];
    const fetch = (request: Request): Promise<Response> => {
      requests.push(request);
      return Promise.resolve(Response.redirect("http://169.254.169.254/", 302));
    };
    const prober = { ...proberWith(answering(200).transport), fetch };

    const result = await callDrain(prober, drainOf({ host: "{name}.example.org" }), NEVER, LATER);

    const [request] = requests;
    expect(requests).toHaveLength(1);
    expect(request).toMatchObject({
      url: "http://media-a-1.example.org:8080/lightfleet/drain",
      method: "POST",
      redirect: "manual",
    });
    const nonce = request?.headers.get("x-lightfleet-nonce") ?? "";
    expect(request?.headers.get("x-lightfleet-signature")).toBe(
      signatureOf(`v2\n${TIME}\n${nonce}\ndefault\nmedia-a-1\ndrain\nPOST\n/lightfleet/drain`),
    );
    expect(request?.headers.get("content-type")).toBeNull();
    expect(await request?.text()).toBe("");
    // A 303 may follow what was done.
    expect(result.kind).toBe("unknown");
    expect(messageOf(result)).toMatch(/HTTP 302.*set health\.drain\.path/);
  });
});

describe("a drain call is not sent", () => {
  async function refusedFor(
    action: ReturnType<typeof drainOf>,
    env: Record<string, string> = ENV,
  ): Promise<string> {
    const { asked, transport } = answering(200);
    const result = await callDrain(proberWith(transport, env), action, NEVER, LATER);
    expect(asked).toEqual([]);
    return result.kind === "unsent" ? result.message : `it is ${result.kind}`;
  }

  it("without its secret, and says how to set it", async () => {
    expect(await refusedFor(drainOf(), {})).toBe(
      "the secret DRAIN_KEY of health.drain is not set: run `wrangler secret put DRAIN_KEY`",
    );
  });

  it("with one of the Worker's own secrets", async () => {
    const drain = { method: "POST", path: "/", secretRef: "AWS_SECRET_ACCESS_KEY" } as const;

    expect(await refusedFor(drainOf({ drain }))).toMatch(/AWS_SECRET_ACCESS_KEY .* is not set/);
  });

  it("without the header that the probes carry", async () => {
    const header = { name: "X-Probe", secretRef: "PROBE_KEY" };

    expect(await refusedFor(drainOf({ header }))).toMatch(/PROBE_KEY of health\.header/);
  });

  it("where the spec has no drain", async () => {
    expect(await refusedFor(drainOf({ drain: null }))).toMatch(/no health\.drain/);
  });

  it.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00::1", "nonsense"])(
    "to %s",
    async (address) => {
      expect(await refusedFor(drainOf({}, address))).toMatch(/not probed|not an IP address/);
    },
  );

  it("after its time, and is at its last moment", async () => {
    const { asked, transport } = answering(200);
    const prober = proberWith(transport);
    const call = (notAfter: number) => callDrain(prober, drainOf(), NEVER, notAfter);

    expect(await call(START_MS - 1)).toMatchObject({ kind: "unsent" });
    expect(asked).toEqual([]);
    expect((await call(START_MS)).kind).toBe("done");
  });

  it("when the act is over already", async () => {
    const { asked, transport } = answering(200);
    const over = AbortSignal.abort(new Error("the act is over"));

    const result = await callDrain(proberWith(transport), drainOf(), over, LATER);

    expect(result).toEqual({ kind: "unsent", message: "not sent: the act is over" });
    expect(asked).toEqual([]);
  });

  it.each([
    { name: "media\r\nX-Lightfleet-Verb: undrain" },
    {
      health: { ...HEALTH, drain: { method: "POST", path: "/a\r\nX: y", secretRef: "DRAIN_KEY" } },
    },
    {
      health: { ...HEALTH, header: { name: "x-lightfleet-instance", secretRef: "DRAIN_KEY" } },
    },
  ] as const)("with lines that a setting has smuggled in: %j", async (bad) => {
    for (const host of [null, "{ip-dashed}.example.org"]) {
      const connect = (): Connection => {
        throw new Error("no connection was meant to be made");
      };
      const action = { ...drainOf(), ...bad };
      const health = { ...action.health, host };

      const result = await callDrain(
        proberWith(transportOver(connect)),
        { ...action, health },
        NEVER,
        LATER,
      );

      expect(result.kind).toBe("unsent");
      expect(JSON.stringify(result)).not.toContain("no connection");
      expect(JSON.stringify(result)).not.toContain(SECRET);
    }
  });

  it("over a connection that does not open in time: not a byte is written", async () => {
    const clock = manualClock();
    const seen: string[] = [];
    const connection: Connection = {
      opened: new Promise(() => undefined),
      write: () => Promise.resolve(void seen.push("write")),
      read: () => Promise.resolve(null),
      close: () => void seen.push("close"),
    };
    const prober = { ...proberWith(transportOver(() => connection)), clock };
    let settled = false;

    const pending = callDrain(prober, drainOf(), NEVER, LATER).finally(() => (settled = true));
    await vi.waitFor(() => expect(clock.pending()).toBe(1));
    clock.advance(1_999);
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    clock.advance(1);

    expect(await pending).toEqual({ kind: "unsent", message: "no end within 2 s" });
    expect(seen).toEqual(["close"]);
    expect(clock.pending()).toBe(0);
  });
});

describe("the answer to a drain call", () => {
  it.each([200, 202, 204])("%i is done", async (status) => {
    const { transport } = answering(status);

    expect((await callDrain(proberWith(transport), drainOf(), NEVER, LATER)).kind).toBe("done");
  });

  it.each([
    [400, /its log/],
    [401, /another secret than DRAIN_KEY/],
    [403, /another secret than DRAIN_KEY/],
    [404, /set health\.drain\.path/],
    [405, /set health\.drain\.method/],
    [409, /another instance/],
    [499, /its log/],
  ])("%i is a refusal, and says what to do", async (status, words) => {
    const { transport } = answering(status);

    const result = await callDrain(proberWith(transport), drainOf(), NEVER, LATER);

    expect(result).toMatchObject({
      kind: "rejected",
      rejection: "invalid",
      code: `HTTP ${status}`,
      requestId: null,
    });
    expect(messageOf(result)).toMatch(words);
  });

  it.each([300, 304, 500, 503, 599])("%i leaves it unknown", async (status) => {
    const { transport } = answering(status);

    const result = await callDrain(proberWith(transport), drainOf(), NEVER, LATER);

    expect(result.kind).toBe("unknown");
    expect(messageOf(result)).toContain(`HTTP ${status}`);
  });

  it("that fails leaves it unknown, unless certainly nothing was sent", async () => {
    const resultOf = (result: ExchangeResult) =>
      callDrain(proberWith(recording(result).transport), drainOf(), NEVER, LATER);

    expect(await resultOf({ kind: "failed", detail: "lost" })).toEqual({
      kind: "unknown",
      message: "lost",
    });
    expect(await resultOf({ kind: "failed", detail: "refused", unsent: true })).toEqual({
      kind: "unsent",
      message: "refused",
    });
  });
});

describe("a drain call to a real server", () => {
  let running: Running | null = null;
  afterEach(async () => {
    await running?.close();
    running = null;
  });

  function call(port: number) {
    const prober = { ...proberWith(transportOver(nodeConnect), LOCAL), clock: systemClock };
    const action = drainOf({ port, timeoutSeconds: 0.3 }, "127.0.0.1");
    return callDrain(prober, action, NEVER, Number.MAX_VALUE);
  }

  it("is one whole request without a body", async () => {
    let heard = "";
    running = await listen((socket, first) => {
      heard += new TextDecoder().decode(first);
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });

    expect((await call(running.port)).kind).toBe("done");

    const time = /X-Lightfleet-Time: (\d+)/.exec(heard)?.[1] ?? "";
    const nonce = /X-Lightfleet-Nonce: ([0-9a-f]{32})/.exec(heard)?.[1] ?? "";
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(5);
    expect(heard.split("\r\n")).toEqual([
      "POST /lightfleet/drain HTTP/1.1",
      `Host: 127.0.0.1:${running.port}`,
      "Connection: close",
      "Content-Length: 0",
      "Accept: application/json",
      "Accept-Encoding: identity",
      "User-Agent: lightfleet",
      `X-Lightfleet-Time: ${time}`,
      `X-Lightfleet-Nonce: ${nonce}`,
      "X-Lightfleet-Deployment: default",
      "X-Lightfleet-Instance: media-a-1",
      "X-Lightfleet-Verb: drain",
      `X-Lightfleet-Signature: ${signatureOf(
        `v2\n${time}\n${nonce}\ndefault\nmedia-a-1\ndrain\nPOST\n/lightfleet/drain`,
      )}`,
      "",
      "",
    ]);
  });

  it("says by fetch, too, that there is no body", async () => {
    let heard = "";
    running = await listen((socket, first) => {
      heard += new TextDecoder().decode(first);
      socket.end("HTTP/1.1 204 No Content\r\n\r\n");
    });
    const send = (request: Request): Promise<Response> => fetch(request);
    const prober = { ...proberWith(answering(200).transport, LOCAL), fetch: send };
    const action = drainOf({ port: running.port, host: "localhost" }, "127.0.0.1");

    expect((await callDrain(prober, action, NEVER, LATER)).kind).toBe("done");

    expect(heard).toMatch(/^POST \/lightfleet\/drain HTTP\/1\.1\r\n/);
    expect(heard).toMatch(/\r\ncontent-length: 0\r\n/i);
    expect(heard).not.toMatch(/content-type|transfer-encoding/i);
    const nonce = /x-lightfleet-nonce: ([0-9a-f]{32})/i.exec(heard)?.[1] ?? "";
    expect(heard).toContain(
      signatureOf(`v2\n${TIME}\n${nonce}\ndefault\nmedia-a-1\ndrain\nPOST\n/lightfleet/drain`),
    );
  });

  it.each([
    ["chunked", "done"],
    ["toTheEnd", "done"],
    ["busy", "unknown"],
    ["garbage", "unknown"],
    ["silent", "unknown"],
    ["drip", "unknown"],
    ["huge", "unknown"],
    ["reset", "unknown"],
    ["hangsUp", "unknown"],
  ] as const)("that is %s is %s, and never hangs", async (name, kind) => {
    running = await listen(BEHAVIOURS[name]);

    expect((await call(running.port)).kind).toBe(kind);
  });

  it("that is not there was certainly not sent", async () => {
    const gone = await listen(BEHAVIOURS.silent);
    await gone.close();

    expect((await call(gone.port)).kind).toBe("unsent");
  });
});

describe("a drain call to the embedded media servers", () => {
  const servers = new MediaServers({
    scene: { nowMs: () => 0, sessionsOn: () => 2 },
    via: { address: "127.0.0.1", port: 0 },
    drainSecret: SECRET,
  });
  afterEach(() => servers.close());

  it("is understood, and the health reply says so until the other one comes", async () => {
    await servers.sync([
      { name: "media-a-1", address: "3.34.0.5", port: 8080, path: "/health" },
      { name: "media-a-2", address: "3.34.0.6", port: 8080, path: "/health" },
    ]);
    const env = { ...LOCAL, PROBE_VIA: servers.probeVia ?? "" };
    const prober = { ...proberWith(transportOver(nodeConnect), env), clock: systemClock };
    const drain = drainOf();
    const call = (action: Parameters<typeof callDrain>[1], secret = SECRET) => {
      const config = testConfig({ ...env, DRAIN_KEY: secret });
      return callDrain({ ...prober, config }, action, NEVER, Number.MAX_VALUE);
    };
    const saysDraining = async () => {
      const request = { name: "media-a-1", revision: 1, address: "3.34.0.5" };
      const reading = await probe(prober, request, HEALTH, NEVER);
      return reading.kind === "answer" ? [reading.sessions, reading.draining] : reading.detail;
    };

    expect(await call(drain, "guess")).toMatchObject({ kind: "rejected", code: "HTTP 401" });
    expect(await call({ ...drain, name: "media-a-2" })).toMatchObject({ code: "HTTP 409" });
    expect(await saysDraining()).toEqual([2, false]);

    expect((await call(drain)).kind).toBe("done");
    expect(await saysDraining()).toEqual([2, true]);
    expect((await call(drain)).kind).toBe("done");
    expect(await saysDraining()).toEqual([2, true]);

    expect((await call({ ...drain, verb: "undrain" })).kind).toBe("done");
    expect(await saysDraining()).toEqual([2, false]);
  });
});
