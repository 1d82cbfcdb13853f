/** One open port with HTTP on it, and how an Answer becomes bytes. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Answer, HealthRequest, Reply } from "./answer.ts";

/** A client that is slower than this with its request is cut off. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Probes come every few seconds; an idle connection is kept a little longer. */
const KEEP_ALIVE_TIMEOUT_MS = 15_000;

const REQUEST_HEADER_BYTES_MAX = 8 * 1024;

/** Who answers here: an endpoint, or `Host` where the request's Host header says who is meant. */
export type Addressee = { readonly endpoint: string } | "Host";

/** Opens the port; rejects with the system's error when it cannot. */
export async function openListener(
  at: { readonly address: string; readonly port: number },
  addressee: Addressee,
  answer: (request: HealthRequest) => Answer,
): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      maxHeaderSize: REQUEST_HEADER_BYTES_MAX,
    },
    (request, response) => send(answer(read(request, addressee)), response),
  );
  return await new Promise<Server>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.address, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

/** Closes the port and cuts every connection, whatever it waits for. */
export async function closeListener(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function read(request: IncomingMessage, addressee: Addressee): HealthRequest {
  const endpoint = addressee === "Host" ? endpointOfHost(request.headers.host) : addressee.endpoint;
  return {
    endpoint,
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers,
  };
}

function endpointOfHost(host = ""): string {
  return host.includes(":") ? host : `${host}:80`;
}

function send(answer: Answer, response: ServerResponse): void {
  switch (answer.kind) {
    case "silent":
      return;
    case "reset":
    case "refused":
      // A refusal comes too late for TCP once connected; a reset is the nearest thing to it.
      response.socket?.resetAndDestroy();
      return;
    case "reply":
      sendReply(answer, response);
  }
}

function sendReply(reply: Reply, response: ServerResponse): void {
  const body = new TextEncoder().encode(reply.body);
  response.writeHead(reply.status, {
    "content-type": reply.contentType,
    "content-length": body.length,
  });
  if (reply.msPerByte === 0) {
    response.end(body);
    return;
  }
  let sent = 0;
  const drip = setInterval(() => {
    response.write(body.subarray(sent, sent + 1));
    sent += 1;
    if (sent === body.length) response.end();
  }, reply.msPerByte);
  response.once("close", () => clearInterval(drip));
  response.flushHeaders();
}
