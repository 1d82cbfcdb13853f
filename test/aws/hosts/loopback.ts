/** What this machine's loopback network can do, and what to do when it cannot. */
import { createServer } from "node:net";

/** An address that Linux has without being asked, and macOS has not. */
const SECOND_LOOPBACK_ADDRESS = "127.16.0.1";

/** What to do about an address that cannot be listened on, by the system's error code. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens there; stop it, or choose another health port",
  EADDRNOTAVAIL: "this machine has no such address; take all probes at one address (PROBE_VIA)",
  EACCES: "ports below 1024 need more rights; choose a health port from 1024 up",
  EMFILE: "too many files are open; raise the limit (ulimit -n)",
};

/**
 * Whether every 127.x.y.z can be listened on, as on Linux; false where only 127.0.0.1 exists.
 *
 * Rejects when it cannot be found out (no permission to listen at all, no file handles).
 */
export async function hasLoopbackRange(): Promise<boolean> {
  const server = createServer();
  return await new Promise<boolean>((resolve, reject) => {
    server.once("error", (error) => {
      if (codeOf(error) === "EADDRNOTAVAIL") resolve(false);
      else reject(error);
    });
    server.listen(0, SECOND_LOOPBACK_ADDRESS, () => server.close(() => resolve(true)));
  });
}

/** A sentence about a listener that could not be opened. */
export function listenProblem(endpoint: string, owner: string, error: unknown): string {
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  const remedy = REMEDIES[code] ?? "see the system's message";
  return `Cannot listen on ${endpoint} for ${owner}: ${remedy} (${reason}).`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
