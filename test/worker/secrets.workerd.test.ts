/**
 * Every secret setting of the Worker is filled with a sentinel. AWS, media servers, Slack and the watchdog
 * repeat all that they are sent, and everybody calls every route: no sentinel may appear anywhere.
 */
import {
  createExecutionContext,
  createScheduledController,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Watch } from "../../durable/rules/world.ts";
import { createHands } from "../../worker/act.ts";
import { ROUTES, type Route } from "../../worker/api/routes.ts";
import { systemClock } from "../../worker/clock.ts";
import { parseConfig } from "../../worker/env.ts";
import type { Send } from "../../worker/fetch.ts";
import type { Transport } from "../../worker/health/transport.ts";
import worker, { Eyes, Hands, Herald } from "../../worker/index.ts";
import { postToSlack } from "../../worker/notify/slack.ts";
import { createEyes } from "../../worker/observe.ts";
import {
  aCloudInstance,
  anAnswer,
  anObservation,
  aRow,
  complete,
} from "../durable/rules/builders.ts";
import { LEAST } from "./api/fakes.ts";
import { sentinels } from "./sentinels.ts";

const ORIGIN = "https://lightfleet.example";
const FLEET = "secretive";
const SERVER = `${FLEET}-k3-1`;
const SENTINEL = /sentinel/iu;
/** As long as tokens must be. */
const TOKENS = {
  VIEWER_TOKEN: "sentinel-VIEWER_TOKEN-of-a-test",
  DISPATCHER_TOKEN: "sentinel-DISPATCHER_TOKEN-of-a-test",
  OPERATOR_TOKEN: "sentinel-OPERATOR_TOKEN-of-a-test",
};
const settings = { ...env, ...sentinels(), ...TOKENS };
const config = parseConfig(settings);
const SPEC = {
  ...LEAST,
  spares: { default: 3, tag: { resource: "key-0abc1234", key: "target" } },
  health: {
    ...LEAST.health,
    header: { name: "X-Probe-Key", secretRef: "PROBE_TOKEN" },
    drain: { path: "/drain/{verb}", secretRef: "DRAIN_KEY" },
  },
};

/** Each thing that anybody can read, and where it stood. */
const shown: { readonly where: string; readonly text: string }[] = [];
/** What those outside were sent: there the sentinels belong. */
const sent: string[] = [];

type Echo = (text: string) => Response | Promise<Response>;

/** All that the request brought comes back, in an error of AWS, in a success that nobody can read, or in a throw. */
const ECHOES: readonly Echo[] = [
  refusing("SignatureDoesNotMatch", 403),
  refusing("AccessDeniedException", 400),
  refusing("InvalidInputException", 400),
  refusing("ThrottlingException", 400),
  refusing("InternalFailure", 500),
  (text) => new Response(text, { status: 502 }),
  (text) => new Response(text),
  (text) => Promise.reject(new TypeError(`fetch failed: ${text}`)),
];
let echo: Echo = refusing("SignatureDoesNotMatch", 403);

function refusing(type: string, status: number): Echo {
  return (message) =>
    new Response(JSON.stringify({ __type: type, code: type, message }), { status });
}

const send: Send = async (request) => {
  const headers = [...request.headers].map(([name, value]) => `${name}:${value}`);
  const body = new TextDecoder().decode(await request.clone().arrayBuffer());
  const text = [request.url, ...headers, body].join("\n");
  sent.push(text);
  if (new URL(request.url).host === "hooks.example.org") shown.push({ where: "Slack", text: body });
  return echo(text);
};

const transport: Transport = async (exchange) => {
  sent.push(JSON.stringify(exchange));
  return { kind: "reply", status: 500, body: new TextEncoder().encode(JSON.stringify(exchange)) };
};

function stub() {
  return env.FLEET.getByName(FLEET);
}

/** Two servers of ours that answer: one that leases and drains can be asked for. */
function goodLook({ tick, probes }: Watch) {
  const now = Date.now();
  const instances = [SERVER, `${FLEET}-k3-2`].map((name, index) =>
    aCloudInstance({
      name,
      arn: `arn:aws:lightsail:ap-northeast-2:123456789012:Instance/${name}`,
      owner: `default/${FLEET}`,
      publicIp: `3.34.0.${index + 1}`,
      tags: { "lightfleet:owner": `default/${FLEET}`, "lightfleet:spec": "t1" },
    }),
  );
  const readings = probes.map(({ name, revision }) =>
    anAnswer(aRow({ name }), 0, { revision, startedAt: now }),
  );
  return anObservation({ tick, listing: complete(instances, now), readings });
}

