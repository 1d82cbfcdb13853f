/**
 * The control endpoint: how tests in another process steer and watch the embedded AWS. JSON, unsigned, and on the
 * same port as AWS itself; it is for loopback only.
 */
import { z } from "zod";
import { textOf } from "../text.ts";
import type { Wire, WireRequest, WireResponse } from "../wire/wire.ts";
import { READS } from "./reads.ts";
import { WRITES, type Write } from "./writes.ts";

export const CONTROL_PREFIX = "/_control/";

/** Answers a request under `/_control/`. */
export function handleControl(wire: Wire, request: WireRequest): WireResponse {
  const url = new URL(request.path, "http://control");
  const name = url.pathname.slice(CONTROL_PREFIX.length);
  if (request.method === "GET") {
    const read = READS[name];
    return read === undefined ? unknown(name) : reply(200, read(wire, url.searchParams));
  }
  const write = WRITES[`${request.method} ${name}`];
  return write === undefined
    ? unknown(`${request.method} ${name}`)
    : carryOut(wire, write, request.body);
}

function carryOut(wire: Wire, write: Write, body: string | Uint8Array): WireResponse {
  const text = textOf(body);
  try {
    const input: unknown = text === "" ? {} : JSON.parse(text);
    return reply(200, write(wire, input) ?? { done: true });
  } catch (error) {
    if (error instanceof z.ZodError) return reply(400, { error: z.prettifyError(error) });
    if (error instanceof SyntaxError) return reply(400, { error: "The body is not JSON." });
    throw error;
  }
}

function unknown(what: string): WireResponse {
  const known = [...Object.keys(READS).map((name) => `GET ${name}`), ...Object.keys(WRITES)];
  return reply(404, { error: `There is no ${what} here. There is: ${known.join(", ")}` });
}

function reply(status: number, body: unknown): WireResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    delayMs: 0,
  };
}
