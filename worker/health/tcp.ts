/**
 * Probes over `connect()`: a Worker may not `fetch` a bare IP address in production (error 1003,
 * although it works locally). The only file of the probes that knows the Workers runtime.
 */
import { connect } from "cloudflare:sockets";
import { type Connection, type Transport, transportOver } from "./transport.ts";

export const tcpTransport: Transport = transportOver(({ host, port }): Connection => {
  const socket = connect({ hostname: host, port }, { secureTransport: "off", allowHalfOpen: true });
  // Both settle with the failure that `write` and `read` throw too; unheard, they would be
  // reported as unhandled rejections.
  socket.opened.catch(() => undefined);
  socket.closed.catch(() => undefined);
  const writer = socket.writable.getWriter();
  const reader = socket.readable.getReader();

  return {
    opened: socket.opened,
    write: (bytes) => writer.write(bytes),
    read: async () => {
      const piece: ReadableStreamReadResult<Uint8Array> = await reader.read();
      return piece.done ? null : piece.value;
    },
    close: () => {
      // Given up, not finished: that it may already be closed or broken is all the same here.
      socket.close().catch(() => undefined);
    },
  };
});
