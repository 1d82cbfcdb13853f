/** Gives AWS's own clients the wire instead of a socket. */
import type { Wire } from "./wire/wire.ts";

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** The `requestHandler` of a client. Its type is the SDK's own affair, and differs by client. */
export function handlerOver(wire: Wire): never {
  const handle = async ({ method, path, headers, body }: SdkRequest) => {
    const reply = wire.handle({ method, path, headers, body });
    if (reply === "dropped") throw Object.assign(new Error("dropped"), { code: "ECONNRESET" });
    const bytes = new TextEncoder().encode(reply.body);
    return { response: { statusCode: reply.status, headers: reply.headers, body: bytes } };
  };
  const handler = {
    handle,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
  return handler as never;
}
