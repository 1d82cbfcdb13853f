/** Errors as people and programs get them: RFC 9457, with a detail that says what to do next. */
import type { Refusal } from "../../durable/rules/views.ts";
import type { Call, FleetCall } from "./deps.ts";
import { KINDS, type ProblemKind, TYPE_PREFIX } from "./problem-kinds.ts";

/** What is wrong with one value. `field` is its path in the body or the query, such as `limits.maxInstances`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface Problem {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of this kind of problem alone, for programs. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** More errors than these help nobody; a large body of unknown keys would make a larger reply. */
const FIELD_ERRORS_MAX = 50;

export function problem(c: Call, { kind, detail, errors, headers, members }: Problem): Response {
  const { status, title } = KINDS[kind];
  const body = {
    type: TYPE_PREFIX + kind,
    title,
    status,
    detail,
    instance: c.req.path,
    ...(errors === undefined ? {} : { errors: errors.slice(0, FIELD_ERRORS_MAX) }),
    ...members,
  };
  return c.body(JSON.stringify(body), status, {
    ...headers,
    "Content-Type": "application/problem+json",
  });
}

/** What a part of a fleet may be, where a 404 is about that and not about the fleet. */
type UnknownPart = "unknown-instance" | "unknown-lease" | "unknown-month" | "unknown-override";

/** By the status of the refusal; a 404 is about whatever is missing. */
const REFUSED: Readonly<Record<number, ProblemKind>> = {
  403: "foreign-lease",
  409: "conflict",
  412: "precondition-failed",
};

/** What a fleet refused, in its own words. `missing` is what a 404 is about. */
export function refused(
  c: Call,
  { refused: { status, title, detail } }: Refusal,
  missing: "unknown-fleet" | UnknownPart = "unknown-fleet",
): Response {
  const kind = REFUSED[status] ?? missing;
  const body = { type: TYPE_PREFIX + kind, title, status, detail, instance: c.req.path };
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/problem+json" });
}

/** The same for a call on a part of a fleet: without the fleet, the fleet is what is missing. */
export async function refusedPart(
  c: Call,
  { name, fleet }: FleetCall,
  refusal: Refusal,
  part: UnknownPart,
): Promise<Response> {
  if (refusal.refused.status === 404 && (await fleet.spec()) === null) return unknownFleet(c, name);
  return refused(c, refusal, part);
}

export function invalidFields(c: Call, errors: readonly FieldError[]): Response {
  const shown = errors.slice(0, FIELD_ERRORS_MAX);
  const words = shown.map(({ field, message }) => `\`${field}\` ${message}`).join("; ");
  const rest = errors.length - shown.length;
  const tail = rest > 0 ? `; and ${rest} more` : "";
  return problem(c, {
    kind: "invalid-fields",
    detail: `Nothing was changed. ${words}${tail}.`,
    errors,
  });
}

export function unknownFleet(c: Call, name: string): Response {
  return problem(c, {
    kind: "unknown-fleet",
    detail: `There is no fleet \`${name}\`. Create it with PUT /v1/fleets/${name} and its spec, or list the fleets with GET /v1/fleets.`,
  });
}
