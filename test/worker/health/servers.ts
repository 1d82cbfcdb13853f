/** Servers that behave badly, on real sockets, and how Node reaches them. */
import { type Server, type Socket, connect, createServer } from "node:net";
import type { Connection } from "../../../worker/health/transport.ts";
import type { HostAndPort } from "../../../worker/env.ts";
import type { BehaviourName } from "./expected.ts";

/** `first` is what came first. */
export type Behaviour = (socket: Socket, first: Uint8Array) => void;

const DRIP_MS = 20;
const GOOD = '{"sessions":2,"instance":"media-a-1"}';

/** Each answers as soon as it is connected to, and closes only where it says so. */
export const BEHAVIOURS: Record<BehaviourName, Behaviour> = {
  /** A good answer, on a connection that stays open. */
  keepAlive: (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${GOOD.length}\r\n\r\n${GOOD}`);
  },
  chunked: (socket) => {
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    socket.write(`${head}${GOOD.length.toString(16)}\r\n${GOOD}\r\n0\r\n\r\n`);
  },
  toTheEnd: (socket) => {
    socket.end(`HTTP/1.1 200 OK\r\n\r\n${GOOD}`);
  },
  wrongName: (socket) => {
    socket.end(`HTTP/1.1 200 OK\r\n\r\n{"sessions":0,"instance":"media-a-9"}`);
  },
  busy: (socket) => {
    socket.write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  },
  garbage: (socket) => {
    socket.write("SSH-2.0-OpenSSH_9.6\r\n");
  },
  silent: () => undefined,
  /** Never ends, a byte at a time. */
  drip: (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    const timer = setInterval(() => socket.write(" "), DRIP_MS);
    socket.once("close", () => clearInterval(timer));
  },
  huge: (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(1_000_000)}`);
  },
  reset: (socket) => {
    socket.resetAndDestroy();
  },
  hangsUp: (socket) => {
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{");
  },
};

export interface Running {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Listens on a free loopback port, and behaves so at the first bytes of each connection. */
export async function listen(behave: Behaviour): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // The prober hangs up in the middle of most of these.
    socket.on("error", () => undefined);
    socket.once("data", (first: Uint8Array) => behave(socket, first));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { port: portOf(server), close };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

/** A connection of Node's, as `tcp.ts` makes one of the Workers runtime's. */
export function nodeConnect({ host, port }: HostAndPort): Connection {
  const socket = connect({ host, port });
  const arrived = socket[Symbol.asyncIterator]();
  socket.on("error", () => undefined);
  return {
    opened: new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    }),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.once("error", reject);
        socket.write(bytes, () => resolve());
      }),
    read: async () => {
      const piece: IteratorResult<Uint8Array> = await arrived.next();
      return piece.done === true ? null : piece.value;
    },
    close: () => {
      socket.destroy();
    },
  };
}