async function call(
  { method, path, operation }: Pick<Route, "method" | "path" | "operation">,
  authorization: string | null,
  body: string | null,
): Promise<void> {
  const target = path
    .replace(":fleet", FLEET)
    .replace(":name", SERVER)
    .replace(":id", "no-such-id");
  const query = path === "/v1/fleets/:fleet" && method === "DELETE" ? "?confirm=no" : "";
  const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}${target}${query}`, {
    method,
    headers: {
      ...(authorization === null ? {} : { Authorization: authorization }),
      "Content-Type": "application/json",
    },
    ...(method === "GET" || operation.body === null ? {} : { body }),
  });
  const reply = await worker.fetch(request, settings, createExecutionContext());
  const headers = [...reply.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const where = `${method} ${path} ${reply.status}`;
  shown.push({ where, text: `${headers}\n${new TextDecoder().decode(await reply.arrayBuffer())}` });
}

const NOBODY = [null, "Bearer wrong"];
const EVERYBODY = Object.values(TOKENS).map((each) => `Bearer ${each}`);

/** With the body of the description, and with bodies that are wrong. */
async function callEverything(callers: readonly (string | null)[]): Promise<void> {
  for (const route of ROUTES) {
    const example = JSON.stringify(route.operation.body?.example ?? {});
    const own = route.operation.id === "putFleet" ? JSON.stringify(SPEC) : example;
    for (const authorization of callers) await call(route, authorization, own);
    for (const wrong of ["{", '{"nonsense":1}', "[]"])
      if (route.operation.body !== null)
        await call(route, `Bearer ${TOKENS.OPERATOR_TOKEN}`, wrong);
  }
}

beforeAll(async () => {
  for (const level of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...words: unknown[]) => {
      shown.push({ where: `console.${level}`, text: words.map(String).join(" ") });
    });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) =>
    send(new Request(input, init)),
  );
  const ports = { config, fetch: send, clock: systemClock, transport };
  const observe = vi
    .spyOn(Eyes.prototype, "observe")
    .mockImplementation(async (watch) => goodLook(watch));
  vi.spyOn(Hands.prototype, "act").mockImplementation(async (commands) =>
    createHands(ports).act(commands),
  );
  vi.spyOn(Herald.prototype, "post").mockImplementation(async (bulletins) =>
    postToSlack(ports, bulletins),
  );

  const put = ROUTES.find(({ operation }) => operation.id === "putFleet");
  if (put === undefined) throw new Error("there is no such route");
  await call(put, `Bearer ${TOKENS.OPERATOR_TOKEN}`, JSON.stringify(SPEC));
  for (let tick = 0; tick < 3; tick++) await runDurableObjectAlarm(stub());
  await callEverything([...NOBODY, ...EVERYBODY.slice(2)]);
  // It was asked a moment ago, and would not be asked again so soon.
  const probes = [{ name: SERVER, revision: 0, address: "3.34.0.1" }];
  observe.mockImplementation(async (watch) => createEyes(ports).observe({ ...watch, probes }));
  for (const each of ECHOES) {
    echo = each;
    await runDurableObjectAlarm(stub());
    await worker.scheduled(createScheduledController({ cron: "* * * * *" }), settings);
  }
  echo = refusing("SignatureDoesNotMatch", 403);
  await callEverything(EVERYBODY);
  const rows = await runInDurableObject(stub(), (_, { storage }) =>
    storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
      )
      .toArray()
      .map(({ name }) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()] as const),
  );
  for (const [name, table] of rows)
    shown.push({ where: `the table ${name}`, text: JSON.stringify(table) });
});

afterAll(async () => {
  vi.restoreAllMocks();
  await runInDurableObject(stub(), (_, { storage }) => storage.deleteAlarm());
});

it("the outside world was sent the secrets that are meant for it", () => {
  const all = sent.join("\n");

  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "HEARTBEAT_URL", "PROBE_TOKEN"])
    expect(all).toContain(`sentinel-${name}`);
  expect(all).not.toContain("sentinel-AWS_SECRET_ACCESS_KEY");
  expect(all).not.toContain("sentinel-DRAIN_KEY");
});

it("all that people can read was looked at: each route, the console, Slack, the ledger", () => {
  const places = new Set(shown.map(({ where }) => where.replace(/ \d+$/u, "")));

  for (const { method, path } of ROUTES) expect(places).toContain(`${method} ${path}`);
  for (const place of ["Slack", "console.log", "the table events", "the table outbox"])
    expect(places).toContain(place);
  const statuses = new Set(shown.map(({ where }) => / (\d+)$/u.exec(where)?.[1]));
  for (const status of ["200", "201", "400", "401", "403", "404", "409"])
    expect(statuses).toContain(status);
});

it("no secret is in any of it", () => {
  const leaks = shown.flatMap(({ where, text }) => {
    const at = text.search(SENTINEL);
    return at < 0 ? [] : [`${where}: ${text.slice(Math.max(0, at - 80), at + 60)}`];
  });

  expect([...new Set(leaks)].slice(0, 20)).toEqual([]);
});
