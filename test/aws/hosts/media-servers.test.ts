import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fault, MediaServer, Scene } from "./answer.ts";
import { hasLoopbackRange } from "./loopback.ts";
import { MediaServers } from "./media-servers.ts";

/** The tests of separate addresses need them; elsewhere (macOS) those of `via` remain. */
const range = await hasLoopbackRange();

/** A port that was free a moment ago; on the addresses of these tests nobody else listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = addressOf(server);
  server.close();
  await once(server, "close");
  return port;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP server");
  return address;
}

interface Got {
  readonly status: number;
  readonly body: string;
}

async function get(
  to: string,
  options: { path?: string; host?: string; agent?: Agent } = {},
): Promise<Got> {
  const [hostname = "", port = ""] = to.split(":");
  return await new Promise<Got>((resolve, reject) => {
    const sent = httpRequest(
      {
        hostname,
        port,
        path: options.path ?? "/health",
        agent: options.agent ?? false,
        headers: { host: options.host ?? to },
        timeout: 5_000,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.on("error", reject);
    sent.end();
  });
}

/** A connection that has sent a whole request. */
async function knock(address: string, port: number): Promise<Socket> {
  const socket = connect(port, address);
  await once(socket, "connect");
  socket.write(`GET /health HTTP/1.1\r\nHost: ${address}:${port}\r\n\r\n`);
  return socket;
}

let port: number;
let nowMs: number;
let faults: Map<string, Fault>;
let sessions: Map<string, number>;
let servers: MediaServers;

function scene(): Scene {
  return {
    nowMs: () => nowMs,
    sessionsOn: (name) => sessions.get(name) ?? 0,
    faultOf: (name) => faults.get(name),
  };
}

function media(number: number, more: Partial<MediaServer> = {}): MediaServer {
  const address = `127.16.${Math.floor(number / 250)}.${(number % 250) + 1}`;
  return { name: `media-${number}`, address, port, path: "/health", ...more };
}

function at(number: number): string {
  return `${media(number).address}:${port}`;
}

beforeEach(async () => {
  port = await freePort();
  nowMs = 0;
  faults = new Map();
  sessions = new Map();
  servers = new MediaServers({ scene: scene() });
});

afterEach(async () => {
  await servers.close();
});

