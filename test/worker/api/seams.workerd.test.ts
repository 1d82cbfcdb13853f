/**
 * Each field of each request goes through the Worker into a real object once, and is read back on the other
 * side: in the right unit, in the right size, and no longer than it was asked for. The fields come from the
 * schemas: a new one without a case fails.
 */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Watch } from "../../../durable/rules/world.ts";
import { createApi } from "../../../worker/api/app.ts";
import { specBody } from "../../../worker/api/spec.ts";
import { createPage } from "../../../worker/dashboard/page.ts";
import { Eyes, Hands } from "../../../worker/index.ts";
import {
  aCloudInstance,
  anAnswer,
  anObservation,
  aRow,
  complete,
} from "../../durable/rules/builders.ts";
import { doctorReport } from "./fake-books.ts";
import { LEAST, TOKENS } from "./fakes.ts";
import { held } from "./held.ts";
import { fieldsOf, requestFields } from "./request-fields.ts";
import { WHOLE_SPEC } from "./whole-spec.ts";

const FLEET = "/v1/fleets/:fleet";
const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const ZONES = ["ap-northeast-2a", "ap-northeast-2c"];
/** In the future, so that no alarm rings but those that the test rings; at a full hour. */
const START = Math.ceil(Date.now() / DAY) * DAY + DAY;
let now = START;

const app = held(
  createApi({
    tokens: TOKENS,
    settingsProblems: [],
    requestsPerSecond: 1_000,
    access: null,
    fleet: (name) => env.FLEET.getByName(name),
    directory: () => env.DIRECTORY.getByName("directory"),
    doctor: async (patient) => doctorReport(patient),
    scriptProblem: () => null,
    page: createPage({ shell: "", files: {} }),
    now: () => now,
    log: () => undefined,
  }),
);

const fleets = new Set<string>();

/** Four servers in two zones; the first of them is busy. */
function look({ tick, fleet, owner, probes }: Watch) {
  const instances = [0, 1, 2, 3].map((index) =>
    aCloudInstance({
      name: serverOf(fleet, index),
      owner,
      zone: ZONES[index % 2] ?? "",
      publicIp: `3.34.0.${index + 1}`,
      createdAt: START - 60 * SECOND,
      tags: { "lightfleet:owner": owner, "lightfleet:spec": "t1" },
    }),
  );
  const readings = probes.map(({ name, revision }) =>
    anAnswer(aRow({ name }), name === serverOf(fleet, 0) ? 1 : 0, { revision, startedAt: now }),
  );
  return anObservation({ tick, listing: complete(instances, now), readings });
}

function serverOf(fleet: string, index: number): string {
  return `${fleet}-k3-${index}`;
}

beforeAll(() => {
  vi.spyOn(Date, "now").mockImplementation(() => now);
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(Hands.prototype, "act").mockImplementation(async (commands) =>
    commands.map(({ number }) => ({ number, calls: [], kind: "unsent", message: "no hands" })),
  );
  vi.spyOn(Eyes.prototype, "observe").mockImplementation(async (watch) => look(watch));
});

afterAll(async () => {
  vi.restoreAllMocks();
  for (const name of fleets)
    await runInDurableObject(env.FLEET.getByName(name), (_, { storage }) => storage.deleteAlarm());
});

type Json = Readonly<Record<string, unknown>>;

