/** A launch script holds passwords: who reads it, and how its secrets come into it. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Action, Command } from "../../../durable/rules/world.ts";
import { configure } from "../../../durable/operate.ts";
import { Engine } from "../../../durable/engine.ts";
import { readEvents } from "../../../durable/ledger/events.ts";
import { createHands } from "../../../worker/act.ts";
import { parseSpec } from "../../../worker/api/spec.ts";
import { nodeSql } from "../../virtual/node-sql.ts";
import { fakeAws, json, manualClock, OPERATIONS, START_MS, testConfig } from "../aws/support.ts";
import { createWorld, LEAST, NOW, serve } from "./fakes.ts";

const SCRIPT = "#!/bin/sh\nPASSWORD=hush-hush ./start\n";
const DIGEST = {
  sha256: createHash("sha256").update(SCRIPT).digest("hex"),
  bytes: SCRIPT.length,
};
const SECRETIVE = "#!/bin/sh\n./start --db '{{secret:USERDATA_DB}}' --key '{{secret:DRAIN_KEY}}'\n";

function specWith(userData: string) {
  const parsed = parseSpec({ ...LEAST, userData });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value;
}

describe("GET .../spec", () => {
  it.each([
    ["viewer-token", DIGEST],
    ["dispatcher-token", DIGEST],
    ["operator-token", SCRIPT],
  ])("shows the launch script to operators alone: %s", async (token, userData) => {
    const world = createWorld();
    world.specs.set("media", specWith(SCRIPT));
    const { call } = serve(world);

    const response = await call("GET", "/v1/fleets/media/spec", undefined, token);

    const reply = await response.json();
    expect(reply).toMatchObject({ spec: { userData, bundle: "medium_3_0" } });
    expect(JSON.stringify(reply).includes("hush-hush")).toBe(userData === SCRIPT);
  });
});

it("events hold of a launch script its hash and its length, for everybody", () => {
  const sql = nodeSql();
  const engine = new Engine(sql, { tickMs: 5_000 });
  const given = { now: NOW, word: () => "ab12" };
  const fleet = { name: "media", deployment: "default" };
  const asked = { actor: "olga" };

  configure(engine, { ...fleet, spec: specWith("#!/bin/sh\nhush-hush before") }, asked, given);
  configure(engine, { ...fleet, spec: specWith(SCRIPT) }, asked, given);

  const everything = { since: null, until: null, kind: null, instance: null, before: null };
  const events = readEvents(sql, { ...everything, limit: 50 });
  expect(events.map(({ kind }) => kind)).toEqual(["spec", "spec"]);
  expect(events[0]?.data).toMatchObject({ version: 2, spec: { userData: DIGEST } });
  expect(JSON.stringify(events)).not.toContain("hush-hush");
});

describe("a secret in a launch script", () => {
  it.each([
    ["{{secret:OPERATOR_TOKEN}}", /stays in the Worker: `OPERATOR_TOKEN`/u],
    ["{{secret:}}", /stays in the Worker/u],
    ["{{secret: USERDATA_DB}}", /stays in the Worker/u],
    ["{{secret:USERDATA_DB}", /does not end it/u],
  ])("is refused in the form %s", (written, message) => {
    const parsed = parseSpec({ ...LEAST, userData: `#!/bin/sh\necho ${written}\n` });

    const errors = parsed.ok ? [] : parsed.errors;
    expect(errors.map(({ field }) => field)).toEqual(["userData"]);
    expect(errors[0]?.message).toMatch(message);
  });

  it.each(["", "?dryRun=true"])(
    "that the Worker does not have refuses the spec%s",
    async (query) => {
      const world = createWorld();
      world.scriptProblem = () => "names USERDATA_DB, which the Worker does not have";
      const { call } = serve(world);

      const response = await call("PUT", `/v1/fleets/media${query}`, {
        ...LEAST,
        userData: SECRETIVE,
      });

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        errors: [{ field: "userData", message: expect.stringContaining("USERDATA_DB") as string }],
      });
      expect(world.calls.filter(({ method }) => method === "configure")).toEqual([]);
    },
  );

  it("is filled in only as the create call is signed", async () => {
    const { outcome, bodies } = await created(SECRETIVE, {
      USERDATA_DB: "postgres://{{secret:DRAIN_KEY}}$&",
      DRAIN_KEY: "k3y",
    });

    expect(outcome).toMatchObject({ kind: "done" });
    expect(bodies).toMatchObject([
      { userData: "#!/bin/sh\n./start --db 'postgres://{{secret:DRAIN_KEY}}$&' --key 'k3y'\n" },
    ]);
  });

  it("that has vanished since holds the create back, and says how to set it", async () => {
    const { outcome, bodies } = await created(SECRETIVE, { DRAIN_KEY: "k3y" });

    expect(bodies).toEqual([]);
    expect(outcome).toMatchObject({
      kind: "rejected",
      rejection: "notNow",
      message:
        "userData names USERDATA_DB, which the Worker does not have: run `npx wrangler secret put USERDATA_DB`",
    });
  });

  it("counts with its value against the bytes that AWS takes", async () => {
    const { outcome, bodies } = await created(SECRETIVE, {
      USERDATA_DB: "x".repeat(16_384),
      DRAIN_KEY: "k3y",
    });

    expect(bodies).toEqual([]);
    expect(JSON.stringify(outcome)).toMatch(/has 16\d{3} bytes with its secrets filled in/u);
  });
});

async function created(userData: string, secrets: Record<string, string>) {
  const aws = fakeAws(() => json(OPERATIONS));
  const transport = () => Promise.reject(new Error("no server is called"));
  const config = testConfig(secrets);
  const hands = createHands({ config, clock: manualClock(), fetch: aws.fetch, transport });
  const action: Action = {
    kind: "create",
    names: ["media-a-1"],
    zone: "ap-northeast-2a",
    image: { blueprint: "ubuntu_22_04" },
    bundle: "medium_3_0",
    userData,
    keyPair: null,
    tags: {},
  };
  const site = { number: 1, tick: 1, region: "ap-northeast-2", pace: null };
  const command: Command = { ...site, notAfter: START_MS + 20_000, action };
  const [outcome] = await hands.act([command]);
  return { outcome, bodies: aws.seen.map(({ body }): unknown => JSON.parse(body)) };
}
