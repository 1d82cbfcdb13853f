/**
 * The HTTP API. Every request passes the same doors in the same order: it gets an id and is logged,
 * shows its token, has the role that its route asks for, is about fleets of its token, names only known parameters (unless the route is
 * open), and is answered within a time limit.
 */
import { Hono, type MiddlewareHandler } from "hono";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { getPath } from "hono/utils/url";
import { mayAct } from "./auth.ts";
import { addressOf } from "./address.ts";
import type { ApiDeps, ApiEnv, ApiPorts, Call } from "./deps.ts";
import { ASSERTION, createDoor, isConfigured } from "./door.ts";
import { type Problem, invalidFields, problem } from "./problem.ts";
import { strayParameters } from "./query.ts";
import { Rates } from "./rates.ts";
import { refusalOf, Refusals } from "./refusals.ts";
import { needsToken } from "./roles.ts";
import { RecentHealth } from "./recent-health.ts";
import { ROUTES, type Route } from "./routes.ts";
import { CALL_TIMEOUT_MS, failed, within } from "./rpc.ts";
import { outOfScope, scoped } from "./scope.ts";
import { Stopwatch, serverTiming, timed } from "./timing.ts";

const REQUEST_ID_LENGTH_MAX = 64;
const LOGGED_PATH_LENGTH_MAX = 200;

/**
 * The API as a Hono app, for many requests. It keeps no state but the digests of the tokens, how often
 * somebody asked and was refused, and what strangers heard of the fleets' health within the last second.
 */
export function createApi(ports: ApiPorts): Hono<ApiEnv> {
  const deps: ApiDeps = {
    ...ports,
    refusals: new Refusals(ports.now()),
    recentHealth: new RecentHealth(),
  };
  const app = new Hono<ApiEnv>({ getPath: pathOf });
  app.use(requestId({ limitLength: REQUEST_ID_LENGTH_MAX }));
  app.use(logged(deps));
  app.use(shown(deps));
  app.use(headed(deps));
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      xFrameOptions: "DENY",
    }),
  );
  app.use(authenticated(deps));
  for (const route of ROUTES) app.on(route.method, route.path, (c) => admit(c, route, deps));
  for (const [path, methods] of methodsByPath())
    app.all(path, (c) => problem(c, wrongMethod(methods)));
  app.notFound((c) => problem(c, unknownPath(c.req.path)));
  app.onError((thrown, c) => failed(c, thrown));
  return app;
}

/** A read that went well has no line of ours: Cloudflare's log of invocations has each of them. */
function logged(deps: ApiDeps): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const startedAt = deps.now();
    c.set("caller", null);
    c.set("failure", null);
    await next();
    if (isRead(c) && c.res.status < 400) return;
    const actor = c.get("caller")?.id ?? null;
    const refusal = refusalOf(c.res.status);
    const address = refusal === null ? null : addressOf(c);
    if (refusal !== null && address !== null)
      deps.refusals.note(refusal, address, actor, deps.now());
    deps.log({
      event: "request",
      requestId: c.get("requestId"),
      method: c.req.method,
      path: c.req.path.slice(0, LOGGED_PATH_LENGTH_MAX),
      status: c.res.status,
      durationMs: deps.now() - startedAt,
      actor,
      address,
      error: c.get("failure"),
    });
  };
}

function isRead({ req }: Call): boolean {
  return req.method === "GET" || req.method === "HEAD";
}

/** The page has headers of its own, so it is answered before the API's are set. */
function shown({ page }: ApiDeps): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const reply = isRead(c) ? page(c.req.path) : null;
    if (reply === null) return next();
    reply.headers.set("X-Request-Id", c.get("requestId"));
    return reply;
  };
}

/** Set last of all, for a reply may have a policy of its own. */
function headed({ now }: ApiDeps): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const startedAt = now();
    const stopwatch = new Stopwatch(now);
    c.set("stopwatch", stopwatch);
    c.set("policy", null);
    await next();
    const { headers } = c.res;
    headers.set("Cache-Control", "no-store");
    headers.set("Server-Timing", serverTiming(now() - startedAt, stopwatch.totalMs));
    const policy = c.get("policy");
    if (policy !== null) headers.set("Content-Security-Policy", policy);
  };
}

