import { describe, expect, test } from "vitest";
import {
  canonicalRequest,
  signature,
  signingKey,
  stringToSign,
  type CredentialScope,
  type SignedRequest,
} from "./sigv4.ts";

interface Vector {
  readonly source: string;
  readonly request: SignedRequest;
  readonly signedHeaders: readonly string[];
  readonly scope: CredentialScope;
  readonly canonicalRequest: readonly string[];
  readonly stringToSign: readonly string[];
  readonly signingKey: string;
  readonly signature: string;
}

const DATE_TIME = "20150830T123600Z";
const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const EMPTY_BODY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const VECTORS: readonly Vector[] = [
  {
    source: "AWS's worked example: IAM ListUsers",
    request: {
      method: "GET",
      path: "/?Action=ListUsers&Version=2010-05-08",
      headers: {
        host: "iam.amazonaws.com",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-amz-date": DATE_TIME,
      },
      body: "",
    },
    signedHeaders: ["content-type", "host", "x-amz-date"],
    scope: { date: "20150830", region: "us-east-1", service: "iam" },
    canonicalRequest: [
      "GET",
      "/",
      "Action=ListUsers&Version=2010-05-08",
      "content-type:application/x-www-form-urlencoded; charset=utf-8",
      "host:iam.amazonaws.com",
      "x-amz-date:20150830T123600Z",
      "",
      "content-type;host;x-amz-date",
      EMPTY_BODY_HASH,
    ],
    stringToSign: [
      "AWS4-HMAC-SHA256",
      "20150830T123600Z",
      "20150830/us-east-1/iam/aws4_request",
      "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
    ],
    signingKey: "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
    signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  },
  {
    source: "Lightsail GetInstances; its signature agrees with two other implementations",
    request: {
      method: "POST",
      path: "/",
      headers: {
        host: "lightsail.eu-west-1.amazonaws.com",
        "x-amz-date": DATE_TIME,
        "x-amz-target": "Lightsail_20161128.GetInstances",
      },
      body: "{}",
    },
    signedHeaders: ["host", "x-amz-date", "x-amz-target"],
    scope: { date: "20150830", region: "eu-west-1", service: "lightsail" },
    canonicalRequest: [
      "POST",
      "/",
      "",
      "host:lightsail.eu-west-1.amazonaws.com",
      "x-amz-date:20150830T123600Z",
      "x-amz-target:Lightsail_20161128.GetInstances",
      "",
      "host;x-amz-date;x-amz-target",
      "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    ],
    stringToSign: [
      "AWS4-HMAC-SHA256",
      "20150830T123600Z",
      "20150830/eu-west-1/lightsail/aws4_request",
      "a054c8bb0ef30d801c9460e76286f095998dd90dffe211a005d118c6e298a3fc",
    ],
    signingKey: "c14c75562235d7b32ec31a0bf9e0a7be939bf4e2ae3f95bb6623a3fa4ef02205",
    signature: "0fc1554437bbb8ec2158db711c7958036df1ec26e8ea345a6f823923cc51411d",
  },
];

describe.each(VECTORS)("$source", (vector) => {
  test("1. canonicalRequest", () => {
    expect(canonicalRequest(vector.request, vector.signedHeaders)).toBe(
      vector.canonicalRequest.join("\n"),
    );
  });

  test("2. stringToSign", () => {
    const canonical = vector.canonicalRequest.join("\n");

    expect(stringToSign(DATE_TIME, vector.scope, canonical)).toBe(vector.stringToSign.join("\n"));
  });

  test("3. signingKey", () => {
    expect(signingKey(SECRET, vector.scope).toString("hex")).toBe(vector.signingKey);
  });

  test("4. signature", () => {
    const key = signingKey(SECRET, vector.scope);

    expect(signature(key, vector.stringToSign.join("\n"))).toBe(vector.signature);
  });
});

describe("canonicalRequest", () => {
  const plain: SignedRequest = { method: "GET", path: "/", headers: { host: "a" }, body: "" };

  test("sorts and encodes the query, and reads a plus as a space", () => {
    const [, , query] = canonicalRequest({ ...plain, path: "/?b=1&a=x+y&a=%C3%A9!&c" }, [
      "host",
    ]).split("\n");

    expect(query).toBe("a=%C3%A9%21&a=x%20y&b=1&c=");
  });

  test("takes a query that is not well encoded as it stands, and does not throw", () => {
    const [, , query] = canonicalRequest({ ...plain, path: "/?a=%zz" }, ["host"]).split("\n");

    expect(query).toBe("a=%25zz");
  });

  test("trims header values, folds their spaces, and leaves out headers that are not signed", () => {
    const headers = { host: "a", "x-amz-meta": "  two   words ", "user-agent": "curl" };

    const canonical = canonicalRequest({ ...plain, headers }, ["x-amz-meta", "host"]);

    expect(canonical).toContain("host:a\nx-amz-meta:two words\n\nhost;x-amz-meta");
    expect(canonical).not.toContain("curl");
  });
});
