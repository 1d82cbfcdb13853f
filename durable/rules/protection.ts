/** A protected server is deleted on no path: not as surplus, not by a rollout, not by force. */
import type { Blocker, Instance } from "./model.ts";

/** Its value does not matter, unless it is `false`: a person who sets a tag in a console means it. */
export const PROTECT_TAG = "lightfleet:protect";

export function isProtected(row: Pick<Instance, "protectedBy" | "protectedByTag">): boolean {
  return row.protectedBy !== null || row.protectedByTag;
}

export function isProtectTag(tags: Readonly<Record<string, string>>): boolean {
  const value = tags[PROTECT_TAG];
  return value !== undefined && value.trim().toLowerCase() !== "false";
}

/** What is shown while protected servers keep something from happening. */
export function protectedBlockers(count: number): Blocker[] {
  if (count === 0) return [];
  const fix = "unprotect them by POST .../instances/{name}/unprotect, or take their tag off";
  return [{ guard: "protected", value: count, limit: null, retryAt: null, fix }];
}
