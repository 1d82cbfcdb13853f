import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeTagsCommand,
  type EC2Client,
  type Filter,
  type TagDescription,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { REGION, startAws } from "./rig.ts";

const KEY_PAIR = "key-0abc12345678def01";
const OTHER = "pg-0abc12345678def02";
const TARGET = "여유_서버_목표치";

function setTags(ec2: EC2Client, resource: string, tags: Record<string, string>) {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return ec2.send(new CreateTagsCommand({ Resources: [resource], Tags }));
}

async function found(ec2: EC2Client, ...Filters: Filter[]): Promise<string[]> {
  const { Tags } = await ec2.send(new DescribeTagsCommand({ Filters }));
  return (Tags ?? []).map(({ ResourceId, Key, Value }) => `${ResourceId} ${Key}=${Value}`);
}

test("a tag in another script comes back as it was set", async () => {
  const { ec2 } = await startAws();
  await setTags(ec2, KEY_PAIR, { [TARGET]: '10 <&> "열"' });

  const { Tags } = await ec2.send(
    new DescribeTagsCommand({
      Filters: [
        { Name: "resource-id", Values: [KEY_PAIR] },
        { Name: "key", Values: [TARGET] },
      ],
      MaxResults: 5,
    }),
  );

  expect(Tags).toEqual([
    { ResourceId: KEY_PAIR, ResourceType: "key-pair", Key: TARGET, Value: '10 <&> "열"' },
  ]);
});

test("CreateTags overwrites, and tags of other resources and regions stay as they are", async () => {
  const { ec2, ec2With } = await startAws();
  await setTags(ec2, KEY_PAIR, { target: "1", other: "x" });
  await setTags(ec2, OTHER, { target: "1" });
  await setTags(ec2With({ region: "us-east-1" }), KEY_PAIR, { target: "7" });

  await setTags(ec2, KEY_PAIR, { target: "2" });

  expect(await found(ec2)).toEqual([
    `${KEY_PAIR} target=2`,
    `${KEY_PAIR} other=x`,
    `${OTHER} target=1`,
  ]);
});

test("a resource without tags is an empty set, not an error", async () => {
  const { ec2 } = await startAws();

  expect(await found(ec2, { Name: "resource-id", Values: ["key-00000000"] })).toEqual([]);
});

describe("filters", () => {
  test.each<[string, Filter[], string[]]>([
    [
      "values of one filter are alternatives",
      [{ Name: "key", Values: ["a", "b"] }],
      ["key a=1", "key b=10", "pg a=2"],
    ],
    [
      "filters must all hold",
      [
        { Name: "key", Values: ["a"] },
        { Name: "value", Values: ["2"] },
      ],
      ["pg a=2"],
    ],
    ["a star stands for any text", [{ Name: "value", Values: ["1*"] }], ["key a=1", "key b=10"]],
    ["a question mark stands for one character", [{ Name: "value", Values: ["1?"] }], ["key b=10"]],
    ["an escaped star is a star", [{ Name: "key", Values: ["c\\*"] }], ["key c*=*"]],
    ["dots are dots", [{ Name: "value", Values: ["."] }], []],
    ["a type of resource", [{ Name: "resource-type", Values: ["placement-group"] }], ["pg a=2"]],
    ["one tag by its key", [{ Name: "tag:a", Values: ["*"] }], ["key a=1", "pg a=2"]],
    ["case matters", [{ Name: "key", Values: ["A"] }], []],
    ["nothing matches no value at all", [{ Name: "key", Values: [] }], []],
  ])("%s", async (_rule, filters, expected) => {
    const { ec2, cloud } = await startAws();
    for (const [key, value] of [
      ["a", "1"],
      ["b", "10"],
      ["c*", "*"],
    ] as const) {
      cloud.setEc2Tag(REGION, KEY_PAIR, key, value);
    }
    cloud.setEc2Tag(REGION, OTHER, "a", "2");

    const tags = await found(ec2, ...filters);

    expect(tags.map((tag) => tag.replace(KEY_PAIR, "key").replace(OTHER, "pg"))).toEqual(expected);
  });

  test("that do not exist are refused", async () => {
    const { ec2 } = await startAws();

    await expect(found(ec2, { Name: "colour", Values: ["red"] })).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
  });
});

