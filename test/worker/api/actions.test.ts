import { describe, expect, it } from "vitest";
import type { Refusal } from "../../../durable/rules/views.ts";
import { LEAST, changes, createWorld, errorsOf, serve } from "./fakes.ts";

const NAME = "media-ab12-1";
const OLGA = { actor: "token:olga" };
const VERBS = ["drain", "undrain", "protect", "unprotect", "delete", "adopt"] as const;

/** What the fleet is asked for where no body says more. */
const BARE = {
  drain: { kind: "drain", then: "delete", reason: "no reason given" },
  undrain: { kind: "undrain", reason: "no reason given" },
  protect: { kind: "protect", reason: "no reason given" },
  unprotect: { kind: "unprotect", reason: "no reason given" },
  delete: { kind: "delete", force: false, reason: "no reason given" },
  adopt: { kind: "adopt", reason: "no reason given" },
};

async function post(verb: string, body?: unknown, name = NAME, world = createWorld()) {
  const path = `/v1/fleets/media/instances/${name}/${verb}`;
  const response = await serve(world).call("POST", path, body);
  return { response, world, args: changes(world).map(({ args }) => args) };
}

describe("an action on an instance", () => {
  it.each(VERBS)("may come without a body: %s", async (verb) => {
    const { response, world, args } = await post(verb);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ instance: world.instances.get(NAME) });
    expect(args).toEqual([[NAME, BARE[verb], OLGA]]);
  });

  it.each(VERBS)("may come with an empty object, and with a blank reason: %s", async (verb) => {
    expect((await post(verb, {})).args).toEqual([[NAME, BARE[verb], OLGA]]);
    expect((await post(verb, { reason: "  " })).args).toEqual([[NAME, BARE[verb], OLGA]]);
  });

  it.each(VERBS)("carries its reason: %s", async (verb) => {
    const { args } = await post(verb, { reason: " a noisy neighbour " });

    expect(args).toEqual([[NAME, { ...BARE[verb], reason: "a noisy neighbour" }, OLGA]]);
  });

  it.each(VERBS)("refuses keys that it does not know, and asks no fleet: %s", async (verb) => {
    const { response, world } = await post(verb, { reasons: "typo", dryRun: true });

    expect(response.status).toBe(400);
    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([
      "reasons",
      "dryRun",
    ]);
    expect(world.calls).toEqual([]);
  });

  it.each([
    ["drain", "then", { then: "stop" }],
    ["drain", "then", { then: null }],
    ["drain", "force", { force: true }],
    ["undrain", "then", { then: "hold" }],
    ["protect", "reason", { reason: 5 }],
    ["protect", "reason", { reason: "x".repeat(501) }],
    ["unprotect", "body", []],
    ["unprotect", "body", '"now"'],
    ["delete", "force", { force: "true", reason: "gone mad" }],
    ["delete", "force", { force: 1, reason: "gone mad" }],
    ["delete", "then", { then: "delete" }],
    ["adopt", "protected", { protected: false }],
  ])("is not made when a value is wrong: %s, %s", async (verb, field, body) => {
    const { response, world } = await post(verb, body);

    expect(response.status).toBe(400);
    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([field]);
    expect(world.calls).toEqual([]);
  });

  it.each(VERBS)("is not made of a body that is not JSON: %s", async (verb) => {
    const { response, world } = await post(verb, "{then: hold}");

    expect(response.status).toBe(400);
    expect(await response.text()).toContain("invalid-json");
    expect(world.calls).toEqual([]);
  });

  it.each(VERBS)("takes no parameters: %s", async (verb) => {
    const { response, world } = await post(`${verb}?force=true`);

    expect(response.status).toBe(400);
    expect(await errorsOf(response)).toEqual([
      "force: is not a known parameter; none are known here",
    ]);
    expect(world.calls).toEqual([]);
  });

  it("is only a POST", async () => {
    const { call } = serve(createWorld());

    const response = await call("DELETE", `/v1/fleets/media/instances/${NAME}/delete`);

    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe("POST");
  });
});

