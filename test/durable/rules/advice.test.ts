import { describe, expect, it } from "vitest";
import { type Advice, adviceFor } from "../../../durable/rules/advice.ts";
import type { Rejection } from "../../../durable/rules/world.ts";
import { classifyFailedOperation } from "../../../worker/aws/errors.ts";

/** The advice on what AWS says, put in the class in which the fleet puts it. */
function news(code: string, message: string): Advice {
  const failure = classifyFailedOperation(code, message);
  if (failure.kind !== "rejected") throw new Error(`${code} is ${failure.kind}, not rejected`);
  return adviceFor(failure);
}

function invalid(message: string): Advice {
  return news("InvalidInputException", message);
}

function textOf({ what, fix }: Advice): string {
  return `${what}\n${fix}`;
}

const KEY_ID = "AKIAIOSFODNN7EXAMPLE";
const TEMPORARY_KEY_ID = "ASIAIOSFODNN7EXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const USER = "arn:aws:iam::123456789012:user/lightfleet";

describe("a key", () => {
  it.each([
    ["ExpiredTokenException", "The security token included in the request is expired"],
    ["ExpiredToken", "The provided token has expired."],
    ["UnrecognizedClientException", "The security token included in the request is expired"],
  ])("whose session token has expired (%s) is to be set anew, and heals by itself", (...said) => {
    const { what, fix } = news(...said);

    expect(what).toContain("session token of the AWS key has expired");
    expect(fix).toContain("AWS_SESSION_TOKEN");
    expect(fix).toContain("wrangler secret put");
    expect(fix).toContain("goes on looking, and heals by itself");
  });

  it("that EC2 calls expired may be temporary, or used by a wrong clock", () => {
    const { what, fix } = news("RequestExpired", "Request has expired.");

    expect(what).toContain("a temporary key has ended, or the clock is wrong");
    expect(fix).toContain("AWS_SESSION_TOKEN");
    expect(fix).toContain("timedatectl");
  });

  it.each([
    ["InvalidClientTokenId", "The security token included in the request is invalid."],
    ["UnrecognizedClientException", "The security token included in the request is invalid."],
    ["InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."],
    ["AuthFailure", "AWS was not able to validate the provided access credentials"],
    ["UnauthenticatedException", "The user has not been authenticated."],
  ])("that AWS does not know (%s) is to be looked up in IAM and set again", (...said) => {
    const { what, fix } = news(...said);

    expect(what).toContain("AWS does not know this key");
    expect(fix).toContain("IAM console");
    expect(fix).toContain("npx wrangler secret put AWS_ACCESS_KEY_ID");
    expect(fix).toContain("get-region-opt-status");
  });

  it.each(["SignatureDoesNotMatch", "InvalidSignatureException"])(
    "with the wrong secret (%s) is to be set again, both halves",
    (code) => {
      const { what, fix } = news(
        code,
        "The request signature we calculated does not match the signature you provided.",
      );

      expect(what).toContain("AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID");
      expect(fix).toContain("npx wrangler secret put AWS_ACCESS_KEY_ID");
      expect(fix).toContain("npx wrangler secret put AWS_SECRET_ACCESS_KEY");
    },
  );

  it.each([
    ["IncompleteSignature", "Authorization header requires 'Signature' parameter."],
    ["MissingAuthenticationTokenException", "Request is missing Authentication Token"],
  ])("that did not sign the whole request (%s) may have a stray character", (...said) => {
    const { what, fix } = news(...said);

    expect(what).toContain("without a whole signature");
    expect(fix).toContain("AWS_ENDPOINT_URL");
  });

  it.each([
    ["InvalidSignatureException", "Credential should be scoped to a valid region."],
    ["AuthFailure", "Credential should be scoped to correct service: 'ec2'."],
  ])("that signed for another region (%s) points at the region of the spec", (...said) => {
    const { what, fix } = news(...said);

    expect(what).toContain("another region or service");
    expect(fix).toContain("`region`");
  });

  it("that AWS found in public is to be treated as stolen", () => {
    const { what, fix } = news(
      "AccessDeniedException",
      `User: ${USER} is not authorized to perform: lightsail:CreateInstances on resource: * with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3`,
    );

    expect(what).toContain("quarantine");
    expect(fix).toContain("as stolen");
    expect(fix).toContain("deactivate the key");
  });
});