describe("paging", () => {
  test("goes on at the token until there is none", async () => {
    const { ec2, cloud } = await startAws();
    for (let index = 0; index < 12; index++) cloud.setEc2Tag(REGION, KEY_PAIR, `key-${index}`, "x");

    const pages: (TagDescription[] | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ec2.send(
        new DescribeTagsCommand({ MaxResults: 5, ...(NextToken ? { NextToken } : {}) }),
      );
      pages.push(page.Tags);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);

    expect(pages.map((page) => page?.length)).toEqual([5, 5, 2]);
    expect(new Set(pages.flat().map((tag) => tag?.Key)).size).toBe(12);
  });

  test.each([4, 1001])("does not take MaxResults of %i", async (MaxResults) => {
    const { ec2 } = await startAws();

    const call = ec2.send(new DescribeTagsCommand({ MaxResults }));

    await expect(call).rejects.toMatchObject({
      name: "InvalidParameterValue",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("does not take a token that it did not give", async () => {
    const { ec2 } = await startAws();

    const call = ec2.send(new DescribeTagsCommand({ NextToken: "nonsense!" }));

    await expect(call).rejects.toMatchObject({ name: "InvalidPaginationToken" });
  });
});

describe("DeleteTags", () => {
  test.each([
    ["without a value takes any", { Key: "a" }, ["b="]],
    ["with a value takes only that", { Key: "a", Value: "2" }, ["a=1", "b="]],
    ["with an empty value takes only an empty one", { Key: "b", Value: "" }, ["a=1"]],
  ])("%s", async (_rule, tag, left) => {
    const { ec2 } = await startAws();
    await setTags(ec2, KEY_PAIR, { a: "1", b: "" });

    await ec2.send(new DeleteTagsCommand({ Resources: [KEY_PAIR], Tags: [tag] }));

    expect(await found(ec2)).toEqual(left.map((tag) => `${KEY_PAIR} ${tag}`));
  });

  test("without tags takes them all", async () => {
    const { ec2 } = await startAws();
    await setTags(ec2, KEY_PAIR, { a: "1", b: "2" });

    await ec2.send(new DeleteTagsCommand({ Resources: [KEY_PAIR] }));

    expect(await found(ec2)).toEqual([]);
  });
});

describe("refusals", () => {
  test.each([
    ["an id that is none", ["my-key"], [{ Key: "a", Value: "1" }], "InvalidID"],
    ["no resources", [], [{ Key: "a", Value: "1" }], "MissingParameter"],
    ["no tags", [KEY_PAIR], [], "MissingParameter"],
    ["a key of AWS's own", [KEY_PAIR], [{ Key: "aws:x", Value: "1" }], "InvalidParameterValue"],
    [
      "a key of 128 characters",
      [KEY_PAIR],
      [{ Key: "k".repeat(128), Value: "1" }],
      "InvalidParameterValue",
    ],
    [
      "a value of 257 characters",
      [KEY_PAIR],
      [{ Key: "a", Value: "v".repeat(257) }],
      "InvalidParameterValue",
    ],
    [
      "51 tags",
      [KEY_PAIR],
      Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}`, Value: "" })),
      "TagLimitExceeded",
    ],
  ])("%s", async (_what, Resources, Tags, name) => {
    const { ec2 } = await startAws();

    const call = ec2.send(new CreateTagsCommand({ Resources, Tags }));

    await expect(call).rejects.toMatchObject({ name });
    expect(await found(ec2)).toEqual([]);
  });

  test("a dry run says that it would have worked, and does nothing", async () => {
    const { ec2 } = await startAws();
    const wanted = { Resources: [KEY_PAIR], Tags: [{ Key: "a", Value: "1" }], DryRun: true };

    const call = ec2.send(new CreateTagsCommand(wanted));

    await expect(call).rejects.toMatchObject({
      name: "DryRunOperation",
      $metadata: { httpStatusCode: 412 },
    });
    expect(await found(ec2)).toEqual([]);
  });
});

test("reads lag behind writes when they are told to", async () => {
  const { ec2, clock } = await startAws({ timing: { ec2TagLagMs: 3_000 } });
  await setTags(ec2, KEY_PAIR, { target: "1" });

  const before = await found(ec2);
  clock.advance(3_000);

  expect(before).toEqual([]);
  expect(await found(ec2)).toEqual([`${KEY_PAIR} target=1`]);
});
