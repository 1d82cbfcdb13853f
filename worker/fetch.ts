/** The outside world's `fetch`, and the reading of bodies whose size nobody promised. */
import { asError, orAborted } from "./clock.ts";

export type Send = (request: Request) => Promise<Response>;

/**
 * The response's head, or a throw: the network's error, or the signal's reason as soon as it aborts,
 * whether or not `send` listens to it.
 */
export async function fetchWithin(
  send: Send,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  const pending = send(request);
  try {
    return await orAborted(pending, signal);
  } catch (thrown) {
    // A response that still comes is let go, or it would hold one of the six connections.
    void pending.then(
      (late) => late.body?.cancel(),
      () => undefined,
    );
    throw thrown;
  }
}

export type BoundedBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly detail: string };

/** The whole body, unless it is larger than `bytesMax` or does not end in time; then it is cancelled. */
export async function readBounded(
  response: Response,
  bytesMax: number,
  signal: AbortSignal,
): Promise<BoundedBody> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (reader === undefined) return { kind: "bytes", bytes: new Uint8Array(0) };

  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await orAborted(reader.read(), signal);
      if (done) return { kind: "bytes", bytes: concat(chunks, size) };

      size += value.byteLength;
      if (size > bytesMax) {
        letGo(reader);
        return { kind: "failed", detail: `larger than ${bytesMax} bytes` };
      }
      chunks.push(value);
    }
  } catch (thrown) {
    letGo(reader);
    return { kind: "failed", detail: asError(thrown).message };
  }
}

function letGo(reader: ReadableStreamDefaultReader): void {
  // The body is given up; whether its cancellation works changes nothing of the result.
  reader.cancel().catch(() => undefined);
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
