/** The AWS console's view of EC2's tags, through AWS's own client, from outside of the fleet. */
import { CreateTagsCommand, DescribeTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { handlerOver } from "../aws/sdk-handler.ts";
import { TEST_CREDENTIAL, type Wire } from "../aws/wire/wire.ts";

export interface TagOnEc2 {
  readonly resource: string;
  readonly key: string;
}

export interface Console {
  readonly read: (tag: TagOnEc2) => Promise<string | null>;
  readonly write: (tag: TagOnEc2, value: string) => Promise<void>;
}

/** @param now the virtual clock: the client signs by it. */
export function consoleOver(wire: Wire, region: string, now: () => number): Console {
  const { accessKeyId, secretAccessKey } = TEST_CREDENTIAL;
  const client = new EC2Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestHandler: handlerOver(wire),
  });
  const atVirtualTime = (): EC2Client => {
    client.config.systemClockOffset = now() - Date.now();
    return client;
  };
  return {
    read: async ({ resource, key }) => {
      const filters = [
        { Name: "resource-id", Values: [resource] },
        { Name: "key", Values: [key] },
      ];
      const { Tags } = await atVirtualTime().send(new DescribeTagsCommand({ Filters: filters }));
      return Tags?.[0]?.Value ?? null;
    },
    write: async ({ resource, key }, value) => {
      const tags = [{ Key: key, Value: value }];
      await atVirtualTime().send(new CreateTagsCommand({ Resources: [resource], Tags: tags }));
    },
  };
}
