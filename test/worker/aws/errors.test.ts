import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Reply } from "../../../worker/aws/client.ts";
import { readEc2, readLightsail, toHole, toOutcome } from "../../../worker/aws/errors.ts";

const Shape = z.object({ ok: z.boolean() });

function answer(body: string, status = 200, errorType: string | null = null): Reply {
  return { kind: "answer", status, requestId: "req-1", errorType, body };
}

function refusal(type: string, message: string, status = 400) {
  return readLightsail(answer(JSON.stringify({ __type: type, message }), status), Shape);
}

describe("a throttle", () => {
  it("is told by its code, with HTTP 400", () => {
    expect(refusal("ThrottlingException", "Rate exceeded")).toEqual({
      kind: "throttled",
      code: "ThrottlingException",
      message: "Rate exceeded",
    });
  });

  it("of EC2 is told by its code, with HTTP 503", () => {
    const body = `<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>r-9</RequestID></Response>`;

    expect(readEc2(answer(body, 503), Shape)).toMatchObject({ kind: "throttled" });
  });

  it("is not told by HTTP 429 alone", () => {
    expect(readLightsail(answer("slow down", 429), Shape).kind).toBe("unknown");
  });
});

describe("the code of an error", () => {
  it.each([
    ["a bare type", answer(`{"__type":"NotFoundException","message":"gone"}`, 404)],
    ["a qualified type", answer(`{"__type":"com.amazonaws.lightsail#NotFoundException"}`, 404)],
    ["a type with a link", answer(`{"__type":"NotFoundException:http://x/"}`, 404)],
    ["the member code", answer(`{"code":"NotFoundException"}`, 404)],
    ["a header", answer("", 404, "NotFoundException:http://x/")],
    [
      "the more telling of two",
      answer(`{"__type":"InvalidInputException","code":"DoesNotExist"}`, 400),
    ],
    ["a type beside a garbled member", answer(`{"__type":"NotFoundException","code":7}`, 404)],
  ])("is read from %s", (_where, reply) => {
    expect(readLightsail(reply, Shape)).toMatchObject({ kind: "rejected", rejection: "notFound" });
  });

  it("counts even with HTTP 200", () => {
    expect(refusal("AccessDeniedException", "no", 200)).toMatchObject({ kind: "rejected" });
  });
});

describe("a rejection", () => {
  it.each([
    ["InvalidInputException", "Some names are already in use: media-a-1", "nameInUse"],
    ["NameExists", "", "nameInUse"],
    [
      "InvalidInputException",
      "Sorry, you've reached the maximum number of instances for your account.",
      "quota",
    ],
    ["ServiceQuotaExceededException", "", "quota"],
    ["OperationFailureException", "Insufficient capacity in ap-northeast-2a", "zoneCapacity"],
    ["OperationFailureException", "There is not enough capacity in this zone", "zoneCapacity"],
    ["InvalidInputException", "The availability zone is not available", "zoneCapacity"],
    ["OperationFailureException", "The operation failed", "notNow"],
    ["InvalidInputException", "The instance is pending", "notNow"],
    ["AccountSetupInProgressException", "wait", "notNow"],
    ["RegionSetupInProgressException", "wait", "notNow"],
    ["NotFoundException", "The Instance does not exist: x", "notFound"],
    ["UnrecognizedClientException", "bad token", "credentials"],
    ["InvalidSignatureException", "", "credentials"],
    ["ExpiredTokenException", "", "credentials"],
    ["AccessDeniedException", "User is not authorized", "credentials"],
    ["AuthFailure", "", "credentials"],
    ["Blocked", "", "credentials"],
    ["UnauthorizedOperation", "", "credentials"],
    ["UnauthenticatedException", "", "credentials"],
    ["InvalidInputException", "Invalid bundle id", "invalid"],
    ["SomethingNew", "what is this", "other"],
    ["constructor", "no code at all", "other"],
  ])("%s '%s' means %s", (code, message, rejection) => {
    expect(refusal(code, message)).toEqual({
      kind: "rejected",
      rejection,
      code,
      message,
      requestId: "req-1",
    });
  });

  it("of EC2 carries AWS's words and request id", () => {
    const body = `<Response><Errors><Error><Code>AuthFailure</Code><Message>a &amp; b</Message></Error></Errors><RequestID>r-9</RequestID></Response>`;

    expect(readEc2(answer(body, 401), Shape)).toEqual({
      kind: "rejected",
      rejection: "credentials",
      code: "AuthFailure",
      message: "a & b",
      requestId: "r-9",
    });
  });
});

describe("what may have happened", () => {
  it.each([
    ["InternalFailure", 500],
    ["ServiceException", 500],
    ["ServiceUnavailable", 503],
    ["RequestTimeoutException", 408],
    ["BrandNewFault", 500],
    // AWS failed in the middle by its own word, whatever the status says.
    ["InternalError", 400],
    ["InternalFailure", 400],
    ["InternalServerError", 200],
    ["InternalServerException", 400],
    ["RequestTimeout", 400],
    ["RequestTimeoutException", 400],
    ["ServiceException", 400],
    ["ServiceUnavailable", 400],
    ["ServiceUnavailableException", 200],
    ["Unavailable", 400],
  ])("stays unknown on %s with HTTP %i", (code, status) => {
    expect(refusal(code, "the instance is pending", status).kind).toBe("unknown");
  });

  it.each([
    ["a proxy's page", answer("<html>502</html>", 502)],
    ["a page with HTTP 403", answer("<html>forbidden</html>", 403)],
    ["a redirect", answer("", 302)],
    ["a lost answer", { kind: "lost", message: "reset" } as const],
  ])("stays unknown on %s", (_what, reply) => {
    expect(readLightsail(reply, Shape).kind).toBe("unknown");
    expect(readEc2(reply, Shape).kind).toBe("unknown");
  });

  it("is certain only for what was not sent", () => {
    expect(readLightsail({ kind: "unsent", message: "refused" }, Shape).kind).toBe("unsent");
  });
});

describe("a success", () => {
  it("is done, with its request id", () => {
    expect(readLightsail(answer(`{"ok":true}`), Shape)).toEqual({
      kind: "done",
      value: { ok: true },
      requestId: "req-1",
    });
  });

  it.each(["<html>login</html>", `{"ok":tr`, `{"ok":1}`, "null", ""])(
    "in the form %s is malformed: a hole for a look, unknown for a change",
    (body) => {
      const result = readLightsail(answer(body), Shape);
      if (result.kind !== "malformed") throw new Error(result.kind);

      expect(toHole(result).why).toBe("malformed");
      expect(toOutcome(7, [], result)).toMatchObject({ number: 7, kind: "unknown" });
    },
  );
});
