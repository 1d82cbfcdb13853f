import { describe, expect, it } from "vitest";
import { createWorld, errorsOf, serve } from "./fakes.ts";
import { checkup, doctorReport } from "./fake-books.ts";

const DOCTOR = "/v1/fleets/media/doctor";

describe("the doctor's report", () => {
  it("is made of what the fleet tells, and changes nothing", async () => {
    const world = createWorld();

    const response = await serve(world).call("GET", DOCTOR);

    const told = checkup();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(
      doctorReport({ fleet: "media", spec: told.spec, checkup: told }),
    );
    expect(world.calls).toEqual([{ fleet: "media", method: "checkup", args: [] }]);
  });

  it("is shown on a terminal with what is wrong first", async () => {
    const response = await serve(createWorld()).call("GET", `${DOCTOR}?format=text`);

    expect(response.headers.get("Content-Type")).toMatch(/^text\/plain/u);
    expect(await response.text()).toBe(
      [
        "media (ap-northeast-2), looked at in 1.2 s",
        "To be put right: probe. Not checked: keyPair.",
        "",
        "FAIL  probe: media-ab12-1 is silent.",
        "      -> Look at its port.",
        "",
        "-     keyPair: The spec names none.",
        "",
        "ok    key: AWS accepts the key.",
        "",
      ].join("\n"),
    );
  });

  it.each(["viewer-token", "dispatcher-token"])("is not made for a %s", async (token) => {
    const world = createWorld();

    const response = await serve(world).call("GET", DOCTOR, undefined, token);

    expect(response.status).toBe(403);
    expect(world.calls).toEqual([]);
  });

  it("is not made of a fleet that is not there", async () => {
    const response = await serve(createWorld()).call("GET", "/v1/fleets/other/doctor");

    expect(response.status).toBe(404);
  });

  it("is not made in another format", async () => {
    const world = createWorld();

    const response = await serve(world).call("GET", `${DOCTOR}?format=html`);

    expect(await errorsOf(response)).toEqual(["format: must be one of json, text"]);
    expect(world.calls).toEqual([]);
  });
});
