import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";

/** Every test has a directory of its own, by its own name. */
function directory(name: string) {
  return env.DIRECTORY.getByName(name);
}

describe("the directory", () => {
  it("knows no fleet at first", async () => {
    expect(await directory("empty").names()).toEqual([]);
  });

  it("gives the names sorted, whatever the order in which they came", async () => {
    const stub = directory("sorted");

    await stub.register("media-b");
    await stub.register("media-c");
    await stub.register("media-a");

    expect(await stub.names()).toEqual(["media-a", "media-b", "media-c"]);
  });

  it("forgets the name that it is told to forget, and no other", async () => {
    const stub = directory("forgetful");
    await stub.register("media-a");
    await stub.register("media-b");

    await stub.forget("media-a");
    await stub.forget("media-never");

    expect(await stub.names()).toEqual(["media-b"]);
  });

  it("survives a crash of its object", async () => {
    await directory("crashed").register("media-a");
    await directory("crashed").register("media-b");
    await directory("crashed").forget("media-b");

    await abortAllDurableObjects();

    expect(await directory("crashed").names()).toEqual(["media-a"]);
  });

  it("writes a new name, and does not write one that it knows", async () => {
    await runInDurableObject(directory("thrifty"), async (instance, state) => {
      const put = vi.spyOn(state.storage, "put");

      await instance.register("media-a");
      const afterFirst = put.mock.calls.length;
      await instance.register("media-a");
      await instance.forget("media-unknown");

      expect(afterFirst).toBe(1);
      expect(put).toHaveBeenCalledTimes(1);
      expect(await instance.names()).toEqual(["media-a"]);
    });
  });

  it.each(["/do/call/destroy", "/do/set/fleets", "/do/get-prop/fleets"])(
    "does not answer its record's own route %s",
    async (path) => {
      const stub = directory("closed");
      await stub.register("media-a");

      await expect(
        stub.fetch(`https://itty-durable${path}`, { headers: { "do-content": "[]" } }),
      ).rejects.toThrow(/fetch/);

      expect(await stub.names()).toEqual(["media-a"]);
    },
  );

  it("remembers which fleets are dead, also over a crash, and writes only what is new", async () => {
    await directory("deadly").setDead({ media: { since: 5, toldAt: null } });
    await abortAllDurableObjects();

    expect(await directory("deadly").dead()).toEqual({ media: { since: 5, toldAt: null } });
    await runInDurableObject(directory("deadly"), async (instance, state) => {
      const put = vi.spyOn(state.storage, "put");
      await instance.setDead({ media: { since: 5, toldAt: null } });
      expect(put).not.toHaveBeenCalled();
      await instance.setDead({});
      expect(await instance.dead()).toEqual({});
    });
  });

  it("does not let its record's own methods be called", async () => {
    const stub = directory("sealed");
    await stub.register("media-a");
    const reach = async (method: string): Promise<unknown> => {
      const call: unknown = Reflect.get(stub, method);
      return typeof call === "function" ? Reflect.apply(call, stub, []) : call;
    };

    await expect(reach("destroy")).rejects.toThrow(/destroy/);
    await expect(reach("persist")).rejects.toThrow(/persist/);

    expect(await stub.names()).toEqual(["media-a"]);
  });
});
