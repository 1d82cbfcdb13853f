/** Who may call a route. */
import type { Role } from "./auth.ts";

/** The least role that may call it; `open` needs no token, `published` none once one is configured. */
export type Needed = Role | "open" | "published";

export function needsToken(role: Needed): role is Role {
  return role !== "open" && role !== "published";
}
