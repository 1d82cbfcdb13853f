/** The HTTP API, as the page calls it: the same calls that everybody else has (docs/api.md). */

const CALL_TIMEOUT_MS = 12_000;
/** A fleet has a thousand instances at the most; more pages than these would be a fault. */
const PAGES_MAX = 20;

/** Of somebody who is known by Cloudflare Access: the API hears of them by another way. */
export const NO_TOKEN = "";

/** What the API, or the way to it, answered instead of a result. Status 0: nothing was heard. */
export class CallError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = "CallError";
    this.status = status;
  }
}

/** @typedef {{ get: (path: string) => Promise<unknown>, list: (path: string, member: string) => Promise<unknown[]>, send: (method: string, path: string, body?: unknown) => Promise<unknown>, skewMs: () => number }} Api */

/** @param {string} token @returns {Api} */
export function createApi(token) {
  let skewMs = 0;

  /** @param {string} method @param {string} path @param {unknown} body */
  const call = async (method, path, body) => {
    /** @type {Record<string, string>} */
    const headers = token === NO_TOKEN ? {} : { Authorization: `Bearer ${token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const reply = await heard(path, {
      method,
      headers,
      cache: "no-store",
      // Nothing here sets a cookie; where Cloudflare Access stands before the Worker, it wants its own.
      credentials: "same-origin",
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const date = Date.parse(reply.headers.get("Date") ?? "");
    // The header has whole seconds: a difference of less than two says nothing.
    if (Number.isFinite(date)) skewMs = Math.abs(date - Date.now()) < 2_000 ? 0 : date - Date.now();
    if (!reply.ok) throw new CallError(reply.status, await detailOf(reply));
    return /** @type {Promise<unknown>} */ (reply.json());
  };
  /** Page after page, to the end of the list. @param {string} path @param {string} member */
  const list = async (path, member) => {
    const items = [];
    for (let cursor = "", page = 0; page < PAGES_MAX; page += 1) {
      const told = /** @type {Record<string, unknown>} */ (
        await call("GET", path + cursor, undefined)
      );
      items.push(.../** @type {unknown[]} */ (told[member]));
      if (typeof told["nextCursor"] !== "string") break;
      cursor = `?cursor=${encodeURIComponent(told["nextCursor"])}`;
    }
    return items;
  };
  return {
    get: (path) => call("GET", path, undefined),
    list,
    send: call,
    skewMs: () => skewMs,
  };
}

/** @param {string} path @param {RequestInit} init */
async function heard(path, init) {
  try {
    return await fetch(path, init);
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    throw new CallError(
      0,
      isLate ? "Lightfleet did not answer in time." : "Lightfleet cannot be reached.",
    );
  }
}

/** What a problem says to do; see docs/api.md, "Errors". @param {Response} reply */
async function detailOf(reply) {
  const text = await reply.text();
  if (reply.headers.get("Content-Type")?.includes("json") !== true)
    return `The answer was ${reply.status}, without a reason.`;
  /** @type {unknown} */
  const problem = JSON.parse(text);
  const has = typeof problem === "object" && problem !== null && "detail" in problem;
  return has && typeof problem.detail === "string"
    ? problem.detail
    : `The answer was ${reply.status}.`;
}