describe("a clock", () => {
  it.each([
    ["RequestTimeTooSkewed", "The difference between the request time and the current time is ..."],
    ["RequestInTheFuture", "The request is in the future."],
    [
      "InvalidSignatureException",
      "Signature expired: 20210502T144040Z is now earlier than 20210502T173143Z (20210502T174643Z - 15 min.)",
    ],
    [
      "SignatureDoesNotMatch",
      "Signature not yet current: 20210502T183640Z is still later than 20210502T175140Z (20210502T173640Z + 15 min.)",
    ],
  ])("that is wrong (%s: %s) is to be set, not the key", (...said) => {
    const { what, fix } = news(...said);

    expect(what).toContain("clock");
    expect(fix).toContain("timedatectl set-ntp true");
    expect(fix).not.toContain("wrangler secret put");
  });
});

describe("a right that is missing", () => {
  const denied = (why: string) =>
    news(
      "AccessDeniedException",
      `User: ${USER} is not authorized to perform: lightsail:CreateInstances on resource: arn:aws:lightsail:ap-northeast-2:123456789012:* ${why}`,
    );

  it("is named, and is to be added to the user's policy", () => {
    const { what, fix } = denied("because no identity-based policy allows it");

    expect(what).toBe("The AWS key has no right to lightsail:CreateInstances.");
    expect(fix).toContain("Add lightsail:CreateInstances to the policy");
    expect(fix).toContain("IAM console");
  });

  it("is named in EC2's words too", () => {
    const { what } = news(
      "UnauthorizedOperation",
      `You are not authorized to perform this operation. User: ${USER} is not authorized to perform: ec2:DescribeTags because no identity-based policy allows the ec2:DescribeTags action`,
    );

    expect(what).toBe("The AWS key has no right to ec2:DescribeTags.");
  });

  it.each(["ec2:CreateTags", "ec2:DescribeTags"])(
    "is %s where EC2 does not name it, and the call does",
    (right) => {
      const code = "UnauthorizedOperation";
      const message = "You are not authorized to perform this operation.";
      const { what, fix } = adviceFor({ rejection: "credentials", code, message, right });

      expect(what).toContain(`no right to ${right}. AWS says: `);
      expect(fix).toContain(`Add ${right} to the policy`);
    },
  );

  it("may be either where neither EC2 nor the call names it", () => {
    const { what, fix } = news(
      "UnauthorizedOperation",
      "You are not authorized to perform this operation.",
    );

    expect(what).toContain("ec2:DescribeTags to read the tag, or ec2:CreateTags to write");
    expect(fix).toContain("`spares.tag`");
  });

  it.each([
    ["with an explicit deny in a service control policy", "the AWS organization"],
    ["because no service control policy allows it", "the AWS organization"],
    ["with an explicit deny in a permissions boundary", "permissions boundary of the IAM user"],
    ["because no session policy allows it", "the policy of the session"],
    ["with an explicit deny in an identity-based policy", "look for its Deny"],
  ])("%s is not to be added to the user's policy, where it would be of no use", (why, where) => {
    const { fix } = denied(why);

    expect(fix).toContain(where);
    expect(fix).not.toContain("Add lightsail:CreateInstances");
  });

  it("that AWS does not name is to be found by the policy in the README", () => {
    const { what, fix } = news("AccessDeniedException", "Access is denied.");

    expect(what).toContain("AccessDeniedException: Access is denied.");
    expect(fix).toContain("README");
    expect(fix).toContain("aws sts get-caller-identity");
  });
});

