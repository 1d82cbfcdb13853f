/** AWS's own texts: an AWS that repeats all that it was sent, and one whose texts have no end. */
import { describe, expect, it } from "vitest";
import { createHands } from "../../../worker/act.ts";
import { createInstances, getInstances, getOperation } from "../../../worker/aws/lightsail.ts";
import { describeTags } from "../../../worker/aws/ec2.ts";
import type { Action, Command } from "../../../durable/rules/world.ts";
import {
  awsError,
  fakeAws,
  json,
  manualClock,
  OPERATIONS,
  type Seen,
  siteIn,
  testConfig,
  wireInstance,
  xml,
} from "./support.ts";

const SECRETS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  USERDATA_DB: "pw=Tr0ub4dor&3",
  OPERATOR_TOKEN: "olga:an-operators-token-of-32-characters",
};
const SCRIPT =
  "#!/bin/sh\nexport DB='{{secret:USERDATA_DB}}'\nPIN=739214 ./media-server --capacity 10\n";
type Create = Extract<Action, { kind: "create" }>;

function createOf(userData: string): Create {
  return {
    kind: "create",
    names: ["media-a-1"],
    zone: "ap-northeast-2a",
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    userData,
    keyPair: null,
    tags: {},
  };
}

function commandOf(action: Action): Command {
  const notAfter = Number.MAX_VALUE;
  return { number: 1, tick: 1, region: "ap-northeast-2", notAfter, pace: null, action };
}

/** What no message may hold: the secrets, and what only the script has. */
const HIDDEN = [
  ...Object.values(SECRETS).map((each) => each.split(":").at(-1) ?? ""),
  "739214",
  "./media-server",
];

function echoOf({ headers, body, url }: Seen): string {
  const lines = [...headers].map(([name, value]) => `${name}:${value}`);
  const { userData = "" } = JSON.parse(body.startsWith("{") ? body : "{}") as { userData?: string };
  return [url, ...lines, body, userData, `token ${SECRETS.OPERATOR_TOKEN.slice(5)}`].join("\n");
}

/** How an AWS can repeat a create. */
const ECHOES: readonly [what: string, answer: (echo: string) => Response][] = [
  ["a refusal", (echo) => awsError("InvalidInputException", echo)],
  ["a refused signature", (echo) => awsError("SignatureDoesNotMatch", echo, 403)],
  ["a code", (echo) => awsError(echo, "no")],
  [
    "an id of the request",
    (echo) =>
      new Response(JSON.stringify({ __type: "InvalidInputException", message: "no" }), {
        status: 400,
        headers: { "x-amzn-requestid": echo.replaceAll(/[^\x20-\x7e]/gu, " ") },
      }),
  ],
  ["a server's error", (echo) => awsError("InternalFailure", echo, 500)],
  ["a throttle", (echo) => awsError("ThrottlingException", echo)],
  [
    "a failed operation",
    (echo) =>
      json({
        operations: [
          { id: "1", status: "Failed", errorCode: "InvalidInputException", errorDetails: echo },
        ],
      }),
  ],
  [
    "one failed operation of two",
    (echo) =>
      json({ operations: [{ status: "Started" }, { status: "Failed", errorDetails: echo }] }),
  ],
  ["a page", (echo) => new Response(echo, { status: 502 })],
  [
    "a broken connection",
    (echo) => {
      throw new TypeError(`fetch failed: ${echo}`);
    },
  ],
];

