/**
 * How one request reaches a media server and its answer comes back. A transport is a function, so
 * that tests and the simulator bring their own; `tcp.ts` has the connections of the Workers runtime.
 */
import { asError, orAborted } from "../clock.ts";
import type { HostAndPort } from "../env.ts";
import { type Send, fetchWithin, readBounded } from "../fetch.ts";
import {
  BODY_BYTES_MAX,
  type HttpRequest,
  ResponseParser,
  buildRequest,
  headersProblem,
  pathProblem,
} from "./http1.ts";

export interface Exchange extends HttpRequest {
  /** Where to connect; an IPv6 address in brackets. */
  readonly to: HostAndPort;
}

export type ExchangeResult =
  | { readonly kind: "reply"; readonly status: number; readonly body: Uint8Array }
  | {
      readonly kind: "failed";
      readonly detail: string;
      /** True where it is certain that not a byte of the request was sent. */
      readonly unsent?: boolean;
    };

/** Makes one exchange. Failures are values; it ends soon after the signal aborts. */
export type Transport = (exchange: Exchange, signal: AbortSignal) => Promise<ExchangeResult>;

/** One connection, as much as an exchange needs of it. Each call may throw what the network says. */
export interface Connection {
  /** Resolves once it is open; nothing is written before. */
  readonly opened: Promise<unknown>;
  write(bytes: Uint8Array): Promise<void>;
  /** What arrived, or null at the end. */
  read(): Promise<Uint8Array | null>;
  /** Gives the connection up, whatever it is doing; does not throw. */
  close(): void;
}

/** Opens a connection; it may still be opening when it returns. */
export type Connect = (to: HostAndPort) => Connection;

/** HTTP/1.1 over connections of any kind. */
export function transportOver(connect: Connect): Transport {
  return async (exchange, signal) => {
    const request = buildRequest(exchange);
    if (request.kind === "refused") return unsent(request.detail);

    let connection: Connection | null = null;
    let isOpen = false;
    try {
      connection = connect(exchange.to);
      await orAborted(connection.opened, signal);
      isOpen = true;
      return await converse(connection, request.bytes, signal);
    } catch (thrown) {
      const detail = asError(thrown).message;
      return isOpen ? { kind: "failed", detail } : unsent(detail);
    } finally {
      connection?.close();
    }
  };
}

function unsent(detail: string): ExchangeResult {
  return { kind: "failed", detail, unsent: true };
}

async function converse(
  connection: Connection,
  request: Uint8Array,
  signal: AbortSignal,
): Promise<ExchangeResult> {
  await orAborted(connection.write(request), signal);

  const parser = new ResponseParser();
  for (;;) {
    const bytes = await orAborted(connection.read(), signal);
    const progress = bytes === null ? parser.end() : parser.push(bytes);
    if (progress.kind !== "more") return progress;
  }
}

/** Plain `fetch`, for a host that has a name. Redirects are not followed: they answer as themselves. */
export function transportByFetch(fetch: Send): Transport {
  return async ({ to, method, path, headers }, signal) => {
    const problem = pathProblem(path) ?? headersProblem(headers);
    if (problem !== null) return unsent(problem);

    try {
      const request = new Request(`http://${to.host}:${to.port}${path}`, {
        method,
        headers: {
          accept: "application/json",
          "user-agent": "lightfleet",
          ...Object.fromEntries(headers.map(({ name, value }) => [name, value])),
        },
        // Bytes bring no Content-Type with them, and their length, zero, is said.
        ...(method === "GET" ? {} : { body: new Uint8Array(0) }),
        redirect: "manual",
        signal,
      });
      const response = await fetchWithin(fetch, request, signal);
      const body = await readBounded(response, BODY_BYTES_MAX, signal);
      if (body.kind === "failed") return { kind: "failed", detail: `its body: ${body.detail}` };
      return { kind: "reply", status: response.status, body: body.bytes };
    } catch (thrown) {
      return { kind: "failed", detail: asError(thrown).message };
    }
  };
}
