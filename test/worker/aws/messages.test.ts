/** What people have read in AWS's replies, in several orders of the words and under every code that carried it. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { adviceFor } from "../../../durable/rules/advice.ts";
import type { Rejection } from "../../../durable/rules/world.ts";
import { type Result, readLightsail } from "../../../worker/aws/errors.ts";

const ANY_CODE = [
  ["InvalidInputException", 400],
  ["OperationFailureException", 400],
  ["AccessDeniedException", 403],
  ["NotFoundException", 404],
  ["ServiceException", 500],
  ["SomethingNew", 400],
  ["SomethingNew", 500],
] as const;

function refusal(code: string, message: string, status = 400): Result<unknown> {
  const body = JSON.stringify({ __type: code, message });
  const reply = { kind: "answer", status, requestId: "r", errorType: null, body } as const;
  return readLightsail(reply, z.unknown());
}

function rejectionOf(
  code: string,
  message: string,
  status = 400,
): Rejection | Result<unknown>["kind"] {
  const result = refusal(code, message, status);
  return result.kind === "rejected" ? result.rejection : result.kind;
}

const QUOTAS = [
  "Sorry, you've reached your maximum limit of Lightsail Instances : 20",
  "Sorry, you've reached your maximum limit of Lightsail Instances : 0",
  "Sorry, you've reached the maximum number of instances for your account.",
  "Sorry, you've either reached or will exceed your maximum limit of Lightsail Instances.",
  "You have reached the limit of instances in this region. Please request a limit increase.",
  "The limit of Lightsail instances has been reached; try again later or contact support.",
  "This request would exceed your account's maximum of 20 vCPUs.",
  "The maximum of 20 vCPUs would be exceeded.",
  "Your account is at its limit of instances.",
  "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket.",
  "Your quota allows for 0 more running instance(s). You requested at least 1",
  "Too many instances in this account.",
  "Instance limit reached.",
] as const;

const NO_ROOM = [
  "We currently do not have sufficient t3.medium capacity in the Availability Zone you requested (us-east-1a). Our system will be working on provisioning additional capacity.",
  "Our system will be working on provisioning additional capacity: we do not have sufficient capacity at the moment.",
  "Insufficient capacity in ap-northeast-2a",
  "There is not enough capacity in this zone.",
  "We don't have enough capacity for medium_3_0.",
  "Capacity for this bundle is currently not available.",
  "The capacity of the zone is insufficient.",
  "We could not fulfill your request because of capacity constraints.",
  "The zone is out of capacity.",
] as const;

const ZONES = [
  "Your requested instance type (t3.medium) is not supported in your requested Availability Zone (us-east-1e). Please retry your request by not specifying an Availability Zone.",
  "The requested Availability Zone does not support the requested bundle.",
  "In your requested Availability Zone us-east-1e, nano_3_0 is no longer offered.",
  "The bundle is unsupported in the Availability Zone.",
  "The availability zone is not available",
  "The Availability Zone us-east-1e is currently constrained.",
] as const;

const NOT_NOW = [
  "The instance is in transition.",
  "Cannot do this while media-k3v9qa-1 is in transition. Please try again.",
  "Instances in a transitional state cannot be deleted.",
  "Another operation is in progress for this resource.",
  "The instance is currently being created.",
  "Your account is pending verification.",
] as const;

const PLAN_SIZES = [
  "Sorry, you cannot create this plan size.",
  "Your account can not create this plan size. Please contact customer support.",
  "This plan size cannot be created by your account.",
  "You are not allowed to create an instance of this plan size.",
] as const;

const BLOCKED = [
  "This account is currently blocked and not recognized as a valid account. Please contact aws-verification@amazon.com if you have questions.",
  "Your account is blocked.",
  "A suspended account cannot use this service.",
  "We have suspended your AWS account.",
] as const;

describe("AWS's words", () => {
  it.each(QUOTAS)("mean a quota under any code: %s", (message) => {
    for (const [code, status] of ANY_CODE)
      expect([code, rejectionOf(code, message, status)]).toEqual([code, "quota"]);
  });

  it.each(NO_ROOM)("mean a zone without room under any code: %s", (message) => {
    for (const [code, status] of ANY_CODE)
      expect([code, rejectionOf(code, message, status)]).toEqual([code, "zoneCapacity"]);
  });

  it.each(ZONES)("mean a zone that does not have it: %s", (message) => {
    for (const code of ["InvalidInputException", "OperationFailureException", "Unsupported"])
      expect(rejectionOf(code, message)).toBe("zoneCapacity");
  });

  it.each(NOT_NOW)("mean that it is too early: %s", (message) => {
    for (const code of ["InvalidInputException", "OperationFailureException", "SomethingNew"])
      expect(rejectionOf(code, message)).toBe("notNow");
  });

  it.each(PLAN_SIZES)("mean that the account may not have this size: %s", (message) => {
    for (const [code, status] of ANY_CODE) {
      const result = refusal(code, message, status);
      if (result.kind !== "rejected") throw new Error(`${code} is ${result.kind}`);
      const { what, fix } = adviceFor(result);

      expect(result.rejection).toBe("quota");
      expect(what).toContain("does not let this account create servers of this size");
      expect(what).toContain(message.slice(0, 20));
      expect(fix).toContain("`bundle`");
      expect(fix).not.toContain("policy");
    }
  });

  it.each(BLOCKED)("mean that AWS has blocked the account: %s", (message) => {
    for (const [code, status] of [...ANY_CODE, ["Blocked", 400] as const]) {
      const result = refusal(code, message, status);
      if (result.kind !== "rejected") throw new Error(`${code} is ${result.kind}`);
      const { what, fix } = adviceFor(result);

      expect(result.rejection).toBe("credentials");
      expect(what).toContain("AWS has blocked the account");
      expect(fix).toContain("Support Center");
      expect(fix).not.toContain("policy");
    }
  });
});

describe("words that only look like a quota", () => {
  it.each([
    ["User data exceeds the maximum length of 16384 characters.", "invalid"],
    ["The maximum number of tags for a resource is 50.", "invalid"],
    ["You have exceeded the limit of 60 CIDRs.", "invalid"],
    ["The request exceeds the maximum size.", "invalid"],
    ["You can create at most 10 instances at one time: the limit is exceeded.", "invalid"],
    ["The given Availability Zone is invalid.", "invalid"],
    ["The specified bundle does not exist in this region: nano_1_0", "notFound"],
    ["The bundle nano_9_9 is not available.", "invalid"],
  ])("are none: %s", (message, rejection) => {
    expect(rejectionOf("InvalidInputException", message)).toBe(rejection);
  });

  it.each(["RequestLimitExceeded", "ThrottlingException"])("are none under %s", (code) => {
    expect(rejectionOf(code, "You have reached the limit of requests.", 503)).toBe("throttled");
  });

  it("are none where AWS says which right is missing, or what is wrong with the key", () => {
    const denied = "User: x is not authorized to perform: lightsail:CreateInstances";

    expect(rejectionOf("AccessDeniedException", denied, 403)).toBe("credentials");
    expect(rejectionOf("InvalidSignatureException", "over the limit of 15 min", 403)).toBe(
      "credentials",
    );
  });

  it("say nothing of whether a failing server has made the change", () => {
    expect(rejectionOf("ServiceException", "The instance is pending", 500)).toBe("unknown");
    expect(rejectionOf("ServiceException", "The zone is temporarily impaired", 500)).toBe(
      "unknown",
    );
  });
});
