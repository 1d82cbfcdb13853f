import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { CONTROL_PREFIX, handleControl } from "./control/control.ts";
import type { Wire, WireRequest, WireResponse } from "./wire/wire.ts";

export interface ListenOptions {
  /** 0 for any free port. */
  readonly port?: number;
  readonly host?: string;
}

/** The embedded AWS on a socket. */
export interface Listening {
  /** What to give as AWS_ENDPOINT_URL: all services are there. */
  readonly endpoint: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Lightsail's requests are small; its largest, user data, is 16 kB. */
const BODY_BYTES_MAX = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;

/** Serves a wire over HTTP. Rejects if the port cannot be had. */
export async function listen(wire: Wire, options: ListenOptions = {}): Promise<Listening> {
  const host = options.host ?? "127.0.0.1";
  const server = createServer((request, response) => {
    serve(wire, request, response).catch((error: unknown) => {
      console.error("the embedded AWS failed:", error);
      response.destroy();
    });
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const port = portOf(server);
  return { endpoint: `http://${host}:${port}`, port, close: () => close(server) };
}

async function serve(
  wire: Wire,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === null) return send(response, { status: 413, headers: {}, body: "", delayMs: 0 });
  const read: WireRequest = {
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: headersOf(request),
    body,
  };
  if (read.path.startsWith(CONTROL_PREFIX)) return send(response, handleControl(wire, read));
  const { holdMs, finish } = wire.receive(read);
  if (holdMs > 0) await wait(holdMs);
  const reply = finish();
  if (reply === "dropped") {
    response.destroy();
    return;
  }
  if (reply.delayMs > 0) await wait(reply.delayMs);
  send(response, reply);
}

function send(response: ServerResponse, reply: WireResponse): void {
  // The caller may have hung up while the reply was held back.
  if (response.destroyed) return;
  const body = new TextEncoder().encode(reply.body);
  response.writeHead(reply.status, { ...reply.headers, "content-length": body.length });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("a request's body comes in bytes");
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers = Object.entries(request.headers);
  return Object.fromEntries(
    headers.map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : (value ?? "")]),
  );
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
