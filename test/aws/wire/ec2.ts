import type { Cloud } from "../cloud/cloud.ts";
import { callEc2, ec2LaneOf, ec2ResourcesOf, isEc2Operation } from "../ec2/call.ts";
import { parseForm } from "../ec2/query.ts";
import { EC2_STATUS } from "../ec2/refusal.ts";
import { pageOf } from "../ec2/tags.ts";
import * as xml from "../ec2/xml.ts";
import { textOf } from "../text.ts";
import type { AuthFault } from "./authenticate.ts";
import type { Incoming, Reply, WireError } from "./service.ts";
import type { SignedRequest } from "./sigv4.ts";

const STATUS: Readonly<Record<string, number>> = EC2_STATUS;

// EC2 answers AuthFailure for keys that it does not know; for the rest it is from memory (unverified).
const DENIALS: Readonly<Record<AuthFault, string>> = {
  missing: "MissingAuthenticationToken",
  malformed: "IncompleteSignature",
  "unknown key": "AuthFailure",
  "wrong token": "AuthFailure",
  "expired token": "RequestExpired",
  "wrong service": "SignatureDoesNotMatch",
  "wrong region": "SignatureDoesNotMatch",
  "scope date": "SignatureDoesNotMatch",
  "unsigned header": "SignatureDoesNotMatch",
  expired: "RequestExpired",
  "not yet current": "SignatureDoesNotMatch",
  mismatch: "SignatureDoesNotMatch",
};

/** Reads an EC2 call: a form, in the body of a POST or in the query of a GET. */
export function readEc2(cloud: Cloud, request: SignedRequest): Incoming {
  const params = parseForm(formOf(request));
  const op = params.get("Action") ?? "";
  const isKnown = isEc2Operation(op);
  return {
    service: "ec2",
    op: op === "" ? "?" : op,
    resources: ec2ResourcesOf(params),
    page: pageOf(params),
    params: Object.fromEntries(params),
    lane: isKnown ? ec2LaneOf(op) : null,
    run: (region, asOf, requestId) => {
      const answered = isKnown
        ? callEc2(cloud, region, op, params, asOf)
        : {
            code: "InvalidAction",
            message: `The action ${op} is not valid for this web service. The embedded AWS has only tags of EC2: test/aws/README.md, "Gaps".`,
          };
      if ("code" in answered) {
        const { code: type, message } = answered;
        return {
          outcome: type,
          hadEffect: false,
          reply: renderError({ type, message }, requestId),
        };
      }
      const body = xml.renderResponse(op, requestId, answered);
      return { outcome: "ok", hadEffect: true, reply: reply(200, body, requestId) };
    },
    refuse: renderError,
    denials: DENIALS,
    throttled: { type: "RequestLimitExceeded", message: "Request limit exceeded." },
  };
}

/** The form that carries the call's parameters. */
export function formOf({ method, path, body }: SignedRequest): string {
  if (method === "GET") return path.slice(path.indexOf("?") + 1);
  return textOf(body);
}

function renderError({ type, message, status }: WireError, requestId: string): Reply {
  return reply(status ?? STATUS[type] ?? 400, xml.renderError(type, message, requestId), requestId);
}

function reply(status: number, body: string, requestId: string): Reply {
  return {
    status,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
    body,
  };
}
