/** Reads a request's body as JSON, within a limit. */
import type { Problem } from "./problem.ts";
import { isTimedOut, within } from "./rpc.ts";

export const BODY_BYTES_MAX = 256 * 1024;
/** Less than a call may take, so that a slow client gets its own answer, 408. */
export const BODY_WITHIN_MS = 5_000;

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: Problem };

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;.*)?$/iu;

/** The parsed body; `value` is undefined where there is none. Never throws for what a client sent. */
export async function readJson(request: Request): Promise<Body> {
  const bytes = await readInTime(request);
  if (bytes === "slow")
    return failure(
      "body-too-slow",
      `The body must arrive within ${BODY_WITHIN_MS / 1000} s. Nothing was changed; send it again.`,
    );
  if (bytes === "large")
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

/** A client that is slow is not a fleet that is: the body has its own time limit, shorter than that of a call. */
async function readInTime(request: Request): Promise<Uint8Array | "large" | "slow"> {
  if (Number(request.headers.get("Content-Length") ?? 0) > BODY_BYTES_MAX) return "large";
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  try {
    return await within(BODY_WITHIN_MS, readBytes(reader));
  } catch (thrown) {
    if (!isTimedOut(thrown)) throw thrown;
    // Whether the cancellation works changes nothing of the reply.
    reader.cancel().catch(() => undefined);
    return "slow";
  }
}

/** The rest of what is beyond the limit is not read. */
async function readBytes(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | "large"> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > BODY_BYTES_MAX) {
      await reader.cancel();
      return "large";
    }
    chunks.push(value);
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
