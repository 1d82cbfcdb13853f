/** What a look that failed means for a check: most often that nothing is known, and rarely that something is wrong. */
import { adviceFor } from "../../durable/rules/advice.ts";
import type { Failure, Result } from "../aws/errors.ts";
import { type Check, skipped, warn } from "./report.ts";

export type Rejected = Extract<Failure, { kind: "rejected" }>;

/** The refusal, where AWS knows the key and does not let it do this; else null. */
export function denialOf(result: Result<unknown>): Rejected | null {
  if (result.kind !== "rejected" || result.rejection !== "credentials") return null;
  const isDenial =
    /^(AccessDenied|UnauthorizedOperation|NotAuthorized)/.test(result.code) ||
    /not authorized to perform/i.test(result.message);
  return isDenial ? result : null;
}

/** The refusal, where AWS does not accept the key at all; else null. */
export function keyRefusalOf(result: Result<unknown>): Rejected | null {
  if (result.kind !== "rejected" || result.rejection !== "credentials") return null;
  return denialOf(result) === null ? result : null;
}

/** AWS let the key make this call, whatever came of it. */
export function isAllowed(result: Result<unknown>): boolean {
  if (result.kind === "rejected") return result.rejection !== "credentials";
  return result.kind === "done" || result.kind === "malformed";
}

/** A check whose look brought nothing. */
export function notSeen(name: string, failure: Failure, hasKey: boolean): Check {
  if (!hasKey || keyRefusalOf(failure) !== null)
    return skipped(name, "Not checked: AWS does not accept the key, see `key`.");
  if (denialOf(failure) !== null)
    return skipped(name, "Not checked: the key has no right to look; the rights above say which.");
  switch (failure.kind) {
    case "throttled":
      return warn(
        name,
        "Not checked: AWS throttles the calls of this account now.",
        "Try again in a minute.",
      );
    case "rejected": {
      const { what, fix } = adviceFor(failure);
      return warn(name, `Not checked. ${what}`, fix);
    }
    case "unsent":
    case "unknown":
    case "malformed":
      return warn(
        name,
        `Not checked: ${failure.message}.`,
        "Try again in a minute. If it stays so, look at health.aws.amazon.com, and at AWS_ENDPOINT_URL if it is set.",
      );
  }
}
