/**
 * What an answer of AWS means. Decided by AWS's own error code, never by the HTTP status alone:
 * Lightsail says ThrottlingException with 400, EC2 says RequestLimitExceeded with 503, and a proxy's
 * error page says nothing of what AWS has done.
 */
import { z } from "zod";
import type { CallReport, Hole, Outcome, Rejection } from "../../durable/rules/world.ts";
import type { Reply } from "./client.ts";
import { REJECTIONS, SERVER_FAULTS, THROTTLES } from "./codes.ts";
import { CERTAIN, MESSAGES, meaningOf } from "./messages.ts";
import { boundedDocument, type Hide, keptId, keptText } from "./foreign.ts";
import { parseXml } from "./xml.ts";

/** Why a call brought nothing. Only `unsent` and `rejected` say that nothing was changed. */
export type Failure =
  | {
      readonly kind: "rejected";
      readonly rejection: Rejection;
      readonly code: string;
      readonly message: string;
      readonly requestId: string | null;
    }
  | { readonly kind: "throttled"; readonly code: string; readonly message: string }
  | { readonly kind: "unsent"; readonly message: string }
  /** Perhaps it was carried out. */
  | { readonly kind: "unknown"; readonly message: string }
  /** AWS said success, in words that cannot be read: of a change, as good as unknown. */
  | { readonly kind: "malformed"; readonly message: string };

export type Result<T> =
  | { readonly kind: "done"; readonly value: T; readonly requestId: string | null }
  | Failure;

/** AWS's ids of the operations that a call has begun, by the names of their instances. */
export type Operations = Readonly<Record<string, string>>;

/** The members of an error answer that we use; all are AWS's words. */
interface Fault {
  readonly codes: readonly string[];
  readonly message: string;
  readonly requestId: string | null;
}

/** A JSON answer of Lightsail; `shape` is what a success must look like. */
export function readLightsail<T>(reply: Reply, shape: z.ZodType<T>): Result<T> {
  if (reply.kind !== "answer") return notAnswered(reply);

  const body = boundedDocument(parseJson(reply.body), hideOf(reply));
  const fault = lightsailFault(body, reply);
  if (fault !== null) return classify(fault, reply.status, hideOf(reply));
  if (!isSuccess(reply)) return nameless(reply);
  return readSuccess(body, shape, reply);
}

/** An XML answer of EC2; `shape` is what the whole document must look like. */
export function readEc2<T>(reply: Reply, shape: z.ZodType<T>): Result<T> {
  if (reply.kind !== "answer") return notAnswered(reply);

  const body = boundedDocument(parseXml(reply.body), hideOf(reply));
  const fault = ec2Fault(body);
  if (fault !== null) return classify(fault, reply.status, hideOf(reply));
  if (!isSuccess(reply)) return nameless(reply);
  return readSuccess(body, shape, reply);
}

/** What a failed look leaves in an observation. */
export function toHole(failure: Failure): Hole {
  return {
    why: failure.kind,
    rejection: failure.kind === "rejected" ? failure.rejection : null,
    detail: "code" in failure ? `${failure.code}: ${failure.message}` : failure.message,
  };
}

/** What became of command `number`, of which `calls` were made. */
export function toOutcome(
  number: number,
  calls: readonly CallReport[],
  result: Result<Operations | null>,
): Outcome {
  if (result.kind === "done") {
    const { requestId, value } = result;
    return {
      number,
      calls,
      kind: "done",
      requestId,
      ...(value === null || Object.keys(value).length === 0 ? {} : { operations: value }),
    };
  }
  // An answer that cannot be read does not say whether the change was made.
  if (result.kind === "malformed") {
    return { number, calls, kind: "unknown", message: result.message };
  }
  return { number, calls, ...result };
}

/** Classifies a code and message that came with a success, such as a failed operation's. */
export function classifyFailedOperation(
  code: string,
  message: string,
  reply: Reply | null = null,
): Failure {
  return classify({ codes: [code], message, requestId: null }, 200, hideOf(reply));
}

/** Whatever AWS says of an operation, as it may be kept. */
export function wordsOfOperation(message: string, reply: Reply): string {
  return keptText(message, hideOf(reply));
}

/** AWS's own codes are of a word or two. */
const CODE_MAX = 128;

/** What it is about is read from AWS's own words; what is kept of them is cut, and repeats nothing of the request. */
function classify(fault: Fault, status: number, hide: Hide): Failure {
  const failure = meaningOfFault(fault, status);
  const message = keptText(failure.message, hide);
  if (!("code" in failure)) return { ...failure, message };
  const code = keptText(failure.code, hide, CODE_MAX);
  if (failure.kind !== "rejected") return { ...failure, code, message };
  return { ...failure, code, message, requestId: idOf(failure.requestId, hide) };
}

function idOf(id: string | null, hide: Hide): string | null {
  return id === null ? null : keptId(id, hide);
}

function hideOf(reply: Reply | null): Hide {
  return (reply?.kind === "answer" ? reply.hide : undefined) ?? ((text) => text);
}

