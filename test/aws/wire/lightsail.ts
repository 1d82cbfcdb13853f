import { isRefusal } from "../cloud/refusal.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { callLightsail, isLightsailOperation, laneOf, subjectOf } from "../lightsail/call.ts";
import { SHAPES, TARGET_PREFIX } from "../lightsail/model.ts";
import type { JsonObject } from "../lightsail/render.ts";
import { textOf } from "../text.ts";
import type { AuthFault } from "./authenticate.ts";
import type { Incoming, Reply, Result, WireError } from "./service.ts";
import type { SignedRequest } from "./sigv4.ts";

/** HTTP statuses of the errors that the model does not name: from AWS's "Common errors" page for Lightsail. */
const COMMON_STATUS: Readonly<Record<string, number>> = {
  ThrottlingException: 400,
  UnrecognizedClientException: 403,
  IncompleteSignature: 403,
  MissingAuthenticationTokenException: 403,
  ExpiredTokenException: 403,
  UnknownOperationException: 404,
  ValidationError: 400,
  SerializationException: 400,
  RequestTimeoutException: 408,
  InternalFailure: 500,
  ServiceUnavailable: 503,
  // Unverified for Lightsail; other JSON services of AWS's answer 400 or 403.
  InvalidSignatureException: 403,
};

const DENIALS: Readonly<Record<AuthFault, string>> = {
  missing: "MissingAuthenticationTokenException",
  malformed: "IncompleteSignature",
  "unknown key": "UnrecognizedClientException",
  "wrong token": "UnrecognizedClientException",
  "expired token": "ExpiredTokenException",
  "wrong service": "InvalidSignatureException",
  "wrong region": "InvalidSignatureException",
  "scope date": "InvalidSignatureException",
  "unsigned header": "InvalidSignatureException",
  expired: "InvalidSignatureException",
  "not yet current": "InvalidSignatureException",
  mismatch: "InvalidSignatureException",
};

/** Reads a Lightsail call: JSON 1.1, with the operation in X-Amz-Target. */
export function readLightsail(cloud: Cloud, request: SignedRequest): Incoming {
  const [prefix, op = ""] = (request.headers["x-amz-target"] ?? "").split(".");
  const input = parseJson(request.body);
  const isKnown = prefix === TARGET_PREFIX && isLightsailOperation(op) && request.method === "POST";
  const subject = isKnown && input.isJson ? subjectOf(op, input.value) : { resources: [], page: 1 };
  return {
    service: "lightsail",
    op: op === "" ? "?" : op,
    ...subject,
    params: input.value,
    lane: isKnown ? laneOf(op) : null,
    run: (region, asOf, requestId) => {
      if (!isKnown)
        return failed({ type: "UnknownOperationException", message: lacking(op) }, requestId);
      if (!input.isJson)
        return failed(
          { type: "SerializationException", message: "The body is not JSON." },
          requestId,
        );
      return answer(callLightsail(cloud, region, op, input.value, asOf), requestId);
    },
    refuse: renderError,
    denials: DENIALS,
    throttled: { type: "ThrottlingException", message: "Rate exceeded" },
  };
}

/** AWS says nothing here; a client of ours is better off with the operation's name and a place to look. */
function lacking(op: string): string {
  return `The embedded AWS does not have ${op === "" ? "an operation without a name" : op}. Its README lists what it has and its gaps: test/aws/README.md, "Gaps".`;
}

function parseJson(body: string | Uint8Array): { isJson: boolean; value: unknown } {
  const text = textOf(body);
  try {
    const value: unknown = JSON.parse(text);
    return { isJson: true, value };
  } catch (error) {
    if (error instanceof SyntaxError) return { isJson: false, value: text };
    throw error;
  }
}

function answer(answered: ReturnType<typeof callLightsail>, requestId: string): Result {
  if (isRefusal(answered))
    return failed({ type: answered.refused, message: answered.message }, requestId);
  return { outcome: "ok", hadEffect: true, reply: reply(200, answered, requestId, {}) };
}

function failed(error: WireError, requestId: string): Result {
  return { outcome: error.type, hadEffect: false, reply: renderError(error, requestId) };
}

function renderError({ type, message, status }: WireError, requestId: string): Reply {
  const known = SHAPES[type]?.error?.httpStatusCode ?? COMMON_STATUS[type] ?? 400;
  return reply(status ?? known, { __type: type, message }, requestId, { "x-amzn-errortype": type });
}

function reply(
  status: number,
  body: JsonObject,
  requestId: string,
  more: Record<string, string>,
): Reply {
  return {
    status,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-requestid": requestId,
      ...more,
    },
    body: JSON.stringify(body),
  };
}
