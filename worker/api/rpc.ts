/** Calls on the objects behind the API: each has a time limit, and a failure has a class. */
import type { Call } from "./deps.ts";
import { problem } from "./problem.ts";

/**
 * Requests never wait for AWS, so that this is long; a dry run does, and its look has a shorter limit of
 * its own. A body that trickles in has a shorter one.
 */
export const CALL_TIMEOUT_MS = 10_000;

/** What an overloaded object needs is less work: one tick's length of rest. */
const RETRY_OVERLOADED_SECONDS = 5;
const RETRY_SECONDS = 1;

class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** Whether `within` threw it. */
export function isTimedOut(thrown: unknown): boolean {
  return thrown instanceof TimedOut;
}

/** The result of `work`, or a rejection with `TimedOut` after `limitMs`. */
export async function within<Result>(
  limitMs: number,
  work: Result | Promise<Result>,
): Promise<Result> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimedOut(`no answer within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The reply for whatever a handler threw. The cause goes to the log, and never into the reply. */
export function failed(c: Call, thrown: unknown): Response {
  c.set("failure", describe(thrown));
  const seconds = retryAfterSeconds(thrown);
  if (seconds === null)
    return problem(c, {
      kind: "internal",
      detail: `The cause is in the Worker's log under request id ${c.get("requestId")}. Look at the fleet before you repeat a change.`,
    });
  return problem(c, {
    kind: "unavailable",
    detail: `The fleet's object did not answer in time or was restarted. A change may have been made or not; every change here may be repeated, after ${seconds} s.`,
    headers: { "Retry-After": String(seconds) },
  });
}

/** The cause in one line, for the log. */
export function describe(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}

/**
 * Durable Objects mark what they throw: `overloaded` must not be retried at once, `retryable` may be
 * (Cloudflare, "Rules of Durable Objects"). Null where repeating promises nothing.
 */
function retryAfterSeconds(thrown: unknown): number | null {
  if (!(thrown instanceof Error)) return null;
  if ("overloaded" in thrown && thrown.overloaded === true) return RETRY_OVERLOADED_SECONDS;
  if (thrown instanceof TimedOut) return RETRY_OVERLOADED_SECONDS;
  if ("retryable" in thrown && thrown.retryable === true) return RETRY_SECONDS;
  return null;
}
