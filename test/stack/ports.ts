import { createServer, type Server } from "node:net";

const LOOPBACK = "127.0.0.1";

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = await open(0);
  const address = server.address();
  await closed(server);
  if (address === null || typeof address === "string") throw new Error("not a TCP server");
  return address.port;
}

/** Whether a port of 127.0.0.1 can be listened on now. Rejects on anything but a port in use. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await closed(await open(port));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return false;
    throw error;
  }
}

async function open(port: number): Promise<Server> {
  const server = createServer();
  return await new Promise<Server>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
