import { describe, expect, test } from "vitest";
import { authenticate, SKEW_MS_MAX, type Credential, type Expected } from "./authenticate.ts";
import {
  canonicalRequest,
  signature,
  signingKey,
  stringToSign,
  type SignedRequest,
} from "./sigv4.ts";

const NOW = Date.UTC(2026, 10, 22, 9, 0, 0);
const DATE_TIME = "20261122T090000Z";
const KEY: Credential = { accessKeyId: "AKIDTEST", secretAccessKey: "a/secret" };
const SCOPE = { date: "20261122", region: "ap-northeast-2", service: "lightsail" };
const EXPECTED: Expected = {
  service: "lightsail",
  regions: new Set(["ap-northeast-2", "us-east-1"]),
  credentials: [KEY],
  realNow: NOW,
};

/** A rightly signed request, but for what is changed before it is signed. */
function sign(
  change: {
    headers?: Record<string, string>;
    scope?: Partial<typeof SCOPE>;
    leaveOut?: string;
  } = {},
) {
  const headers = {
    host: "127.0.0.1:4566",
    "x-amz-date": DATE_TIME,
    "x-amz-target": "Lightsail_20161128.GetInstances",
    ...change.headers,
  };
  const scope = { ...SCOPE, ...change.scope };
  const request: SignedRequest = { method: "POST", path: "/", headers, body: "{}" };
  const signed = Object.keys(headers).filter((name) => name !== change.leaveOut);
  const dateTime = headers["x-amz-date"];
  const toSign = stringToSign(dateTime, scope, canonicalRequest(request, signed));
  const given = signature(signingKey(KEY.secretAccessKey, scope), toSign);
  const credential = `${KEY.accessKeyId}/${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const list = [...signed].sort().join(";");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${list}, Signature=${given}`;
  return { ...request, headers: { ...headers, authorization } };
}

function faultOf(request: SignedRequest, expected: Partial<Expected> = {}): string | null {
  const result = authenticate(request, { ...EXPECTED, ...expected });
  return result.isAllowed ? null : result.fault;
}

test("lets a rightly signed request in, and says whose it is", () => {
  expect(authenticate(sign(), EXPECTED)).toEqual({
    isAllowed: true,
    accessKeyId: "AKIDTEST",
    region: "ap-northeast-2",
  });
});

test("does not ask that content-type or user-agent be signed, as aws4fetch leaves them out", () => {
  const request = sign();
  const headers = {
    ...request.headers,
    "content-type": "application/x-amz-json-1.1",
    "user-agent": "curl",
  };

  expect(faultOf({ ...request, headers })).toBeNull();
});

describe("what was changed after signing", () => {
  test.each<[string, (request: ReturnType<typeof sign>) => SignedRequest]>([
    ["the body", (request) => ({ ...request, body: '{"a":1}' })],
    ["the method", (request) => ({ ...request, method: "PUT" })],
    ["the path", (request) => ({ ...request, path: "/other" })],
    ["the query", (request) => ({ ...request, path: "/?a=1" })],
    [
      "the target",
      (request) => ({
        ...request,
        headers: { ...request.headers, "x-amz-target": "Lightsail_20161128.DeleteInstance" },
      }),
    ],
    [
      "the port in the host",
      (request) => ({ ...request, headers: { ...request.headers, host: "127.0.0.1:4567" } }),
    ],
    [
      "the time, within the scope's day",
      (request) => ({
        ...request,
        headers: { ...request.headers, "x-amz-date": "20261122T090001Z" },
      }),
    ],
    [
      "the region in the scope",
      (request) => ({
        ...request,
        headers: {
          ...request.headers,
          authorization: request.headers.authorization.replace("ap-northeast-2", "us-east-1"),
        },
      }),
    ],
  ])("%s does not match", (_what, change) => {
    expect(faultOf(change(sign()))).toBe("mismatch");
  });
});

