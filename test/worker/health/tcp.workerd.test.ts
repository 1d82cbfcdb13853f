import { describe, expect, inject, it } from "vitest";
import { systemClock } from "../../../worker/clock.ts";
import { type Prober, probe } from "../../../worker/health/probe.ts";
import { tcpTransport } from "../../../worker/health/tcp.ts";
import { parseConfig } from "../../../worker/env.ts";
import { EXPECTED, NAMES } from "./expected.ts";

const PROBER: Prober = {
  config: parseConfig({ AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }),
  clock: systemClock,
  transport: tcpTransport,
  fetch: () => Promise.reject(new Error("fetch was not meant to be used")),
};

function probePort(port: number) {
  return probe(
    PROBER,
    { name: "media-a-1", revision: 1, address: "127.0.0.1" },
    {
      kind: "http",
      port,
      path: "/health",
      sessionsPointer: "/sessions",
      capacity: 1,
      intervalSeconds: 5,
      timeoutSeconds: 0.3,
      header: null,
      host: null,
    },
    new AbortController().signal,
  );
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
