import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../worker/clock.ts";
import { sendHeartbeat } from "../../../worker/notify/heartbeat.ts";
import { mustEnd } from "../../must-end.ts";

const HASTY: Clock = {
  now: () => 0,
  after: (delayMs, run) => systemClock.after(delayMs / 50, run),
};
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A watchdog that answers with a status, or not at all. */
async function watchdog(status: number | null): Promise<{ url: string; calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    if (status !== null) response.writeHead(status).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/ping/secret`, calls };
}

async function beat(heartbeatUrl: string | null) {
  const logged: Readonly<Record<string, unknown>>[] = [];
  const sent = sendHeartbeat({
    config: { heartbeatUrl },
    fetch: (request) => fetch(request),
    clock: HASTY,
    log: (entry) => logged.push(entry),
  });
  await mustEnd(sent, "the sign of life", HASTY);
  return logged;
}

describe("the sign of life", () => {
  it("is one GET, and is silent where it was heard", async () => {
    const { url, calls } = await watchdog(200);

    expect(await beat(url)).toEqual([]);
    expect(calls).toEqual(["GET /ping/secret"]);
  });

  it("is not given where nobody listens", async () => {
    expect(await beat(null)).toEqual([]);
  });

  it.each<[string, number | null, object]>([
    ["refuses", 500, { event: "heartbeat.failed", status: 500 }],
    ["does not answer", null, { event: "heartbeat.failed", detail: "no answer within 5 s" }],
  ])("is logged, without its address, where the watchdog %s", async (_what, status, expected) => {
    const { url } = await watchdog(status);

    expect(await beat(url)).toEqual([expected]);
  });

  it("is logged, without its address, where the watchdog is not there", async () => {
    const logged = await beat("http://127.0.0.1:1/ping/secret");

    expect(logged).toEqual([{ event: "heartbeat.failed", detail: "not reached" }]);
  });
});