describe("an account", () => {
  it("that has not enabled the region is told where to enable it", () => {
    const { what, fix } = news("OptInRequired", "You are not subscribed to this service.");

    expect(what).toContain("has not enabled this region");
    expect(fix).toContain("AWS Regions, Enable");
    expect(fix).toContain("aws account enable-region --region-name");
  });

  it.each([
    ["AccountSetupInProgressException", "Your account is being set up.", "setting up the account"],
    ["RegionSetupInProgressException", "The region is being set up.", "setting up this region"],
    ["PendingVerification", "Your account is currently being verified.", "verifying the account"],
    [
      "OperationFailureException",
      "Your request for accessing resources in this region is being validated.",
      "verifying the account",
    ],
  ])("that is not ready yet (%s: %s) is waited for", (code, message, told) => {
    const { what, fix } = news(code, message);

    expect(what).toContain(told);
    expect(fix).toMatch(/^Wait/);
    expect(fix).toContain("tries again by itself");
  });

  it.each([
    [
      "InvalidInputException",
      "Sorry, you've reached the maximum number of instances for your account.",
    ],
    ["VcpuLimitExceeded", "You have requested more vCPU capacity than your current limit allows."],
    ["ServiceQuotaExceededException", "The quota is exceeded."],
    ["InstanceLimitExceeded", "Your quota allows for 0 more running instance(s)."],
  ])("whose quota is used up (%s) is told where to ask for more", (code, message) => {
    const { what, fix } = news(code, message);

    expect(what).toMatch(/quota .* instances.* vCPUs/);
    expect(what).toContain(message);
    expect(fix).toContain("Service Quotas console, AWS services, Amazon Lightsail");
    expect(fix).toContain("Request quota increase");
    expect(fix).toContain("tries again by itself");
  });
});

describe("a spec that names what AWS does not have", () => {
  it.each([
    ["The specified bundle does not exist in this region: nano_1_0", "nano_1_0", "`bundle`"],
    ["The bundle nano_9_9 is not available.", "nano_9_9", "aws lightsail get-bundles"],
    ["Value 'tiny' at 'bundleId' failed to satisfy constraint", "tiny", "`bundle`"],
    ["The blueprint ubuntu_10_04 is not available.", "ubuntu_10_04", "`image.blueprint`"],
    ["The specified blueprint does not exist: centos", "centos", "aws lightsail get-blueprints"],
    [
      "The availability zone ap-northeast-2z does not exist in ap-northeast-2.",
      "ap-northeast-2z",
      "`availabilityZones`",
    ],
    ["Invalid availability zone: us-east-1q", "us-east-1q", "aws lightsail get-regions"],
    ["The InstanceSnapshot does not exist: media-7", "media-7", "`image.snapshot`"],
    ["The instance snapshot media-8 does not exist.", "media-8", "`image.snapshot`"],
    ["The KeyPair does not exist: ops.2026", "ops.2026", "`keyPair`"],
    ["The key pair 'ops' does not exist.", "ops", "aws lightsail get-key-pairs"],
  ])("is told the name and the field: %s", (message, name, field) => {
    const { what, fix } = invalid(message);

    expect(what).toMatch(new RegExp(`^[^:]*: ${name.replaceAll(".", "\\.")}\\. AWS says: `));
    expect(what).toContain(message);
    expect(fix).toContain(field);
  });

  it("is told the field even where AWS does not say the name", () => {
    const { what, fix } = invalid("The bundle you specified is invalid in this zone.");

    expect(what).toMatch(/^This region does not offer the bundle\. AWS says: /);
    expect(fix).toContain("`bundle`");
  });

  it("is told of what AWS names first, where it names several", () => {
    const { what, fix } = invalid("The blueprint centos is not available for the bundle nano_3_0.");

    expect(what).toContain("does not offer the blueprint: centos.");
    expect(fix).toContain("`image.blueprint`");
  });

  it("is told by the code alone where the message says nothing", () => {
    const { what, fix } = news("NotFoundException", "(no message)");

    expect(what).toContain("NotFoundException: (no message)");
    expect(fix).toContain("`keyPair`");
  });

  it.each(["tags-k3-1", "media.tags", "media-tags", "ports.1"])(
    "is not seen in the name %s of something else",
    (name) => {
      const { what } = news("NotFoundException", `The Disk does not exist: ${name}`);

      expect(what).toContain("Something that the spec names is not there.");
    },
  );

  it("is not seen in a server's name that holds such a word", () => {
    const { what, fix } = news("NotFoundException", "The Instance does not exist: bundle-k3-1");

    expect(what).toContain("The server is not there any more");
    expect(fix).toContain("Nothing");
  });
});

