/** Holds replies of the API against what `/openapi.json` says of them: anything that it does not say fails. */
import type { Hono } from "hono";
import { z } from "zod";
import type { ApiEnv } from "../../../worker/api/deps.ts";
import { documentOf } from "../../../worker/api/openapi/document.ts";
import { ALWAYS_SENT } from "../../../worker/api/openapi/headers.ts";
import { ROUTES, type Route } from "../../../worker/api/routes.ts";
import { noSpareBody, problemBody } from "../../../worker/api/schemas/problem.ts";

const PROBLEM = "application/problem+json";
/** What the doors answer where no operation is meant. */
const STRANGE_STATUSES = [400, 401, 404, 405, 429];

const paths = new Map(
  ROUTES.map(({ path, role }) => {
    const slash = role === "open" || role === "published" ? "/?" : "";
    return [path, new RegExp(`^${path.replaceAll(/:\w+/gu, "[^/]+")}${slash}$`, "u")];
  }),
);
const document = documentOf(ROUTES);

/** The app, whose every reply is one that the description allows, or the test fails. */
export function held(api: Hono<ApiEnv>) {
  return {
    routes: api.routes,
    request: async (path: string, init?: RequestInit): Promise<Response> => {
      const reply = await api.request(path, init);
      await holdReply(init?.method ?? "GET", path, reply);
      return reply;
    },
  };
}

/** Throws where the reply, its status, type, headers or body, is none that the description allows. */
export async function holdReply(method: string, url: string, reply: Response): Promise<void> {
  const { pathname } = new URL(url, "http://lightfleet.test");
  if (pathname === "/" || pathname.startsWith("/page/")) return;
  const route = routeOf(method, pathname);
  const told = `${method} ${pathname}: ${reply.status}`;
  const missing = ALWAYS_SENT.filter((name) => !reply.headers.has(name));
  if (missing.length > 0) throw new Error(`${told} comes without ${missing.join(", ")}`);

  const type = reply.headers.get("Content-Type")?.split(";")[0] ?? null;
  const bare = method === "HEAD" || reply.status === 304;
  const body = bare ? null : await bodyOf(reply.clone(), type);
  if (route === null) {
    if (!STRANGE_STATUSES.includes(reply.status)) throw new Error(`${told} is not expected`);
    if (body !== null) problemBody.parse(body);
    return;
  }
  if (!allowedStatuses(route).includes(String(reply.status)))
    throw new Error(`${told} is not in the description`);
  if (body !== null) schemaOf(route, reply.status, type, told).parse(body);
}

function routeOf(method: string, pathname: string): Route | null {
  const asked = method === "HEAD" ? "GET" : method;
  return (
    ROUTES.find((each) => each.method === asked && paths.get(each.path)?.test(pathname)) ?? null
  );
}

function allowedStatuses({ method, path }: Route): string[] {
  const item = document.paths?.[path.replaceAll(/:(\w+)/gu, "{$1}")];
  const described = z
    .record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) }))
    .parse(item)[method.toLowerCase()];
  return Object.keys(described?.responses ?? {});
}

function schemaOf(route: Route, status: number, type: string | null, told: string): z.ZodType {
  if (type === PROBLEM) return z.union([problemBody, noSpareBody]);
  const content = route.operation.replies[status]?.content?.[type ?? ""];
  if (content === undefined) throw new Error(`${told} is of the type ${type}`);
  return content.schema;
}

async function bodyOf(reply: Response, type: string | null): Promise<unknown> {
  return type === "application/json" || type === PROBLEM ? await reply.json() : await reply.text();
}
