/** The kinds of problems, by the last part of their `type`. The words are for people and may change. */

export const KINDS = {
  "invalid-json": { status: 400, title: "The body is not valid JSON" },
  "invalid-fields": { status: 400, title: "Some values are not valid" },
  "invalid-fleet-name": { status: 400, title: "That is not a name for a fleet" },
  "not-confirmed": { status: 400, title: "The removal is not confirmed" },
  unauthorized: { status: 401, title: "A token is needed" },
  forbidden: { status: 403, title: "This token may not do that" },
  "foreign-lease": { status: 403, title: "The lease is another's" },
  "unknown-path": { status: 404, title: "There is nothing at this path" },
  "unknown-fleet": { status: 404, title: "There is no such fleet" },
  "unknown-override": { status: 404, title: "There is no such override" },
  "unknown-instance": { status: 404, title: "There is no such instance" },
  "unknown-month": { status: 404, title: "Nothing of that month is kept" },
  "unknown-lease": { status: 404, title: "There is no such lease" },
  "method-not-allowed": { status: 405, title: "This path does not take that method" },
  "body-too-slow": { status: 408, title: "The body did not arrive in time" },
  conflict: { status: 409, title: "The state of the fleet does not allow it" },
  "no-spare": { status: 409, title: "There is no spare to lease" },
  "precondition-failed": { status: 412, title: "The spec is not what you took it for" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body must be JSON" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something went wrong inside" },
  "keys-unavailable": { status: 503, title: "Who signed in cannot be checked now" },
  unavailable: { status: 503, title: "The fleet cannot answer now" },
} as const;

export type ProblemKind = keyof typeof KINDS;

export const PROBLEM_KINDS = Object.keys(KINDS) as ProblemKind[];

export const TYPE_PREFIX = "urn:lightfleet:problem:";
