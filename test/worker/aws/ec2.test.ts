import { describe, expect, it } from "vitest";
import { createTag, describeTags } from "../../../worker/aws/ec2.ts";
import { fakeAws, manualClock, siteIn, testConfig, xml } from "./support.ts";

const TAG = { resource: "key-0abc1234", key: "여유_서버_목표치" };

function item(value: string, key = TAG.key, resource = TAG.resource): string {
  return `<item><resourceId>${resource}</resourceId><resourceType>key-pair</resourceType><key>${key}</key>${value}</item>`;
}

function reply(tagSet: string, rest = ""): Response {
  return xml(
    `<DescribeTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>${tagSet}${rest}</DescribeTagsResponse>`,
  );
}

function given(answer: () => Response) {
  const fake = fakeAws(answer);
  const aws = { config: testConfig(), fetch: fake.fetch, clock: manualClock() };
  const form = (): URLSearchParams => new URLSearchParams(fake.seen.at(-1)?.body);
  return { aws, fake, form };
}

async function valueOf(answer: Response) {
  const { aws } = given(() => answer);
  const result = await describeTags(aws, siteIn(), TAG, null);
  return result.kind === "done" ? result.value.value : result.kind;
}

describe("the request", () => {
  it("asks for one key of one resource, in the query protocol", async () => {
    const { aws, fake, form } = given(() => reply("<tagSet/>"));

    await describeTags(aws, siteIn(), TAG, "next-1");

    expect(fake.seen[0]?.url).toBe("https://ec2.ap-northeast-2.amazonaws.com/");
    expect(Object.fromEntries(form())).toEqual({
      Action: "DescribeTags",
      Version: "2016-11-15",
      "Filter.1.Name": "resource-id",
      "Filter.1.Value.1": "key-0abc1234",
      "Filter.2.Name": "key",
      "Filter.2.Value.1": "여유_서버_목표치",
      MaxResults: "5",
      NextToken: "next-1",
    });
  });

  it("takes no part of a key for a wildcard", async () => {
    const { aws, form } = given(() => reply("<tagSet/>"));

    await describeTags(aws, siteIn(), { resource: "key-*", key: "a*b?c\\d" }, null);

    expect(form().get("Filter.1.Value.1")).toBe("key-\\*");
    expect(form().get("Filter.2.Value.1")).toBe("a\\*b\\?c\\\\d");
    expect(form().has("NextToken")).toBe(false);
  });
});

describe("the value of a tag", () => {
  it.each(["10", "010", "1e3", "0x10", "+5", " 10 ", "true", "10.0"])(
    "'%s' stays as it was written",
    async (text) => {
      expect(await valueOf(reply(`<tagSet>${item(`<value>${text}</value>`)}</tagSet>`))).toBe(text);
    },
  );

  it("is decoded once", async () => {
    const written = "<value>a &amp;lt; &#xC5EC;&#50; &quot;x&quot;</value>";

    expect(await valueOf(reply(`<tagSet>${item(written)}</tagSet>`))).toBe('a &lt; 여2 "x"');
  });

  it("is empty where it was left empty, which is not missing", async () => {
    expect(await valueOf(reply(`<tagSet>${item("<value/>")}</tagSet>`))).toBe("");
    expect(await valueOf(reply(`<tagSet>${item("")}</tagSet>`))).toBe("");
  });

  it("is that of the very key and resource, among others that look alike", async () => {
    const others = [
      item("<value>1</value>", TAG.key.toUpperCase() + "x"),
      item("<value>2</value>", TAG.key, "key-other"),
      item("<value>3</value>"),
    ];

    expect(await valueOf(reply(`<tagSet>\n  ${others.join("\n  ")}\n</tagSet>`))).toBe("3");
  });

  it.each(["<tagSet/>", "<tagSet></tagSet>", "<tagSet>\n  </tagSet>"])(
    "is null, not zero, in %s",
    async (empty) => expect(await valueOf(reply(empty))).toBeNull(),
  );

  it("may be on a page to come", async () => {
    const { aws } = given(() => reply("<tagSet/>", "<nextToken>n2</nextToken>"));

    expect(await describeTags(aws, siteIn(), TAG, null)).toMatchObject({
      value: { value: null, nextToken: "n2" },
    });
  });
});

