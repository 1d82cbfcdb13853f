import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SURVEY_TIMEOUT_MS } from "../../../worker/api/survey.ts";
import { createWorld, serve } from "./fakes.ts";
import { status } from "./views.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

async function scraped(accept?: string, world = createWorld()) {
  const headers = { Authorization: "Bearer viewer-token", ...(accept && { Accept: accept }) };
  return await serve(world).app.request("/metrics", { headers });
}

describe("the metrics", () => {
  it("are OpenMetrics, labelled by fleet, up to their end", async () => {
    const world = createWorld();
    world.statuses.set("audio", status("audio"));

    const response = await scraped(undefined, world);

    expect(response.headers.get("Content-Type")).toBe(
      "application/openmetrics-text; version=1.0.0; charset=utf-8",
    );
    const text = await response.text();
    expect(text).toContain(`lightfleet_fleet_up{fleet="audio"} 1\n`);
    expect(text).toContain(
      `lightfleet_spares{fleet="audio"} 9\nlightfleet_spares{fleet="media"} 9\n`,
    );
    expect(text).toContain("# TYPE lightfleet_ticks counter\n");
    expect(text.endsWith("\n# EOF\n")).toBe(true);
  });

  it("are in Prometheus's older form for who asks for that alone", async () => {
    const older = await scraped("text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
    const newer = await scraped("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");

    expect(older.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await older.text();
    expect(text).toContain("# TYPE lightfleet_ticks_total counter\n");
    expect(text).not.toContain("# EOF");
    expect(text).not.toContain("# UNIT");
    expect(newer.headers.get("Content-Type")).toMatch(/^application\/openmetrics-text/u);
  });

  it.each([
    ["application/openmetrics-text;q=0", "text/plain"],
    ["application/openmetrics-text; q=0.000, */*", "text/plain"],
    ["*/*, application/openmetrics-text;version=1.0.0;q=0", "text/plain"],
    ["text/plain;q=0", "application/openmetrics-text"],
    ["text/*;q=0, */*;q=0.1", "application/openmetrics-text"],
    ["application/openmetrics-text;q=0.2, text/plain;q=0.8", "text/plain"],
    [
      "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;q=0.3",
      "application/openmetrics",
    ],
    ["text/html", "application/openmetrics-text"],
  ])("are never in the form that Accept refuses: %s is answered with %s", async (accept, type) => {
    expect((await scraped(accept)).headers.get("Content-Type")).toMatch(
      new RegExp(`^${type}`, "u"),
    );
  });

  it("tell of a fleet that does not answer in time that it is down, and of the others all", async () => {
    const world = createWorld();
    world.statuses.set("stuck", status("stuck"));
    world.stuck = "stuck";

    const pending = scraped(undefined, world);
    // That of the call itself, and that of the fleet.
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(2));
    await vi.advanceTimersByTimeAsync(SURVEY_TIMEOUT_MS);
    const text = await (await pending).text();

    expect(text).toContain(
      `lightfleet_fleet_up{fleet="media"} 1\nlightfleet_fleet_up{fleet="stuck"} 0\n`,
    );
    expect(text.match(/fleet="stuck"/gu)).toHaveLength(1);
    expect(text).toContain(`lightfleet_spares{fleet="media"} 9`);
    expect(world.log).toContainEqual(
      expect.objectContaining({ event: "fleet.unreachable", fleet: "stuck" }),
    );
  });

  it("do not tell of a name that was never configured", async () => {
    const world = createWorld();
    world.statuses.clear();

    expect(await (await scraped(undefined, world)).text()).toBe("# EOF\n");
  });
});