describe.runIf(range)("each on its own address", () => {
  test("every server answers with its own name and sessions, as they are at that moment", async () => {
    const report = await servers.sync([media(1), media(2)]);
    sessions.set("media-2", 4);

    expect(report).toEqual({ closed: [], opened: ["media-1", "media-2"], problems: [] });
    expect(JSON.parse((await get(at(1))).body)).toEqual({
      instance: "media-1",
      sessions: 0,
      draining: false,
    });
    expect(JSON.parse((await get(at(2))).body)).toEqual({
      instance: "media-2",
      sessions: 4,
      draining: false,
    });
    expect((await get(at(2), { path: "/" })).status).toBe(404);
    expect(servers.probeVia).toBeNull();
  });

  test("the Host header does not matter", async () => {
    await servers.sync([media(1), media(2)]);

    expect((await get(at(1), { host: at(2) })).body).toContain("media-1");
  });

  test("a server that is gone refuses, and the others do not", async () => {
    await servers.sync([media(1), media(2)]);

    const report = await servers.sync([media(2)]);

    expect(report).toEqual({ closed: ["media-1"], opened: [], problems: [] });
    await expect(get(at(1))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect((await get(at(2))).status).toBe(200);
  });

  test("a booting server refuses until it is ready, and again while it restarts", async () => {
    await servers.sync([media(1, { readyAtMs: 1_000 })]);
    await expect(get(at(1))).rejects.toMatchObject({ code: "ECONNREFUSED" });

    nowMs = 1_000;
    await servers.sync([media(1, { readyAtMs: 1_000 })]);
    expect((await get(at(1))).status).toBe(200);

    await servers.sync([media(1, { readyAtMs: 2_000 })]);
    await expect(get(at(1))).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("an address that passed to another server does not keep the old one's connections", async () => {
    const agent = new Agent({ keepAlive: true });
    await servers.sync([media(1)]);
    await get(at(1), { agent });
    const [socket] = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
    const cut =
      socket === undefined ? Promise.reject(new Error("not kept alive")) : once(socket, "close");

    const report = await servers.sync([media(1, { name: "media-99" })]);

    await cut;
    expect(report).toEqual({ closed: ["media-1"], opened: ["media-99"], problems: [] });
    expect((await get(at(1))).body).toContain("media-99");
    agent.destroy();
  });

  test("a port that is taken is reported, does not harm the others, and is tried again", async () => {
    const other = createServer().listen(port, media(1).address);
    await once(other, "listening");

    const report = await servers.sync([media(1), media(2)]);

    expect(report.opened).toEqual(["media-2"]);
    expect(report.problems).toEqual([
      expect.stringMatching(
        new RegExp(`^Cannot listen on ${at(1)} for media-1: something else .*EADDRINUSE`),
      ),
    ]);

    other.close();
    await once(other, "close");
    expect((await servers.sync([media(1), media(2)])).opened).toEqual(["media-1"]);
  });

  test("syncs that overlap end with the last list", async () => {
    await Promise.all([
      servers.sync([media(1)]),
      servers.sync([media(1), media(2)]),
      servers.sync([media(2)]),
    ]);

    await expect(get(at(1))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect((await get(at(2))).body).toContain("media-2");
  });

  test("400 servers answer, and all of them refuse once closed", async () => {
    const numbers = Array.from({ length: 400 }, (_, number) => number);

    const report = await servers.sync(numbers.map((number) => media(number)));
    const bodies = await Promise.all(numbers.map(async (number) => (await get(at(number))).body));
    await servers.close();

    expect(report.problems).toEqual([]);
    for (const number of numbers) expect(bodies[number]).toContain(`"media-${number}"`);
    const after = await Promise.allSettled(numbers.map((number) => get(at(number))));
    expect(after.every(({ status }) => status === "rejected")).toBe(true);
  });
});

describe.runIf(range)("broken servers", () => {
  test("silent accepts and does not answer; closing cuts the one who waits", async () => {
    faults.set("media-1", "silent");
    await servers.sync([media(1)]);
    const socket = await knock(media(1).address, port);
    let received = 0;
    socket.on("data", (chunk) => (received += chunk.length));
    socket.on("error", () => undefined);
    // Another server's answer proves that the silent one has had its turn.
    await servers.sync([media(1), media(2)]);
    await get(at(2));

    const cut = once(socket, "close");
    await servers.close();
    await cut;

    expect(received).toBe(0);
  });

  test("slow sends its head and a little, and does not outlive closing", async () => {
    faults.set("media-1", "slow");
    await servers.sync([media(1)]);
    const socket = await knock(media(1).address, port);
    let received = "";
    socket.setEncoding("utf8");
    socket.on("error", () => undefined);
    socket.on("data", (chunk: string) => (received += chunk));
    await once(socket, "data");

    const cut = once(socket, "close");
    await servers.close();
    await cut;

    expect(received).toContain("200 OK");
    expect(received).not.toContain("draining");
  });

  test("reset breaks the connection", async () => {
    faults.set("media-1", "reset");
    await servers.sync([media(1)]);

    await expect(get(at(1))).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("notReady, garbage, wrongName and hugeBody arrive as they are", async () => {
    await servers.sync([media(1)]);
    const withFault = async (fault: Fault): Promise<Got> => {
      faults.set("media-1", fault);
      return await get(at(1));
    };

    expect((await withFault("notReady")).status).toBe(503);
    expect((await withFault("garbage")).body).toBe('{"instance":"media-1","sessions":');
    expect((await withFault("wrongName")).body).toContain("not-media-1");
    expect((await withFault("hugeBody")).body.length).toBeGreaterThan(4_000_000);
  });
});

describe("all through one address", () => {
  beforeEach(() => {
    servers = new MediaServers({ scene: scene(), via: { address: "127.0.0.1", port: 0 } });
  });

  async function opened(list: readonly MediaServer[]): Promise<string> {
    await servers.sync(list);
    if (servers.probeVia === null) throw new Error("nothing is open");
    return servers.probeVia;
  }

  test("the Host header tells the servers apart", async () => {
    const via = await opened([media(1), media(2), media(3, { port: 80 })]);
    sessions.set("media-2", 2);

    expect(JSON.parse((await get(via, { host: at(2) })).body)).toMatchObject({
      instance: "media-2",
      sessions: 2,
    });
    expect((await get(via, { host: at(1) })).body).toContain("media-1");
    expect((await get(via, { host: media(3).address })).body).toContain("media-3");
  });

  test("an unknown, a booting and a gone server do not answer: the connection breaks", async () => {
    const via = await opened([media(1), media(2, { readyAtMs: 1_000 })]);

    await expect(get(via, { host: at(9) })).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(get(via, { host: at(2) })).rejects.toMatchObject({ code: "ECONNRESET" });
    nowMs = 1_000;
    expect((await get(via, { host: at(2) })).status).toBe(200);
    await servers.sync([media(2)]);
    await expect(get(via, { host: at(1) })).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("the one listener stays through changes, and closes at the end", async () => {
    const via = await opened([]);

    const report = await servers.sync([media(1)]);
    const after = servers.probeVia;
    await servers.close();

    expect(report).toEqual({ closed: [], opened: [], problems: [] });
    expect(after).toBe(via);
    expect(servers.probeVia).toBeNull();
    await expect(get(via)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

test("the same answers can be had without a socket", async () => {
  await servers.sync([media(1, { readyAtMs: 5 })]);
  const ask = () =>
    servers.answer({ endpoint: at(1), method: "GET", path: "/health", headers: {} });

  expect(ask()).toEqual({ kind: "refused" });
  nowMs = 5;
  expect(ask()).toMatchObject({ kind: "reply", status: 200 });
});

test("two servers with one name or one endpoint are not taken", async () => {
  await expect(servers.sync([media(1), media(1, { port: port + 1 })])).rejects.toThrow("same name");
  await expect(servers.sync([media(1), media(1, { name: "other" })])).rejects.toThrow("same name");
});

test("after closing nothing opens any more, and closing again is fine", async () => {
  await servers.close();

  expect(await servers.sync([media(1)])).toEqual({ opened: [], closed: [], problems: [] });
  await servers.close();
});