describe("a spec that asks for what AWS does not accept", () => {
  it("hears that its bundle is too small for the snapshot", () => {
    const { what, fix } = invalid("The bundle nano_3_0 is too small for this image.");

    expect(what).toContain("too small for the image");
    expect(fix).toContain("larger `bundle`");
    expect(fix).toContain("`image.snapshot`");
  });

  it("hears how long its launch script may be", () => {
    const { what, fix } = invalid("User data is limited to 16384 bytes.");

    expect(what).toBe("AWS does not accept the launch script.");
    expect(fix).toContain("`userData`");
    expect(fix).toContain("16,384 bytes");
  });

  it("does not see its launch script again, which may hold secrets", () => {
    const advice = invalid("Value '#!/bin/sh TOKEN=hunter2' at 'userData' failed to satisfy");

    expect(textOf(advice)).not.toContain("hunter2");
  });

  it.each([
    "Tag keys must be between 1 and 128 characters long.",
    "Tags may hold letters, digits, spaces and _ . : / = + - @ only.",
    "A resource cannot have more than 50 tags.",
  ])("hears the rules of tags: %s", (message) => {
    const { what, fix } = invalid(message);

    expect(what).toContain(`AWS does not accept the tags. AWS says: InvalidInputException: `);
    expect(what).toContain(message);
    expect(fix).toContain("`tags`");
  });

  it("hears that its port rules are wrong", () => {
    const { what, fix } = invalid("A port needs both fromPort and toPort.");

    expect(what).toContain("port rules");
    expect(fix).toContain("`ports`");
  });
});

describe("what the fleet gets over by itself", () => {
  it("is a name that is in use, even one that holds another word", () => {
    const { what, fix } = invalid("Some names are already in use: tags-k3-1, zone-k3-2");

    expect(what).toContain("already in use");
    expect(what).toContain("tags-k3-1, zone-k3-2");
    expect(fix).toMatch(/^Nothing/);
    expect(fix).toContain("aws lightsail get-active-names");
  });

  it("is a zone without room, until no zone is left", () => {
    const { what, fix } = news(
      "OperationFailureException",
      "There is insufficient capacity for the requested bundle in the Availability Zone ap-northeast-2a.",
    );

    expect(what).toContain("no room for this bundle");
    expect(what).toContain("ap-northeast-2a");
    expect(fix).toContain("`availabilityZones`");
    expect(fix).toContain("tries again by itself");
  });

  it("is a server that is not ready for the call", () => {
    const { what, fix } = news("IncorrectState", "The instance is in an invalid state: pending");

    expect(what).toContain("The instance is in an invalid state: pending");
    expect(fix).toMatch(/^Nothing/);
  });
});