describe("a drain", () => {
  it("may hold, and then ends in no deletion", async () => {
    const { args } = await post("drain", { then: "hold", reason: "to look at a core dump" });

    expect(args).toEqual([
      [NAME, { kind: "drain", then: "hold", reason: "to look at a core dump" }, OLGA],
    ]);
  });
});

describe("a deletion by force", () => {
  it("is made with a reason", async () => {
    const { args } = await post("delete", { force: true, reason: "mining coins" });

    expect(args).toEqual([[NAME, { kind: "delete", force: true, reason: "mining coins" }, OLGA]]);
  });

  it.each([
    [{ force: true }],
    [{ force: true, reason: "" }],
    [{ force: true, reason: " \n" }],
    [{ force: true, reason: "no reason given" }],
  ])("is not made without one: %j", async (body) => {
    const { response, world } = await post("delete", body);

    expect(response.status).toBe(400);
    expect(await errorsOf(response)).toEqual([
      "reason: is required with force: say why sessions may be lost",
    ]);
    expect(world.calls).toEqual([]);
  });

  it("needs none where force is false", async () => {
    const { args } = await post("delete", { force: false });

    expect(args).toEqual([[NAME, BARE.delete, OLGA]]);
  });

  it("tells of the missing reason beside its other problems", async () => {
    const { response } = await post("delete", { force: true, now: true });

    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([
      "now",
      "reason",
    ]);
  });
});

describe("the name of an instance", () => {
  it.each(["a", "-a", "a-", "a%20b", "a%2Fb", "a%0Ab", "op\u212a", "%EA%B0%80a", "a".repeat(256)])(
    "is not %s, and no fleet is asked",
    async (name) => {
      for (const verb of VERBS) {
        const { response, world } = await post(verb, undefined, name);

        expect(response.status).toBe(400);
        expect(await errorsOf(response)).toEqual([
          "name: must be the name of an instance: 2 to 255 letters, digits or _.-, beginning and ending with a letter or digit",
        ]);
        expect(world.calls).toEqual([]);
      }
    },
  );

  it.each(["ab", "Media_Server.1", "a".repeat(255)])("may be %s", async (name) => {
    expect((await post("adopt", undefined, name)).args).toEqual([[name, BARE.adopt, OLGA]]);
  });

  it("is told beside what is wrong with the body", async () => {
    const { response } = await post("drain", { then: "stop" }, "a");

    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([
      "name",
      "then",
    ]);
  });
});

describe("what a fleet answers to an action", () => {
  it("is 202 without an instance, where a tick must look first", async () => {
    const world = createWorld();
    world.acted = { instance: null };

    const { response } = await post("adopt", { reason: "made by hand" }, "old-media-1", world);

    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ instance: null });
  });

  it("is a 409 in its own words", async () => {
    const world = createWorld();
    const refused: Refusal["refused"] = {
      status: 409,
      title: "It is not confirmed empty",
      detail: "Drain it, or delete it by force.",
    };
    world.acted = { refused };

    const { response } = await post("delete", undefined, NAME, world);

    expect(response.status).toBe(409);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "urn:lightfleet:problem:conflict",
      instance: `/v1/fleets/media/instances/${NAME}/delete`,
      ...refused,
    });
  });

  it("is a 404 that tells an unknown instance from an unknown fleet", async () => {
    const world = createWorld();
    const { call } = serve(world);
    await call("PUT", "/v1/fleets/media", LEAST);

    const unknown = await call("POST", "/v1/fleets/media/instances/media-ab12-9/drain");
    const elsewhere = await call("POST", `/v1/fleets/other/instances/${NAME}/drain`);

    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({
      type: "urn:lightfleet:problem:unknown-instance",
      detail: "Nobody knows media-ab12-9 here.",
    });
    expect(elsewhere.status).toBe(404);
    expect(await elsewhere.json()).toMatchObject({ type: "urn:lightfleet:problem:unknown-fleet" });
  });
});
