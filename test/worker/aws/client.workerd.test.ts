import { describe, expect, inject, it } from "vitest";
import { callAws } from "../../../worker/aws/client.ts";
import { systemClock } from "../../../worker/clock.ts";
import { parseConfig } from "../../../worker/env.ts";
import type { BehaviourName } from "../health/expected.ts";

/** A call in the real runtime, to a server that behaves so; it gives up after 300 ms. */
function callOf(behaviour: BehaviourName) {
  const config = parseConfig({
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${inject("probePorts")[behaviour]}`,
  });
  const aws = { config, clock: systemClock, fetch: (request: Request) => fetch(request) };
  const site = {
    region: "ap-northeast-2",
    signal: AbortSignal.timeout(300),
    notAfter: Number.MAX_VALUE,
  };
  return callAws(aws, site, {
    service: "lightsail",
    headers: { "x-amz-target": "Lightsail_20161128.GetInstances" },
    body: "{}",
  });
}

describe("a call of AWS in the Workers runtime", () => {
  it("brings the whole answer", async () => {
    expect(await callOf("keepAlive")).toMatchObject({
      kind: "answer",
      status: 200,
      body: '{"sessions":2,"instance":"media-a-1"}',
    });
  });

  it.each(["silent", "drip", "reset", "hangsUp", "garbage"] as const)(
    "is lost, neither hanging nor thrown nor sent again, where the server is %s",
    async (behaviour) => {
      expect((await callOf(behaviour)).kind).toBe("lost");
    },
  );
});
