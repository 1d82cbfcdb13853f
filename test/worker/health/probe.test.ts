import { afterEach, describe, expect, it, vi } from "vitest";
import type { HealthSpec } from "../../../durable/rules/spec.ts";
import { systemClock } from "../../../worker/clock.ts";
import { probe as probeWithoutEnd } from "../../../worker/health/probe.ts";
import type { Prober } from "../../../worker/health/route.ts";
import {
  type Exchange,
  type ExchangeResult,
  type Transport,
  transportOver,
} from "../../../worker/health/transport.ts";
import { mustEnd } from "../../must-end.ts";
import { manualClock, testConfig } from "../aws/support.ts";
import { EXPECTED, NAMES } from "./expected.ts";
import { BEHAVIOURS, type Running, listen, nodeConnect } from "./servers.ts";

const LOCAL = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" };
const REQUEST = { name: "media-a-1", revision: 7, address: "3.34.0.5" };
const NEVER = new AbortController().signal;
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
  drain: null,
  nameRequired: false,
};

function replying(body: string, status = 200) {
  const asked: Exchange[] = [];
  const transport: Transport = (exchange) => {
    asked.push(exchange);
    const result: ExchangeResult = { kind: "reply", status, body: new TextEncoder().encode(body) };
    return Promise.resolve(result);
  };
  return { asked, transport };
}

const probe: typeof probeWithoutEnd = (prober, ...given) =>
  mustEnd(probeWithoutEnd(prober, ...given), "the probe", prober.clock);

function proberWith(transport: Transport, env: Record<string, string> = {}): Prober {
  const fetch = () => Promise.reject(new Error("fetch was not meant to be used"));
  return { config: { ...testConfig(env) }, clock: manualClock(), transport, fetch };
}

describe("a probe", () => {
  it("asks the server at its address, and reads its sessions", async () => {
    const { asked, transport } = replying('{"sessions":3,"draining":true}');
    const prober = proberWith(transport);

    const reading = await probe(prober, REQUEST, HEALTH, NEVER);

    expect(asked).toEqual([
      {
        to: { host: "3.34.0.5", port: 8080 },
        host: "3.34.0.5:8080",
        method: "GET",
        path: "/health",
        headers: [],
      },
    ]);
    expect(reading).toEqual({
      kind: "answer",
      name: "media-a-1",
      revision: 7,
      startedAt: prober.clock.now(),
      tookMs: 0,
      sessions: 3,
      draining: true,
    });
  });

  it("takes no longer than its time limit, however far the clock jumps meanwhile", async () => {
    const { transport } = replying('{"sessions":0}');
    const clock = manualClock();
    const jumping: Transport = async (exchange, signal) => {
      clock.advance(17_000);
      return transport(exchange, signal);
    };
    const prober = { ...proberWith(jumping), clock };

    const reading = await probe(prober, REQUEST, HEALTH, NEVER);

    expect(reading).toMatchObject({ tookMs: HEALTH.timeoutSeconds * 1_000 });
  });

  it("asks an IPv6 address in brackets", async () => {
    const { asked, transport } = replying('{"sessions":0}');

    await probe(proberWith(transport), { ...REQUEST, address: "2406:da12::1" }, HEALTH, NEVER);

    expect(asked[0]?.to.host).toBe("[2406:da12::1]");
    expect(asked[0]?.host).toBe("[2406:da12::1]:8080");
  });

  it("goes by PROBE_VIA, and tells the servers apart by the Host header", async () => {
    const { asked, transport } = replying('{"sessions":0}');
    const prober = proberWith(transport, { ...LOCAL, PROBE_VIA: "127.0.0.1:4567" });

    await probe(prober, { ...REQUEST, address: "10.0.0.9" }, HEALTH, NEVER);

    expect(asked[0]).toMatchObject({
      to: { host: "127.0.0.1", port: 4567 },
      host: "10.0.0.9:8080",
    });
  });

  it("carries the secret that the spec names", async () => {
    const { asked, transport } = replying('{"sessions":0}');
    const header = { name: "X-Probe", secretRef: "PROBE_SECRET" };

    await probe(
      proberWith(transport, { PROBE_SECRET: "s3cret" }),
      REQUEST,
      { ...HEALTH, header },
      NEVER,
    );

    expect(asked[0]?.headers).toEqual([{ name: "X-Probe", value: "s3cret" }]);
  });

  it.each([
    [
      "PROBE_SECRET",
      /^the secret PROBE_SECRET of health.header is not set: run `wrangler secret put PROBE_SECRET`$/u,
    ],
    [
      "AWS_SECRET_ACCESS_KEY",
      /^the secret AWS_SECRET_ACCESS_KEY of health.header is not set under a name that lets it leave/u,
    ],
  ])("does not ask without the secret %s, and says how to set it", async (secretRef, detail) => {
    const { asked, transport } = replying('{"sessions":0}');
    const health = { ...HEALTH, header: { name: "X-Probe", secretRef } };

    const reading = await probe(proberWith(transport), REQUEST, health, NEVER);

    expect(reading.kind === "hole" ? reading.detail : "").toMatch(detail);
    expect(asked).toEqual([]);
  });

  it.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00::1", "nonsense"])(
    "does not ask %s",
    async (address) => {
      const { asked, transport } = replying('{"sessions":0}');

      const reading = await probe(proberWith(transport), { ...REQUEST, address }, HEALTH, NEVER);

      expect(reading.kind).toBe("hole");
      expect(asked).toEqual([]);
    },
  );

  it("ends after its time, and leaves no timer behind", async () => {
    const clock = manualClock();
    const heard = vi.fn<() => void>();
    const transport: Transport = (_exchange, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          heard();
          resolve({ kind: "failed", detail: "given up" });
        });
      });
    const prober = { ...proberWith(transport), clock };

    const pending = probe(prober, REQUEST, HEALTH, NEVER);
    clock.advance(1_999);
    expect(heard).not.toHaveBeenCalled();
    clock.advance(1);

    expect(await pending).toMatchObject({ kind: "hole", startedAt: clock.now() - 2_000 });
    expect(clock.pending()).toBe(0);
  });
});