async function call(method: string, path: string, body?: unknown) {
  const reply = await app.request(path, {
    method,
    headers: { Authorization: "Bearer operator-token", "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: await reply.json<Json>() };
}

/** The reply of a call that is to succeed. */
async function ask(method: string, path: string, body?: unknown): Promise<Json> {
  const reply = await call(method, path, body);
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`);
  return reply.body;
}

async function ticks(fleet: string, count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) {
    now += 5 * SECOND;
    await runDurableObjectAlarm(env.FLEET.getByName(fleet));
  }
}

/** A fleet that has seen its four servers; it changes nothing by itself. */
async function aFleet(name: string, spec: object = {}): Promise<string> {
  now = START;
  fleets.add(name);
  const least = { ...LEAST, mode: "observe", spares: { default: 2 } };
  await ask("PUT", `/v1/fleets/${name}`, { ...least, ...spec });
  await ticks(name, 3);
  return `/v1/fleets/${name}`;
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}

function listOf(body: Json, name: string): readonly Json[] {
  return body[name] as readonly Json[];
}

/** A status is that of the second before, where nothing but the time has changed it. */
const STATUS_KEPT_MS = 1_000;

/** What `read` gives just before the moment, and at it, or so much later. */
async function around<Read>(
  moment: number,
  read: () => Promise<Read>,
  lateMs = 0,
): Promise<[Read, Read]> {
  now = moment - 1;
  const before = await read();
  now = moment + lateMs;
  return [before, await read()];
}

const pausesOf = async (fleet: string) => (await ask("GET", fleet))["paused"] as readonly Json[];
const sparesOf = async (fleet: string) => (await ask("GET", `${fleet}/target`))["spares"];

async function pausedBy(path: string, fleet: string): Promise<void> {
  const asked = { what: ["retire", "launch"], reason: "work", expiresInSeconds: 600 };
  const pausedAt = now;
  await ask("POST", path, asked);

  const paused = await pausesOf(fleet);
  expect(new Set(paused.map(({ what }) => what))).toEqual(new Set(["launch", "retire"]));
  for (const pause of paused)
    expect(pause).toMatchObject({ reason: "work", until: at(pausedAt + 600 * SECOND) });
  const count = async () => (await pausesOf(fleet)).length;
  const counts = await around(pausedAt + 600 * SECOND, count, STATUS_KEPT_MS);
  expect(counts).toEqual([2, 0]);

  await ask("POST", path, { what: ["retire", "launch"], reason: "for ever" });
  now += 300 * DAY;
  expect(await pausesOf(fleet)).toMatchObject([{ until: null }, { until: null }]);
  await ask("POST", path.replace(/pause$/u, "resume"), { what: ["launch"] });
  expect((await pausesOf(fleet)).map(({ what }) => what)).toEqual(["retire"]);
}

/** It rules until its end, and no longer. */
async function rulesUntil(fleet: string, spares: number, end: number): Promise<void> {
  expect(await around(end, () => sparesOf(fleet), STATUS_KEPT_MS)).toEqual([spares, 2]);
}

const inspect = (fleet: string, statement: string) =>
  runInDurableObject(env.FLEET.getByName(fleet), (_, { storage }) =>
    storage.sql.exec(statement).toArray(),
  );

const ACTIVE = { mode: "active", spares: { default: 3 } };

/** A case for the fields that it names. */
const CASES: readonly (readonly [fields: readonly string[], run: () => Promise<void>])[] = [
  [
    fields("POST /v1/pause", "what[]", "reason", "expiresInSeconds").concat(
      fields("POST /v1/resume", "what[]"),
    ),
    async () => pausedBy("/v1/pause", await aFleet("pause-all")),
  ],
  [
    fields(`POST ${FLEET}/pause`, "what[]", "reason", "expiresInSeconds").concat(
      fields(`POST ${FLEET}/resume`, "what[]"),
    ),
    async () => {
      const fleet = await aFleet("pause-one");
      await pausedBy(`${fleet}/pause`, fleet);
    },
  ],
  [
    fields(`PUT ${FLEET}/target`, "spares", "expiresInSeconds", "until", "reason"),
    async () => {
      const fleet = await aFleet("target");
      const askedAt = now;
      const told = await ask("PUT", `${fleet}/target`, {
        spares: 20,
        expiresInSeconds: 7_200,
        reason: "concert",
      });
      expect(JSON.stringify(told)).toContain("concert");
      await rulesUntil(fleet, 20, askedAt + 7_200 * SECOND);

      await ask("PUT", `${fleet}/target`, { spares: "6", until: at(now + 90 * SECOND) });
      await rulesUntil(fleet, 6, now + 90 * SECOND);
    },
  ],
  [
    fields(`POST ${FLEET}/overrides`, "spares", "from", "until", "expiresInSeconds", "reason"),
    async () => {
      const fleet = await aFleet("booked");
      const from = now + 600 * SECOND;
      const asked = { spares: "total:9", from: at(from), expiresInSeconds: 60, reason: "fair" };
      const { override } = await ask("POST", `${fleet}/overrides`, asked);
      expect(override).toMatchObject({
        expression: "total:9",
        from: at(from),
        until: at(from + 60 * SECOND),
        reason: "fair",
      });
      // Nine servers in all, one of which has a session.
      expect(await around(from, () => sparesOf(fleet), STATUS_KEPT_MS)).toEqual([2, 8]);
      await rulesUntil(fleet, 8, from + 60 * SECOND);

      await ask("POST", `${fleet}/overrides`, { spares: 7, until: at(now + 29 * DAY) });
      await rulesUntil(fleet, 7, now + 29 * DAY);
    },
  ],
  [
    fields(`POST ${FLEET}/leases`, "count", "partial", "ttlSeconds", "zone"),
    async () => {
      const fleet = await aFleet("leases");
      const lease = async (wish: object) => await call("POST", `${fleet}/leases`, wish);
      expect((await lease({ count: 4 })).status).toBe(409);
      const some = await lease({ count: 4, partial: true, ttlSeconds: 5 });
      expect(listOf(some.body, "leases")).toHaveLength(3);
      now += 5 * SECOND;
      await ticks("leases", 2);

      const givenAt = now;
      const taken = await ask("POST", `${fleet}/leases`, {
        count: 1,
        ttlSeconds: 90,
        zone: ZONES[0],
      });
      expect(listOf(taken, "leases")).toMatchObject([
        { zone: ZONES[0], givenAt: at(givenAt), expiresAt: at(givenAt + 90 * SECOND) },
      ]);
      const alive = async () => listOf(await ask("GET", `${fleet}/leases`), "leases").length;
      expect(await around(givenAt + 90 * SECOND, alive)).toEqual([1, 0]);
    },
  ],
  [
    fields(`PUT ${FLEET}/leases/:id`, "ttlSeconds", "state"),
    async () => {
      const fleet = await aFleet("renewed");
      const given = await ask("POST", `${fleet}/leases`, { ttlSeconds: 60 });
      const place = `${fleet}/leases/${String(listOf(given, "leases")[0]?.["id"])}`;
      now += 30 * SECOND;
      expect(await ask("PUT", place)).toMatchObject({
        state: "held",
        expiresAt: at(now + 60 * SECOND),
      });
      const renewedAt = now;
      expect(await ask("PUT", place, { ttlSeconds: 600, state: "used" })).toMatchObject({
        state: "used",
        usedAt: at(renewedAt),
        expiresAt: at(renewedAt + 600 * SECOND),
      });
      const alive = async () => listOf(await ask("GET", `${fleet}/leases`), "leases").length;
      expect(await around(renewedAt + 600 * SECOND, alive)).toEqual([1, 0]);
      expect((await call("PUT", place)).status).toBe(404);
    },
  ],
  [
    fields(`POST ${FLEET}/instances/:name/drain`, "then"),
    async () => {
      const fleet = await aFleet("drained", ACTIVE);
      for (const then of ["hold", "delete"]) {
        const place = `${fleet}/instances/${serverOf("drained", 1)}/drain`;
        const told = await ask("POST", place, { then, reason: "its log" });
        expect(told["instance"]).toMatchObject({ phase: "draining", drainThen: then });
      }
    },
  ],
  [
    fields(`POST ${FLEET}/instances/:name/delete`, "force"),
    async () => {
      const fleet = await aFleet("deleted", ACTIVE);
      const place = `${fleet}/instances/${serverOf("deleted", 0)}/delete`;
      expect((await call("POST", place, { force: false, reason: "slow" })).status).toBe(409);
      const told = await ask("POST", place, { force: true, reason: "slow" });
      expect(told["instance"]).toMatchObject({ phase: "deleting" });
    },
  ],
  [
    fields(`DELETE ${FLEET}`, "force"),
    async () => {
      for (const force of [true, false]) {
        const name = `removed-${String(force)}`;
        const fleet = await aFleet(name);
        await ask("DELETE", `${fleet}?confirm=${name}&force=${String(force)}`);
        const [row] = await inspect(name, "SELECT removing FROM fleet");
        expect(row?.["removing"] === "force").toBe(force);
        expect(row?.["removing"]).not.toBeNull();
      }
    },
  ],
  [
    fields(`PUT ${FLEET}`, "dryRun"),
    async () => {
      const fleet = await aFleet("foretold");
      await ask("PUT", `${fleet}?dryRun=true`, { ...LEAST, spares: { default: 9 } });
      expect(await ask("GET", `${fleet}/spec`)).toMatchObject({ version: 1 });
      await ask("PUT", `${fleet}?dryRun=false`, { ...LEAST, spares: { default: 9 } });
      expect(await ask("GET", `${fleet}/spec`)).toMatchObject({ version: 2 });
    },
  ],
  [
    fields(`GET ${FLEET}/schedule`, "days"),
    async () => {
      const schedule = [{ cron: "0 9 * * *", spares: 3 }];
      const fleet = await aFleet("planned", { spares: { default: 2, schedule } });
      for (const days of [1, 5]) {
        const told = await ask("GET", `${fleet}/schedule?days=${days}`);
        expect(listOf(told, "boundaries")).toHaveLength(days);
      }
    },
  ],
  [
    fields(`GET ${FLEET}/history`, "hours"),
    async () => {
      const fleet = await aFleet("past");
      await ticks("past", 20);
      now += 26 * 3_600 * SECOND;
      await ticks("past", 20);
      for (const hours of [25, 27]) {
        const told = await ask("GET", `${fleet}/history?hours=${hours}`);
        const first = Date.parse(String(listOf(told, "points")[0]?.["at"]));
        const from = now - hours * 3_600 * SECOND;
        expect(told).toMatchObject({ from: at(from), until: at(now) });
        expect(first).toBeGreaterThanOrEqual(from);
        expect(first).toBeLessThan(from + 2 * 3_600 * SECOND);
      }
    },
  ],
  [
    fields(`GET ${FLEET}/cost`, "month", "ec2HourlyUsd"),
    async () => {
      const fleet = await aFleet("priced");
      const month = at(now).slice(0, 7);
      now += 3_600 * SECOND;
      const told = await ask("GET", `${fleet}/cost?month=${month}&ec2HourlyUsd=0.5`);
      expect(told).toMatchObject({ month, ec2: { hourlyUsd: 0.5 } });
      const hours = Number(told["hours"]);
      expect(hours).toBeGreaterThan(4);
      expect((told["ec2"] as Json)["usd"]).toBeCloseTo(hours * 0.5, 2);
      expect((await call("GET", `${fleet}/cost?month=2021-01`)).status).toBe(404);
    },
  ],
  [
    fields(`GET ${FLEET}/events`, "since", "until", "cursor", "limit", "verify"),
    async () => {
      const fleet = await aFleet("told");
      const moments = [1, 2, 3, 4].map((minute) => START + minute * 60 * SECOND);
      for (const moment of moments) {
        now = moment;
        await ask("POST", `${fleet}/reconcile`);
      }
      const told = async (query: string) =>
        listOf(await ask("GET", `${fleet}/events?kind=reconcile&${query}`), "events");
      const [from, until] = [moments[1] ?? 0, moments[3] ?? 0];
      const within = await told(`since=${at(from)}&until=${at(until)}`);
      expect(within.map((event) => event["at"])).toEqual(
        [moments[2], from].map((ms) => at(ms ?? 0)),
      );
      const page = await told("limit=3");
      expect(page).toHaveLength(3);
      expect(await told(`cursor=${String(page[1]?.["id"])}`)).toMatchObject([
        { id: page[2]?.["id"] },
        { at: at(moments[0] ?? 0) },
      ]);
      const trail = `${fleet}/events?limit=200&verify=`;
      const { chain, events } = await ask("GET", `${trail}true`);
      const checked = Array.isArray(events) ? events.length : 0;
      expect(checked).toBeGreaterThan(4);
      expect(chain).toMatchObject({ holds: true, checked, unchained: 0, break: null });
      expect(await ask("GET", `${trail}false`)).not.toHaveProperty("chain");
      await runInDurableObject(env.FLEET.getByName("told"), (_, { storage }) => {
        storage.sql.exec(
          "UPDATE events SET actor = 'nobody' WHERE id = ?",
          Number(page[1]?.["id"]),
        );
      });
      const bent = await ask("GET", `${trail}true`);
      expect(bent["chain"]).toMatchObject({ holds: false, break: { eventId: page[1]?.["id"] } });
    },
  ],
  [
    ["instances", "overrides", "leases"]
      .flatMap((list) => fields(`GET ${FLEET}/${list}`, "limit"))
      .concat(fields("GET /v1/fleets", "limit")),
    async () => {
      const fleet = await aFleet("paged");
      await aFleet("paged-too");
      for (const spares of [3, 4, 5])
        await ask("POST", `${fleet}/overrides`, { spares, expiresInSeconds: 600 });
      await ask("POST", `${fleet}/leases`, { count: 3 });
      for (const list of ["instances", "overrides", "leases"])
        expect(listOf(await ask("GET", `${fleet}/${list}?limit=2`), list)).toHaveLength(2);
      expect(listOf(await ask("GET", "/v1/fleets?limit=1"), "fleets")).toHaveLength(1);
    },
  ],
];

function fields(route: string, ...names: readonly string[]): string[] {
  return names.map((name) => `${route} ${name}`);
}

/** Words and names: they carry no time and no amount. */
const WORDS =
  /\/(drain|undrain|protect|unprotect|delete|adopt|confirm|refuse) reason$|^DELETE \/v1\/fleets\/:fleet reason$| (abandon|expression)$| (cursor|format|confirm|phase|ip|key|kind|instance)$/u;

describe("a request that carries a time or an amount", () => {
  it("has a case for each field of each route", () => {
    const cased = new Set(CASES.flatMap(([fields]) => fields));
    const all = requestFields();
    const ofSpec = fieldsOf(specBody.schema).map((field) => `PUT ${FLEET} ${field}`);

    const missing = all.filter(
      (field) => !cased.has(field) && !ofSpec.includes(field) && !WORDS.test(field),
    );
    expect(missing).toEqual([]);
    expect([...cased].filter((field) => !all.includes(field))).toEqual([]);
  });

  it.each(CASES.map(([fields, run]) => [fields[0] ?? "", fields.length, run] as const))(
    "is read back as it was asked for: %s, of %i",
    async (_first, _count, run) => run(),
  );
});

describe("a spec that says everything", () => {
  const leaves = fieldsOf(specBody.schema).filter((field) => field !== "image.snapshot");

  it("has each field of the schema, and none with its default", () => {
    const least = specBody.read(LEAST, START);
    if (!("ok" in least) || !least.ok) throw new Error("the least spec is wrong");

    const same = leaves.filter((field) => {
      const [written] = valuesAt(WHOLE_SPEC, field);
      return written === undefined || written === valuesAt(least.value, field)[0];
    });
    const needed = [
      "region",
      "image.blueprint",
      "bundle",
      "health.kind",
      "health.port",
      "health.path",
    ];
    expect(
      same.filter((field) => !needed.includes(field) && !/^(ports|availab)/u.test(field)),
    ).toEqual([]);
  });

  it("is what the object knows after a restart, field by field", async () => {
    const fleet = await aFleet("whole", WHOLE_SPEC);
    await abortAllDurableObjects();

    const { spec } = await ask("GET", `${fleet}/spec`);

    for (const field of leaves)
      expect([field, valuesAt(spec, field)]).toEqual([field, valuesAt(WHOLE_SPEC, field)]);
  });
});

/** Every value at a path such as `ports[].from`. */
function valuesAt(whole: unknown, path: string): unknown[] {
  return path.split(".").reduce<unknown[]>(
    (found, part) => {
      const name = part.replace("[]", "");
      const next = found.map((each) => (each as Json | undefined)?.[name]);
      return (part.endsWith("[]") ? next.flat() : next).filter((each) => each !== undefined);
    },
    [whole],
  );
}