describe("an AWS that repeats what it was sent", () => {
  it.each(ECHOES)(
    "leaves neither key, signature, secret nor script in %s",
    async (_what, answer) => {
      const clock = manualClock();
      let signature = "no signature";
      const aws = fakeAws((seen) => {
        signature = /Signature=(\w+)/u.exec(seen.headers.get("authorization") ?? "")?.[1] ?? "";
        expect(seen.body).toContain("Tr0ub4dor");
        return answer(echoOf(seen));
      });
      const transport = () => Promise.reject(new Error("no server is called"));
      const hands = createHands({
        config: testConfig(SECRETS),
        clock,
        fetch: aws.fetch,
        transport,
      });

      const outcomes = await hands.act([commandOf(createOf(SCRIPT))]);

      const text = JSON.stringify(outcomes);
      expect(signature).toMatch(/^[0-9a-f]{64}$/u);
      for (const secret of [...HIDDEN, signature]) expect(text).not.toContain(secret);
      expect(text.length).toBeLessThan(2_000);
    },
  );

  it("is still understood: what it means is read before anything is hidden", async () => {
    const message =
      "We do not have sufficient capacity in the zone for ./media-server --capacity 10";
    const aws = testAws(() => awsError("InvalidInputException", message));

    const result = await createInstances(aws, siteIn(), createOf(SCRIPT), "ubuntu");

    expect(result).toMatchObject({ kind: "rejected", rejection: "zoneCapacity" });
    expect(JSON.stringify(result)).not.toContain("media-server");
  });

  it("leaves nothing of it in what became of an operation", async () => {
    const echo = `for ${SECRETS.AWS_SECRET_ACCESS_KEY}`;
    const operation = { status: "Failed", errorCode: "ServiceException", errorDetails: echo };

    const result = await getOperation(
      testAws(() => json({ operation })),
      siteIn(),
      "op-1",
    );

    expect(JSON.stringify(result)).not.toContain(SECRETS.AWS_SECRET_ACCESS_KEY);
  });
});

describe("texts of AWS's without end", () => {
  const LONG = "x".repeat(3_000_000);

  it("are cut in a listing, of which all else is read", async () => {
    const tags = [
      { key: "lightfleet:owner", value: "default/media" },
      { key: "note", value: LONG },
    ];
    const instances = [{ ...wireInstance("media-1"), tags }, wireInstance("media-2")];

    const result = await getInstances(
      testAws(() => json({ instances })),
      siteIn(),
      null,
    );

    expect(result).toMatchObject({
      kind: "done",
      value: { instances: [{ owner: "default/media" }, { name: "media-2" }] },
    });
    expect(JSON.stringify(result).length).toBeLessThan(5_000);
  });

  it("are cut in the tag that says the target", async () => {
    const item = `<item><resourceId>key-1</resourceId><key>target</key><value>${LONG}</value></item>`;
    const answer = () =>
      xml(`<DescribeTagsResponse><tagSet>${item}</tagSet></DescribeTagsResponse>`);

    const result = await describeTags(
      testAws(answer),
      siteIn(),
      { resource: "key-1", key: "target" },
      null,
    );

    expect(result.kind).toBe("done");
    expect(JSON.stringify(result).length).toBeLessThan(2_000);
  });

  it("make an instance one that cannot be read if there are thousands of tags", async () => {
    const tags = Array.from({ length: 201 }, (_, index) => ({ key: `k${index}`, value: "v" }));
    const instances = [{ ...wireInstance("media-1"), tags }];

    const result = await getInstances(
      testAws(() => json({ instances })),
      siteIn(),
      null,
    );

    expect(result).toMatchObject({
      kind: "done",
      value: { instances: [], odd: [{ name: "media-1" }] },
    });
  });

  it("never make a part of a listing pass for the whole", async () => {
    const instances = Array.from({ length: 2_001 }, (_, index) => wireInstance(`media-${index}`));

    const result = await getInstances(
      testAws(() => json({ instances })),
      siteIn(),
      null,
    );

    expect(result.kind).toBe("malformed");
  });

  it("leave the token of a page as it came", async () => {
    const nextPageToken = "t".repeat(5_000);

    const result = await getInstances(
      testAws(() => json({ instances: [], nextPageToken })),
      siteIn(),
      null,
    );

    expect(result).toMatchObject({ kind: "done", value: { nextPageToken } });
  });

  it("do not stand in an event when a create is refused", async () => {
    const aws = testAws(() => awsError("InvalidInputException", `no: ${"word ".repeat(100_000)}`));

    const result = await createInstances(aws, siteIn(), createOf(""), "ubuntu");

    expect(JSON.stringify(result).length).toBeLessThan(2_000);
  });
});

it("a secret in a tag that anybody may write is not kept", async () => {
  const tags = [{ key: "note", value: `it is ${SECRETS.USERDATA_DB}` }];
  const instances = [{ ...wireInstance("media-1"), tags }];

  const result = await getInstances(
    testAws(() => json({ instances, operations: OPERATIONS })),
    siteIn(),
    null,
  );

  expect(JSON.stringify(result)).toContain("it is (hidden)");
});

function testAws(answer: () => Response) {
  return { config: testConfig(SECRETS), clock: manualClock(), fetch: fakeAws(answer).fetch };
}
