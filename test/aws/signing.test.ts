import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import { GetInstancesCommand } from "@aws-sdk/client-lightsail";
import { describe, expect, test } from "vitest";
import { startAws } from "./rig.ts";

const TEN_MINUTES_MS = 600_000;

/** Changes a request behind the signer's back, as someone on the way would. */
function tamper(client: Tamperable, change: (request: TamperedRequest) => void): void {
  const middleware =
    (next: (args: { request: TamperedRequest }) => Promise<unknown>) =>
    (args: { request: TamperedRequest }) => {
      change(args.request);
      return next(args);
    };
  client.middlewareStack.add(middleware as never, {
    step: "deserialize",
    priority: "low",
    name: "tamper",
  });
}

interface Tamperable {
  readonly middlewareStack: {
    add: (
      middleware: never,
      options: { step: "deserialize"; priority: "low"; name: string },
    ) => void;
  };
}

interface TamperedRequest {
  body: string;
  readonly headers: Record<string, string>;
}

describe("Lightsail", () => {
  const list = new GetInstancesCommand({});

  test.each([
    ["another key", { accessKeyId: "AKIDOTHER" }, "UnrecognizedClientException", 403],
    ["another secret", { secretAccessKey: "another" }, "InvalidSignatureException", 403],
    [
      "a token that the key does not have",
      { sessionToken: "token" },
      "UnrecognizedClientException",
      403,
    ],
    ["a region that does not exist", { region: "mars-north-1" }, "InvalidSignatureException", 403],
    [
      "a clock that is slow",
      { systemClockOffset: -TEN_MINUTES_MS },
      "InvalidSignatureException",
      403,
    ],
    [
      "a clock that is fast",
      { systemClockOffset: TEN_MINUTES_MS },
      "InvalidSignatureException",
      403,
    ],
  ])("refuses %s", async (_what, config, name, httpStatusCode) => {
    const { lightsailWith, wire } = await startAws();

    const call = lightsailWith(config).send(list);

    await expect(call).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(wire.calls.list()).toMatchObject([
      { op: "GetInstances", outcome: name, hadEffect: false },
    ]);
  });

  test("refuses a body that was changed on the way", async () => {
    const { lightsail } = await startAws();
    tamper(lightsail, (request) => void (request.body = "[]"));

    await expect(lightsail.send(list)).rejects.toMatchObject({ name: "InvalidSignatureException" });
  });

  test("refuses an operation that was changed on the way", async () => {
    const { lightsail } = await startAws();
    tamper(
      lightsail,
      ({ headers }) => void (headers["x-amz-target"] = "Lightsail_20161128.GetRegions"),
    );

    await expect(lightsail.send(list)).rejects.toMatchObject({ name: "InvalidSignatureException" });
  });

  test("accepts a temporary key with its token until it runs out", async () => {
    const temporary = {
      accessKeyId: "ASIATEMPORARY",
      secretAccessKey: "secret",
      sessionToken: "token-1",
    };
    const { lightsailWith, wire } = await startAws({}, { credentials: [temporary] });
    const client = lightsailWith(temporary);

    const { instances } = await client.send(list);
    wire.setCredentials([{ ...temporary, isExpired: true }]);

    expect(instances).toEqual([]);
    await expect(client.send(list)).rejects.toMatchObject({ name: "ExpiredTokenException" });
  });

  test("answers an unsigned request in JSON, with the error's type in body and header", async () => {
    const { endpoint } = await startAws();
    const headers = { "x-amz-target": "Lightsail_20161128.GetInstances" };

    const response = await fetch(endpoint, { method: "POST", headers, body: "{}" });

    expect(response.status).toBe(403);
    expect(response.headers.get("x-amzn-errortype")).toBe("MissingAuthenticationTokenException");
    expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({
      __type: "MissingAuthenticationTokenException",
      message: "Request is missing Authentication Token",
    });
  });

  test("does not say which secret it expected", async () => {
    const { lightsailWith, wire } = await startAws();

    const call = lightsailWith({ secretAccessKey: "another" }).send(list);

    const secret = wire.credentials[0]?.secretAccessKey ?? "";
    await expect(call).rejects.not.toHaveProperty("message", expect.stringContaining(secret));
  });
});

describe("EC2", () => {
  const describeTags = new DescribeTagsCommand({});

  test.each([
    ["another key", { accessKeyId: "AKIDOTHER" }, "AuthFailure", 401],
    ["another secret", { secretAccessKey: "another" }, "SignatureDoesNotMatch", 403],
    ["a clock that is slow", { systemClockOffset: -TEN_MINUTES_MS }, "RequestExpired", 400],
    ["a clock that is fast", { systemClockOffset: TEN_MINUTES_MS }, "SignatureDoesNotMatch", 403],
    ["a region that does not exist", { region: "mars-north-1" }, "SignatureDoesNotMatch", 403],
  ])("refuses %s", async (_what, config, name, httpStatusCode) => {
    const { ec2With } = await startAws();

    const call = ec2With(config).send(describeTags);

    await expect(call).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  });

  test("refuses a body that was changed on the way", async () => {
    const { ec2 } = await startAws();
    tamper(
      ec2,
      (request) => void (request.body = request.body.replace("2016-11-15", "2016-11-16")),
    );

    await expect(ec2.send(describeTags)).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  });

  test("answers an unsigned request in its XML envelope", async () => {
    const { endpoint } = await startAws();

    const response = await fetch(endpoint, {
      method: "POST",
      body: "Action=DescribeTags&Version=2016-11-15",
    });

    expect(response.headers.get("content-type")).toBe("text/xml;charset=UTF-8");
    expect(await response.text()).toMatch(
      /<Response><Errors><Error><Code>MissingAuthenticationToken<\/Code><Message>.+<\/Message><\/Error><\/Errors><RequestID>.+<\/RequestID><\/Response>$/,
    );
  });
});
