import { timingSafeEqual } from "node:crypto";
import {
  ALGORITHM,
  canonicalRequest,
  signature,
  signingKey,
  stringToSign,
  type CredentialScope,
  type SignedRequest,
} from "./sigv4.ts";

/** A key that the embedded AWS accepts. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** If set, requests must carry it, signed. */
  readonly sessionToken?: string | undefined;
  /** A temporary key that has run out. */
  readonly isExpired?: boolean | undefined;
}

/** Why a request is not let in. */
export type AuthFault =
  | "missing"
  | "malformed"
  | "unknown key"
  | "wrong token"
  | "expired token"
  | "wrong service"
  | "wrong region"
  | "scope date"
  | "unsigned header"
  | "expired"
  | "not yet current"
  | "mismatch";

export type Authentication =
  | { readonly isAllowed: true; readonly accessKeyId: string; readonly region: string }
  | { readonly isAllowed: false; readonly fault: AuthFault; readonly detail: string };

/** What a request must be signed for. */
export interface Expected {
  readonly service: string;
  /** The regions served here; a Host of AWS's own form narrows them to one. */
  readonly regions: ReadonlySet<string>;
  readonly credentials: readonly Credential[];
  /** The real time: signatures know no other. */
  readonly realNow: number;
  /** All is checked but the signature itself: what it takes to compute is saved. */
  readonly skipsSignatures?: boolean;
}

/** A signature may be so old, or so far ahead (AWS: 5 minutes). */
export const SKEW_MS_MAX = 300_000;

interface Authorization {
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const CREDENTIAL = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/;
const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
const AWS_HOST = /^[a-z0-9-]+\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)(?::\d+)?$/;

/** Verifies a request's signature. Nothing is taken from the request that the signature does not cover. */
export function authenticate(request: SignedRequest, expected: Expected): Authentication {
  const header = request.headers["authorization"];
  if (header === undefined) return denied("missing", "Request is missing Authentication Token");
  const authorization = parseAuthorization(header);
  if ("problem" in authorization) return denied("malformed", authorization.problem);
  const dateTime = request.headers["x-amz-date"];
  const signedAt = dateTime === undefined ? null : parseAmzDate(dateTime);
  if (dateTime === undefined || signedAt === null) {
    return denied(
      "malformed",
      "Authorization header requires existence of a valid 'X-Amz-Date' header.",
    );
  }
  const credential = expected.credentials.find(
    (one) => one.accessKeyId === authorization.accessKeyId,
  );
  if (credential === undefined)
    return denied("unknown key", "The security token included in the request is invalid.");
  return (
    checkToken(request, credential) ??
    checkScope(request, authorization.scope, dateTime, expected) ??
    checkSignedHeaders(request, authorization.signedHeaders) ??
    checkSkew(dateTime, signedAt, expected.realNow) ??
    (expected.skipsSignatures === true
      ? null
      : checkSignature(request, authorization, dateTime, credential)) ?? {
      isAllowed: true,
      accessKeyId: credential.accessKeyId,
      region: authorization.scope.region,
    }
  );
}

function parseAuthorization(header: string): Authorization | { problem: string } {
  const [algorithm, ...rest] = header.trim().split(/\s+/);
  if (algorithm !== ALGORITHM) return { problem: `Unsupported AWS 'algorithm': '${algorithm}'.` };
  const parts = new Map(
    rest
      .join("")
      .split(",")
      .map((part): [string, string] => {
        const at = part.indexOf("=");
        return [part.slice(0, at), part.slice(at + 1)];
      }),
  );
  const missing = ["Credential", "SignedHeaders", "Signature"].find((name) => !parts.get(name));
  if (missing !== undefined)
    return { problem: `Authorization header requires '${missing}' parameter.` };
  const credential = CREDENTIAL.exec(parts.get("Credential") ?? "");
  if (credential === null) {
    const form = "<access-key>/YYYYMMDD/region/service/aws4_request";
    return {
      problem: `Credential must have exactly 5 slash-delimited elements, e.g. ${form}, got '${parts.get("Credential")}'`,
    };
  }
  const [, accessKeyId = "", date = "", region = "", service = ""] = credential;
  return {
    accessKeyId,
    scope: { date, region, service },
    signedHeaders: (parts.get("SignedHeaders") ?? "").split(";"),
    signature: parts.get("Signature") ?? "",
  };
}

function parseAmzDate(text: string): number | null {
  const match = AMZ_DATE.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? null : at;
}

function checkToken(request: SignedRequest, credential: Credential): Authentication | null {
  if (credential.isExpired === true)
    return denied("expired token", "The security token included in the request is expired");
  const token = request.headers["x-amz-security-token"];
  if (token === credential.sessionToken) return null;
  return denied("wrong token", "The security token included in the request is invalid.");
}

function checkScope(
  request: SignedRequest,
  scope: CredentialScope,
  dateTime: string,
  { service, regions }: Expected,
): Authentication | null {
  if (scope.service !== service)
    return denied("wrong service", `Credential should be scoped to correct service: '${service}'.`);
  const hostRegion = AWS_HOST.exec(request.headers["host"] ?? "")?.[1];
  if (!regions.has(scope.region) || (hostRegion !== undefined && hostRegion !== scope.region)) {
    return denied(
      "wrong region",
      `Credential should be scoped to a valid region, not '${scope.region}'.`,
    );
  }
  if (!dateTime.startsWith(scope.date)) {
    const text =
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP";
    return denied(
      "scope date",
      `${text}: '${scope.date}' != '${dateTime.slice(0, 8)}', from '${dateTime}'.`,
    );
  }
  return null;
}

/** AWS requires the host and every x-amz-* header that is sent to be signed; aws4fetch leaves content-type out. */
function checkSignedHeaders(
  request: SignedRequest,
  signed: readonly string[],
): Authentication | null {
  const required = [
    "host",
    ...Object.keys(request.headers).filter((name) => name.startsWith("x-amz-")),
  ];
  const unsigned = required.find((name) => !signed.includes(name));
  if (unsigned !== undefined) {
    return denied(
      "unsigned header",
      `'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.`,
    );
  }
  const absent = signed.find((name) => request.headers[name] === undefined);
  return absent === undefined ? null : denied("mismatch", MISMATCH);
}

function checkSkew(dateTime: string, signedAt: number, realNow: number): Authentication | null {
  if (signedAt < realNow - SKEW_MS_MAX) {
    const limit = amzDate(realNow - SKEW_MS_MAX);
    return denied(
      "expired",
      `Signature expired: ${dateTime} is now earlier than ${limit} (${amzDate(realNow)} - 5 min.)`,
    );
  }
  if (signedAt > realNow + SKEW_MS_MAX) {
    const limit = amzDate(realNow + SKEW_MS_MAX);
    return denied(
      "not yet current",
      `Signature not yet current: ${dateTime} is still later than ${limit} (${amzDate(realNow)} + 5 min.)`,
    );
  }
  return null;
}

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. " +
  "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

function checkSignature(
  request: SignedRequest,
  authorization: Authorization,
  dateTime: string,
  credential: Credential,
): Authentication | null {
  const toSign = stringToSign(
    dateTime,
    authorization.scope,
    canonicalRequest(request, authorization.signedHeaders),
  );
  const right = bytesOf(
    signature(signingKey(credential.secretAccessKey, authorization.scope), toSign),
  );
  const given = bytesOf(authorization.signature);
  return right.length === given.length && timingSafeEqual(right, given)
    ? null
    : denied("mismatch", MISMATCH);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function amzDate(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
}

function denied(fault: AuthFault, detail: string): Authentication {
  return { isAllowed: false, fault, detail };
}