/** Whatever is not open wants a token, unknown paths too: a stranger learns nothing of what there is. */
function authenticated(deps: ApiDeps): MiddlewareHandler<ApiEnv> {
  const identify = createDoor(deps);
  const rates = new Rates(requestRate(deps.requestsPerSecond));
  const wrong = new Rates(WRONG_TOKENS);
  const configured = isConfigured(deps);
  const open = new Set(
    ROUTES.filter(({ role }) => role === "open" || (role === "published" && configured)).map(
      ({ path }) => path,
    ),
  );

  return async (c, next) => {
    const isOpen = open.has(c.req.path);
    if (isOpen && !showsWho(c)) return next();
    const who = await identify(c);
    if ("problem" in who) {
      // On an open path somebody with a wrong token is a stranger like any other.
      if (isOpen) return next();
      // Who sends none guesses nothing. A right token goes through from the same address all the same.
      const seconds = who.isGuess ? wrong.take(addressOf(c), deps.now()) : null;
      return problem(c, seconds === null ? who.problem : tooManyWrong(seconds));
    }
    c.set("caller", who.caller);
    const seconds = rates.take(who.caller.id, deps.now());
    return seconds === null ? next() : problem(c, tooMany(who.caller.name, seconds));
  };
}

/** A burst is what ten seconds bring. */
function requestRate(perSecond: number): { readonly perSecond: number; readonly burst: number } {
  return { perSecond, burst: 10 * perSecond };
}

/** A page with a stale token, or a script, makes no more of them. */
const WRONG_TOKENS = { perSecond: 1, burst: 60 };

function tooMany(name: string, seconds: number): Problem {
  return {
    kind: "too-many-requests",
    detail: `The token \`${name}\` makes too many requests. Nothing was changed. Repeat it after ${seconds} s; if so many are needed, an operator may raise REQUESTS_PER_SECOND.`,
    headers: { "Retry-After": String(seconds) },
  };
}

function tooManyWrong(seconds: number): Problem {
  return {
    kind: "too-many-requests",
    detail: `Too many requests with a token that is not accepted came from your address. Nothing was changed. Ask an operator for a token, and repeat it after ${seconds} s.`,
    headers: { "Retry-After": String(seconds) },
  };
}

function showsWho({ req }: Call): boolean {
  return req.header("Authorization") !== undefined || req.header(ASSERTION) !== undefined;
}

async function admit(c: Call, route: Route, deps: ApiDeps): Promise<Response> {
  const { operation } = route;
  const caller = c.get("caller");
  if (needsToken(route.role) && (caller === null || !mayAct(caller.role, route.role)))
    return problem(c, {
      kind: "forbidden",
      detail: `This needs the role ${route.role}; the token \`${caller?.name ?? ""}\` has the role ${caller?.role ?? "none"}. Use a token of that role.`,
    });
  const outside = caller === null ? null : outOfScope(caller, route.reach, c.req.param("fleet"));
  if (outside !== null) return problem(c, outside);
  const stray = needsToken(route.role)
    ? strayParameters(c, Object.keys(operation.query.shape))
    : [];
  if (stray.length > 0) return invalidFields(c, stray);
  try {
    const own = caller === null ? deps : scoped(deps, caller);
    return await within(CALL_TIMEOUT_MS, operation.answer(c, timed(own, c.get("stopwatch"))));
  } catch (thrown) {
    // Here and not in onError, which sees only what is an Error.
    return failed(c, thrown);
  }
}

/** Monitors and people put a slash behind what is open. No other path has a second spelling. */
function pathOf(request: Request): string {
  const path = getPath(request);
  const without = path.slice(0, -1);
  return path.endsWith("/") && UNGUARDED.has(without) ? without : path;
}

const UNGUARDED = new Set(ROUTES.filter(({ role }) => !needsToken(role)).map(({ path }) => path));

/** HEAD is answered by every GET. */
function methodsByPath(): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const { method, path } of ROUTES) {
    const methods = method === "GET" ? ["GET", "HEAD"] : [method];
    paths.set(path, [...(paths.get(path) ?? []), ...methods]);
  }
  return paths;
}

function wrongMethod(methods: readonly string[]): Problem {
  const allow = methods.join(", ");
  return {
    kind: "method-not-allowed",
    detail: `Use one of ${allow}.`,
    headers: { Allow: allow },
  };
}

function unknownPath(path: string): Problem {
  const without = path.replace(/\/+$/u, "");
  const slash =
    without === path || without === ""
      ? ""
      : `Except for the open ones, no path here ends in a slash. Ask for ${without} instead. `;
  return {
    kind: "unknown-path",
    detail: `${slash}Look at the spelling of the path; docs/api.md lists every path of this version. GET /v1/fleets lists the fleets.`,
  };
}
