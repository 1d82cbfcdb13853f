/** The API in the runtime that it ships to: hashing, streams, zones and schemas are the platform's there. */
import { describe, expect, it } from "vitest";
import { BODY_BYTES_MAX } from "../../../worker/api/body.ts";
import { LEAST, changes, createWorld, errorsOf, serve } from "./fakes.ts";

const MEDIA = "/v1/fleets/media";

describe("the API in workerd", () => {
  it("knows a token from a wrong one", async () => {
    const world = createWorld();
    const { call } = serve(world);

    expect((await call("GET", MEDIA, undefined, "viewer-token")).status).toBe(200);
    expect((await call("GET", MEDIA, undefined, "viewer-tokem")).status).toBe(401);
    expect((await call("PUT", MEDIA, LEAST, "viewer-token")).status).toBe(403);
    expect(changes(world)).toEqual([]);
  });

  it("applies a spec with a zone of its own", async () => {
    const world = createWorld();

    const response = await serve(world).call("PUT", MEDIA, { ...LEAST, timezone: "Asia/Seoul" });

    expect(response.status).toBe(200);
    expect(world.specs.get("media")?.timezone).toBe("Asia/Seoul");
  });

  it("shows a fleet on a screen, by the clock of its zone", async () => {
    const { call } = serve(createWorld());

    const text = await (await call("GET", `${MEDIA}?format=text`)).text();

    expect(text.split("\n")[0]).toMatch(
      /^media \(ap-northeast-2\) +Sun 22 Nov 19:00:00 Asia\/Seoul$/u,
    );
    expect(text).toContain("Next      20 spares at Mon 09:00 (launches from Mon 08:57)");
  });

  it("does not apply one that is wrong, too large or no JSON", async () => {
    const world = createWorld();
    const { call } = serve(world);

    const wrong = await call("PUT", MEDIA, { ...LEAST, timezone: "Asia/Soul", colour: 1 });

    expect(await errorsOf(wrong)).toHaveLength(2);
    expect((await call("PUT", MEDIA, " ".repeat(BODY_BYTES_MAX + 1))).status).toBe(413);
    expect(await (await call("PUT", MEDIA, '{"a":,}')).text()).toContain("Unexpected token ','");
    expect(changes(world)).toEqual([]);
  });
});
