import { describe, expect, it } from "vitest";
import { changes, createWorld, errorsOf, serve } from "./fakes.ts";

const MEDIA = "/v1/fleets/media";

async function post(verb: string, body?: unknown) {
  const world = createWorld();
  const response = await serve(world).call("POST", `${MEDIA}/${verb}`, body);
  return { response, args: changes(world).map(({ args }) => args) };
}

const EVERYTHING = ["launch", "retire", "schedule", "rollout"];

describe("a pause", () => {
  it("without a body is of everything, until it is resumed", async () => {
    const { response, args } = await post("pause");

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ paused: [] });
    expect(args).toEqual([
      [EVERYTHING, { reason: "no reason given", expiresInSeconds: null }, { actor: "token:olga" }],
    ]);
  });

  it("is of what it names, once each, for as long as it says", async () => {
    const { args } = await post("pause", {
      what: ["retire", "launch", "retire"],
      reason: "deploy",
      expiresInSeconds: "600",
    });

    expect(args).toEqual([
      [["launch", "retire"], { reason: "deploy", expiresInSeconds: 600 }, { actor: "token:olga" }],
    ]);
  });

  it.each([
    ["what", { what: [] }],
    ["what", { what: "launch" }],
    ["what[0]", { what: ["everything"] }],
    ["expiresInSeconds", { expiresInSeconds: 0 }],
    ["reason", { reason: 5 }],
    ["until", { until: "2026-11-22T20:00:00Z" }],
    ["body", []],
  ])("is not made when %s is wrong", async (field, body) => {
    const { response, args } = await post("pause", body);

    expect(response.status).toBe(400);
    expect((await errorsOf(response)).map((error) => error.split(":")[0])).toEqual([field]);
    expect(args).toEqual([]);
  });
});

describe("a resume", () => {
  it("without a body is of everything", async () => {
    const { response, args } = await post("resume");

    expect(response.status).toBe(200);
    expect(args).toEqual([[EVERYTHING, { actor: "token:olga" }]]);
  });

  it("is of what it names", async () => {
    expect((await post("resume", { what: ["launch"] })).args).toEqual([
      [["launch"], { actor: "token:olga" }],
    ]);
  });

  it("is not made with what would be lost in silence", async () => {
    const { response, args } = await post("resume", { expiresInSeconds: 60 });

    expect(response.status).toBe(400);
    expect(args).toEqual([]);
  });
});

describe("a reconcile", () => {
  it("is 202: the tick comes, and nobody waits for it", async () => {
    const { response, args } = await post("reconcile");

    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ scheduled: true });
    expect(args).toEqual([[{ actor: "token:olga" }]]);
  });
});