function meaningOfFault(fault: Fault, status: number): Failure {
  const { codes, message, requestId } = fault;
  const code = codes[0] ?? "";
  if (codes.some((code) => THROTTLES.has(code))) return { kind: "throttled", code, message };

  const named = rejectionByCode(codes);
  const certain = named === null || isWide(codes, named) ? meaningOf(CERTAIN, message) : null;
  const rejection = certain ?? named;
  if (rejection === null && (status >= 500 || codes.some((code) => SERVER_FAULTS.has(code))))
    // Whatever else a failing server says, it may have made the change.
    return serverFault(code, message);
  return {
    kind: "rejected",
    rejection: rejection ?? rejectionByMessage(codes, message),
    code,
    message,
    requestId,
  };
}

/** A code that AWS gives for many reasons: what the message says for certain counts for more. */
function isWide(codes: readonly string[], named: Rejection): boolean {
  if (named === "notFound" || named === "notNow") return true;
  return codes.every((code) => !REJECTIONS.has(code) || code.startsWith("AccessDenied"));
}

function serverFault(code: string, message: string): Failure {
  return { kind: "unknown", message: `${code}: ${message}` };
}

function rejectionByCode(codes: readonly string[]): Rejection | null {
  for (const code of codes) {
    const named = REJECTIONS.get(code);
    if (named !== undefined) return named;
    if (/(DoesNotExist|\.NotFound)$/.test(code)) return "notFound";
  }
  return null;
}

/** InvalidInputException and OperationFailureException say what is wrong only in their message. */
function rejectionByMessage(codes: readonly string[], message: string): Rejection {
  const worded = meaningOf(MESSAGES, message);
  if (worded !== null) return worded;
  if (codes.includes("OperationFailureException")) return "notNow";
  if (codes.some((code) => /^(Invalid|Validation|Missing|Malformed)/.test(code))) return "invalid";
  return "other";
}

const LightsailFault = z
  .object({
    __type: z.string().nullish().catch(null),
    code: z.string().nullish().catch(null),
    message: z.string().nullish().catch(null),
    Message: z.string().nullish().catch(null),
  })
  .transform(({ __type: type, code, message, Message }) => ({
    type: type || null,
    code: code || null,
    message: message ?? Message ?? "(no message)",
  }));

function lightsailFault(body: unknown, reply: Reply & { kind: "answer" }): Fault | null {
  const parsed = LightsailFault.safeParse(body);
  const fault = parsed.success ? parsed.data : { type: null, code: null, message: "(no message)" };
  // `code` alone makes no error of a success: it might be a member of one.
  if (isSuccess(reply) && fault.type === null && reply.errorType === null) return null;

  const codes = [fault.type, fault.code, reply.errorType]
    .map((code) => bareCode(code ?? ""))
    .filter((code) => code !== "");
  if (codes.length === 0) return null;
  return { codes: [...new Set(codes)], message: fault.message, requestId: reply.requestId };
}

const Ec2Fault = z.object({
  Response: z.object({
    Errors: z.object({
      Error: z.array(z.object({ Code: z.string(), Message: z.string().optional() })).min(1),
    }),
    RequestID: z.string().optional(),
  }),
});

function ec2Fault(body: unknown): Fault | null {
  const parsed = Ec2Fault.safeParse(body);
  if (!parsed.success) return null;

  const { Errors, RequestID } = parsed.data.Response;
  return {
    codes: Errors.Error.map((error) => error.Code.trim()),
    message: Errors.Error[0]?.Message ?? "(no message)",
    requestId: RequestID?.trim() ?? null,
  };
}

/** `com.amazonaws.lightsail#NotFoundException` and `NotFoundException:http://...` are the same code. */
function bareCode(code: string): string {
  return (code.split(":")[0] ?? "").split("#").at(-1)?.trim() ?? "";
}

function isSuccess(reply: Reply & { kind: "answer" }): boolean {
  return reply.status >= 200 && reply.status < 300;
}

function notAnswered(reply: Exclude<Reply, { kind: "answer" }>): Failure {
  return { kind: reply.kind === "unsent" ? "unsent" : "unknown", message: reply.message };
}

/** No code of AWS's: a proxy, a captive network, or a service in pieces. It proves nothing. */
function nameless(reply: Reply & { kind: "answer" }): Failure {
  return { kind: "unknown", message: `HTTP ${reply.status} without an AWS error code` };
}

function readSuccess<T>(
  body: unknown,
  shape: z.ZodType<T>,
  reply: Reply & { kind: "answer" },
): Result<T> {
  const parsed = shape.safeParse(body);
  const hide = hideOf(reply);
  if (parsed.success)
    return { kind: "done", value: parsed.data, requestId: idOf(reply.requestId, hide) };

  const issue = parsed.error.issues[0];
  const where = issue === undefined ? "" : `${issue.path.join(".") || "body"}: ${issue.message}`;
  const message = keptText(`AWS answered in an unexpected form: ${where}`, hide);
  return { kind: "malformed", message };
}

/** The document, or null where it is not JSON (and null itself is no answer of AWS's). */
function parseJson(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return document;
  } catch {
    // HTML or half a document: the shape that it must have will not fit, and says so.
    return null;
  }
}
