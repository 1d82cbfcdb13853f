import { describe, expect, inject, it } from "vitest";
import type { HealthSpec } from "../../../durable/rules/spec.ts";
import { systemClock } from "../../../worker/clock.ts";
import { callDrain } from "../../../worker/health/drain.ts";
import { probe } from "../../../worker/health/probe.ts";
import type { Prober } from "../../../worker/health/route.ts";
import { tcpTransport } from "../../../worker/health/tcp.ts";
import { parseConfig } from "../../../worker/env.ts";
import { EXPECTED, NAMES } from "./expected.ts";

const PROBER: Prober = {
  config: parseConfig({ AWS_ENDPOINT_URL: "http://127.0.0.1:4566", DRAIN_KEY: "s3cret" }),
  clock: systemClock,
  transport: tcpTransport,
  fetch: () => Promise.reject(new Error("fetch was not meant to be used")),
};

const SERVER = { name: "media-a-1", address: "127.0.0.1" };
const NEVER = new AbortController().signal;

function healthAt(port: number): HealthSpec {
  return {
    kind: "http",
    port,
    path: "/health",
    sessionsPointer: "/sessions",
    capacity: 1,
    intervalSeconds: 5,
    timeoutSeconds: 0.3,
    header: null,
    host: null,
    drain: { method: "POST", path: "/lightfleet/{verb}", secretRef: "DRAIN_KEY" },
    nameRequired: true,
  };
}

function probePort(port: number) {
  return probe(PROBER, { ...SERVER, revision: 1 }, healthAt(port), NEVER);
}

function drainPort(port: number) {
  const action = { kind: "drain", verb: "drain", ...SERVER, health: healthAt(port) } as const;
  return callDrain(PROBER, action, NEVER, systemClock.now() + 20_000);
}

describe("a probe over the Workers runtime's connections", () => {
  it.each(NAMES)("of a server that is %s never hangs", async (name) => {
    const reading = await probePort(inject("probePorts")[name]);

    const expected = EXPECTED[name];
    if (typeof expected === "number") {
      expect(reading).toMatchObject({ kind: "answer", sessions: expected });
    } else {
      expect(reading.kind === "hole" ? reading.detail : "an answer").toMatch(expected);
    }
  });

  it("of a port where nobody listens is a hole", async () => {
    const reading = await probePort(1);

    expect(reading).toMatchObject({ kind: "hole" });
  });

  it("frees its connections: many silent servers, one after the other, do not pile up", async () => {
    const port = inject("probePorts").silent;
    for (let round = 0; round < 3; round += 1) {
      const readings = await Promise.all(Array.from({ length: 6 }, () => probePort(port)));
      expect(readings.every((reading) => reading.kind === "hole")).toBe(true);
    }

    expect(await probePort(inject("probePorts").keepAlive)).toMatchObject({ sessions: 2 });
  });
});

describe("a drain call over the Workers runtime's connections", () => {
  it.each([
    ["keepAlive", "done"],
    ["chunked", "done"],
    ["busy", "unknown"],
    ["silent", "unknown"],
    ["hangsUp", "unknown"],
    ["reset", "unknown"],
  ] as const)("of a server that is %s is %s", async (name, kind) => {
    expect((await drainPort(inject("probePorts")[name])).kind).toBe(kind);
  });

  it("of a port where nobody listens was certainly not sent", async () => {
    expect(await drainPort(1)).toMatchObject({ kind: "unsent" });
  });

  it("by fetch, where the spec has a host template, is a request that a server takes", async () => {
    const health = { ...healthAt(inject("probePorts").keepAlive), host: "localhost" };
    const action = { kind: "drain", verb: "drain", ...SERVER, health } as const;
    const prober = { ...PROBER, fetch: (request: Request) => fetch(request) };

    expect(await callDrain(prober, action, NEVER, Number.MAX_VALUE)).toMatchObject({
      kind: "done",
    });
  });
});
