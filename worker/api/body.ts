/** Reads a request's body as JSON, within a limit. */
import type { Problem } from "./problem.ts";

export const BODY_BYTES_MAX = 256 * 1024;

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: Problem };

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;.*)?$/iu;

/** The parsed body; `value` is undefined where there is none. Never throws for what a client sent. */
export async function readJson(request: Request): Promise<Body> {
  const bytes = await readBytes(request);
  if (bytes === null)
    return failure("body-too-large", `A body may have at most ${BODY_BYTES_MAX} bytes.`);
  if (bytes.length === 0) return { ok: true, value: undefined };

  const type = request.headers.get("Content-Type");
  if (type !== null && !JSON_TYPE.test(type))
    return failure(
      "unsupported-media-type",
      "Send JSON, with the header `Content-Type: application/json`.",
    );
  return parse(bytes);
}

/** Null where there are more bytes than the limit: the rest is not read. */
async function readBytes(request: Request): Promise<Uint8Array | null> {
  if (Number(request.headers.get("Content-Length") ?? 0) > BODY_BYTES_MAX) return null;
  if (request.body === null) return new Uint8Array();

  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream: AsyncIterable<unknown> = request.body;
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("a body yields bytes");
    size += chunk.length;
    // Leaving the loop cancels the stream.
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function parse(bytes: Uint8Array): Body {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (thrown) {
    if (thrown instanceof TypeError) return failure("invalid-json", "The body is not UTF-8 text.");
    throw thrown;
  }
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch (thrown) {
    // The engine's message shows the place: by line and column, or by the text around it.
    if (thrown instanceof SyntaxError) return failure("invalid-json", `${thrown.message}.`);
    throw thrown;
  }
}

function failure(kind: Problem["kind"], detail: string): Body {
  return { ok: false, problem: { kind, detail } };
}