describe("headers that must be signed", () => {
  test.each(["host", "x-amz-date", "x-amz-target"])("%s", (leaveOut) => {
    expect(faultOf(sign({ leaveOut }))).toBe("unsigned header");
  });

  test("any x-amz header that was added on the way", () => {
    const request = sign();

    expect(faultOf({ ...request, headers: { ...request.headers, "x-amz-extra": "1" } })).toBe(
      "unsigned header",
    );
  });

  test("a header that is named but was not sent does not match", () => {
    const request = sign({ headers: { "x-amz-extra": "1" } });
    const { "x-amz-extra": _gone, ...headers } = request.headers as Record<string, string>;

    expect(faultOf({ ...request, headers })).toBe("mismatch");
  });
});

describe("the time of signing", () => {
  test.each([
    [0, null],
    [SKEW_MS_MAX, null],
    [SKEW_MS_MAX + 1_000, "expired"],
    [-SKEW_MS_MAX, null],
    [-SKEW_MS_MAX - 1_000, "not yet current"],
  ])("%i ms ago: %s", (ago, fault) => {
    expect(faultOf(sign(), { realNow: NOW + ago })).toBe(fault);
  });

  test("must be on the scope's day", () => {
    expect(faultOf(sign({ scope: { date: "20261121" } }))).toBe("scope date");
  });
});

describe("the scope", () => {
  test("names a service that is not the one called", () => {
    expect(faultOf(sign({ scope: { service: "ec2" } }))).toBe("wrong service");
  });

  test("names a region that is not served here", () => {
    expect(faultOf(sign({ scope: { region: "mars-1" } }))).toBe("wrong region");
  });

  test("names another region than a host of AWS's form does", () => {
    const host = "lightsail.us-east-1.amazonaws.com";

    expect(faultOf(sign({ headers: { host } }))).toBe("wrong region");
    expect(faultOf(sign({ headers: { host }, scope: { region: "us-east-1" } }))).toBeNull();
  });
});

describe("the key", () => {
  test("is unknown", () => {
    expect(faultOf(sign(), { credentials: [{ ...KEY, accessKeyId: "AKIDOTHER" }] })).toBe(
      "unknown key",
    );
  });

  test("has another secret", () => {
    expect(faultOf(sign(), { credentials: [{ ...KEY, secretAccessKey: "another" }] })).toBe(
      "mismatch",
    );
  });

  test("is a temporary one: its token must be there, be right and not have run out", () => {
    const credentials = [{ ...KEY, sessionToken: "token-1" }];

    expect(faultOf(sign(), { credentials })).toBe("wrong token");
    expect(faultOf(sign({ headers: { "x-amz-security-token": "token-2" } }), { credentials })).toBe(
      "wrong token",
    );
    expect(
      faultOf(sign({ headers: { "x-amz-security-token": "token-1" } }), { credentials }),
    ).toBeNull();
    expect(faultOf(sign(), { credentials: [{ ...KEY, isExpired: true }] })).toBe("expired token");
  });
});

describe("the Authorization header", () => {
  test("is missing", () => {
    const { authorization: _gone, ...headers } = sign().headers;

    expect(faultOf({ ...sign(), headers })).toBe("missing");
  });

  test.each([
    "Basic dXNlcjpwYXNz",
    "AWS4-HMAC-SHA256",
    "AWS4-HMAC-SHA256 Credential=AKIDTEST/20261122/ap-northeast-2/lightsail/aws4_request, SignedHeaders=host",
    "AWS4-HMAC-SHA256 Credential=AKIDTEST, SignedHeaders=host, Signature=00",
  ])("is malformed: %s", (authorization) => {
    expect(faultOf({ ...sign(), headers: { ...sign().headers, authorization } })).toBe("malformed");
  });

  test("comes without a date", () => {
    const { "x-amz-date": _gone, ...headers } = sign().headers;

    expect(faultOf({ ...sign(), headers })).toBe("malformed");
  });
});
