import { describe, expect, it } from "vitest";
import { createWorld, errorsOf, serve } from "./fakes.ts";
import { event } from "./views.ts";

const MEDIA = "/v1/fleets/media";

async function accepting(accept: string, path = MEDIA) {
  const headers = { Authorization: "Bearer viewer-token", Accept: accept };
  return await serve(createWorld()).app.request(path, { headers });
}

describe("the status for a terminal", () => {
  it("is text, with what happened last, where it is asked for", async () => {
    const world = createWorld();
    world.events.push({ ...event(1), message: "launch 1: spares 9 < target 10" });
    const { call } = serve(world);

    const response = await call("GET", `${MEDIA}?format=text`, undefined, "viewer-token");

    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toMatch(/^text\/plain/u);
    const lines = (await response.text()).split("\n");
    expect(lines[0]).toMatch(/^media \(ap-northeast-2\) +Sun 22 Nov 19:00:00 Asia\/Seoul$/u);
    expect(lines[1]).toBe("GROWING: 9 of 10 spares, and 1 slot is leased. 1 server is on its way.");
    expect(lines.at(-2)).toContain("launch 1: spares 9 < target 10");
    expect(lines.at(-1)).toBe("");
    expect(world.calls.map(({ method }) => method)).toEqual(["status", "instances", "events"]);
  });

  it.each([
    ["text/plain", "text/plain"],
    ["text/plain, application/json;q=0.5", "text/plain"],
    ["*/*", "application/json"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "application/json"],
    ["application/json, text/plain, */*", "application/json"],
    ["text/plain;q=0", "application/json"],
    ["application/json;q=0, */*", "text/plain"],
    ["text/*, application/json;q=0.1", "text/plain"],
  ])("is chosen by Accept: %s is answered with %s", async (accept, type) => {
    const response = await accepting(accept);

    expect(response.headers.get("Content-Type")).toMatch(new RegExp(`^${type}`, "u"));
    expect(response.headers.get("Vary")).toBe("Accept");
  });

  it("is not chosen by Accept where format says otherwise", async () => {
    const response = await accepting("text/plain", `${MEDIA}?format=json`);

    expect(response.headers.get("Content-Type")).toMatch(/^application\/json/u);
  });

  it("of a fleet that does not exist is a 404, and of another format a 400", async () => {
    const { call } = serve(createWorld());

    expect((await call("GET", "/v1/fleets/other?format=text")).status).toBe(404);
    const response = await call("GET", `${MEDIA}?format=xml`);
    expect(response.status).toBe(400);
    expect(await errorsOf(response)).toEqual(["format: must be one of json, text"]);
  });
});
