/** The AWS console's view of EC2's tags, through AWS's own client, from outside of the fleet. */
import { CreateTagsCommand, DescribeTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { TEST_CREDENTIAL, type Wire } from "../aws/wire/wire.ts";

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

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
  const handle = async ({ method, path, headers, body }: SdkRequest) => {
    const reply = wire.handle({ method, path, headers, body });
    if (reply === "dropped") throw Object.assign(new Error("dropped"), { code: "ECONNRESET" });
    const bytes = new TextEncoder().encode(reply.body);
    const response = { statusCode: reply.status, headers: reply.headers, body: bytes };
    return { response: response as never };
  };
  const client = new EC2Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestHandler: {
      handle,
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    } as never,
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