describe("an answer that cannot be read", () => {
  it.each([
    ["half a document", "<DescribeTagsResponse><tagSet><item>"],
    ["a page", "<html><body>maintenance</body></html>"],
    ["another answer", "<CreateTagsResponse><return>true</return></CreateTagsResponse>"],
    ["no tag set", "<DescribeTagsResponse><requestId>r</requestId></DescribeTagsResponse>"],
    ["text in the tag set", "<DescribeTagsResponse><tagSet>none</tagSet></DescribeTagsResponse>"],
    [
      "a DTD",
      `<!DOCTYPE x [<!ENTITY a "5">]><DescribeTagsResponse><tagSet/></DescribeTagsResponse>`,
    ],
    ["nothing", ""],
  ])("is malformed: %s", async (_what, body) => {
    expect(await valueOf(new Response(body))).toBe("malformed");
  });
});

describe("the tag that is written", () => {
  const DONE =
    '<CreateTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><return>true</return></CreateTagsResponse>';

  const fault =
    (code: string, message = "no") =>
    (): Response =>
      xml(
        `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r-9</RequestID></Response>`,
        400,
      );

  async function written(answer: () => Response, value = "20") {
    const { aws, fake, form } = given(answer);
    const result = await createTag(aws, siteIn(), TAG, value);
    return { result, seen: fake.seen, form };
  }

  it("is one tag of one resource, in the query protocol", async () => {
    const { result, seen, form } = await written(() => xml(DONE), "10+20%");

    expect(result).toMatchObject({ kind: "done" });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.url).toBe("https://ec2.ap-northeast-2.amazonaws.com/");
    expect(Object.fromEntries(form())).toEqual({
      Action: "CreateTags",
      Version: "2016-11-15",
      "ResourceId.1": "key-0abc1234",
      "Tag.1.Key": "여유_서버_목표치",
      "Tag.1.Value": "10+20%",
    });
  });

  it("keeps a key as it is, for nothing in it is a pattern", async () => {
    const { aws, form } = given(() => xml(DONE));

    await createTag(aws, siteIn(), { resource: "key-0abc1234", key: "a*b?c\\d & e" }, "20");

    expect(form().get("Tag.1.Key")).toBe("a*b?c\\d & e");
  });

  it.each([
    ["UnauthorizedOperation", { kind: "rejected", rejection: "credentials", requestId: "r-9" }],
    ["InvalidKeyPair.NotFound", { kind: "rejected", rejection: "notFound" }],
    ["InvalidID", { kind: "rejected", rejection: "invalid" }],
    ["TagLimitExceeded", { kind: "rejected", rejection: "other" }],
    ["RequestLimitExceeded", { kind: "throttled", code: "RequestLimitExceeded" }],
    ["InternalError", { kind: "unknown" }],
  ])("is not written where EC2 says %s", async (code, expected) => {
    expect((await written(fault(code))).result).toMatchObject(expected);
  });

  it.each([
    ["a page", "<html><body>maintenance</body></html>"],
    ["half a document", "<CreateTagsResponse><return>tr"],
    ["another answer", "<DescribeTagsResponse><tagSet/></DescribeTagsResponse>"],
    ["no word of success", "<CreateTagsResponse><requestId>r</requestId></CreateTagsResponse>"],
    ["false", "<CreateTagsResponse><return>false</return></CreateTagsResponse>"],
    ["nothing", ""],
  ])("is not known to be written after %s", async (_what, body) => {
    expect((await written(() => new Response(body))).result.kind).toBe("malformed");
  });

  it("is not known to be written where the connection was lost", async () => {
    const fake = fakeAws(() => Promise.reject(new Error("reset")));
    const aws = { config: testConfig(), fetch: fake.fetch, clock: manualClock() };

    expect(await createTag(aws, siteIn(), TAG, "20")).toMatchObject({ kind: "unknown" });
    expect(fake.seen).toHaveLength(1);
  });
});
