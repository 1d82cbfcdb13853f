import {
  CreateInstancesCommand,
  GetInstanceCommand,
  GetKeyPairCommand,
  InvalidInputException,
  NotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-lightsail";
import { expect, test } from "vitest";
import { anInstance, startAws, type Rig } from "./rig.ts";

const resourceName = "media-1";

async function withInstance(): Promise<Rig> {
  const rig = await startAws({
    keyPairs: [{ name: "ops", tags: [{ key: "team", value: "media" }] }],
  });
  const tags = [{ key: "team", value: "media" }];
  await rig.lightsail.send(new CreateInstancesCommand({ ...anInstance(resourceName), tags }));
  return rig;
}

async function tagsOf({ lightsail }: Rig) {
  const { instance } = await lightsail.send(new GetInstanceCommand({ instanceName: resourceName }));
  return instance?.tags;
}

test("TagResource adds and overwrites, and leaves the others", async () => {
  const rig = await withInstance();
  const tags = [
    { key: "team", value: "video" },
    { key: "여유_서버_목표치", value: "3" },
    { key: "key-only" },
  ];

  const { operations } = await rig.lightsail.send(new TagResourceCommand({ resourceName, tags }));

  expect(operations).toMatchObject([{ resourceName, status: "Succeeded", isTerminal: true }]);
  expect(await tagsOf(rig)).toEqual(tags);
});

test("UntagResource takes tags away, and does not mind keys that are not there", async () => {
  const rig = await withInstance();

  await rig.lightsail.send(
    new UntagResourceCommand({ resourceName, tagKeys: ["team", "nothing"] }),
  );

  expect(await tagsOf(rig)).toEqual([]);
});

test("the ARN may be given too, and then it must be the resource's own", async () => {
  const rig = await withInstance();
  const { instance } = await rig.lightsail.send(
    new GetInstanceCommand({ instanceName: resourceName }),
  );
  const { keyPair } = await rig.lightsail.send(new GetKeyPairCommand({ keyPairName: "ops" }));
  const tags = [{ key: "team", value: "video" }];
  const tag = (resourceArn: string | undefined) =>
    rig.lightsail.send(new TagResourceCommand({ resourceName, resourceArn, tags }));
  const untag = (resourceArn: string | undefined) =>
    rig.lightsail.send(new UntagResourceCommand({ resourceName, resourceArn, tagKeys: ["team"] }));

  await expect(tag(keyPair?.arn)).rejects.toThrow(InvalidInputException);
  await expect(untag(keyPair?.arn)).rejects.toThrow(InvalidInputException);
  await expect(tag("not an ARN")).rejects.toThrow(InvalidInputException);
  expect(await tagsOf(rig)).toEqual([{ key: "team", value: "media" }]);

  await tag(instance?.arn);
  expect(await tagsOf(rig)).toEqual(tags);
  await untag(instance?.arn);
  expect(await tagsOf(rig)).toEqual([]);
});

test("a key pair carries tags too", async () => {
  const { lightsail } = await withInstance();

  await lightsail.send(
    new TagResourceCommand({ resourceName: "ops", tags: [{ key: "target", value: "10" }] }),
  );
  const { keyPair } = await lightsail.send(new GetKeyPairCommand({ keyPairName: "ops" }));

  expect(keyPair).toMatchObject({ name: "ops", resourceType: "KeyPair" });
  expect(keyPair?.tags).toEqual([
    { key: "team", value: "media" },
    { key: "target", value: "10" },
  ]);
});

test.each([
  ["a key of 129 characters", [{ key: "k".repeat(129), value: "" }]],
  ["a value of 257 characters", [{ key: "k", value: "v".repeat(257) }]],
  ["a character that is not allowed", [{ key: "k", value: "<b>" }]],
  ["more than fifty in all", Array.from({ length: 50 }, (_, n) => ({ key: `k${n}`, value: "" }))],
])("%s is refused, and nothing is changed", async (_what, tags) => {
  const rig = await withInstance();

  const call = rig.lightsail.send(new TagResourceCommand({ resourceName, tags }));

  await expect(call).rejects.toThrow(InvalidInputException);
  expect(await tagsOf(rig)).toEqual([{ key: "team", value: "media" }]);
});

test("what is not there cannot be tagged, nor found", async () => {
  const { lightsail } = await withInstance();

  const tag = lightsail.send(new TagResourceCommand({ resourceName: "media-2", tags: [] }));
  const keyPair = lightsail.send(new GetKeyPairCommand({ keyPairName: "media-1" }));

  await expect(tag).rejects.toThrow(NotFoundException);
  await expect(keyPair).rejects.toThrow(NotFoundException);
});
