/** The Worker as it ships, with no setting at all: no tokens, no AWS key. */
import {
  createExecutionContext,
  createScheduledController,
  runInDurableObject,
} from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../worker/index.ts";
import { aSpec } from "../durable/rules/builders.ts";

/** The first tick of a fleet comes at once; it registers the fleet when it is over. */
const TICK_WITHIN_MS = 4_000;
const ORIGIN = "https://lightfleet.example";

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, { headers }));
}

function directory() {
  return env.DIRECTORY.getByName("directory");
}

async function runCron(): Promise<void> {
  await worker.scheduled(createScheduledController({ cron: "* * * * *" }), env);
}

beforeEach(async () => {
  for (const name of await directory().names()) await directory().forget(name);
});

describe("the Worker", () => {
  it("is healthy without a fleet", async () => {
    const response = await get("/healthz");

    expect(response.status).toBe(200);
  });

  it("shows its page, and gives every file that the page names", async () => {
    const shell = await (await get("/")).text();
    const paths = [...shell.matchAll(/(?:href|src)="(\/page\/[^"]+)"/gu)].map(([, path]) => path);

    expect(paths).toHaveLength(6);
    for (const path of paths) {
      const response = await get(path ?? "");
      expect(response.status).toBe(200);
      expect((await response.text()).length).toBeGreaterThan(100);
    }
  });

  it("lets nobody in without a token, and nobody with an invented one", async () => {
    expect((await get("/v1/fleets")).status).toBe(401);
    expect((await get("/v1/fleets", { Authorization: "Bearer invented" })).status).toBe(401);
    expect((await get("/v1/no/such/path")).status).toBe(401);
  });
});

const ONE = "one-token-of-thirty-two-letters-";
const OTHER = "other-token-of-as-many-letters--";

describe("the app that an isolate keeps", () => {
  it("is not that of other settings: each knows its own tokens alone", async () => {
    const [one, other] = [ONE, OTHER].map((token) => ({
      ...env,
      OPERATOR_TOKEN: token,
    }));
    const status = async (settings: Env | undefined, token: string): Promise<number> => {
      if (settings === undefined) throw new Error("there are two");
      const context = createExecutionContext();
      const headers = { Authorization: `Bearer ${token}` };
      const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/v1/fleets`, {
        headers,
      });
      return (await worker.fetch(request, settings, context)).status;
    };

    expect(await status(one, ONE)).toBe(200);
    expect(await status(other, OTHER)).toBe(200);
    expect(await status(one, OTHER)).toBe(401);
    expect(await status(one, ONE)).toBe(200);
  });
});

describe("the scheduled handler", () => {
  it("runs where there is no fleet", async () => {
    await runCron();

    expect(await directory().names()).toEqual([]);
  });

  it("arms a fleet that has no alarm, and forgets a name that has no fleet", async () => {
    const stub = env.FLEET.getByName("media");
    await stub.configure("media", aSpec(), { actor: "operator" });
    await vi.waitFor(async () => expect(await directory().names()).toEqual(["media"]), {
      timeout: TICK_WITHIN_MS,
    });
    await directory().register("ghost");
    await runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm());

    await runCron();

    expect(await directory().names()).toEqual(["media"]);
    const alarm = await runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
    expect(alarm).not.toBeNull();
  });
});