describe("an error that nobody has foreseen", () => {
  it("keeps AWS's code and words", () => {
    const { what, fix } = news("TeapotException", "I'm a teapot, short and stout.");

    expect(what).toBe("AWS refused. AWS says: TeapotException: I'm a teapot, short and stout.");
    expect(fix).toContain("AWS's documentation");
  });

  it("keeps the message where there is no code", () => {
    expect(adviceFor({ rejection: "other", code: "", message: "No." }).what).toBe(
      "AWS refused. AWS says: No.",
    );
  });

  it("does not run on: it is cut at 300 characters, and no character is cut in two", () => {
    const { what } = news("TeapotException", "🫖 ".repeat(1_000));

    expect(Array.from(what)).toHaveLength(300);
    expect(what).toMatch(/🫖…$|🫖 …$/u);
    expect(what.isWellFormed()).toBe(true);
  });

  it("does not bring control characters along", () => {
    const { what } = news("Teapot\u0000Exception", "a\r\nb\u001B[31mc\u2028d\u202Ee\uD800f");

    expect(what).toBe("AWS refused. AWS says: Teapot Exception: a  b [31mc d e f");
  });
});

describe("a secret", () => {
  const REJECTIONS: readonly Rejection[] = [
    "nameInUse",
    "notFound",
    "quota",
    "zoneCapacity",
    "credentials",
    "notNow",
    "invalid",
    "other",
  ];
  const signed = `The request signature we calculated does not match the signature you provided.

The Canonical String for this request should have been
'POST\n/\n\nhost:lightsail.ap-northeast-2.amazonaws.com\nx-amz-security-token:session-of-media'

The String-to-Sign should have been
'AWS4-HMAC-SHA256\n20261123T190000Z\n20261123/ap-northeast-2/lightsail/aws4_request'`;

  it.each(REJECTIONS)("does not leak in class %s, whatever the code", (rejection) => {
    const message = `the key ${KEY_ID} with ${SECRET}, or ${TEMPORARY_KEY_ID}/20261123, x=${SECRET}`;

    const text = textOf(adviceFor({ rejection, code: KEY_ID, message }));

    expect(text).not.toMatch(/AKIA|ASIAIOSF|FODNN7/);
    expect(text).not.toMatch(/wJalr|EXAMPLEKEY/);
  });

  it.each(REJECTIONS)("does not leak by a message about signatures in class %s", (rejection) => {
    const text = textOf(adviceFor({ rejection, code: "TeapotException", message: signed }));

    expect(text).not.toMatch(/HMAC|session-of-media|Canonical|x-amz/);
  });

  it.each(["SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"])(
    "does not leak by %s",
    (code) => {
      expect(textOf(news(code, signed))).not.toMatch(/HMAC|session-of-media|Canonical|x-amz/);
    },
  );

  it("does not leak by a code that speaks of signatures, whatever the message says", () => {
    const { what } = news("AuthorizationHeaderMalformed", "The header is session-of-media.");

    expect(what).toBe("AWS refused. AWS says: AuthorizationHeaderMalformed");
  });

  it("does not leak as the name of a thing", () => {
    const texts = [SECRET.replaceAll(/[/+]/g, "x"), KEY_ID].map((name) =>
      textOf(news("NotFoundException", `The KeyPair does not exist: ${name}`)),
    );

    expect(texts.join("\n")).not.toMatch(/wJalr|AKIA/);
    expect(texts.join("\n")).toContain("`keyPair`");
  });

  it("does not leak where the words are cut", () => {
    for (let length = 200; length < 300; length += 1) {
      const { what } = news("TeapotException", `${". ".repeat(length / 2)}${SECRET} ${KEY_ID}`);

      expect(what).not.toMatch(/wJal|AKIA/);
    }
  });

  it("does not leak as a message that AWS has encoded", () => {
    const { what } = news("UnauthorizedOperation", `Encoded message: ${"aB3_-x".repeat(90)}`);

    expect(what).toMatch(/AWS says: UnauthorizedOperation: Encoded message: \(hidden\)$/);
  });

  it("does not take AWS's other words with it", () => {
    const { what } = news("TeapotException", `no ${SECRET} for arn:aws:lightsail:us-east-1:1:*`);

    expect(what).toContain("no (hidden) for arn:aws:lightsail:us-east-1:1:*");
  });
});
