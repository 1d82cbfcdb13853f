/**
 * I17: a request without the right changes nothing. A viewer may look; anyone who has no token sees `/` and
 * `/healthz` alone. A route or method that does not exist may say so.
 */
import type { Invariant } from "./invariant.ts";

const REFUSALS = new Set([401, 403, 404, 405]);
const OPEN = new Set(["/", "/healthz"]);

export const noRightNoChange: Invariant = {
  id: "I17",
  says: "a request without the right changes nothing",
  start: () => (event) => {
    if (event.kind !== "request" || event.role === "operator") return null;
    const { method, path, role, status, changed } = event;
    const who = role === "none" ? "without a token" : `as ${role}`;
    if (changed) return `${method} ${path} ${who} changed the ledger`;
    if (method !== "GET")
      return REFUSALS.has(status) ? null : `${method} ${path} ${who} was answered ${status}`;
    const isOpen = OPEN.has(path.split("?")[0] ?? path);
    return role === "none" && !isOpen && status !== 401
      ? `${method} ${path} ${who} was answered ${status}`
      : null;
  },
};
