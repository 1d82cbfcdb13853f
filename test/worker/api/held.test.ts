import { describe, expect, it } from "vitest";
import { holdReply } from "./held.ts";
import { status } from "./views.ts";

const MEDIA = "/v1/fleets/media";
const ALWAYS = { "X-Request-Id": "1", "Server-Timing": "total;dur=1", "Cache-Control": "no-store" };

function reply(body: unknown, code = 200, type = "application/json", headers: object = ALWAYS) {
  return new Response(JSON.stringify(body), {
    status: code,
    headers: { "Content-Type": type, ...headers },
  });
}

describe("a reply that is held against the description", () => {
  it("passes as it is described", async () => {
    await holdReply("GET", MEDIA, reply(status("media")));
  });

  it.each([
    ["has a member too many", reply({ ...status("media"), colour: "red" })],
    ["lacks a member", reply({ ...status("media"), spares: undefined })],
    ["has a member of another type", reply({ ...status("media"), spares: "9" })],
    ["has a status that is not told", reply(status("media"), 202)],
    ["is of another type", reply(status("media"), 200, "text/html")],
    ["lacks a header", reply(status("media"), 200, "application/json", {})],
    ["is no problem", reply({ title: "no" }, 404, "application/problem+json")],
  ])("does not pass where it %s", async (_words, told) => {
    await expect(holdReply("GET", MEDIA, told)).rejects.toThrow();
  });
});