describe("a probe by host name", () => {
  const unused: Transport = () => Promise.reject(new Error("no connection was meant to be made"));

  function fetching(answer: (request: Request) => Response) {
    const asked: Request[] = [];
    const fetch = (request: Request): Promise<Response> => {
      asked.push(request);
      return Promise.resolve(answer(request));
    };
    return { asked, prober: { ...proberWith(unused), fetch } };
  }

  it.each([
    ["{ip-dashed}.example.org", "3.34.0.5", "http://3-34-0-5.example.org:8080/health"],
    ["{name}.example.org", "3.34.0.5", "http://media-a-1.example.org:8080/health"],
    ["{ip-dashed}.example.org", "2406:da12::1", "http://2406-da12--1.example.org:8080/health"],
  ])("fills in %s of %s", async (host, address, url) => {
    const { asked, prober } = fetching(() => new Response('{"sessions":4}'));

    const reading = await probe(prober, { ...REQUEST, address }, { ...HEALTH, host }, NEVER);

    expect(asked[0]?.url).toBe(url);
    expect(reading).toMatchObject({ kind: "answer", sessions: 4 });
  });

  it("does not follow a redirect", async () => {
    const { asked, prober } = fetching(() => Response.redirect("http://169.254.169.254/", 302));
    const health = { ...HEALTH, host: "{name}.example.org" };

    const reading = await probe(prober, REQUEST, health, NEVER);

    expect(asked[0]?.redirect).toBe("manual");
    expect(asked).toHaveLength(1);
    expect(reading).toMatchObject({ kind: "hole", detail: "it answered HTTP 302" });
  });

  it("does not read a body without end", async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10_000)),
    });
    const { prober } = fetching(() => new Response(endless));

    const reading = await probe(prober, REQUEST, { ...HEALTH, host: "{name}.example.org" }, NEVER);

    expect(reading).toMatchObject({ kind: "hole", detail: "its body: larger than 65536 bytes" });
  });

  it.each(["{name}.example.org/x?", "a b", "user@{ip}", "{nonsense}"])(
    "does not ask a host such as %s",
    async (host) => {
      const { asked, prober } = fetching(() => new Response("0"));

      expect((await probe(prober, REQUEST, { ...HEALTH, host }, NEVER)).kind).toBe("hole");
      expect(asked).toEqual([]);
    },
  );

  it("does not ask by a path with lines of its own", async () => {
    const { asked, prober } = fetching(() => new Response("0"));
    const health = { ...HEALTH, host: "{name}.example.org", path: "/a\r\nX: y" };

    expect((await probe(prober, REQUEST, health, NEVER)).kind).toBe("hole");
    expect(asked).toEqual([]);
  });
});

describe("a probe of a real server", () => {
  let running: Running | null = null;
  afterEach(async () => {
    await running?.close();
    running = null;
  });

  it.each(NAMES)("that is %s never hangs", async (name) => {
    running = await listen(BEHAVIOURS[name]);
    const prober = {
      ...proberWith(transportOver(nodeConnect), LOCAL),
      clock: systemClock,
    };
    const health = { ...HEALTH, port: running.port, timeoutSeconds: 0.3 };

    const reading = await probe(prober, { ...REQUEST, address: "127.0.0.1" }, health, NEVER);

    const expected = EXPECTED[name];
    if (typeof expected === "number") {
      expect(reading).toMatchObject({ kind: "answer", sessions: expected });
    } else {
      expect(reading.kind === "hole" ? reading.detail : "an answer").toMatch(expected);
    }
  });

  it("that is not there is a hole", async () => {
    const gone = await listen(BEHAVIOURS.silent);
    await gone.close();
    const prober = { ...proberWith(transportOver(nodeConnect), LOCAL), clock: systemClock };

    const reading = await probe(
      prober,
      { ...REQUEST, address: "127.0.0.1" },
      { ...HEALTH, port: gone.port },
      NEVER,
    );

    expect(reading.kind).toBe("hole");
  });
});
