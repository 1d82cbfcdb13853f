/** The sign of life for a watchdog outside: it raises the alarm when this call stays away. */
import { type Clock, deadlineIn } from "../clock.ts";
import type { Config } from "../env.ts";
import { fetchWithin, type Send } from "../fetch.ts";

export interface HeartbeatDeps {
  readonly config: Pick<Config, "heartbeatUrl">;
  readonly fetch: Send;
  readonly clock: Clock;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const LIMIT_MS = 5_000;

/** A watchdog that cannot be reached is logged, and no more: it notices by itself. */
export async function sendHeartbeat({ config, fetch, clock, log }: HeartbeatDeps): Promise<void> {
  const url = config.heartbeatUrl;
  if (url === null) return;
  const deadline = deadlineIn(clock, LIMIT_MS);
  try {
    const request = new Request(url, { redirect: "manual", signal: deadline.signal });
    const response = await fetchWithin(fetch, request, deadline.signal);
    await response.body?.cancel();
    if (!response.ok) log({ event: "heartbeat.failed", status: response.status });
  } catch {
    // The error is not repeated: it may name the address, which is a secret.
    const detail = deadline.signal.aborted
      ? `no answer within ${LIMIT_MS / 1000} s`
      : "not reached";
    log({ event: "heartbeat.failed", detail });
  } finally {
    deadline.clear();
  }
}
