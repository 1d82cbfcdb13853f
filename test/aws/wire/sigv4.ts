/**
 * AWS Signature Version 4, in the steps of the AWS page "Create a signed AWS API request":
 *
 *   1. canonicalRequest   the request in one form, hashed
 *   2. stringToSign       algorithm, date, scope and that hash
 *   3. signingKey         secret -> date -> region -> service -> "aws4_request"
 *   4. signature          HMAC of 2 with 3
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from "node:crypto";

export const ALGORITHM = "AWS4-HMAC-SHA256";

/** What is signed. Header names are lower case; `path` may carry a query. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Where and when a signature is good: `{date}/{region}/{service}/aws4_request`. */
export interface CredentialScope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** Step 1. Exactly the headers named in `signedHeaders` take part. */
export function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const [path, query] = splitOnce(request.path, "?");
  const names = [...signedHeaders].sort();
  return [
    request.method,
    canonicalUri(path),
    canonicalQueryString(query),
    ...names.map((name) => `${name}:${canonicalValue(request.headers[name] ?? "")}`),
    "",
    names.join(";"),
    sha256Hex(request.body),
  ].join("\n");
}

/** Step 2. `dateTime` is the X-Amz-Date, such as `20150830T123600Z`. */
export function stringToSign(dateTime: string, scope: CredentialScope, canonical: string): string {
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  return [ALGORITHM, dateTime, scopeText, sha256Hex(canonical)].join("\n");
}

/** Step 3. The key of the last scopes is kept: it is the same for all calls of a day. */
export function signingKey(secretAccessKey: string, scope: CredentialScope): Buffer {
  const id = [scope.date, scope.region, scope.service, secretAccessKey].join("/");
  const known = keys.get(id);
  if (known !== undefined) return known;
  const kDate = hmac(`AWS4${secretAccessKey}`, scope.date);
  const kRegion = hmac(kDate, scope.region);
  const kService = hmac(kRegion, scope.service);
  const key = hmac(kService, "aws4_request");
  if (keys.size >= KEYS_MAX) keys.clear();
  keys.set(id, key);
  return key;
}

const KEYS_MAX = 100;
const keys = new Map<string, Buffer>();

/** Step 4. */
export function signature(key: Buffer, toSign: string): string {
  return hmac(key, toSign).toString("hex");
}

function canonicalUri(path: string): string {
  return path
    .split("/")
    .map((segment) => uriEncode(segment))
    .join("/");
}

function canonicalQueryString(query: string): string {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => splitOnce(pair, "=").map(decode).map(uriEncode).join("="))
    .sort()
    .join("&");
}

function canonicalValue(value: string): string {
  return value.trim().replaceAll(/\s+/g, " ");
}

/** A query that is not well encoded is taken as it stands: its signature then decides. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** As `encodeURIComponent`, and the five characters that it leaves alone but RFC 3986 reserves. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data, "utf8").digest();
}
