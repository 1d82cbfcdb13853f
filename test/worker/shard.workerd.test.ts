/** A shard in the runtime that it ships to: an object, with real servers on real sockets. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, inject, it } from "vitest";
import type { Share } from "../../worker/health/shared.ts";
import { hintFor } from "../../durable/rules/location.ts";
import { aSpec } from "../durable/rules/spec-builder.ts";

function shareOf(port: number, differently: Partial<Share> = {}): Share {
  const request = { name: "media-a-1", revision: 7, address: "127.0.0.1" };
  return {
    requests: [request, { ...request, name: "media-a-2" }],
    health: { ...aSpec().health, port, path: "/health", timeoutSeconds: 0.5 },
    limitMs: 2_000,
    shards: [],
    region: "ap-northeast-2",
    ...differently,
  };
}

describe("a shard", () => {
  const shard = (name: string) => env.SHARD.getByName(name, hintFor("ap-northeast-2"));

  it("refuses a loopback address, as the eyes do where AWS is not on this machine", async () => {
    const { readings, failedShards } = await shard("default/media/0").ask(
      shareOf(inject("probePorts").keepAlive),
    );

    expect(readings.map(({ kind, name, revision }) => [kind, name, revision])).toEqual([
      ["hole", "media-a-1", 7],
      ["hole", "media-a-2", 7],
    ]);
    expect(failedShards).toEqual([]);
  });

  it("shares again with the shards that the request names", async () => {
    const shards = ["default/media/2", "default/media/3"];
    const share = shareOf(inject("probePorts").keepAlive, { shards });

    const { readings, failedShards } = await shard("default/media/1").ask(share);

    expect(readings.map(({ name }) => name).toSorted()).toEqual(["media-a-1", "media-a-2"]);
    expect(failedShards).toEqual([]);
  });

  it("asks each server by the check that its request names, and says so", async () => {
    const port = inject("probePorts").keepAlive;
    const request = { revision: 7, address: "127.0.0.1" };
    const share = shareOf(port, {
      requests: [
        { ...request, name: "media-a-1" },
        { ...request, name: "media-a-2", check: "a1" },
      ],
      checks: { a1: { ...shareOf(port).health, path: "/old" } },
    });

    const { readings } = await shard("default/media/5").ask(share);

    expect(readings.map(({ name, check }) => [name, check])).toEqual([
      ["media-a-1", undefined],
      ["media-a-2", "a1"],
    ]);
  });

  it("stores nothing and arms no alarm", async () => {
    const stub = shard("default/media/4");
    await stub.ask(shareOf(inject("probePorts").keepAlive));

    await runInDurableObject(stub, async (_shard, state) => {
      expect((await state.storage.list()).size).toBe(0);
      expect(await state.storage.getAlarm()).toBeNull();
    });
  });
});
